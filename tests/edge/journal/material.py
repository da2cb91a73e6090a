"""What journal tests write and with which clock and names."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from edge.journal import Journal
from edge.rules.records import Draft, Private, TicketCalled, TicketIssued

ZONE = ZoneInfo("Asia/Shanghai")
SITE = "LH-0042"
BOOT = "b007b007b007b007"
CENTRE_PRIVATE = bytes(range(32))

Opener = Callable[..., Awaitable[Journal]]


@dataclass
class TurnedClock:
    now: int = 1_795_395_600_000
    up: int = 1000

    def now_ms(self) -> int:
        return self.now

    def up_ms(self) -> int:
        return self.up


def called(n: int) -> Draft:
    body = TicketCalled(
        window="w1", call=1, clerk="c01", why="order", policy="vt", ahead=0, owed=0, reason="", waited=0
    )
    return Draft(kind="ticket.called", v=2, subject=f"t:{n}", actor="clerk:c01", body=body, business_date="2026-11-23")


def issued(n: int, private: dict[str, str] | None = None) -> Draft:
    body = TicketIssued(
        number=f"A{n:03d}",
        service="general",
        items=("general",),
        area="a",
        channel="kiosk",
        place="k1",
        klass="walk_in",
        declared="",
        booking="",
        key=n,
        arrived=n,
        not_before=0,
        ahead=0,
        person="",
    )
    sealed = None if private is None else Private(owner=f"t:{n}", members=private)
    return Draft(kind="ticket.issued", v=2, subject=f"t:{n}", actor="kiosk:k1", body=body, private=sealed)
