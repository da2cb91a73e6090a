"""The card without its wire: a frame body in, an answer or silence out."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from hw_sim.onbon5k.frames import CHECK, CheckMode, Header, NotAHeader, frame, is_whole
from hw_sim.onbon5k.layout import Fonts
from hw_sim.onbon5k.markup import read_text
from hw_sim.onbon5k.panel import Panel
from hw_sim.onbon5k.rtc import BadMoment, PowerTimes, Rtc
from hw_sim.onbon5k.update import Malformed, Sound, Units, read_update

ANY, EVERYBODY, ANY_TYPE = 0xFFFE, 0xFFFF, 0xFE
BAD_GROUP, BAD_COMMAND, BUSY, BAD_CRC, NO_FILE = 1, 2, 3, 5, 6
BAD_FORMAT, NO_FONT, BAD_TIME, WRONG_TYPE = 0x0A, 0x0C, 0x0E, 0x11
ACK, NACK = (0xA0, 0x00), (0xA0, 0x01)
NO_REPLY: Final = 2
LEVELS: Final = 48
BRIGHTEST: Final = 15
PROGRAM: Final = b"P000"
BLANK_BARCODE: Final = b" " * 16
BLANK_NET_ID: Final = b" " * 12
VOICE_TYPES: Final = frozenset({0x5C, 0x64, 0x65, 0x66})
# Of led.md 1.4: 5K1, 5K2, 5MK1, 5MK2, 5K1Q-YY, 6K1..3, 6K1..3-YY, 6K1-4G, 6K2-4G.
FONT_CARDS: Final = frozenset({0x51, 0x53, 0x54, 0x58, 0x5C, *range(0x61, 0x69)})
SET_CLOCK: Final = (0xA2, 0x03)
SPOKEN_KEPT: Final = 20


class Refuse(Exception):
    """Answered with NACK and this code."""

    def __init__(self, code: int, why: str) -> None:
        super().__init__(why)
        self.code = code


@dataclass(slots=True)
class Counts:
    good: int = 0
    refused: int = 0
    unheard: int = 0
    updates: int = 0


@dataclass(frozen=True, slots=True)
class Traits:
    """`device_type` 0x51 is a BX-5K1; `address` the screen number; `clears`: whether it knows A3 10."""

    address: int = 1
    device_type: int = 0x51
    units: Units = "8px"
    clears: bool = True


@dataclass(slots=True)
class Card:
    """Brightness, power, clock, fonts and network survive a power cut; areas do not."""

    panel: Panel
    loaded: Fonts
    traits: Traits = field(default_factory=Traits)
    rtc: Rtc = field(default_factory=Rtc)
    on: bool = True
    power_times: PowerTimes | None = None
    levels: bytes = bytes([BRIGHTEST] * LEVELS)
    program_locked: bool = False
    lock_kept: bool = False
    network: str = ""
    spoken: list[tuple[int, Sound | None, bytes]] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)
    last_error: str = ""
    restarting: bool = False

    def answer(self, body: bytes, now: float, refuse_with: int | None = None) -> bytes | None:
        """The frame to send, or None for silence; `refuse_with` makes a good request fail with that code."""
        try:
            header = Header.read(body)
        except NotAHeader as wrong:
            return self._silence(str(wrong))
        request = body[header.size : -CHECK]
        if not self._is_meant(header, request):
            return self._silence(f"for address {header.destination:04X}")
        if not is_whole(header.check, body):
            return self._nack(Refuse(BAD_CRC, "the frame's check is wrong"), header)
        if header.data_length != len(request) or len(request) < 5:
            return self._silence(f"data length {header.data_length}, {len(request)} there")
        silent = request[2] == NO_REPLY or header.destination == EVERYBODY
        try:
            kind, data = self._request(header, request, now, refuse_with)
        except Refuse as refusal:
            nack = self._nack(refusal, header)
            return None if silent else nack
        self.counts.good += 1
        return None if silent else self._frame(kind, 0, data, header)

    def power_lost(self) -> None:
        """A lock that was not to be saved is gone."""
        self.program_locked = self.program_locked and self.lock_kept

    def is_lit(self, now: float) -> bool:
        return self.power_times.is_on(self.rtc.moment(now)) if self.power_times else self.on

    def brightness(self, now: float) -> int:
        moment = self.rtc.moment(now)
        return self.levels[moment.hour * 2 + moment.minute // 30]

    def _is_meant(self, header: Header, request: bytes) -> bool:
        if header.barcode not in (None, BLANK_BARCODE):
            return False
        if header.destination == EVERYBODY:
            return tuple(request[:2]) == SET_CLOCK
        return header.destination in (self.traits.address, ANY)

    def _request(
        self, header: Header, request: bytes, now: float, refuse_with: int | None
    ) -> tuple[tuple[int, int], bytes]:
        if header.device_type not in (self.traits.device_type, ANY_TYPE):
            raise Refuse(WRONG_TYPE, f"device type {header.device_type:02X}")
        if refuse_with is not None:
            raise Refuse(refuse_with, "refused on request")
        group, command, payload = request[0], request[1], request[5:]
        work = self._commands().get((group, command))
        if work is None:
            known = any(group == other for other, _ in self._commands())
            raise Refuse(BAD_COMMAND if known else BAD_GROUP, f"unknown command {group:02X} {command:02X}")
        try:
            data = work(payload, request[3], now)
        except Malformed as wrong:
            raise Refuse(BAD_FORMAT, str(wrong)) from wrong
        except BadMoment as wrong:
            raise Refuse(BAD_TIME, str(wrong)) from wrong
        return ((group, command), data) if data else (ACK, b"")

    def _commands(self) -> dict[tuple[int, int], Callable[[bytes, int, float], bytes | None]]:
        clear = {(0xA3, 0x10): self._clear} if self.traits.clears else {}
        return {
            (0xA2, 0x00): self._ping,
            (0xA2, 0x01): self._reset,
            SET_CLOCK: lambda payload, _, now: self.rtc.set(payload, now),
            (0xA1, 0x00): self._format,
            (0xA1, 0x02): self._status,
            (0xA3, 0x00): self._power,
            (0xA3, 0x01): self._schedule,
            (0xA3, 0x02): self._set_brightness,
            (0xA3, 0x04): self._lock,
            (0xA3, 0x06): self._update,
            (0xA3, 0x08): self._unschedule,
            (0xA4, 0x05): self._set_network,
            **clear,
        }

    def _ping(self, payload: bytes, _: int, __: float) -> None:
        _wants(payload, 0)

    def _reset(self, payload: bytes, _: int, __: float) -> None:
        _wants(payload, 0)
        self.panel.clear()
        self.on, self.restarting = True, True

    def _format(self, payload: bytes, _: int, __: float) -> None:
        """The font files lie in the file system too."""
        _wants(payload, 0)
        self.panel.clear()
        self.panel.fonts = {}

    def load_fonts(self) -> None:
        """What the maker's own program does with a card that was formatted."""
        self.panel.fonts = self.loaded

    def _clear(self, payload: bytes, _: int, __: float) -> None:
        _wants(payload, 0)
        self.panel.clear()

    def _power(self, payload: bytes, _: int, __: float) -> None:
        _wants(payload, 1)
        if payload[0] not in (1, 2):
            raise Malformed(f"power {payload[0]}")
        self.on, self.power_times = payload[0] == 1, None

    def _schedule(self, payload: bytes, _: int, __: float) -> None:
        self.power_times = PowerTimes(payload) or None

    def _unschedule(self, payload: bytes, _: int, __: float) -> None:
        _wants(payload, 0)
        self.power_times = None

    def _set_brightness(self, payload: bytes, _: int, __: float) -> None:
        _wants(payload, 2 + LEVELS)
        mode, level, levels = payload[0], payload[1], payload[2:]
        if mode not in (1, 2) or max(payload[1:]) > BRIGHTEST:
            raise Malformed(f"brightness mode {mode}, levels up to {max(payload[1:])}")
        self.levels = bytes([level] * LEVELS) if mode == 1 else levels

    def _lock(self, payload: bytes, _: int, __: float) -> None:
        _wants(payload, 6)
        if max(payload[:2]) > 1:
            raise Malformed(f"lock {payload[0]} {payload[1]}")
        if payload[2:] != PROGRAM:
            raise Refuse(NO_FILE, f"no program {payload[2:]!r}")
        self.program_locked = payload[1] == 1
        self.lock_kept = payload[0] == 1

    def _set_network(self, payload: bytes, _: int, __: float) -> None:
        _wants(payload, 15)
        mode = payload[0]
        if mode > 3:
            raise Malformed(f"network mode {mode}")
        address = ".".join(map(str, payload[1:5]))
        self.network = (
            f"{('direct', 'dhcp', 'static', 'server')[mode]} {address}:{int.from_bytes(payload[13:], 'little')}"
        )

    def _update(self, payload: bytes, process_mode: int, now: float) -> None:
        """One bad area refuses the whole update: nothing is deleted, nothing shown."""
        update = read_update(payload, self.traits.units)
        moment = self.rtc.moment(now)
        for area in update.areas:
            if not self.panel.fits(area):
                raise Malformed(f"area {area.id} lies outside the panel")
            if area.sound and self.traits.device_type not in VOICE_TYPES:
                raise Malformed(f"area {area.id} speaks, and this card has no voice")
            if lacking := self.panel.lacks(read_text(area.text, moment)):
                raise Refuse(NO_FONT, f"no font {', '.join(lacking)}")
        if update.delete is None or process_mode == 1:
            self.panel.clear()
        else:
            self.panel.delete(update.delete)
        for area in update.areas:
            self.panel.update(area, now, moment)
            if area.sound:
                self.spoken.append((area.id, area.sound, area.text))
        del self.spoken[:-SPOKEN_KEPT]
        self.counts.updates += 1

    def _status(self, payload: bytes, _: int, now: float) -> bytes:
        _wants(payload, 0)
        ids = self.panel.ids
        parts = (
            bytes([1 if self.is_lit(now) else 2, self.brightness(now)]),
            self.rtc.write(now),
            bytes([1]) + PROGRAM,
            bytes([0, 0, len(ids)]) + ids,
            BLANK_BARCODE + BLANK_NET_ID,
        )
        return b"".join(parts)

    def _nack(self, refusal: Refuse, header: Header) -> bytes:
        self.counts.refused += 1
        self.last_error = f"NACK {refusal.code}: {refusal}"
        return self._frame(NACK, refusal.code, b"", header)

    def _silence(self, why: str) -> bytes | None:
        self.counts.unheard += 1
        self.last_error = why
        return None

    def _frame(self, kind: tuple[int, int], error: int, data: bytes, asked: Header) -> bytes:
        reply = bytes([*kind, error, 0, 0]) + data
        # A check nobody can verify would let a NACK pass for anything: then the card answers with its CRC.
        check = asked.check if asked.check is not CheckMode.NONE else CheckMode.CRC
        return frame(Header(asked.source, self.traits.address, self.traits.device_type, len(reply), check), reply)


def _wants(payload: bytes, count: int) -> None:
    if len(payload) != count:
        raise Malformed(f"{count} bytes wanted, {len(payload)} came")
