"""A keypad's small screen: data of function 02 (caller.md, Display)."""

from drivers.contract import KeypadLine
from drivers.hall485.keys import Dialect

_BLANK = b"\x0a"  # dialect a: an empty place; dialect b: shown as _
_PLACES = 3
_MOST_WAITING = 999


def screen_data(dialect: Dialect, line: KeypadLine) -> bytes:
    """Dialect a shows the number or, without one, the waiting count; dialect b both."""
    return _six_places(line) if dialect == "a" else _number_and_waiting(line)


def address_data(address: int) -> bytes:
    return _digits(f"{address:03d}")


def _six_places(line: KeypadLine) -> bytes:
    ticket = _ticket_digits(line)
    if ticket:
        return _BLANK * _PLACES + ticket[-_PLACES:]
    if line.waiting is not None:
        return _waiting_digits(line.waiting).rjust(_PLACES, b"\0") + _BLANK * _PLACES
    return _BLANK * (2 * _PLACES)


def _number_and_waiting(line: KeypadLine) -> bytes:
    """At least three digits of a number: a single 00 or 01 would read as failure or success."""
    waiting = b"" if line.waiting is None else _waiting_digits(line.waiting)
    return _ticket_digits(line)[-2 * _PLACES :] + _BLANK + waiting


def _ticket_digits(line: KeypadLine) -> bytes:
    digits = "".join(sign for sign in line.ticket or "" if sign in "0123456789")
    return _digits(digits.zfill(_PLACES)) if digits else b""


def _waiting_digits(waiting: int) -> bytes:
    return _digits(str(min(max(waiting, 0), _MOST_WAITING)))


def _digits(text: str) -> bytes:
    return bytes(int(sign) for sign in text)
