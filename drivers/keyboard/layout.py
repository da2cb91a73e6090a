"""What a key types on a US keyboard (Linux input-event-codes.h, HID usage page 07)."""

from typing import Final

ENTER, KP_ENTER = 28, 96
SHIFTS: Final = frozenset({42, 54})
MODIFIERS: Final = SHIFTS | {29, 97, 56, 100, 125, 126}
CAPS_LOCK: Final = 58

_ROWS: Final = (
    (2, "1234567890-=", "!@#$%^&*()_+"),
    (15, "\t", "\t"),
    (16, "qwertyuiop[]", "QWERTYUIOP{}"),
    (30, "asdfghjkl;'`", 'ASDFGHJKL:"~'),
    (43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
    (57, " ", " "),
)
_KEYPAD: Final = {55: "*", 71: "7", 72: "8", 73: "9", 74: "-", 75: "4", 76: "5", 77: "6", 78: "+"} | {
    79: "1",
    80: "2",
    81: "3",
    82: "0",
    83: ".",
    98: "/",
}

KEYPAD: Final = _KEYPAD
PLAIN: Final = {first + n: sign for first, plain, _ in _ROWS for n, sign in enumerate(plain)} | _KEYPAD
SHIFTED: Final = {first + n: sign for first, _, shifted in _ROWS for n, sign in enumerate(shifted)} | _KEYPAD
