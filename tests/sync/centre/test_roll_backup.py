"""The roll of enrolled sites comes back from a copy; nobody who was put out comes back with it."""

import stat

import pytest
from typer.testing import CliRunner

from sync.centre.cli import app
from sync.centre.enrolment_roll import FILE, EnrolmentRoll, Issued, Member
from sync.centre.roll_backup import BadRoll, copy_roll, restore_roll
from sync.centre.store import open_store


def enrolled(roll, n):
    roll.keep_member(f"LH-000{n}", Member(b"p" * 32, b"e" * 80))
    roll.add(Issued(str(n), f"LH-000{n}", f"request {n}", "pem", n, 10**13, "good"))


def states(roll):
    return {one.serial: one.state for one in roll.certificates()}


@pytest.fixture
def roll(tmp_path):
    (tmp_path / "authority").mkdir()
    made = EnrolmentRoll(tmp_path / "authority")
    for n in (1, 2):
        enrolled(made, n)
    made.add_voucher("hashed", "LH-0003", replaces=False, made=1, until=10**13)
    yield made
    made.close()


def test_what_was_done_since_the_copy_stays_done(roll, tmp_path):
    folder, copy = tmp_path / "authority", tmp_path / "copy.db"
    assert copy_roll(folder, copy) == 2
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    roll.revoke("LH-0001")
    roll.use("hashed", "request 3")
    enrolled(roll, 3)
    roll.close()
    assert restore_roll(copy, folder, "x") == 3
    back = EnrolmentRoll(folder)
    assert back.sites() == ["LH-0001", "LH-0002", "LH-0003"]
    assert states(back) == {"1": "revoked", "2": "good", "3": "good"}
    assert back.voucher("hashed") is None, "it was used since"
    assert (folder / f"{FILE}.before-restore-x").exists()
    back.close()


def test_a_roll_that_is_lost_or_damaged_comes_back_from_the_copy_alone(roll, tmp_path):
    folder, copy = tmp_path / "authority", tmp_path / "copy.db"
    copy_roll(folder, copy)
    roll.close()
    (folder / FILE).write_bytes(b"nothing that opens" * 400)
    with pytest.raises(BadRoll):
        copy_roll(folder, tmp_path / "second.db")
    assert not (tmp_path / "second.db").exists()
    assert restore_roll(copy, folder, "x") == 2
    with pytest.raises(BadRoll):
        restore_roll(folder / f"{FILE}.before-restore-x", folder, "y")
    back = EnrolmentRoll(folder)
    assert states(back) == {"1": "good", "2": "good"}
    back.close()


def test_the_centres_own_commands_take_it_with_them(roll, tmp_path):
    db, folder, copy = tmp_path / "centre.db", tmp_path / "authority", tmp_path / "copy.db"
    open_store(db, "f" * 16).close()
    words = ["--db", str(db), "--authority", str(folder)]
    said = CliRunner().invoke(app, ["backup", *words, "--to", str(copy)])
    assert (said.exit_code, "2 sites" in said.output) == (0, True), said.output
    roll.close()
    (folder / FILE).unlink()
    said = CliRunner().invoke(app, ["restore", str(copy), *words])
    assert (said.exit_code, "2 sites" in said.output) == (0, True), said.output
    back = EnrolmentRoll(folder)
    assert back.sites() == ["LH-0001", "LH-0002"]
    back.close()
