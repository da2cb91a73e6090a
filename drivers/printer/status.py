"""Status bytes of an ESC/POS printer (ticket_printer.md 3): DLE EOT replies and ASB on one stream."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from drivers.errors import CoverOpen, Jam, NeedsHelp, PaperOut

PRINTER, OFFLINE_CAUSE, ERROR_CAUSE, PAPER = 1, 2, 3, 4

PaperState = Literal["ok", "near_end", "out", "unknown"]

_MASK, _REPLY, _ASB = 0x93, 0x12, 0x10
_ASB_LENGTH = 4
_NEVER_IN_ASB = 0x90
_OFFLINE = 0x08
_FEED_BUTTON = 0x40
_COVER, _FED_BY_BUTTON, _STOPPED_FOR_PAPER, _ERROR = 0x04, 0x08, 0x20, 0x40
_RECOVERABLE, _CUTTER, _UNRECOVERABLE, _HEAD_HOT = 0x04, 0x08, 0x20, 0x40
_NEAR_END, _OUT = 0x0C, 0x60
_ASB_COVER, _ASB_FED_BY_BUTTON, _ASB_FEED_BUTTON = 0x20, 0x40, 0x02
_ASB_NEAR_END, _ASB_OUT = 0x03, 0x0C


def ask(n: int) -> bytes:
    """DLE EOT n; answered at once, also while busy or offline."""
    return bytes((0x10, 0x04, n))


@dataclass(frozen=True, slots=True)
class Condition:
    """What a printer says about itself; a question not asked leaves its flags False and `paper` unknown.

    `passing`: it is offline because somebody feeds paper, or its head is hot; both end without help.
    """

    paper: PaperState = "unknown"
    offline: bool = False
    cover_open: bool = False
    cutter_error: bool = False
    error: bool = False
    passing: bool = False

    @property
    def fault(self) -> NeedsHelp | None:
        """Why it cannot print now, the cause a person can remove first."""
        if self.cover_open:
            return CoverOpen("cover open")
        if self.paper == "out":
            return PaperOut("no paper")
        if self.cutter_error:
            return Jam("cutter does not move")
        if self.error:
            return NeedsHelp("printer reports an error")
        return NeedsHelp("printer is offline") if self.offline and not self.passing else None

    @property
    def sound(self) -> bool:
        return self.fault is None and not self.passing


def from_replies(replies: Mapping[int, int]) -> Condition:
    """`replies`: the answered byte by n of DLE EOT n."""
    printer, cause = replies.get(PRINTER, 0), replies.get(OFFLINE_CAUSE, 0)
    error, paper = replies.get(ERROR_CAUSE, 0), replies.get(PAPER)
    # The cause of an error, once asked for, says more than the bit that there is one.
    named = error & (_RECOVERABLE | _CUTTER | _UNRECOVERABLE | _HEAD_HOT)
    return Condition(
        paper=_paper(paper, cause),
        offline=bool(printer & _OFFLINE),
        cover_open=bool(cause & _COVER),
        cutter_error=bool(error & _CUTTER),
        error=bool(error & (_RECOVERABLE | _UNRECOVERABLE) or (cause & _ERROR and not named)),
        passing=bool(printer & _FEED_BUTTON or cause & _FED_BY_BUTTON or error & _HEAD_HOT),
    )


def _paper(paper: int | None, cause: int) -> PaperState:
    if cause & _STOPPED_FOR_PAPER or (paper is not None and paper & _OUT):
        return "out"
    if paper is None:
        return "unknown"
    return "near_end" if paper & _NEAR_END else "ok"


def from_asb(asb: bytes) -> Condition:
    """Four bytes of automatic status back; bit 3 of the first means offline, by the command reference."""
    first, errors, paper = asb[0], asb[1], asb[2]
    state: PaperState = "out" if paper & _ASB_OUT else "near_end" if paper & _ASB_NEAR_END else "ok"
    return Condition(
        paper=state,
        offline=bool(first & _OFFLINE),
        cover_open=bool(first & _ASB_COVER),
        cutter_error=bool(errors & _CUTTER),
        error=bool(errors & (_RECOVERABLE | _UNRECOVERABLE)),
        passing=bool(first & _ASB_FED_BY_BUTTON or errors & (_ASB_FEED_BUTTON | _HEAD_HOT)),
    )


@dataclass(frozen=True, slots=True)
class Reply:
    """One byte answering DLE EOT; which question it answers, the byte does not say."""

    value: int


@dataclass(frozen=True, slots=True)
class Automatic:
    """One whole ASB message."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class Other:
    """A byte of neither kind: the answer to GS r, or noise."""

    value: int


Message = Reply | Automatic | Other


class StatusStream:
    """Takes a mixed stream apart. Bytes 2..4 of ASB have bits 4 and 7 clear, so a reply may stand between them.

    A byte with one of those bits that is no reply ends a begun ASB message: both are noise.
    """

    def __init__(self) -> None:
        self._asb = bytearray()

    def feed(self, data: bytes) -> list[Message]:
        return [message for byte in data for message in self._take(byte)]

    def _take(self, byte: int) -> Iterator[Message]:
        kind = byte & _MASK
        if kind == _REPLY:
            yield Reply(byte)
        elif kind == _ASB:
            yield from self._broken_off()
            self._asb.append(byte)
        elif not self._asb:
            yield Other(byte)
        elif byte & _NEVER_IN_ASB:
            yield from self._broken_off()
            yield Other(byte)
        else:
            self._asb.append(byte)
            if len(self._asb) == _ASB_LENGTH:
                whole, self._asb = bytes(self._asb), bytearray()
                yield Automatic(from_asb(whole))

    def _broken_off(self) -> Iterator[Message]:
        """Its first byte counts as noise; the others are dropped, because they look like answers to GS r."""
        if self._asb:
            yield Other(self._asb[0])
        self._asb.clear()
