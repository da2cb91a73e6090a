"""The second signature of a handover between halls, as the centre tells it to the hall that sealed."""

from typing import Any

import pytest

from sync.centre.clock import SystemClock
from sync.centre.feed_store import FeedStore
from sync.centre.feeds import Feeds, SigningKey
from sync.centre.handovers import FEED, note_of
from sync.centre.store import Admitted
from sync.protocol import topics
from sync.protocol.record import Record, build
from tests.sync.memory_journal import skeleton

LINES = [{"case": "case:1", "material": "result", "sheets": 1}, {"case": "case:2", "material": "result", "sheets": 1}]
SHEET = {"number": "H1", "what": "results", "frm": "LH-0042", "to": "LH-0043", "lines": LINES, "hash": "ab" * 32}
SHORT = {"case": "case:2", "material": "result", "sheets": 1, "counted": 0}


def received(kind: str = "batch.received", **body: Any) -> Record:
    told = {"sheet": SHEET, "differences": [SHORT], "signer": "c02", **body}
    return build({**skeleton(1, "0" * 64, site="LH-0043"), "kind": kind, "subject": "batch:01", "body": told})


def test_what_was_counted_goes_to_the_hall_that_sealed() -> None:
    note = note_of("LH-0043", received())
    assert note is not None
    assert (note.scope, note.item.id) == ("LH-0042", "batch:01")
    assert note.item.item is not None
    body = note.item.item["body"]
    assert (body["do"], body["batch"], body["hash"], body["signer"]) == ("batch.note", "batch:01", "ab" * 32, "c02")
    assert [line["sheets"] for line in body["counted"]] == [1, 0]


@pytest.mark.parametrize(
    ("site", "body"),
    [
        ("LH-0044", {}),  # another hall than the one it was sealed for
        ("LH-0042", {"sheet": {**SHEET, "to": "LH-0042"}}),
        ("LH-0043", {"differences": [7]}),  # of no form that we know
        ("LH-0043", {"sheet": "torn"}),
        ("LH-0043", {"sheet": None}),  # signed for where it was sealed: nothing to tell
    ],
)
def test_nobody_signs_for_others(site: str, body: dict[str, Any]) -> None:
    assert note_of(site, received(**body)) is None
    assert note_of("LH-0043", received("batch.sealed")) is None


def test_the_same_record_again_is_no_second_item(tmp_path: Any) -> None:
    store = FeedStore(tmp_path / "feeds.db")
    note = note_of("LH-0043", received())
    assert note is not None
    first = store.publish(FEED, note.scope, [note.item])
    assert store.publish(FEED, note.scope, [note.item]) == first
    assert [item["id"] for item in store.items(FEED, "LH-0042")] == ["batch:01"]
    store.close()


def test_the_hall_that_sealed_is_told_at_once(tmp_path: Any) -> None:
    store = FeedStore(tmp_path / "feeds.db")
    centre = Feeds(store, SigningKey("s1", b"\x11" * 32), clock=SystemClock(), region="luohu")
    noted = [Admitted(received(), {}, None)]
    assert centre.on_hello("LH-0042", {}, new=True) == []
    (letter,) = centre.follow("LH-0043", noted)
    assert letter.topic == topics.topic("LH-0042", topics.FEEDS_DOWN)
    centre.forget("LH-0042")
    assert centre.follow("LH-0043", noted) == [], "nobody is there to hear it"
    store.close()
