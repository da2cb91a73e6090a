"""打印复印 at the centre: pages by site and day, each print once, nobody in it; over both databases."""

import pytest

from tests.sync.centre.test_centre import Desk
from tests.sync.centre.test_queries import ask
from tests.sync.memory_journal import SITE, MemoryJournal

KNOWN = dict.fromkeys(("ticket.called", "copy.reserved", "copy.done", "copy.failed", "copy.unknown", "copy.granted"), 1)
PERSON = "9c" * 32


def reserved(journal, n, kind, date):
    body = {"kind": kind, "item": "", "pages": 3, "account": PERSON, "by": "card", "limit": 6, "kiosk": "k1"}
    journal.append(
        kind="copy.reserved", subject=f"copy:{n}", body={**body, "printer": "p", "job": f"c:{n}", "date": date}
    )


def ended(journal, n, how, date, came, unsure=0):
    body = {"came": came, "unsure": unsure, "code": "", "date": date}
    journal.append(kind=f"copy.{how}", subject=f"copy:{n}", body=body)


@pytest.fixture
def desk(new_centre_database, tmp_path):
    desk = Desk(new_centre_database(), tmp_path, known=KNOWN)
    journal = MemoryJournal().grow(1)
    for n, kind in ((1, "own"), (2, "guide"), (3, "own")):
        reserved(journal, n, kind, "2026-11-23")
    ended(journal, 1, "done", "2026-11-23", 3)
    ended(journal, 2, "failed", "2026-11-23", 1)
    ended(journal, 3, "unknown", "2026-11-23", 1, unsure=2)
    journal.append(
        kind="copy.granted", subject="site", body={"account": "site", "pages": 20, "why": "other", "date": "2026-11-23"}
    )
    reserved(journal, 4, "own", "2026-11-24")
    desk.hello(next_seq=len(journal.records) + 1)
    desk.batch(*[dict(one.record.data) for one in journal.records.values()])
    yield desk
    desk.store.close()


def test_each_day_of_a_site_is_told_in_counts(desk):
    first, second = ask("copies", "--db", desk.where)
    assert first == {
        "site": SITE, "date": "2026-11-23", "prints": 3, "came": {"own": 4, "guide": 1}, "unsure": 2, "failed": 2,
        "granted": 20,
    }  # fmt: skip
    assert (second["date"], second["prints"], second["came"]) == ("2026-11-24", 1, {}), "under way: no page yet"
    assert ask("copies", "--db", desk.where, "--site", SITE, "--first", "2026-11-24") == [second]
    assert ask("copies", "--db", desk.where, "--last", "2026-11-23") == [first]


def test_nobody_is_in_it(desk):
    told = str(ask("copies", "--db", desk.where))
    assert PERSON not in told
    assert "copy:" not in told
