"""The words for trouble, the same for every simulator, in scene files, on the box page and in tests."""

from dataclasses import dataclass
from enum import StrEnum


class FaultWord(StrEnum):
    """What goes wrong. `amount` means: seconds (slow, hang), share 0..1 of bytes (noise), a device code (nak)."""

    SILENT = "silent"  # hears, never answers
    HANG = "hang"  # answers after `amount` seconds
    DROP = "drop"  # closes the connection in the middle
    SLOW = "slow"  # `amount` seconds between bytes
    NOISE = "noise"  # wrong bytes between the right ones
    SHORT = "short"  # answers stop early
    SPLIT = "split"  # one byte a packet
    MERGE = "merge"  # two answers in one packet
    BAD_CHECKSUM = "bad_checksum"
    NAK = "nak"  # refuses with code `amount`
    WRONG_DEVICE = "wrong_device"  # speaks another protocol
    PAPER_OUT = "paper_out"
    PAPER_LOW = "paper_low"
    COVER_OPEN = "cover_open"
    CUTTER_JAM = "cutter_jam"
    POWER_CUT = "power_cut"  # loses what it holds in RAM, comes back on `clear`
    UNPLUG = "unplug"  # the port disappears until `clear`
    ELSEWHERE = "elsewhere"  # comes back under another name


@dataclass(frozen=True, slots=True)
class Fault:
    """`times`: how often it strikes; 0 = until cleared."""

    word: FaultWord
    amount: float = 0.0
    times: int = 0
