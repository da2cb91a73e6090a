"""The card without its wire: a frame body in, an answer or silence out."""

from dataclasses import dataclass, field
from typing import Final

from hw_sim.onbon5k.rtc import BadMoment, Rtc
from hw_sim.onbon6e import full_header
from hw_sim.onbon6e.areas import Malformed, read_update, read_update_5
from hw_sim.onbon6e.frames import HEADER, VERSION, Header, fast_crc, wrap
from hw_sim.onbon6e.full_header import BadBody, FullHeader, Unheard, read_full
from hw_sim.onbon6e.panel import Panel

ANY = 0xFFFE
OK, BAD_GROUP, BAD_COMMAND, BUSY, NO_MEMORY, BAD_CRC = 0, 1, 2, 3, 4, 5
BAD_FORMAT, BAD_TIME, WRONG_TYPE, OUT_OF_SCREEN = 0x0A, 0x0E, 0x11, 0x12
ACK, NACK, REPLY_BIT = (0xA0, 0x00), (0xA0, 0x01), 0x80
LEVELS = 48
BRIGHTEST = 15
MOST_AREAS = 4
MOST_OF_AN_AREA = 300 * 1024
ALL_AREAS = 0xFF
SINGLE_COLOUR = 1
FIRMWARE = b"SIM6E100"
PROGRAM: Final = b"P000"
FIFTH, SIXTH = 5, 6
# Device types of led.md 1.5: 5E1..3; 6E1..3, 6E1X, 6E2X.
GENERATION: Final = {
    **dict.fromkeys((0x0154, 0x0254, 0x0354), FIFTH),
    **dict.fromkeys((0x0174, 0x0274, 0x0374, 0x0474, 0x0574), SIXTH),
}
# Sent in the long header by the vendor's kit; whether a card takes them in the short one is not known (led.md 1.6).
LONG_ONLY: Final = frozenset({(0xA2, 0x02), (0xA2, 0x05), (0xA2, 0x0F)})
Reply = tuple[tuple[int, int], bytes, int]


