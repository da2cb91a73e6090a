"""The reader on its wire: cards laid and lifted by hand, reads that take time, speeds that change."""

import asyncio
from collections.abc import Callable, Mapping
from random import Random
from typing import Any, Literal

from hw_sim.clock import Clock
from hw_sim.faults import WIRE_FAULTS, Fault, FaultBox, FaultWord
from hw_sim.sam.cards import Card
from hw_sim.sam.frames import BadChecksum, BadLength, Request, RequestParser, answer
from hw_sim.sam.module import SAW_BAD_CHECKSUM, SAW_BAD_LENGTH, WHOLE_READS, Reading, Refusal, SamModule
from hw_sim.wired import WiredDevice
from hw_sim.wires import Wire

SAM_NUMBER = "05.01-20120101-0000000001-0123456789"
# A pause inside a request after which the module waits for a new one.
REQUEST_GAP = 0.5
READ_FAILED = 0x41
SPEED_SETTLES = 0.005
SpeedAnswer = Literal["old", "new"]


class SamReader(WiredDevice):
    """`reading_seconds`: how long the card itself takes for text and photo, `item_seconds` for anything else on it;
    lifted meanwhile = status 41. `power_up_seconds`: deaf so long after power came.

    Fault `silent` with a card lifted in the middle gives the other behaviour met in halls: no answer at all.
    """

    kind = "sam"
    troubles = WIRE_FAULTS | {FaultWord.BAD_CHECKSUM, FaultWord.NAK, FaultWord.POWER_CUT}

    def __init__(
        self,
        id: str,
        wire: Wire,
        faults: FaultBox,
        clock: Clock,
        random: Random,
        *,
        cards: Mapping[str, Card],
        number: str = SAM_NUMBER,
        reading_seconds: float = 0.35,
        item_seconds: float = 0.03,
        append_parameter: int = 0x03,
        gives_numbers: bool = False,
        items_after_read: bool = True,
        power_up_seconds: float = 0.0,
        speed_answer: SpeedAnswer = "old",
    ) -> None:
        super().__init__(id, wire, faults, clock, random)
        self._cards = cards
        self._module = SamModule(
            number, append_parameter, gives_numbers=gives_numbers, items_after_read=items_after_read
        )
        self._parser = RequestParser()
        self._reading_seconds = reading_seconds
        self._item_seconds = item_seconds
        self._power_up_seconds = power_up_seconds
        self._speed_answer = speed_answer
        self._deaf_until = 0.0
        self._last_heard = clock.now()
        self._reading: asyncio.Task[None] | None = None
        self._requests = 0

    def actions(self) -> dict[str, Callable[..., None]]:
        return {**super().actions(), "lay_card": self.lay_card, "lift_card": self.lift_card, "refuse": self.refuse}

    def lay_card(self, card: str) -> None:
        """ValueError: the scene has no such card."""
        if card not in self._cards:
            raise ValueError(f"{self.id}: no card {card!r} in the scene; there are: {', '.join(self._cards)}")
        self._module.lay(self._cards[card])
        self.changed.tell()

    def lift_card(self) -> None:
        self._module.lift()
        self.changed.tell()

    def refuse(self, command: str, status: int, card_words: int = 0, times: int = 1) -> None:
        """The next `times` that `command` ("30 01") comes, the module answers this status (SW3), for any of them.

        ValueError: no such command or status.
        """
        octets = bytes.fromhex(command)
        if len(octets) != 2 or not 0 <= status <= 0xFF or not 0 <= card_words <= 0xFFFF or times < 0:
            raise ValueError(f"{self.id}: refuse: two bytes of a command in hex, a status byte, the card's two bytes")
        self._module.refuse(octets[0], octets[1], Refusal(status, card_words, times))

    def look(self) -> dict[str, Any]:
        card = self._module.card
        return {
            "card": card.id if card else None,
            "card_state": self._module.state.name.lower() if card else None,
            "cards": sorted(self._cards),
            "reading": self._reading is not None,
            "baud": self.wire.baud,
            "requests": self._requests,
        }

    def forget(self) -> None:
        self._parser.forget()
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None
        if self._module.card is not None:  # after power returns the card lies there as if just laid
            self._module.lay(self._module.card)

    def power(self, on: bool) -> None:
        rises = on and not self.powered
        super().power(on)
        if rises:
            self._deaf_until = self.clock.now() + self._power_up_seconds

    def left(self) -> None:
        self._parser.forget()
        super().left()

    def heard(self, data: bytes) -> None:
        now = self.clock.now()
        if now < self._deaf_until:
            return
        if now - self._last_heard > REQUEST_GAP:
            self._parser.forget()
        self._last_heard = now
        for heard in self._parser.feed(data):
            self._requests += 1
            match heard:
                case BadChecksum():
                    self._say(answer(SAW_BAD_CHECKSUM))
                case BadLength():
                    self._say(answer(SAW_BAD_LENGTH))
                case Request():
                    self._answer(heard)
            self.changed.tell()

    def _answer(self, request: Request) -> None:
        if self._reading is not None:  # one command in flight: what comes during a read is not heard
            return
        if nak := self.faults.strike(FaultWord.NAK):
            self._say(answer(int(nak.amount) or READ_FAILED))
            return
        reply = self._module.request(request)
        if isinstance(reply, Reading):
            self._reading = self._chores.spawn(self._finish(reply))
            return
        baud, self._module.new_baud = self._module.new_baud, None
        if baud is not None and self._speed_answer == "new":
            self._change_speed(baud)
            baud = None
        self._say(reply, None if baud is None else lambda: self._change_speed(baud))

    async def _finish(self, reading: Reading) -> None:
        whole = reading.parameter in WHOLE_READS
        await self.clock.sleep(self._reading_seconds if whole else self._item_seconds)
        self._reading = None
        self._say(self._module.finish(reading))
        self.changed.tell()

    def _change_speed(self, baud: int) -> None:
        """Whether the answer comes at the old or the new speed is unknown in every source (decision 0071)."""
        self.wire.set_baud(baud)
        self._deaf_until = self.clock.now() + SPEED_SETTLES
        self.changed.tell()

    def _say(self, reply: bytes, then: Callable[[], None] | None = None) -> None:
        if self.faults.strike(FaultWord.BAD_CHECKSUM):
            reply = reply[:-1] + bytes([reply[-1] ^ 0xFF])
        self.wire.say(reply, then)

    def _fault_came(self, fault: Fault) -> None:
        if fault.word is FaultWord.NAK and not 0 <= fault.amount <= 0xFF:
            self.faults.clear(FaultWord.NAK)
            raise ValueError(f"{self.id}: nak amount is a status byte 0..255, not {fault.amount}")
        super()._fault_came(fault)
