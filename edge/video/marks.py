"""Records -> markers. Pure; what a marker names and its own record does not say is remembered from earlier ones."""

from collections.abc import Mapping
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict

from edge.rules import upcast
from edge.rules.rating_records import BAD_LEVELS
from sync.protocol.record import Record

Kind = Literal["service_started", "service_ended", "complaint_spoken", "bad_rating"]
KINDS: Final[tuple[Kind, ...]] = ("service_started", "service_ended", "complaint_spoken", "bad_rating")
TURNS_KEPT: Final = 20_000  # services whose ticket is remembered: a kiosk may rate one hours or days later


class Marker(BaseModel):
    """docs/video-markers.md."""

    model_config = ConfigDict(frozen=True)

    v: Literal[1] = 1
    id: str
    site: str
    at: str
    kind: Kind
    window: str
    window_number: str
    ticket: str


class Marks:
    """`note` every record in order, also those before the first marker that is wanted."""

    def __init__(self, site: str, windows: Mapping[str, str], kinds: frozenset[Kind]) -> None:
        self._site, self._windows, self._kinds = site, windows, kinds
        self._numbers: dict[str, str] = {}  # ticket -> display number, of the day
        self._serving: dict[str, str] = {}  # ticket -> window
        self._turns: dict[str, str] = {}  # service -> display number
        self._clerks: dict[str, str] = {}  # clerk -> window

    def note(self, record: Record) -> Marker | None:
        fold = getattr(self, f"_{record.kind.replace('.', '_')}", None)
        body = upcast.lift(record.kind, record.v, record.body) if fold is not None else None
        found: tuple[Kind, str, str] | None = fold(record, body) if fold is not None and body is not None else None
        if found is None or found[0] not in self._kinds:
            return None
        kind, window, ticket = found
        epoch, seq, _ = record.birth
        return Marker(
            id=f"{self._site}:{epoch}:{seq}",
            site=self._site,
            at=record.at,
            kind=kind,
            window=window,
            window_number=self._windows.get(window, ""),
            ticket=ticket,
        )

    # --- what is remembered ------------------------------------------------------------------------------------------

    def _day_opened(self, record: Record, body: Any) -> None:
        self._numbers.clear()
        self._serving.clear()

    def _ticket_issued(self, record: Record, body: Any) -> None:
        self._numbers[record.subject] = body.number

    def _clerk_signed_in(self, record: Record, body: Any) -> None:
        self._clerks[body.clerk] = record.subject.removeprefix("window:")

    def _clerk_taken_over(self, record: Record, body: Any) -> None:
        self._clerk_signed_in(record, body)

    # --- what is marked ----------------------------------------------------------------------------------------------

    def _service_started(self, record: Record, body: Any) -> tuple[Kind, str, str]:
        ticket = self._numbers.get(record.subject, "")
        self._turns[body.service] = ticket
        while len(self._turns) > TURNS_KEPT:
            del self._turns[next(iter(self._turns))]
        self._serving[record.subject] = body.window
        return "service_started", body.window, ticket

    def _ticket_resumed(self, record: Record, body: Any) -> tuple[Kind, str, str]:
        self._serving[record.subject] = body.window
        return "service_started", body.window, self._numbers.get(record.subject, "")

    def _service_finished(self, record: Record, body: Any) -> tuple[Kind, str, str] | None:
        return self._ended(record)

    def _ticket_held(self, record: Record, body: Any) -> tuple[Kind, str, str] | None:
        return self._ended(record)

    def _ticket_returned(self, record: Record, body: Any) -> tuple[Kind, str, str] | None:
        return self._ended(record)

    def _ticket_transferred(self, record: Record, body: Any) -> tuple[Kind, str, str] | None:
        return self._ended(record)

    def _ended(self, record: Record) -> tuple[Kind, str, str] | None:
        """A ticket that was only called was not being served; one whose start was not seen began before us."""
        window = self._serving.pop(record.subject, None)
        if window is None and record.kind != "service.finished":
            return None
        return "service_ended", window or str(record.body.get("window", "")), self._numbers.get(record.subject, "")

    def _complaint_registered(self, record: Record, body: Any) -> tuple[Kind, str, str] | None:
        if body.channel != "window":
            return None
        window = self._clerks.get(record.actor.removeprefix("clerk:"), "")
        window = window or (body.target if body.about == "window" else "")
        ticket = next((uid for uid, at in self._serving.items() if window and at == window), "")
        return "complaint_spoken", window, self._numbers.get(ticket, "")

    def _rating_given(self, record: Record, body: Any) -> tuple[Kind, str, str] | None:
        if body.level not in BAD_LEVELS:
            return None
        return "bad_rating", body.window, self._turns.get(record.subject, "")

    def _rating_added(self, record: Record, body: Any) -> tuple[Kind, str, str] | None:
        return self._rating_given(record, body)
