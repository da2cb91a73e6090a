"""Several messages, one commit: what is answered, and what happens when the disk does not take it."""

import pytest

from sync.protocol import canonical, frames, names
from sync.wire import Letter
from tests.sync.centre.test_centre import CID, FULL_DISK, Desk, data
from tests.sync.memory_journal import SITE, MemoryJournal

TOP = f"he/1/{names.shard(SITE)}/{SITE}"


@pytest.fixture
def desk(new_centre_database, tmp_path):
    made = Desk(new_centre_database(), tmp_path)
    yield made
    made.store.close()


def batch(*records, cid=CID):
    return Letter(f"{TOP}/u/j", canonical.encode({"m": "batch", "cid": cid, "records": list(records)}))


def hello(next_seq, cid=CID):
    told = {
        "m": "hello", "cid": cid, "site": SITE, "epoch": MemoryJournal().epoch, "next": next_seq, "floor": 1,
        "feeds": {}, "heads": [[0, "0" * 64]], "free": 1, "now": 1, "up": 1, "boot": "7" * 16, "version": "x",
    }  # fmt: skip
    return Letter(f"{TOP}/u/h", canonical.encode(told))


def said(letters):
    found = [frames.unpack(letter.payload, frames.MAX_OTHER) for letter in letters]
    return [(one["m"], one.get("why", ""), one.get("upto")) for one in found]


def test_an_ack_a_batch_after_one_commit(desk, monkeypatch):
    journal = MemoryJournal().grow(7)
    commits, together = [], desk.store.together
    monkeypatch.setattr(desk.store, "together", lambda: commits.append(1) or together())
    letters = [hello(8), *(batch(*data(journal, *seqs)) for seqs in ((1, 2), (3, 4), (5,), (6, 7)))]
    assert said(desk.centre.handle_all(letters)) == [("welcome", "", 0), *[("ack", "", 7)] * 4]
    assert commits == [1]
    assert desk.rows("SELECT count(*), max(seq) FROM records") == [(7, 7)]
    assert desk.rows("SELECT upto FROM epochs") == [(7,)]


def test_a_bad_batch_among_them_is_refused_and_the_others_count(desk):
    journal = MemoryJournal().grow(6)
    letters = [hello(7), batch(*data(journal, 1, 2)), batch(*data(journal, 4)), batch(*data(journal, 3))]
    assert said(desk.centre.handle_all(letters)) == [
        ("welcome", "", 0), ("nack", "gap", 2), ("ack", "", 3), ("ack", "", 3),
    ]  # fmt: skip
    assert desk.rows("SELECT count(*) FROM records") == [(3,)]


def test_a_new_talk_among_them_owes_nothing_to_the_old_one(desk):
    journal = MemoryJournal().grow(4)
    letters = [hello(5), batch(*data(journal, 1, 2)), hello(5, "c" * 16), batch(*data(journal, 3, 4))]
    found = desk.centre.handle_all(letters)
    assert said(found) == [("welcome", "", 0), ("welcome", "", 2), ("nack", "hello", None)]
    again = desk.centre.handle_all([batch(*data(journal, 3), cid="c" * 16), batch(*data(journal, 4), cid="c" * 16)])
    assert said(again) == [("ack", "", 4)] * 2


def test_on_a_full_disk_nothing_of_it_is_kept_and_each_is_taken_alone(desk):
    journal = MemoryJournal().grow(600)
    fill, empty = FULL_DISK[type(desk.store.db)]
    desk.centre.handle(hello(601))
    desk.centre.handle(batch(*data(journal, 1, 2)))
    fill(desk.store.db)
    letters = [batch(*data(journal, *range(at, at + 50))) for at in range(3, 553, 50)]
    found = desk.centre.handle_all(letters)
    upto = said(found)[-1][2]
    assert len(found) == len(letters)
    assert {one[0] for one in said(found)} <= {"ack", "nack"}, "the ones behind the first that was not kept are a gap"
    assert upto < 552
    assert desk.rows("SELECT count(*), max(seq) FROM records") == [(upto, upto)]
    empty(desk.store.db)
    assert desk.centre.handle_all(letters)
    assert desk.rows("SELECT count(*), max(seq) FROM records") == [(552, 552)]


def note_hole(db, site):
    db.run("INSERT INTO holes(site, epoch, first, last) VALUES(?, 'e', 1, 1)", (site,))


def take_back(db, site):
    with db.transaction():
        note_hole(db, site)
        raise ZeroDivisionError


def test_what_a_part_takes_back_leaves_the_rest(desk):
    db = desk.store.db
    with db.transaction():
        note_hole(db, "A")
        with pytest.raises(ZeroDivisionError):
            take_back(db, "B")
        with db.transaction():
            note_hole(db, "C")
    assert desk.rows("SELECT site FROM holes ORDER BY site") == [("A",), ("C",)]
