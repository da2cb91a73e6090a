"""What PC/SC calls answer, in the words of drivers.errors (codes: pcsclite.h; idcard.md sections 8.5, 9.9)."""

from typing import Final

from drivers.errors import Absent, Busy, CardMoved, CardUnreadable, Denied, DeviceError, Gone, Late, ServiceDown

TIMEOUT: Final = 0x8010000A
CANCELLED: Final = 0x80100002
NO_CARD: Final = frozenset({0x8010000C, 0x80100069, 0x80100016, 0x80100068})  # none, removed, not transacted, reset
NO_READERS: Final = 0x8010002E
READER_LEFT: Final = frozenset({0x80100009, 0x80100017, NO_READERS})
NO_SERVICE: Final = frozenset({0x8010001D, 0x8010001E, 0x80100013, 0x80100003})  # none, stopped, line broken, handle
_SHARED: Final = 0x8010000B
_DENIED: Final = frozenset({0x80100027, 0x8010006A})
_UNREADABLE: Final = frozenset({0x80100066, 0x80100067, 0x8010000F, 0x80100065, 0x8010000D, 0x8010001C})
_OK: Final = 0


def code_of(result: int) -> int:
    """pyscard gives signed numbers on some machines."""
    return result & 0xFFFFFFFF


def must(result: int, doing: str) -> None:
    """Raises the error for anything but success."""
    if (code := code_of(result)) != _OK:
        raise trouble(code, doing)


def trouble(code: int, doing: str) -> DeviceError:
    detail = f"{doing}: PC/SC {code:08X}"
    if code in NO_CARD:
        return CardMoved(detail)
    if code in NO_SERVICE:
        return ServiceDown(detail)
    if code == NO_READERS:
        return Absent(f"{doing}: no reader")
    if code in READER_LEFT:
        return Gone(detail)
    if code == _SHARED:
        return Busy("another program", detail)
    if code in _DENIED:
        return Denied(detail)
    if code in _UNREADABLE:
        return CardUnreadable(detail)
    return Late(detail) if code in (TIMEOUT, CANCELLED) else Gone(detail)
