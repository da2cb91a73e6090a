"""The card without its wire: a frame body in, an answer or silence out."""

from dataclasses import dataclass, field

from hw_sim.onbon6e.areas import Malformed, read_update
from hw_sim.onbon6e.frames import HEADER, VERSION, Header, fast_crc, wrap
from hw_sim.onbon6e.panel import Panel

ANY = 0xFFFE
OK, BAD_GROUP, BAD_COMMAND, BUSY, BAD_CRC, WRONG_TYPE, OUT_OF_SCREEN = 0, 1, 2, 3, 5, 0x11, 0x12
ACK, NACK, REPLY_BIT = (0xA0, 0x00), (0xA0, 0x01), 0x80
LEVELS = 48
MOST_AREAS = 4
ALL_AREAS = 0xFF
SINGLE_COLOUR = 1
FIRMWARE = b"SIM6E100"


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
    """`device_type` 0x0174 is a BX-6E1, `address` the screen number. Brightness survives a power cut, areas do not."""

    panel: Panel
    address: int = 1
    device_type: int = 0x0174
    brightness: int = 15
    brightness_mode: int = 0
    counts: Counts = field(default_factory=Counts)
    last_error: str = ""

    def answer(self, body: bytes, now: float, refuse_with: int | None = None) -> bytes | None:
        """The frame to send, or None for silence; `refuse_with` makes a good request fail with that code."""
        if len(body) < HEADER + 2:
            return self._silence("shorter than a header")
        header = Header.read(body)
        if header.version != VERSION:
            return self._silence(f"version {header.version:02X}")
        if header.destination not in (self.address, ANY):
            return self._silence(f"address {header.destination:04X}")
        if fast_crc(body[:-2]) != int.from_bytes(body[-2:], "little"):
            return self._nack(BAD_CRC, header.source)
        data = body[HEADER:-2]
        if header.data_length != len(data) or len(data) < 5:
            return self._silence(f"data length {header.data_length}, {len(data)} there")
        wants_reply = data[0] != 0
        try:
            reply = self._request(header, data, now, refuse_with)
        except Malformed as wrong:
            return self._silence(str(wrong))
        except Refuse as refusal:
            nack = self._nack(refusal.code, header.source)
            return nack if wants_reply else None
        self.counts.good += 1
        return self._frame(*reply, host=header.source) if wants_reply else None

    def _request(
        self, header: Header, data: bytes, now: float, refuse_with: int | None
    ) -> tuple[tuple[int, int], bytes, int]:
        if header.device_type not in (self.device_type, ANY):
            raise Refuse(WRONG_TYPE)
        if refuse_with is not None:
            raise Refuse(refuse_with)
        _, group, command = data[:3]
        length, payload = int.from_bytes(data[3:5], "little"), data[5:]
        if length not in (0, len(payload)):  # the manual sends 0, the vendor's kit the length
            raise Malformed(f"payload length {length}, {len(payload)} there")
        match group, command:
            case 0xA2, 0x00:
                return self._data_reply(group, command, self._identity())
            case 0xA2, 0x07:
                self._set_brightness(payload)
            case 0xA2, 0x19:
                # The manual says seven and lists six bytes (vector e_brightness_reply).
                state = bytes([0, 0, 0, 0, self.brightness_mode, self.brightness])
                return self._data_reply(group, command, state, length=7)
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
        areas = read_update(payload)
        for area in areas:
            if not self.panel.fits(area) or area.id >= MOST_AREAS:
                raise Refuse(OUT_OF_SCREEN)
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
        if len(payload) != 1 + LEVELS:
            raise Malformed(f"brightness has {len(payload)} bytes")
        if payload[0] > 1 or max(payload[1:]) > 15:  # modes 2 and 3 need a light sensor
            raise Refuse(OUT_OF_SCREEN)
        self.brightness_mode, self.brightness = payload[0], payload[1]

    def _identity(self) -> bytes:
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
                bytes([SINGLE_COLOUR, self.brightness, 1]),
                bytes(2 + 1 + 1 + 2),
            )
        )

    def _data_reply(
        self, group: int, command: int, data: bytes, length: int | None = None
    ) -> tuple[tuple[int, int], bytes, int]:
        return (group, command | REPLY_BIT), data, len(data) if length is None else length

    def _nack(self, code: int, host: int) -> bytes:
        self.counts.refused += 1
        self.last_error = f"NACK {code}"
        return self._frame(NACK, b"", 0, host=host, error=code)

    def _silence(self, why: str) -> bytes | None:
        self.counts.unheard += 1
        self.last_error = why
        return None

    def _frame(self, kind: tuple[int, int], data: bytes, length: int, *, host: int, error: int = OK) -> bytes:
        status = 1 if error else 0
        reply = bytes([0, *kind]) + b"".join(number.to_bytes(2, "little") for number in (status, error, length))
        reply += data
        return wrap(Header(host, self.address, VERSION, self.device_type, len(reply)).write() + reply)
