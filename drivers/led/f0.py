"""Header F0 of the graphic cards 5E/6E (led.md 1.5): requests out, replies in, refusals named."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass

from drivers.errors import DeviceError, Garbled, WrongDevice
from drivers.led import phy0
from drivers.led.refusals import refusal

ANY = 0xFFFE
VERSION = 0xF0
_FONT_CARD_VERSION = 0x02
_HEADER = struct.Struct("<HHBBHII")  # destination, source, version, 0, device type, 0, data length
_REPLY = struct.Struct("<BBBHHH")  # 0, group, cmd, status, error, payload length

PING = (0xA2, 0x00)
BRIGHTNESS = (0xA2, 0x07)
BRIGHTNESS_QUERY = (0xA2, 0x19)
UPDATE_AREAS = (0xA7, 0x00)
DELETE_AREAS = (0xA7, 0x01)

MODELS: Mapping[int, str] = {
    0x0154: "BX-5E1",
    0x0254: "BX-5E2",
    0x0354: "BX-5E3",
    0x0174: "BX-6E1",
    0x0274: "BX-6E2",
    0x0374: "BX-6E3",
    0x0474: "BX-6E1X",
    0x0574: "BX-6E2X",
}
_GENERATIONS = {0x54: 5, 0x74: 6}


def generation_of(device_type: int) -> int | None:
    """5 or 6; None for a card that does not say, or of a series this page does not know."""
    return _GENERATIONS.get(device_type & 0xFF)


@dataclass(frozen=True, slots=True)
class Reply:
    """`source` and `device_type` are what the card wrote into its header."""

    source: int
    device_type: int
    group: int
    cmd: int
    status: int
    error: int
    payload: bytes

    @property
    def name(self) -> str:
        return f"{self.group:02X} {self.cmd:02X}"

    def answers(self, command: tuple[int, int]) -> bool:
        """An ACK or NACK answers anything; a data reply uses the request's cmd, with or without bit 7."""
        group, cmd = command
        return self.group == 0xA0 or (self.group == group and self.cmd in (cmd, cmd | 0x80))

    @property
    def refusal(self) -> DeviceError | None:
        if not (self.status & 1 or (self.group, self.cmd) == (0xA0, 0x01)):
            return None
        return refusal(self.error)


def request(
    command: tuple[int, int],
    payload: bytes = b"",
    *,
    address: int = ANY,
    device_type: int = ANY,
    want_reply: bool = True,
) -> bytes:
    """One whole frame. The payload's length is written where the manual says "reserved" (led.md 1.5)."""
    data = struct.pack("<BBBH", want_reply, *command, len(payload)) + payload
    return phy0.frame(_HEADER.pack(address, phy0.HOST, VERSION, 0, device_type, 0, len(data)) + data)


def parse_reply(content: bytes) -> Reply:
    """A frame's content to a reply. Raises Garbled; WrongDevice when a font card (5K/6K) answers.

    The payload's own length field is not believed: the vendor's manual contradicts itself there.
    """
    body = phy0.checked(content)
    if len(body) > 11 and body[4] != VERSION and body[11] == _FONT_CARD_VERSION:
        raise WrongDevice("a font card (5K/6K) answers, not a graphic card")
    if len(body) < _HEADER.size + _REPLY.size:
        raise Garbled(f"reply of {len(body)} bytes")
    _, source, version, _, device_type, _, length = _HEADER.unpack_from(body)
    if version != VERSION:
        raise Garbled(f"header version {version:02X}")
    if length != len(body) - _HEADER.size:
        raise Garbled(f"header says {length} bytes, {len(body) - _HEADER.size} came")
    return parse_body(source, device_type, body[_HEADER.size :])


def parse_body(source: int, device_type: int, data: bytes) -> Reply:
    """What follows a header, whichever it is. Raises Garbled."""
    if len(data) < _REPLY.size:
        raise Garbled(f"{len(data)} bytes after the header")
    _, group, cmd, status, error, _ = _REPLY.unpack_from(data)
    return Reply(source, device_type, group, cmd, status, error, data[_REPLY.size :])


def brightness(level: int) -> bytes:
    """Payload of BRIGHTNESS in manual mode; `level` 0..15."""
    if not 0 <= level <= 15:
        raise ValueError(f"brightness {level} is not within 0..15")
    return bytes((0, *(level,) * 48))


def parse_brightness(payload: bytes) -> int:
    """Level 0..15 from the reply to BRIGHTNESS_QUERY: sensor(4), mode, level. Raises Garbled."""
    if len(payload) < 6 or payload[5] > 15:
        raise Garbled(f"brightness reply {payload.hex(' ')}")
    return payload[5]


def deletion(ids: tuple[int, ...] = ()) -> bytes:
    """Payload of DELETE_AREAS; no ids = all of them."""
    return bytes((len(ids), *ids)) if ids else b"\xff"
