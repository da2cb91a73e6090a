"""The card on its wire, and the panel a bystander sees."""

from collections.abc import Callable
from datetime import datetime
from random import Random
from typing import Any

from PIL import Image

from hw_sim.clock import Clock
from hw_sim.cpower.card import BAD_ORDER, Card
from hw_sim.cpower.frames import Framing, NetworkFrames, SerialFrames, spoilt
from hw_sim.cpower.letters import Charset
from hw_sim.cpower.screen import LIGHTS, Lamps, Screen, picture
from hw_sim.faults import WIRE_FAULTS, Fault, FaultBox, FaultWord
from hw_sim.lamps import dimmed, is_level
from hw_sim.wired import WiredDevice
from hw_sim.wires import Wire

LOOK = 0.1  # seconds between two looks at the panel
FRAME_GAP = 0.5  # a pause inside a frame after which its rest is not waited for
BRIGHTEST = 31


class CPowerCard(WiredDevice):
    """Width and height of the panel in lamps; `framing`: which of the two frames is spoken on this wire.

    Brightness and clock have no documented command: they are set by hand, as with the maker's remote control.
    """

    kind = "cpower"
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
        framing: Framing = "serial",
        card_id: int = 1,
        charset: Charset = "gb2312",
        lamps: Lamps = "red",
        baud: int = 115200,
        code: bytes = b"\xff" * 4,
    ) -> None:
        super().__init__(id, wire, faults, clock, random)
        self.screen = Screen(width, height)
        self.card = Card(self.screen, card_id, charset, baud)
        self.card.network.code = code
        self.framing = framing
        self.lamps = lamps
        self.brightness = BRIGHTEST
        self._frames = SerialFrames() if framing == "serial" else NetworkFrames(code)
        self._last_heard = clock.now()

    @property
    def light(self) -> float:
        """Share of the full light, 0 when dark."""
        return dimmed(self.brightness, BRIGHTEST) if self.powered and self.card.on else 0.0

    def colours(self) -> bytes:
        """width x height bytes of what shines now: bits red 1, green 2, blue 4; all dark without power."""
        if not self.light:
            return bytes(self.screen.width * self.screen.height)
        now = self.clock.now()
        lit = LIGHTS[self.lamps]
        return self.screen.colours(now, self.card.time.moment(now)).translate(
            bytes(value & lit for value in range(256))
        )

    def pixels(self) -> bytes:
        """width x height bytes of what shines now, row by row, 1 = lit."""
        return self.colours().translate(_LIT)

    def picture(self) -> bytes | None:
        return picture(self.colours(), self.screen.width, self.screen.height, self.light)

    def panel_image(self) -> Image.Image:
        """Mode L, one pixel a lamp, 255 = lit."""
        return Image.frombytes("L", (self.screen.width, self.screen.height), self.colours().translate(_BRIGHT))

    def actions(self) -> dict[str, Callable[..., None]]:
        return {**super().actions(), "set_brightness": self.set_brightness, "set_clock": self.set_clock}

    def set_brightness(self, level: int) -> None:
        """ValueError: not 0 to 31."""
        if not is_level(level, BRIGHTEST):
            raise ValueError(f"{self.id}: level is a number 0..{BRIGHTEST}, not {level!r}")
        self.brightness = level

    def set_clock(self, moment: str) -> None:
        """`moment` as 2026-11-22 09:30:05. ValueError: no such moment."""
        self.card.time.set(datetime.strptime(moment, "%Y-%m-%d %H:%M:%S"), self.clock.now())  # noqa: DTZ007 - no zone

    async def start(self) -> None:
        await super().start()
        self._chores.spawn(self._turn_pages())

    async def _turn_pages(self) -> None:
        """Pages turn and clocks run by themselves: tells so when the panel looks different."""
        before = self.colours()
        while True:
            await self.clock.sleep(LOOK)
            if not any(before) and not any(window.items for window in self.screen.windows):
                continue
            now = self.colours()
            if now != before:
                before = now
                self.changed.tell()

    def look(self) -> dict[str, Any]:
        now, counts = self.clock.now(), self.card.counts
        moment, network = self.card.time.moment(now), self.card.network
        return {
            "width": self.screen.width,
            "height": self.screen.height,
            "card": self.card.id,
            "framing": self.framing,
            "on": self.card.on,
            "brightness": self.brightness,
            "light": self.light,
            "clock": moment.isoformat(sep=" ", timespec="seconds"),
            "live": self.screen.live,
            "saved": self.screen.has_saved,
            "windows": self.screen.look(now, moment),
            "network": f"{'.'.join(map(str, network.ip))}:{network.port}",
            "code": network.code.hex(),
            "lit": sum(self.pixels()),
            "frames": counts.good,
            "updates": counts.updates,
            "refused": counts.refused,
            "unheard": counts.unheard + self._frames.dropped,
            "last_error": self.card.last_error,
        }

    def heard(self, data: bytes) -> None:
        now = self.clock.now()
        if now - self._last_heard > FRAME_GAP:
            self._frames.forget()
        self._last_heard = now
        for body in self._frames.feed(data):
            nak = self.faults.strike(FaultWord.NAK)
            refuse_with = None if nak is None else int(nak.amount) or BAD_ORDER
            self._answer(body, now, refuse_with)
        self.changed.tell()

    def _answer(self, body: bytes, now: float, refuse_with: int | None) -> None:
        answer = self.card.answer(body, now, refuse_with)
        restarting, self.card.restarting = self.card.restarting, False
        if answer is not None:
            if self.faults.strike(FaultWord.BAD_CHECKSUM):
                answer = spoilt(answer)
            self.wire.say(self._frames.wrap(answer), lambda: self._settle(restarting))
        else:
            self._settle(restarting)

    def _settle(self, restarting: bool) -> None:
        """A new speed, code or start is true once the answer is out."""
        if isinstance(self._frames, NetworkFrames):
            self._frames.code = self.card.network.code
        elif self.wire.baud is not None and self.wire.baud != self.card.baud:
            self.wire.set_baud(self.card.baud)
        if restarting and self.framing == "network":
            self.wire.hang_up()

    def left(self) -> None:
        self._frames.forget()
        super().left()

    def forget(self) -> None:
        self.card.forget()
        self._frames.forget()

    def _fault_came(self, fault: Fault) -> None:
        if fault.word is FaultWord.NAK and not 0 <= fault.amount <= 0xFF:
            self.faults.clear(FaultWord.NAK)
            raise ValueError(f"{self.id}: nak amount is a result 0..255, not {fault.amount}")
        super()._fault_came(fault)


_LIT = bytes(min(colour, 1) for colour in range(256))
_BRIGHT = bytes(255 * min(colour, 1) for colour in range(256))
