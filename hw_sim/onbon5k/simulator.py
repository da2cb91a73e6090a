"""The card on its wire, and the panel a bystander sees."""

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from PIL import Image

from hw_sim.clock import Clock
from hw_sim.faults import WIRE_FAULTS, Fault, FaultBox, FaultWord
from hw_sim.lamps import dimmed
from hw_sim.onbon5k.card import BRIGHTEST, BUSY, Card, Traits
from hw_sim.onbon5k.frames import LONGEST_BODY
from hw_sim.onbon5k.letters import Dots
from hw_sim.onbon5k.panel import Lamps, Panel, Shown, page_now, picture
from hw_sim.phy0 import FrameParser, enclose
from hw_sim.wired import WiredDevice
from hw_sim.wires import Wire

LOOK = 0.1  # seconds between two looks at the panel


class Onbon5KCard(WiredDevice):
    """Width and height of the panel in lamps. `fonts`: dots of the letters in files O000 and E000, O001 and E001, …"""

    kind = "onbon5k"
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
        fonts: Sequence[Dots] = (16,),
        lamps: Lamps = "red",
        traits: Traits | None = None,
    ) -> None:
        super().__init__(id, wire, faults, clock, random)
        loaded = dict(enumerate(fonts))
        self.panel = Panel(width, height, loaded)
        self.card = Card(self.panel, loaded, traits or Traits())
        self.lamps = lamps
        self._parser = FrameParser(LONGEST_BODY)

    @property
    def light(self) -> float:
        """Share of the full light, 0 when dark."""
        now = self.clock.now()
        lit = self.powered and self.card.is_lit(now)
        return dimmed(self.card.brightness(now), BRIGHTEST) if lit else 0.0

    def colours(self) -> bytes:
        """width x height bytes of what shines now: 0 dark, 1 red, 2 green, 3 yellow; all dark without power."""
        if not self.light:
            return bytes(self.panel.width * self.panel.height)
        now = self.clock.now()
        return self.panel.colours(now, self.card.rtc.moment(now))

    def pixels(self) -> bytes:
        """width x height bytes of what shines now, row by row, 1 = lit; all dark without power."""
        return self.colours().translate(_LIT)

    def picture(self) -> bytes | None:
        return picture(self.colours(), self.panel.width, self.panel.height, self.lamps, self.light)

    def panel_image(self) -> Image.Image:
        """Mode L, one pixel a lamp, 255 = lit."""
        return Image.frombytes("L", (self.panel.width, self.panel.height), self.colours().translate(_BRIGHT))

    def actions(self) -> dict[str, Callable[..., None]]:
        return {**super().actions(), "load_fonts": self.card.load_fonts}

    async def start(self) -> None:
        await super().start()
        self._chores.spawn(self._turn_pages())

    async def _turn_pages(self) -> None:
        """Pages turn, clocks run and areas vanish by themselves: tells so when the panel looks different."""
        before = self.light, self.colours()
        while True:
            await self.clock.sleep(LOOK)
            if not self.panel.ids and not any(before[1]):
                continue
            now = self.light, self.colours()
            if now != before:
                before = now
                self.changed.tell()

    def look(self) -> dict[str, Any]:
        now, counts = self.clock.now(), self.card.counts
        moment = self.card.rtc.moment(now)
        return {
            "width": self.panel.width,
            "height": self.panel.height,
            "on": self.card.is_lit(now),
            "brightness": self.card.brightness(now),
            "light": self.light,
            "timed_power": self.card.power_times is not None,
            "program_locked": self.card.program_locked,
            "clock": moment.isoformat(sep=" ", timespec="seconds"),
            "fonts": [f"O{number:03d}: {dots} dots" for number, dots in sorted(self.panel.fonts.items())],
            "areas": [_area(one, now) for one in self.panel.shown(moment)],
            "spoken": [id for id, _, _ in self.card.spoken],
            "network": self.card.network,
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
            restarting, self.card.restarting = self.card.restarting, False
            if reply is not None:
                self.wire.say(self._spoilt(reply), self.wire.hang_up if restarting else None)
            elif restarting:
                self.wire.hang_up()
        self.changed.tell()

    def left(self) -> None:
        self._parser.forget()
        super().left()

    def forget(self) -> None:
        self.panel.clear()
        self.card.power_lost()
        self._parser.forget()

    def _spoilt(self, reply: bytes) -> bytes:
        """With the fault, a wrong check; the escapes stay right."""
        if not self.faults.strike(FaultWord.BAD_CHECKSUM):
            return reply
        (body,) = FrameParser(LONGEST_BODY).feed(reply)
        return enclose(body[:-1] + bytes([body[-1] ^ 0xFF]))

    def _fault_came(self, fault: Fault) -> None:
        if fault.word is FaultWord.NAK and not 0 <= fault.amount <= 0xFF:
            self.faults.clear(FaultWord.NAK)
            raise ValueError(f"{self.id}: nak amount is an error number 0..255, not {fault.amount}")
        super()._fault_came(fault)


_LIT = bytes(min(colour, 1) for colour in range(256))
_BRIGHT = bytes(255 * min(colour, 1) for colour in range(256))


def _area(one: Shown, now: float) -> dict[str, Any]:
    """`text` without markers; `shown`: the page that is seen now, null when the area has vanished."""
    area, page = one.area, page_now(one, now)
    return {
        "id": area.id,
        "run_mode": area.run_mode,
        "timeout": area.timeout,
        "place": [area.x, area.y, area.width, area.height],
        "pages": len(one.setting.pages),
        "text": one.written.plain,
        "shown": None if page is None else page.text,
        "absent": one.written.absent,
        "strange": list(one.written.strange),
        "cut": one.setting.cut,
        "align": [("left", "right", "centre")[area.across], ("top", "bottom", "middle")[area.down]],
        "single_line": area.single_line,
        "wraps": area.wraps,
        "effect": area.effect,
        "speed": area.speed,
        "stay": area.stay,
    }
