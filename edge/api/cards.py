"""Card sessions: what a kiosk read from a card lives here, in memory, until the ticket is issued, and no longer."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from drivers.contract import IdRecord
from drivers.errors import Busy, NoAnswer, Unsupported
from edge.api.port import HallPort
from edge.api.schema import MaskedHolder
from edge.masking import mask_name, mask_number
from edge.rules.commands import Holder

KEEP_SECONDS: Final = 180.0
LONGEST_READ: Final = 180.0
_SPARE_SECONDS: Final = 5.0  # for the device: that nobody laid a card down is for us to say, not a late device


class CardSessionOver(Exception):
    """The token's session ended: what was read is forgotten, the person lays the card down again."""


@dataclass(frozen=True, slots=True)
class _Session:
    token: str
    record: IdRecord
    forget: asyncio.TimerHandle


class CardDesk:
    """One session a kiosk. Nothing here is ever written down, logged or shown unmasked."""

    def __init__(
        self, hall: HallPort, random_bytes: Callable[[int], bytes], *, keep_seconds: float = KEEP_SECONDS
    ) -> None:
        self._hall = hall
        self._random_bytes = random_bytes
        self._keep_seconds = keep_seconds
        self._readers = {kiosk.id: kiosk.reader for kiosk in hall.site.kiosks}
        self._reading: dict[str, asyncio.Task[IdRecord]] = {}
        self._sessions: dict[str, _Session] = {}
        self._spent: dict[str, tuple[str, str]] = {}  # kiosk -> (token, id of the request that used it)

    async def read(self, place: str, seconds: float) -> MaskedHolder:
        """Begin a session: the one before is forgotten. Cancelling stops the reader.

        Raises DeviceError; Busy while another read of this kiosk runs, NoAnswer when no card came or the session
        was ended.
        """
        if place in self._reading:
            raise Busy(place)
        reader = self._readers.get(place)
        if reader is None:
            raise Unsupported("this kiosk has no reader")
        self._forget(place)
        seconds = min(max(seconds, 0.0), LONGEST_READ)
        reading = asyncio.ensure_future(self._hall.read_card(reader, seconds + _SPARE_SECONDS))
        self._reading[place] = reading
        try:
            await asyncio.wait({reading}, timeout=seconds)
        finally:
            await _stopped(reading)
            del self._reading[place]
        if reading.cancelled():
            raise NoAnswer("no card was laid down, or the session was ended")
        return self._keep(place, reading.result())

    async def end(self, place: str) -> None:
        """Stop a running read and forget. Harmless without a session."""
        reading = self._reading.get(place)
        if reading is not None:
            await _stopped(reading)
        self._forget(place)
        self._spent.pop(place, None)

    def holder(self, place: str, token: str, request: str) -> Holder | None:
        """The person of this session; None for the repetition of a request that already got its ticket.

        Raises CardSessionOver.
        """
        session = self._sessions.get(place)
        if session is not None and session.token == token:
            record = session.record
            ref = self._hall.person_ref(self._hall.state.date, record.number)
            return Holder(ref=ref, name=record.name, id_number=record.number)
        if self._spent.get(place) == (token, request):
            return None
        raise CardSessionOver

    def person(self, place: str, token: str) -> str:
        """Keyed hash of the person of this session, for today. The session goes on anew. Raises CardSessionOver."""
        session = self._sessions.get(place)
        if session is None or session.token != token:
            raise CardSessionOver
        self.keep_on(place)
        return self._hall.person_ref(self._hall.state.date, session.record.number)

    def keep_on(self, place: str) -> None:
        """Whoever laid his card there is still at it: the session goes on anew. Harmless without one."""
        session = self._sessions.get(place)
        if session is not None:
            session.forget.cancel()
            forget = asyncio.get_running_loop().call_later(self._keep_seconds, self._forget, place)
            self._sessions[place] = replace(session, forget=forget)

    def spend(self, place: str, token: str, request: str) -> None:
        """The ticket is issued: forget the person, remember only which request it was."""
        session = self._sessions.get(place)
        if session is not None and session.token == token:
            self._forget(place)
            self._spent[place] = (token, request)

    def close(self) -> None:
        for place in tuple(self._sessions):
            self._forget(place)
        for reading in self._reading.values():
            reading.cancel()

    def _keep(self, place: str, record: IdRecord) -> MaskedHolder:
        token = self._random_bytes(16).hex()
        forget = asyncio.get_running_loop().call_later(self._keep_seconds, self._forget, place)
        self._sessions[place] = _Session(token, record, forget)
        self._spent.pop(place, None)
        return masked(record.name, record.number, token)

    def _forget(self, place: str) -> None:
        session = self._sessions.pop(place, None)
        if session is not None:
            session.forget.cancel()


def masked(name: str, number: str, token: str = "") -> MaskedHolder:
    return MaskedHolder(card=token, name=mask_name(name), id_number=mask_number(number))


async def _stopped(reading: asyncio.Task[IdRecord]) -> None:
    """Cancel it and wait until the reader is free again."""
    reading.cancel()
    await asyncio.wait({reading})
