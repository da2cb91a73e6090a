"""What a scanner types as a keyboard: Linux key events (linux/input-event-codes.h), US layout, with HID usages."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

EVENT = struct.Struct("@llHHi")
EV_SYN, EV_KEY, EV_MSC = 0, 1, 4
MSC_SCAN = 4
UP, DOWN, AGAIN = 0, 1, 2
_KEYBOARD_PAGE = 0x70000

Chinese = Literal["lost", "alt"]


@dataclass(frozen=True, slots=True)
class Key:
    """`code` of Linux, `usage` of HID page 07."""

    code: int
    usage: int


ENTER, SHIFT, ALT = Key(28, 0x28), Key(42, 0xE1), Key(56, 0xE2)


def _row(first_code: int, characters: str, usages: list[int]) -> dict[str, Key]:
    return {character: Key(first_code + n, usages[n]) for n, character in enumerate(characters)}


def _letters(first_code: int, characters: str) -> dict[str, Key]:
    return _row(first_code, characters, [0x04 + ord(character) - ord("a") for character in characters])


_PLAIN: dict[str, Key] = {
    **_row(2, "1234567890-=", [*range(0x1E, 0x28), 0x2D, 0x2E]),
    **_letters(16, "qwertyuiop"),
    **_letters(30, "asdfghjkl"),
    **_letters(44, "zxcvbnm"),
    **_row(26, "[]", [0x2F, 0x30]),
    **_row(39, ";'`", [0x33, 0x34, 0x35]),
    **_row(51, ",./", [0x36, 0x37, 0x38]),
    "\\": Key(43, 0x31),
    " ": Key(57, 0x2C),
    "\t": Key(15, 0x2B),
    "\r": ENTER,
    "\n": ENTER,
}
_SHIFTED = dict(zip('!@#$%^&*()_+{}:"~<>?|', "1234567890-=[];'`,./\\", strict=True))
_PAD = {
    digit: Key(code, usage)
    for digit, code, usage in zip(
        "0123456789", (82, 79, 80, 81, 75, 76, 77, 71, 72, 73), (0x62, *range(0x59, 0x62)), strict=True
    )
}

# The keys of a keypad by their names: on the number block, and in the row above the letters.
BLOCKS: dict[str, dict[str, Key]] = {
    "numpad": {
        **_PAD,
        "enter": Key(96, 0x58),
        "plus": Key(78, 0x57),
        "minus": Key(74, 0x56),
        "star": Key(55, 0x55),
        "slash": Key(98, 0x54),
        "dot": Key(83, 0x63),
    },
    "row": {**{digit: _PLAIN[digit] for digit in "0123456789"}, "enter": ENTER},
}

Change = tuple[Key, int]


@dataclass(frozen=True, slots=True)
class Chord:
    """One character: `taps` one after the other while `held` is down."""

    taps: tuple[Key, ...]
    held: Key | None = None

    def reports(self, repeats: int = 0) -> Iterator[list[Change]]:
        """What the keyboard reports, change after change; `repeats`: how often a key repeats before it is let go."""
        around = [self.held] if self.held else []
        if len(self.taps) > 1:
            yield [(key, DOWN) for key in around]
        for key in self.taps:
            together = around if len(self.taps) == 1 else []
            yield [(one, DOWN) for one in (*together, key)]
            for _ in range(repeats):
                yield [(key, AGAIN)]
            yield [(one, UP) for one in (key, *together)]
        if len(self.taps) > 1:
            yield [(key, UP) for key in around]


def chords(text: str, chinese: Chinese) -> Iterator[Chord]:
    """`alt`: other than ASCII as its GBK number on the number pad while Alt is held; `lost`: not at all."""
    for character in text:
        if character in _PLAIN:
            yield Chord((_PLAIN[character],))
        elif character in _SHIFTED:
            yield Chord((_PLAIN[_SHIFTED[character]],), SHIFT)
        elif character.isascii() and character.lower() in _PLAIN:
            yield Chord((_PLAIN[character.lower()],), SHIFT)
        elif chinese == "alt" and not character.isascii():
            number = int.from_bytes(character.encode("gbk", "replace"), "big")
            yield Chord(tuple(_PAD[digit] for digit in str(number)), ALT)


def frame(moment: float, changes: list[Change]) -> bytes:
    """One report of the keyboard as events: scan code and key for each change, then the sync event."""
    seconds, micros = int(moment), int(moment % 1 * 1_000_000)
    events = bytearray()
    for key, value in changes:
        if value != AGAIN:  # repeats come from the kernel, which knows no scan code
            events += EVENT.pack(seconds, micros, EV_MSC, MSC_SCAN, _KEYBOARD_PAGE | key.usage)
        events += EVENT.pack(seconds, micros, EV_KEY, key.code, value)
    return bytes(events) + EVENT.pack(seconds, micros, EV_SYN, 0, 1 if changes[0][1] == AGAIN else 0)
