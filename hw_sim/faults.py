"""The words for trouble, the same for every simulator, in scene files, on the box page and in tests."""

from dataclasses import dataclass
from enum import StrEnum


class FaultWord(StrEnum):
    """What goes wrong. `amount` means: seconds (slow, hang), share 0..1 of bytes (noise), a device code (nak),

    a count of bytes (long, stutter)."""

    SILENT = "silent"  # hears, never answers
    HANG = "hang"  # answers after `amount` seconds
    DROP = "drop"  # closes the connection in the middle
    SLOW = "slow"  # `amount` seconds between bytes
    NOISE = "noise"  # wrong bytes between the right ones
    STALE = "stale"  # a camera shows the same frame of the same moment for ever
    SHORT = "short"  # answers stop early
    LONG = "long"  # `amount` wrong bytes behind the answer
    STUTTER = "stutter"  # the first byte comes `amount` times more
    STALL = "stall"  # a USB pipe is halted until the host clears it
    SPLIT = "split"  # one byte a packet
    MERGE = "merge"  # two answers in one packet
    BAD_CHECKSUM = "bad_checksum"
    NAK = "nak"  # refuses with code `amount`
    WRONG_DEVICE = "wrong_device"  # speaks another protocol
    WRONG_TOKEN = "wrong_token"  # presents a token that is not its own
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


# Faults of the bytes themselves: every wire can do these, whatever device speaks on it.
WIRE_FAULTS = frozenset(
    {
        FaultWord.SILENT,
        FaultWord.HANG,
        FaultWord.DROP,
        FaultWord.SLOW,
        FaultWord.NOISE,
        FaultWord.SHORT,
        FaultWord.LONG,
        FaultWord.STUTTER,
        FaultWord.SPLIT,
        FaultWord.MERGE,
        FaultWord.WRONG_DEVICE,
        FaultWord.UNPLUG,
        FaultWord.ELSEWHERE,
    }
)


class FaultBox:
    """The faults a simulator suffers from now. A fault with `times` clears itself after its last strike."""

    def __init__(self) -> None:
        self._faults: dict[FaultWord, Fault] = {}
        self._left: dict[FaultWord, int] = {}

    def set(self, fault: Fault) -> None:
        """One fault of a word at a time: a second one replaces the first."""
        self._faults[fault.word] = fault
        self._left[fault.word] = fault.times

    def clear(self, word: FaultWord | None = None) -> None:
        """Clears one word, or all."""
        for gone in [word] if word is not None else list(self._faults):
            self._faults.pop(gone, None)
            self._left.pop(gone, None)

    def __contains__(self, word: FaultWord) -> bool:
        return word in self._faults

    def active(self) -> tuple[Fault, ...]:
        return tuple(self._faults.values())

    def strike(self, word: FaultWord) -> Fault | None:
        """The fault if it strikes now, counted; None when it is not set."""
        fault = self._faults.get(word)
        if fault is not None and fault.times:
            self._left[word] -= 1
            if self._left[word] <= 0:
                self.clear(word)
        return fault