class Refuse(Exception):
    """Answered with NACK and this code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass(slots=True)
class Counts:
    good: int = 0
    refused: int = 0
    unheard: int = 0
    updates: int = 0


@dataclass(slots=True)
class Card:
    """`device_type` 0x0174 is a BX-6E1, 0x0154 a BX-5E1; `address` the screen number; `long_header`: understands it.

    Brightness, power and clock survive a power cut, areas do not.
    """

    panel: Panel
    address: int = 1
    device_type: int = 0x0174
    long_header: bool = True
    on: bool = True
    brightness_mode: int = 0
    levels: bytes = bytes([BRIGHTEST] * LEVELS)
    rtc: Rtc = field(default_factory=Rtc)
    counts: Counts = field(default_factory=Counts)
    last_error: str = ""

    @property
    def generation(self) -> int:
        return GENERATION[self.device_type]

    def brightness(self, now: float) -> int:
        moment = self.rtc.moment(now)
        return self.levels[moment.hour * 2 + moment.minute // 30]

    def answer(self, body: bytes, now: float, refuse_with: int | None = None) -> bytes | None:
        """The frame to send, or None for silence; `refuse_with` makes a good request fail with that code."""
        if self.long_header and body[4:5] == bytes([full_header.VERSION[self.generation]]):
            return self._answer_long(body, now, refuse_with)
        if len(body) < HEADER + 2:
            return self._silence("shorter than a header")
        header = Header.read(body)
        if header.version != VERSION:
            return self._silence(f"version {header.version:02X}")
        if header.destination not in (self.address, ANY):
            return self._silence(f"address {header.destination:04X}")
        if fast_crc(body[:-2]) != int.from_bytes(body[-2:], "little"):
            return self._short(header, self._nack(BAD_CRC))
        data = body[HEADER:-2]
        if header.data_length != len(data):
            return self._silence(f"data length {header.data_length}, {len(data)} there")
        reply = self._reply(header.device_type, data, now, refuse_with, long=False)
        return None if reply is None else self._short(header, reply)

    def _answer_long(self, body: bytes, now: float, refuse_with: int | None) -> bytes | None:
        try:
            header, data = read_full(body, self.generation)
        except Unheard as wrong:
            return self._silence(str(wrong))
        except BadBody as wrong:
            meant = wrong.header.destination in (self.address, ANY)
            return self._long(wrong.header, self._nack(BAD_CRC)) if meant else self._silence("for another screen")
        if header.destination not in (self.address, ANY):
            return self._silence(f"address {header.destination:04X}")
        reply = self._reply(header.device_type, data, now, refuse_with, long=True)
        return None if reply is None else self._long(header, reply)

    def _reply(self, device_type: int, data: bytes, now: float, refuse_with: int | None, *, long: bool) -> bytes | None:
        """The reply's data, or None for silence."""
        if len(data) < 5:
            return self._silence(f"{len(data)} bytes of data")
        wants_reply = data[0] != 0
        try:
            kind, payload, length = self._request(device_type, data, now, refuse_with, long=long)
        except Malformed as wrong:
            return self._silence(str(wrong))
        except Refuse as refusal:
            nack = self._nack(refusal.code)
            return nack if wants_reply else None
        self.counts.good += 1
        return _reply_data(kind, payload, length, OK) if wants_reply else None

    def _request(self, device_type: int, data: bytes, now: float, refuse_with: int | None, *, long: bool) -> Reply:
        if device_type not in (self.device_type, ANY):
            raise Refuse(WRONG_TYPE)
        if refuse_with is not None:
            raise Refuse(refuse_with)
        group, command = data[1:3]
        length, payload = int.from_bytes(data[3:5], "little"), data[5:]
        if length not in (0, len(payload)):  # the manual sends 0, the vendor's kit the length
            raise Malformed(f"payload length {length}, {len(payload)} there")
        if (group == 0xA7) if long else ((group, command) in LONG_ONLY):
            raise Refuse(BAD_COMMAND)
        match group, command:
            case 0xA2, 0x00:
                _wants(payload, 0)
                return _told(group, command, self._identity(now))
            case 0xA2, 0x02:
                self._set_clock(payload, now)
            case 0xA2, 0x05:
                self._power(payload)
            case 0xA2, 0x07:
                self._set_brightness(payload)
            case 0xA2, 0x0F:
                _wants(payload, 0)
                return _told(group, command, self._status(now))
            case 0xA2, 0x19:
                _wants(payload, 0)
                # The manual says seven and lists six bytes (vector e_brightness_reply).
                state = bytes([0, 0, 0, 0, self.brightness_mode, self.brightness(now)])
                return _told(group, command, state, length=7)
            case 0xA7, 0x00:
                self._update(payload, now)
            case 0xA7, 0x01:
                self._delete(payload)
            case 0xA2 | 0xA7, _:
                raise Refuse(BAD_COMMAND)
            case _:
                raise Refuse(BAD_GROUP)
        return ACK, b"", 0

    def _update(self, payload: bytes, now: float) -> None:
        areas = read_update(payload) if self.generation == SIXTH else read_update_5(payload)
        for area in areas:
            if not self.panel.fits(area) or area.id >= MOST_AREAS:
                raise Refuse(OUT_OF_SCREEN)
            if sum(len(page.lit) for page in area.pages) // 8 > MOST_OF_AN_AREA:
                raise Refuse(NO_MEMORY)
        for area in areas:
            self.panel.update(area, now)
        self.counts.updates += 1

    def _delete(self, payload: bytes) -> None:
        if payload == bytes([ALL_AREAS]):
            self.panel.clear()
        elif payload and len(payload) == 1 + payload[0]:
            self.panel.delete(payload[1:])
        else:
            raise Malformed("delete list and its count differ")

    def _set_brightness(self, payload: bytes) -> None:
        _wants(payload, 1 + LEVELS)
        mode, levels = payload[0], payload[1:]
        if mode > 1 or max(levels) > BRIGHTEST:  # modes 2 and 3 need a light sensor
            raise Refuse(OUT_OF_SCREEN)
        if mode == 0 and len(set(levels)) > 1:
            raise Refuse(BAD_FORMAT)
        self.brightness_mode, self.levels = mode, levels

    def _power(self, payload: bytes) -> None:
        _wants(payload, 1)
        if payload[0] > 1:  # 01 on, 00 off; the font cards' 02 is nothing here
            raise Refuse(BAD_FORMAT)
        self.on = payload[0] == 1

    def _set_clock(self, payload: bytes, now: float) -> None:
        try:
            self.rtc.set(payload, now)
        except BadMoment as wrong:
            raise Refuse(BAD_TIME) from wrong

    def _identity(self, now: float) -> bytes:
        """Ping's data in the order of led.md 1.6, as far as that page names it."""
        return b"".join(
            (
                self.device_type.to_bytes(2, "little"),
                FIRMWARE,
                bytes([0]),
                self.address.to_bytes(2, "little"),
                bytes([2]),
                self.panel.width.to_bytes(2, "little"),
                self.panel.height.to_bytes(2, "little"),
                bytes([SINGLE_COLOUR, self.brightness(now), int(self.on)]),
                bytes(2 + 1 + 1 + 2),
            )
        )

    def _status(self, now: float) -> bytes:
        """A2 8F in the order of led.md 1.6: no timed power, no locks, no sensors, one program."""
        return b"".join(
            (
                bytes([int(self.on), 0, self.brightness_mode, self.brightness(now)]),
                (1).to_bytes(2, "little") + PROGRAM,
                bytes([0, 0, 0, 0]),
                self.rtc.write(now),
                bytes(3 + 3 + 2 + 2 + 1),
                b" " * 12 + b" " * 16,
            )
        )

    def _nack(self, code: int) -> bytes:
        self.counts.refused += 1
        self.last_error = f"NACK {code}"
        return _reply_data(NACK, b"", 0, code)

    def _silence(self, why: str) -> bytes | None:
        self.counts.unheard += 1
        self.last_error = why
        return None

    def _short(self, asked: Header, data: bytes) -> bytes:
        return wrap(Header(asked.source, self.address, VERSION, self.device_type, len(data)).write() + data)

    def _long(self, asked: FullHeader, data: bytes) -> bytes:
        return asked.back(self.device_type, self.address).frame(data)


def _reply_data(kind: tuple[int, int], payload: bytes, length: int, error: int) -> bytes:
    status = 1 if error else 0
    return bytes([0, *kind]) + b"".join(number.to_bytes(2, "little") for number in (status, error, length)) + payload


def _told(group: int, command: int, data: bytes, length: int | None = None) -> Reply:
    return (group, command | REPLY_BIT), data, len(data) if length is None else length


def _wants(payload: bytes, count: int) -> None:
    if len(payload) != count:
        raise Malformed(f"{count} bytes wanted, {len(payload)} came")
