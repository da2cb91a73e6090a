"""Function bytes of the line (caller.md section 1, rating_pad.md section 1)."""

from drivers.hall485.frame import Frame

KEY = 0x01
ANSWER = 0x01
START_RATING = bytes([0x0B])
DISPLAY = 0x02
BEEP = 0x03
RATING = 0x11

# Our own extension of a pad (rating_pad.md section 5); it answers with the function plus 80 hex.
IDENTIFY, STATUS, PROMPT, TEXT, KEYS = 0x20, 0x21, 0x22, 0x23, 0x24
REPLY = 0x80
EXTENDED_REPLIES = frozenset(function | REPLY for function in (IDENTIFY, STATUS, PROMPT, TEXT, KEYS))

ANSWER_ROOM = 0.05
"""Seconds kept free for an answer: a short frame takes 10 ms, and the device some time to begin."""

# No source tests the function byte of a key report; on a shared address it only tells the pad's reports apart.
KEYPAD_REPORTS = frozenset(range(0x100)) - {RATING} - EXTENDED_REPLIES
PAD_REPORTS = frozenset({RATING})

CALL_KEY_TWICE = b"\x0c\x0c"
PAD_OFFSET = 0x80  # dialect b: a pad's address is its keypad's plus 80 hex


def acknowledgement(report: Frame) -> Frame:
    """A key report comes back unchanged; a rating comes back as function 01 with the same value."""
    if report.function == RATING:
        return Frame(report.address, ANSWER, report.data)
    return report


def opens_pad(report: Frame) -> bool:
    """The clerk's evaluate key: a pad at the same address opens its keys by itself (rating_pad.md section 1)."""
    return report.function != RATING and report.data[-1:] == START_RATING


def is_bounce(report: Frame) -> bool:
    """Two call keys in one report: the key bounced."""
    return report.function != RATING and report.data.endswith(CALL_KEY_TWICE)
