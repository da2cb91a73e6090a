"""The security module itself: commands in, answers out, a card lying on it or not. No wire and no time here."""

import re
from dataclasses import dataclass, replace
from enum import Enum, auto

from hw_sim.sam.cards import PHOTO_BYTES, TEXT_BYTES, Card, photo_block
from hw_sim.sam.frames import Request, answer

BAUDS = (115200, 57600, 38400, 19200, 9600)
_SAM_NUMBER = re.compile(r"^(\d{2})\.(\d{2})-(\d{8})-(\d{10})-(\d{10})$")
_RF_FRAME = range(24, 256)

DONE, FOUND, NO_SUCH_ITEM = 0x90, 0x9F, 0x91
FIND_FAILED, SELECT_FAILED, READ_FAILED, NO_CARD_YET = 0x80, 0x81, 0x41, 0x34
NOT_PERMITTED = 0x23
WHOLE_READS = (0x01, 0x10)
SAW_BAD_CHECKSUM, SAW_BAD_LENGTH, BAD_COMMAND = 0x10, 0x11, 0x21


class CardState(Enum):
    """How far the host has come with the card that lies there."""

    NEW = auto()
    FOUND = auto()
    SELECTED = auto()
    SERVED = auto()


@dataclass(frozen=True, slots=True)
class Refusal:
    """`card_words`: SW1 and SW2, where the card itself had a say."""

    status: int
    card_words: int = 0
    times: int = 1


@dataclass(frozen=True, slots=True)
class Reading:
    """A read that takes time at the antenna: `finish` decides what the host hears in the end."""

    parameter: int


def sam_number_bytes(number: str) -> bytes:
    """`05.01-20120101-0000000001-0123456789` as the module sends it, 16 bytes. ValueError: not of that form."""
    match = _SAM_NUMBER.match(number)
    if match is None:
        raise ValueError(f"SAM number {number!r} is not of the form 05.01-20120101-0000000001-0123456789")
    sizes = (2, 2, 4, 4, 4)
    try:
        return b"".join(int(part).to_bytes(size, "little") for part, size in zip(match.groups(), sizes, strict=True))
    except OverflowError as wrong:
        raise ValueError(f"SAM number {number!r} has a part that does not fit 32 bits") from wrong


class SamModule:
    """`append_parameter`: by which of 30 03 and 30 02 this module gives the added address; the other is unknown.

    `gives_numbers`: find and select give the card's numbers, not zeros. `items_after_read` False: after text and photo
    the module refuses the other items with 23 (idcard.md 9.4; the code is not in any source).
    """

    def __init__(
        self, number: str, append_parameter: int = 0x03, *, gives_numbers: bool = False, items_after_read: bool = True
    ) -> None:
        self._number = sam_number_bytes(number)
        self._append_parameter = append_parameter
        self._gives_numbers = gives_numbers
        self._items_after_read = items_after_read
        self._script: dict[tuple[int, int], Refusal] = {}
        self.card: Card | None = None
        self.state = CardState.NEW
        self.rf_frame = 0x50
        self.new_baud: int | None = None

    def lay(self, card: Card) -> None:
        self.card, self.state = card, CardState.NEW

    def lift(self) -> None:
        self.card, self.state = None, CardState.NEW

    def refuse(self, command: int, parameter: int, refusal: Refusal) -> None:
        """The next times that this command comes it is refused; `times` 0: no longer."""
        if refusal.times:
            self._script[command, parameter] = refusal
        else:
            self._script.pop((command, parameter), None)

    def request(self, request: Request) -> bytes | Reading:
        """The answer's frame, or a Reading that the caller finishes after the card's time. Sets `new_baud`."""
        if scripted := self._script.get((request.command, request.parameter)):
            self.refuse(request.command, request.parameter, replace(scripted, times=scripted.times - 1))
            return answer(scripted.status, card_words=scripted.card_words)
        if request.command == 0x61 and request.parameter == 0xFF:
            return self._set_rf_frame(request.data)
        if request.data:
            return answer(SAW_BAD_LENGTH)
        match request.command, request.parameter:
            case (0x10, 0xFF) | (0x11, 0xFF):
                return answer(DONE)
            case (0x12, 0xFF):
                return answer(DONE, self._number)
            case (0x20, 0x01):
                return self._find()
            case (0x20, 0x02):
                return self._select()
            case (0x30, 0x01 | 0x05 | 0x10):
                return self._read(request.parameter)
            case (0x30, parameter) if parameter == self._append_parameter:
                return self._read(parameter)
            case (0x60, code) if code < len(BAUDS):
                self.new_baud = BAUDS[code]
                return answer(DONE)
        return answer(BAD_COMMAND)

    def finish(self, reading: Reading) -> bytes:
        """What the read brings: data, or 41 when the card has been lifted meanwhile."""
        if self.card is None or self.state not in (CardState.SELECTED, CardState.SERVED):
            return answer(READ_FAILED)
        card = self.card
        if reading.parameter == 0x05:
            return answer(DONE, bytes.fromhex(card.iin + card.chip + card.body))
        if reading.parameter == self._append_parameter:
            block = card.append_block()
            return answer(NO_SUCH_ITEM) if block is None else answer(DONE, block)
        self.state = CardState.SERVED
        lengths = TEXT_BYTES.to_bytes(2, "big") + PHOTO_BYTES.to_bytes(2, "big")
        fingers = b""
        if reading.parameter == 0x10:
            fingers = card.finger_blocks()
            lengths += len(fingers).to_bytes(2, "big")
        return answer(DONE, lengths + card.text_block() + photo_block() + fingers)

    def _find(self) -> bytes:
        if self.card is None or self.state is CardState.SERVED:
            return answer(FIND_FAILED)
        self.state = CardState.FOUND
        return answer(FOUND, bytes.fromhex(self.card.iin) if self._gives_numbers else bytes(4))

    def _select(self) -> bytes:
        if self.card is None or self.state not in (CardState.FOUND, CardState.SELECTED):
            return answer(SELECT_FAILED)
        self.state = CardState.SELECTED
        return answer(DONE, bytes.fromhex(self.card.chip) if self._gives_numbers else bytes(8))

    def _read(self, parameter: int) -> bytes | Reading:
        if self.card is None:
            return answer(READ_FAILED)
        if self.state in (CardState.NEW, CardState.FOUND):
            return answer(NO_CARD_YET)
        if self.state is CardState.SERVED and not self._items_after_read and parameter not in WHOLE_READS:
            return answer(NOT_PERMITTED)
        return Reading(parameter)

    def _set_rf_frame(self, data: bytes) -> bytes:
        if len(data) != 1:
            return answer(SAW_BAD_LENGTH)
        if data[0] not in _RF_FRAME:
            return answer(BAD_COMMAND)
        self.rf_frame = data[0]
        return answer(DONE)
