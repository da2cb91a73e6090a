"""Who sits at a window: read from a card or typed, in memory until the case is open, and no longer."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, get_args

from drivers.contract import IdRecord
from drivers.errors import Busy, NoAnswer, Unsupported
from drivers.idcard.numbers import number_warnings
from edge.api.cards import CardSessionOver
from edge.api.case_schema import Person, PersonWarning
from edge.api.port import HallPort, Ticks
from edge.masking import mask_name, mask_number
from edge.rules.case_commands import Applicant

KEEP_SECONDS: Final = 600.0
_WORDED: Final = frozenset(get_args(PersonWarning))
_SPARE_SECONDS: Final = 5.0  # that nobody laid a card down is for us to say, not a late device


@dataclass(frozen=True, slots=True)
class _Kept:
    token: str
    applicant: Applicant
    forget: asyncio.TimerHandle


@dataclass(frozen=True, slots=True)
class Shown:
    """Whom the window's second screen shows during one turn, masked. `case` '': read or typed, no case opened yet."""

    turn: str
    case: str
    person: Person


class Persons:
    """One a window. Nothing here is ever written down, logged or shown unmasked."""

    def __init__(
        self, hall: HallPort, random_bytes: Callable[[int], bytes], *, keep_seconds: float = KEEP_SECONDS
    ) -> None:
        self._hall = hall
        self._random_bytes = random_bytes
        self._keep_seconds = keep_seconds
        self._readers = {window.id: window.reader for window in hall.site.windows}
        self._reading: dict[str, asyncio.Task[IdRecord]] = {}
        self._kept: dict[str, _Kept] = {}
        self._shown: dict[str, Shown] = {}
        self._watchers: set[Ticks] = set()

    async def read(self, window: str, seconds: float) -> Person:
        """Wait for a card at the window's own reader; whoever was kept before is forgotten. Cancelling stops it.

        Raises DeviceError; Unsupported without a reader, Busy while another page reads, NoAnswer without a card.
        """
        reader = self._readers.get(window)
        if reader is None:
            raise Unsupported("this window has no reader")
        if window in self._reading:
            raise Busy(window)
        self._forget(window)
        self._hide(window)
        reading = asyncio.ensure_future(self._hall.read_card(reader, seconds + _SPARE_SECONDS))
        self._reading[window] = reading
        try:
            await asyncio.wait({reading}, timeout=seconds)
        finally:
            reading.cancel()
            await asyncio.wait({reading})
            del self._reading[window]
        if reading.cancelled():
            raise NoAnswer("no card was laid down, or reading was ended")
        card = reading.result()
        return self.keep(window, Applicant(name=card.name, id_number=card.number), card.warnings)

    def keep(self, window: str, applicant: Applicant, read: tuple[str, ...] | None = None) -> Person:
        """`read`: the reader's own warnings; without a reader the number alone is looked at."""
        self._forget(window)
        token = self._random_bytes(16).hex()
        forget = asyncio.get_running_loop().call_later(self._keep_seconds, self._forget, window)
        self._kept[window] = _Kept(token, applicant, forget)
        person = masked(applicant, token, read)
        self.show(window, "", person)
        return person

    def show(self, window: str, case: str, person: Person) -> None:
        """To the person himself, on the second screen, until the turn running there ends; never without a turn."""
        turn = self._turn(window)
        if turn:
            self._shown[window] = Shown(turn, case, person)
            self._tell()

    def shown(self, window: str) -> Shown | None:
        found = self._shown.get(window)
        if found is not None and found.turn != self._turn(window):
            del self._shown[window]
            return None
        return found

    @contextmanager
    def watch(self, ticks: Ticks) -> Iterator[None]:
        """`ticks` are set whenever somebody else is shown."""
        self._watchers.add(ticks)
        try:
            yield
        finally:
            self._watchers.discard(ticks)

    def applicant(self, window: str, token: str) -> Applicant:
        """Raises CardSessionOver: forgotten, read or typed again since, or of another window."""
        kept = self._kept.get(window)
        if kept is None or kept.token != token:
            raise CardSessionOver
        return kept.applicant

    async def end(self, window: str) -> None:
        """Stop a running read and forget. Harmless when there is nothing."""
        reading = self._reading.get(window)
        if reading is not None:
            reading.cancel()
            await asyncio.wait({reading})
        self._forget(window)
        shown = self._shown.get(window)
        if shown is not None and not shown.case:
            self._hide(window)

    def _turn(self, window: str) -> str:
        """'' while nobody is served there."""
        seat = self._hall.state.windows.get(window)
        ticket = self._hall.state.tickets.get(seat.ticket) if seat else None
        return ticket.turn if ticket is not None and ticket.state == "serving" else ""

    def _hide(self, window: str) -> None:
        if self._shown.pop(window, None) is not None:
            self._tell()

    def _tell(self) -> None:
        for ticks in self._watchers:
            ticks.set()

    def _forget(self, window: str) -> None:
        kept = self._kept.pop(window, None)
        if kept is not None:
            kept.forget.cancel()


def masked(applicant: Applicant, token: str = "", read: tuple[str, ...] | None = None) -> Person:
    number = applicant.id_number
    warnings = number_warnings(number) if read is None else read
    worded = dict.fromkeys(each if each in _WORDED else "reader_note" for each in warnings)
    return Person.model_validate(
        {
            "token": token,
            "name": mask_name(applicant.name),
            "id_number": mask_number(number),
            "warnings": tuple(worded),
        }
    )
