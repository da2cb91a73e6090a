import sqlite3
from pathlib import Path

import pytest

from edge.journal import views
from edge.journal.views import Views
from edge.rules.queue_records import (
    ServiceAbandoned,
    TicketAdvanced,
    TicketCancelled,
    TicketHeld,
    TicketResumed,
    TicketRevived,
    TicketUncalled,
)
from edge.rules.records import (
    Body,
    DayClosed,
    DayOpened,
    Draft,
    RatingAsked,
    RatingGiven,
    RatingLapsed,
    ServiceFinished,
    ServiceStarted,
    TicketMissed,
)
from sync.protocol.record import Record
from tests.edge.journal.material import Opener, called, issued

DAY = "2026-11-23"


def draft(kind: str, subject: str, body: Body) -> Draft:
    return Draft(kind=kind, subject=subject, actor="system:halld", body=body)


GIVEN = RatingGiven(level="satisfied", nonce="n1", by="pad", reasons=(), window="w1", clerk="c01", after=900)


def asked(window: str, nonce: str) -> RatingAsked:
    return RatingAsked(window=window, nonce=nonce, until=1, ended=0, closes=1, last_day=DAY, clerk="c01", ticket="t:1")


@pytest.fixture
async def records(open_journal: Opener) -> list[Record]:
    journal = await open_journal()
    await journal.append(
        [
            draft("day.opened", f"day:{DAY}", DayOpened(date=DAY, closes=0)),
            *(issued(n) for n in (1, 2, 3, 4)),
            called(1),
            draft("service.started", "t:1", ServiceStarted(window="w1", service="s:1", item="general", clerk="c01")),
            draft("service.finished", "t:1", ServiceFinished(window="w1", service="s:1")),
            draft("rating.asked", "s:1", asked("w1", "n1")),
            draft("rating.given", "s:1", GIVEN),
            called(2),
            draft("ticket.missed", "t:2", TicketMissed(window="w1", now=1)),
            called(3),
            draft("rating.asked", "s:3", asked("w2", "n3")),
            draft("rating.lapsed", "s:3", RatingLapsed(nonce="n3", why="no_answer")),
            draft("day.closed", f"day:{DAY}", DayClosed(date=DAY, expired=("t:4",))),
        ]
    )
    return [stored.record for stored in await journal.read(0)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "views.db"


def everything(seen: Views) -> tuple[object, ...]:
    return seen.cursor, seen.tickets(DAY), seen.calls(DAY), seen.ratings(DAY)


def test_what_the_records_add_up_to(records: list[Record], path: Path) -> None:
    seen = Views(path, epoch="e" * 16)
    seen.follow(records)
    assert [(ticket["number"], ticket["state"]) for ticket in seen.tickets(DAY)] == [
        ("A001", "done"),
        ("A002", "missed"),
        ("A003", "called"),
        ("A004", "expired"),
    ]
    assert [call["ticket"] for call in seen.calls(DAY)] == ["t:1", "t:2", "t:3"]
    assert seen.ratings(DAY) == {"w1": {"satisfied": 1}, "w2": {"lapsed": 1}}
    assert seen.cursor == len(records)
    assert seen.tickets("2026-11-24") == []
    seen.close()


async def test_every_turn_a_ticket_may_take(open_journal: Opener, path: Path) -> None:
    """One ticket through every kind of the queue; its line says after each where it stands."""
    journal = await open_journal()
    steps: list[tuple[Draft, str, str]] = [
        (issued(1), "waiting", ""),
        (called(1), "called", "w1"),
        (draft("ticket.uncalled", "t:1", TicketUncalled(window="w1", owed=0)), "waiting", ""),
        (draft("ticket.held", "t:1", TicketHeld(window="w1")), "held", ""),
        (draft("ticket.resumed", "t:1", TicketResumed(window="w1")), "serving", ""),
        (draft("ticket.cancelled", "t:1", TicketCancelled(by="kiosk")), "cancelled", ""),
        (draft("ticket.revived", "t:1", TicketRevived(key=1, arrived=1, by="guide")), "waiting", ""),
        (
            draft("service.abandoned", "t:1", ServiceAbandoned(window="w1", service="s:1", was="held")),
            "expired",
            "",
        ),
        (
            draft(
                "ticket.advanced",
                "t:1",
                TicketAdvanced(window="w1", service="social", area="b", stays=False, key=1),
            ),
            "waiting",
            "",
        ),
    ]
    opened = draft("day.opened", f"day:{DAY}", DayOpened(date=DAY, closes=0)).model_copy(update={"v": 2})
    await journal.append([opened])
    seen = Views(path, epoch="e" * 16)
    for step, state, window in steps:
        await journal.append([step])
        seen.follow([stored.record for stored in await journal.read(0)])
        (ticket,) = seen.tickets(DAY)
        assert (ticket["state"], ticket["window"]) == (state, window), step.kind
    assert (ticket["service"], ticket["area"]) == ("social", "b")
    seen.close()


def test_any_cut_of_the_stream_gives_the_same(records: list[Record], path: Path) -> None:
    whole = Views(path, epoch="e" * 16)
    whole.follow(records)
    for cut in range(len(records)):
        parts = Views(path.with_name(f"{cut}.db"), epoch="e" * 16)
        parts.follow(records[:cut])
        parts.close()
        parts = Views(path.with_name(f"{cut}.db"), epoch="e" * 16)
        parts.follow(records)  # what is known is passed over
        assert everything(parts) == everything(whole)
        parts.close()
    whole.close()


def test_a_gap_is_refused_and_leaves_nothing(records: list[Record], path: Path) -> None:
    seen = Views(path, epoch="e" * 16)
    seen.follow(records[:4])
    before = everything(seen)
    with pytest.raises(ValueError, match="one is missing"):
        seen.follow([*records[4:6], *records[7:]])
    assert everything(seen) == before
    seen.close()


@pytest.mark.parametrize("harm", ["epoch", "fold", "damage"])
def test_another_epoch_other_rules_or_damage_begin_anew(
    records: list[Record], path: Path, harm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Views(path, epoch="e" * 16)
    first.follow(records)
    first.close()
    if harm == "fold":
        monkeypatch.setattr(views, "_FOLD", 999)
    if harm == "damage":
        path.write_bytes(b"no database" * 1000)
    again = Views(path, epoch="f" * 16 if harm == "epoch" else "e" * 16)
    assert (again.cursor, again.tickets(DAY)) == (0, [])
    again.follow(records)
    assert len(again.tickets(DAY)) == 4
    again.close()


def receipt(seq: int, kind: str, n: int, day: str) -> list[Record]:
    """The two records of a case, at the seqs from `seq` on."""
    base = {
        "site": "S",
        "epoch": "e" * 16,
        "at": f"{day}T09:00:00.000+08:00",
        "actor": "clerk:c01",
        "business_date": day,
    }
    body = {"number": f"{kind}2026{n:06}X", "receipt": f"R2026{n:06}Y"}
    return [
        Record(base | {"seq": seq, "kind": "case.opened", "v": 1, "subject": f"case:{kind}{n}", "body": {}}, b""),
        Record(
            base | {"seq": seq + 1, "kind": "case.received", "v": 2, "subject": f"case:{kind}{n}", "body": body}, b""
        ),
    ]


def day_opens(seq: int, day: str) -> Record:
    told = {"seq": seq, "kind": "day.opened", "v": 2, "subject": f"day:{day}", "body": {"date": day}, "at": day}
    return Record(told, b"")


def test_a_receipt_is_found_by_the_end_of_either_of_its_numbers_for_three_months(path: Path) -> None:
    seen = Views(path, epoch="e" * 16)
    seen.follow([day_opens(1, DAY), *receipt(2, "A", 17, DAY), *receipt(4, "B", 17, DAY), *receipt(6, "A", 18, DAY)])
    assert views.receipts(path, "A2026000017X") == [(2, 3)]
    assert views.receipts(path, "000018X") == views.receipts(path, "26000018Y") == [(6, 7)]
    assert views.receipts(path, "000017X") == [(2, 3), (4, 5)], "two of them: it names none"
    assert views.receipts(path, "A2026000017") == views.receipts(path, "2026%") == []
    seen.follow([day_opens(8, "2027-02-21")])
    assert views.receipts(path, "000018X") == [(6, 7)]
    seen.follow([day_opens(9, "2027-02-22")])
    assert views.receipts(path, "000018X") == []
    seen.close()


def test_a_view_that_is_not_there_says_so(path: Path) -> None:
    with pytest.raises(sqlite3.Error):
        views.receipts(path, "000018X")
    assert not path.exists()
