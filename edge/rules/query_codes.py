"""Numbers and codes as people type them or scanners read them: what stands on a slip opens what the slip is about."""

from hmac import compare_digest
from typing import Final

LEAST: Final = 6  # characters of a number: its count and check character
_ALIKE: Final = str.maketrans("OIL", "011")  # codes have none of these letters: what looks like one is the digit


def plain_number(text: str) -> str:
    """As typed or scanned, without blanks and in capitals."""
    return "".join(text.split()).upper()


def plain_code(text: str) -> str:
    return plain_number(text).replace("-", "").translate(_ALIKE)


def fits(typed: str, number: str) -> bool:
    """The whole number, or its last characters: the code keeps strangers out, the number only tells which is meant."""
    return len(typed) >= LEAST and number.endswith(typed)


def same_code(typed: str, code: str) -> bool:
    """In a time that tells nothing about where they differ."""
    return bool(code) and compare_digest(typed.encode(), code.encode())
