"""The card on its wire, and the panel a bystander sees."""

from random import Random
from typing import Any

from PIL import Image

from hw_sim.clock import Clock
from hw_sim.faults import WIRE_FAULTS, Fault, FaultBox, FaultWord
from hw_sim.lamps import dimmed
from hw_sim.onbon6e.card import BRIGHTEST, BUSY, Card
from hw_sim.onbon6e.frames import VERSION, FrameParser, enclose
from hw_sim.onbon6e.full_header import BODY_CRC
from hw_sim.onbon6e.panel import Panel, picture
from hw_sim.wired import WiredDevice
from hw_sim.wires import Wire

LOOK = 0.1  # seconds between two looks at the panel


class Onbon6ECard(WiredDevice):
    """Width and height of the panel in lamps. Fifth or sixth generation, as `device_type` says."""

    kind = "onbon6e"
    troubles = WIRE_FAULTS | {FaultWord.BAD_CHECKSUM, FaultWord.NAK, FaultWord.POWER_CUT}

    def __init__(
        self,
        id: str,
        wire: Wire,
        faults: FaultBox,
        clock: Clock,
        random: Random,
        *,
        width: int,
        height: int,
        address: int = 1,
        device_type: int = 0x0174,
        long_header: bool = True,
    ) -> None:
        super().__init__(id, wire, faults, clock, random)
        self.panel = Panel(width, height)
        self.card = Card(self.panel, address, device_type, long_header)
        self._parser = FrameParser()

    @property
    def light(self) -> float:
        """Share of the full light, 0 when dark."""
        lit = self.powered and self.card.on
        return dimmed(self.card.brightness(self.clock.now()), BRIGHTEST) if lit else 0.0

    def pixels(self) -> bytes:
        """width x height bytes of what shines now, row by row, 1 = lit; all dark without power."""
        if not self.light:
            return bytes(self.panel.width * self.panel.height)
        return self.panel.pixels(self.clock.now())

    def picture(self) -> bytes | None:
        return picture(self.pixels(), self.panel.width, self.panel.height, self.light)

    def panel_image(self) -> Image.Image:
        """Mode L, one pixel a lamp, 255 = lit."""
        dots = bytes(255 * lit for lit in self.pixels())
        return Image.frombytes("L", (self.panel.width, self.panel.height), dots)

    async def start(self) -> None:
        await super().start()
        self._chores.spawn(self._turn_pages())

    async def _turn_pages(self) -> None:
        """Pages turn and areas vanish by themselves: tells so when the panel looks different."""
        before = self.light, self.pixels()
        while True:
            await self.clock.sleep(LOOK)
            if not self.panel.areas and not any(before[1]):
                continue
            now = self.light, self.pixels()
            if now != before:
                before = now
                self.changed.tell()

    def look(self) -> dict[str, Any]:
        now, counts = self.clock.now(), self.card.counts
        return {
            "width": self.panel.width,
            "height": self.panel.height,
            "generation": self.card.generation,
            "on": self.card.on,
            "brightness": self.card.brightness(now),
            "light": self.light,
            "clock": self.card.rtc.moment(now).isoformat(sep=" ", timespec="seconds"),
            "areas": [
                {
                    "id": area.id,
                    "run_mode": area.run_mode,
                    "timeout": area.timeout,
                    "place": [area.x, area.y, area.width, area.height],
                    "pages": len(area.pages),
                }
                for area in self.panel.areas
            ],
            "lit": sum(self.pixels()),
            "frames": counts.good,
            "updates": counts.updates,
            "refused": counts.refused,
            "unheard": counts.unheard + self._parser.dropped,
            "last_error": self.card.last_error,
        }

    def heard(self, data: bytes) -> None:
        for body in self._parser.feed(data):
            nak = self.faults.strike(FaultWord.NAK)
            refuse_with = None if nak is None else int(nak.amount) or BUSY
            reply = self.card.answer(body, self.clock.now(), refuse_with)
            if reply is not None:
                self.wire.say(self._spoilt(reply))
        self.changed.tell()

    def left(self) -> None:
        self._parser.forget()
        super().left()

    def forget(self) -> None:
        self.panel.clear()
        self._parser.forget()

    def _spoilt(self, reply: bytes) -> bytes:
        """With the fault, a wrong check: in front of a long header's body, or at the end; the escapes stay right."""
        if not self.faults.strike(FaultWord.BAD_CHECKSUM):
            return reply
        (body,) = FrameParser().feed(reply)
        place = len(body) - 1 if body[4] == VERSION else BODY_CRC
        return enclose(body[:place] + bytes([body[place] ^ 0xFF]) + body[place + 1 :])

    def _fault_came(self, fault: Fault) -> None:
        if fault.word is FaultWord.NAK and not 0 <= fault.amount <= 0xFFFF:
            self.faults.clear(FaultWord.NAK)
            raise ValueError(f"{self.id}: nak amount is an error number 0..65535, not {fault.amount}")
        super()._fault_came(fault)
