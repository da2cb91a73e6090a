"""What the keys of the two dialects mean (caller.md, table of keys)."""

import re
from dataclasses import dataclass
from typing import Literal

Dialect = Literal["a", "b"]

_WAIT, _CALL, _RECALL, _FUNCTION = 0x0B, 0x0C, 0x0D, 0x0F
_START, _CANCEL, _PAUSE, _TRANSFER = 0x0A, 0x0E, 0x12, 0x13

SHOW_ADDRESS = "show_address"  # the driver answers this one by itself


@dataclass(frozen=True, slots=True)
class Press:
    """`digits` only where they say something to the hall: a number, a queue, a clerk."""

    key: str
    digits: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """The last byte, what was typed before it (whole, as a pattern), and the meaning. Group 1 becomes `digits`."""

    code: int
    typed: str
    key: str


KEY_MAPS: dict[Dialect, tuple[Rule, ...]] = {
    "a": (
        Rule(_WAIT, r"\d*", "finish"),
        Rule(_CALL, r"\d*", "next"),
        Rule(_RECALL, r"\d*", "recall"),
        Rule(_FUNCTION, "6", "miss"),
        Rule(_FUNCTION, "0", "suspend"),
        Rule(_FUNCTION, "3", "resume"),
        Rule(_PAUSE, r"\d*", "pause"),
        Rule(_TRANSFER, r"(\d*)", "transfer"),
        Rule(_CANCEL, "", "undo"),
    ),
    "b": (
        Rule(_START, r"(\d+)", "transfer"),
        Rule(_WAIT, "", "finish"),
        Rule(_WAIT, "0", "prepare"),
        Rule(_CALL, "", "next"),
        Rule(_CALL, r"(\d+)", "number"),
        Rule(_RECALL, r"\d*", "recall"),
        Rule(_CANCEL, "", "undo"),
        Rule(_FUNCTION, "0", "pause"),
        Rule(_FUNCTION, "4", "sign_out"),
        Rule(_FUNCTION, "5", "miss"),
        Rule(_FUNCTION, "6", "guard"),
        Rule(_FUNCTION, "7", "manager"),
        Rule(_FUNCTION, "8", SHOW_ADDRESS),
        Rule(_FUNCTION, "9", "adviser"),
        Rule(_FUNCTION, r"(\d\d+)", "sign_in"),
    ),
}


def press_of(dialect: Dialect, data: bytes) -> Press | None:
    """None for keys no source gives a meaning to."""
    if not data or any(byte > 9 for byte in data[:-1]):
        return None
    typed = "".join(map(str, data[:-1]))
    for rule in KEY_MAPS[dialect]:
        match = re.fullmatch(rule.typed, typed) if rule.code == data[-1] else None
        if match:
            return Press(rule.key, match[1] if match.re.groups else "")
    return None
