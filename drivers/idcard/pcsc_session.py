"""Blocking talks with the PC/SC service, all in one thread. Only low-level calls: pyscard's monitors keep threads."""

import re
from typing import Any, Final

from smartcard import scard

from drivers.errors import Absent, CardUnreadable, DeviceError, Gone, ServiceDown, WrongDevice
from drivers.idcard.pcsc_trouble import TIMEOUT, code_of, must

_COUNTERS: Final = re.compile(r"^(?P<name>.*?) (?P<index>[0-9A-F]{2}) (?P<slot>[0-9A-F]{2})$")
_LOOK_MILLISECONDS: Final = 250
_ANY_PROTOCOL: Final = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1


def choose_reader(readers: list[str], wanted: str, slot: int) -> str:
    """The service's full name of `wanted`, which it ends with two numbers: a count that changes, and the slot.

    Raises Absent, WrongDevice when two go by that name: which is which cannot be told.
    """
    found = []
    for full in readers:
        parts = _COUNTERS.match(full)
        name, number = (parts["name"], int(parts["slot"], 16)) if parts else (full, 0)
        if number == slot and wanted in ("", name, full):
            found.append(full)
    if not found:
        raise Absent(f"no reader {wanted!r} with slot {slot}" if wanted else "no reader")
    if len(found) > 1:
        raise WrongDevice(f"{len(found)} readers go by the name {wanted!r}")
    return found[0]


class PcscSession:
    """One context and one reader. After any ServiceDown or Gone it is `leave`d and a new one entered."""

    def __init__(self, wanted: str, slot: int) -> None:
        self._wanted = wanted
        self._slot = slot
        self._context: Any = None
        self.reader = ""

    def enter(self) -> str:
        """The reader's full name. Raises ServiceDown, Absent, WrongDevice, Denied."""
        self.leave()
        result, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM)
        must(result, "reaching pcscd")
        self._context = context
        try:
            self.reader = choose_reader(self._readers(), self._wanted, self._slot)
        except DeviceError:
            self.leave()
            raise
        return self.reader

    def leave(self) -> None:
        context, self._context = self._context, None
        if context is not None:
            scard.SCardReleaseContext(context)

    def wait_for_card(self) -> bool:
        """Looks for a moment; True when a card is in. Raises ServiceDown, Gone when the reader left, CardUnreadable.

        The service answers as soon as the state is another than the one named.
        """
        state = self._state(_LOOK_MILLISECONDS, scard.SCARD_STATE_EMPTY)
        if state & scard.SCARD_STATE_MUTE:
            raise CardUnreadable("a card that says nothing: upside down, or no chip card")
        return bool(state & scard.SCARD_STATE_PRESENT)

    def card_is_in(self) -> bool:
        """Raises ServiceDown, Gone."""
        return bool(self._state(0, scard.SCARD_STATE_UNAWARE) & scard.SCARD_STATE_PRESENT)

    def with_card(self, work: Any) -> Any:
        """What `work(transmit)` returns, with the card to ourselves. Raises CardMoved, CardUnreadable, Busy."""
        result, card, protocol = scard.SCardConnect(
            self._entered(), self.reader, scard.SCARD_SHARE_SHARED, _ANY_PROTOCOL
        )
        must(result, "connecting")
        try:
            must(scard.SCardBeginTransaction(card), "taking the card")
            try:
                return work(lambda command: _transmit(card, protocol, command))
            finally:
                scard.SCardEndTransaction(card, scard.SCARD_LEAVE_CARD)
        finally:
            scard.SCardDisconnect(card, scard.SCARD_LEAVE_CARD)

    def _state(self, milliseconds: int, known: int) -> int:
        result, states = scard.SCardGetStatusChange(self._entered(), milliseconds, [(self.reader, known)])
        if code_of(result) == TIMEOUT:
            return known
        must(result, "looking for a card")
        state = int(states[0][1])
        if state & (scard.SCARD_STATE_UNKNOWN | scard.SCARD_STATE_UNAVAILABLE):
            raise Gone(f"{self.reader}: left")
        return state

    def _readers(self) -> list[str]:
        result, readers = scard.SCardListReaders(self._context, [])
        must(result, "listing readers")
        return list(readers)

    def _entered(self) -> Any:
        if self._context is None:
            raise ServiceDown("not connected to pcscd")
        return self._context


def _transmit(card: Any, protocol: int, command: bytes) -> bytes:
    head = scard.SCARD_PCI_T0 if protocol == scard.SCARD_PROTOCOL_T0 else scard.SCARD_PCI_T1
    result, answer = scard.SCardTransmit(card, head, list(command))
    must(result, "asking the card")
    return bytes(byte & 0xFF for byte in answer)
