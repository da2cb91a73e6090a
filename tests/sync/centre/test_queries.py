"""What a person asks of the centre, by the commands themselves, over both databases."""

import json
import secrets
from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from typer.testing import CliRunner

from sync.centre.cli import app
from sync.centre.queries import Wanted, records
from sync.centre.store import open_for_reading
from sync.protocol import parts
from tests.sync.centre.test_centre import Desk
from tests.sync.memory_journal import EPOCH, SITE, MemoryJournal

CASE = "case:LH-2026-000017"
NAME = "王小明"


def ask(*words, code=0):
    found = CliRunner().invoke(app, list(map(str, words)))
    assert found.exit_code == code, found.output
    return [json.loads(line) for line in found.stdout.splitlines()] if code == 0 else found.output


@pytest.fixture
def private():
    return X25519PrivateKey.generate()


@pytest.fixture
def key_file(private, tmp_path):
    path = tmp_path / "centre.key"
    path.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    path.chmod(0o600)
    return path


@pytest.fixture
def desk(new_centre_database, tmp_path, private):
    """A site with one case whose applicant is sealed for the centre, something held and a hole at another site."""
    desk = Desk(new_centre_database(), tmp_path, known={"ticket.called": 1, "case.opened": 1})
    key, public = secrets.token_bytes(32), private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    wrap = parts.wrap_key(key, public=public, site=SITE, kid="k:1")
    sealed = parts.seal(
        {"name": NAME}, key=key, kid="k:1", nonce=bytes(12), site=SITE, kind="case.opened", subject=CASE
    )
    journal = MemoryJournal().grow(1)
    h = parts.digest(wrap)
    body = {"kid": "k:1", "alg": "aes-256-gcm", "wrapped": [{"to": "centre", "kem": "x25519", "h": h}]}
    journal.append(kind="key.issued", body=body)
    journal.append(kind="case.opened", subject=CASE, body={"item": "residence"}, sealed=[dict(sealed.entry)])
    journal.append(kind="later.kind")
    journal.append(kind="ticket.called", subject=CASE)
    sent = {h: b64encode(wrap).decode(), sealed.entry["h"]: b64encode(sealed.blob).decode()}
    desk.hello(next_seq=6)
    assert desk.batch(*[dict(one.record.data) for one in journal.records.values()], parts=sent)["upto"] == 5
    yield desk
    desk.store.close()


def test_sites_records_and_what_is_wrong(desk):
    desk.store.alarm(5, "A1", "hole", "1..9")
    assert ask("sites", "--db", desk.where) == [
        {"site": SITE, "epochs": 1, "epoch": EPOCH, "upto": 5, "durable": 0, "held": 1, "holes": 0, "alarms": 0,
         "online": None}
    ]  # fmt: skip
    assert [one["seq"] for one in ask("records", "--db", desk.where, "--site", SITE)] == [1, 2, 3, 4, 5]
    assert [one["seq"] for one in ask("records", "--db", desk.where, "--site", SITE, "--after", 3)] == [4, 5]
    found = ask("records", "--db", desk.where, "--site", SITE, "--kind", "case.opened")
    assert [one["subject"] for one in found] == [CASE]
    assert ask("quarantine", "--db", desk.where) == [{"site": SITE, "epoch": EPOCH, "seq": 4, "reason": "kind"}]
    assert ask("holes", "--db", desk.where, "--site", SITE) == []
    reading = open_for_reading(desk.where)
    assert sum(1 for _ in records(reading, Wanted("A1"))) == 0
    reading.close()


def test_a_case_is_closed_without_a_key(desk):
    found = ask("timeline", "--db", desk.where, "--site", SITE, CASE)
    assert [(one["kind"], one["sealed"]) for one in found] == [("case.opened", 1), ("ticket.called", 0)]
    assert NAME not in json.dumps(found, ensure_ascii=False)
    assert ask("disclosures", "--db", desk.where) == []


def test_whoever_opens_it_is_written_down(desk, key_file):
    words = ["timeline", "--db", desk.where, "--site", SITE, CASE, "--key", key_file]
    ask(*words, code=2)
    assert ask("disclosures", "--db", desk.where) == []
    found = ask(*words, "--who", "op:7", "--why", "complaint 12")
    assert found[0]["opened"] == [{"name": NAME}]
    assert found[1]["opened"] == []
    noted = ask("disclosures", "--db", desk.where)
    assert [(one["who"], one["why"], one["seq"]) for one in noted] == [("op:7", "complaint 12", 3)]


def test_a_foreign_key_an_erased_part_and_a_careless_file_open_nothing(desk, key_file, tmp_path):
    words = ["timeline", "--db", desk.where, "--site", SITE, CASE, "--who", "op:7", "--why", "complaint 12"]
    foreign = tmp_path / "foreign.key"
    key = X25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    foreign.write_bytes(key)
    foreign.chmod(0o644)
    assert "0600" in ask(*words, "--key", foreign, code=2)
    foreign.chmod(0o600)
    assert ask(*words, "--key", foreign)[0]["opened"] == [{"closed": "key"}]
    desk.store.db.run("UPDATE parts SET bytes = NULL WHERE kind = 'case.opened'")
    assert ask(*words, "--key", key_file)[0]["opened"] == [{"closed": "erased"}]
