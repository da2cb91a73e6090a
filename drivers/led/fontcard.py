"""Header 02 of the font cards 5K/6K (led.md 1.4): requests out, replies in, payloads of the small commands."""

import struct
from dataclasses import dataclass
from datetime import datetime

from drivers.errors import DeviceError, Garbled, WrongDevice
from drivers.led import phy0
from drivers.led.refusals import refusal

ANY_TYPE = 0xFE
VERSION = 0x02
_GRAPHIC_CARD_VERSION = 0xF0
_HEADER = struct.Struct("<HH3xBBBBBH")  # destination, source, option, check, display mode, type, version, data length
_REQUEST = struct.Struct("<BBBBB")  # group, cmd, reply, process mode, 0
_REPLY = struct.Struct("<BBBxx")  # group, cmd, error
_BARCODE_BYTES = 16
_OPTION_AT, _VERSION_AT = 7, 11  # without a barcode
_CRC16 = 0

PING = (0xA2, 0x00)
CLOCK = (0xA2, 0x03)
STATUS = (0xA1, 0x02)
POWER = (0xA3, 0x00)
BRIGHTNESS = (0xA3, 0x02)
UPDATE_AREAS = (0xA3, 0x06)
CLEAR_SCREEN = (0xA3, 0x10)
RESET = (0xA2, 0x01)

MODELS = {
    0x51: "BX-5K1",
    0x58: "BX-5K2",
    0x54: "BX-5MK1",
    0x53: "BX-5MK2",
    0x5C: "BX-5K1Q-YY",
    0x61: "BX-6K1",
    0x62: "BX-6K2",
    0x63: "BX-6K3",
    0x64: "BX-6K1-YY",
    0x65: "BX-6K2-YY",
    0x66: "BX-6K3-YY",
    0x67: "BX-6K1-4G",
    0x68: "BX-6K2-4G",
}


@dataclass(frozen=True, slots=True)
class Reply:
    """`source` and `device_type` are what the card wrote into its header."""

    source: int
    device_type: int
    group: int
    cmd: int
    error: int
    payload: bytes

    @property
    def name(self) -> str:
        return f"{self.group:02X} {self.cmd:02X}"

    def answers(self, command: tuple[int, int]) -> bool:
        """An ACK or NACK answers anything; a data reply names its request."""
        return self.group == 0xA0 or (self.group, self.cmd) == command

    @property
    def refusal(self) -> DeviceError | None:
        is_nack = (self.group, self.cmd) == (0xA0, 0x01)
        return refusal(self.error) if is_nack or self.error else None


def request(
    command: tuple[int, int],
    payload: bytes = b"",
    *,
    address: int = 1,
    device_type: int = ANY_TYPE,
    want_reply: bool = True,
    process_mode: int = 0,
    over_programs: bool = False,
) -> bytes:
    """One whole frame. `over_programs`: dynamic areas win where a stored program is shown too.

    Raises ValueError when the payload is longer than the header can say.
    """
    data = _REQUEST.pack(*command, 1 if want_reply else 2, process_mode, 0) + payload
    if len(data) > 0xFFFF:
        raise ValueError(f"{len(data)} bytes of data, 65535 at most")
    header = _HEADER.pack(address, phy0.HOST, 0, _CRC16, over_programs, device_type, VERSION, len(data))
    return phy0.frame(header + data)


def parse_reply(content: bytes) -> Reply:
    """A frame's content to a reply. Raises Garbled; WrongDevice when a graphic card (5E/6E) answers."""
    body = phy0.checked(content)
    if len(body) > _VERSION_AT and body[4] == _GRAPHIC_CARD_VERSION and body[_VERSION_AT] != VERSION:
        raise WrongDevice("a graphic card (5E/6E) answers, not a font card")
    body = _without_barcode(body)
    if len(body) < _HEADER.size + _REPLY.size:
        raise Garbled(f"reply of {len(body)} bytes")
    _, source, _, _, _, device_type, version, length = _HEADER.unpack_from(body)
    if version != VERSION:
        raise Garbled(f"header version {version:02X}")
    if length != len(body) - _HEADER.size:
        raise Garbled(f"header says {length} bytes, {len(body) - _HEADER.size} came")
    group, cmd, error = _REPLY.unpack_from(body, _HEADER.size)
    return Reply(source, device_type, group, cmd, error, body[_HEADER.size + _REPLY.size :])


def _without_barcode(body: bytes) -> bytes:
    """Option 1 puts sixteen bytes behind the option (led.md 1.4); nothing here needs them."""
    if len(body) > _OPTION_AT and body[_OPTION_AT] == 1:
        return body[: _OPTION_AT + 1] + body[_OPTION_AT + 1 + _BARCODE_BYTES :]
    return body


# --- payloads ------------------------------------------------------------------------------------------------------


def brightness(level: int) -> bytes:
    """Payload of BRIGHTNESS, forced; `level` 0..15, 15 brightest."""
    if not 0 <= level <= 15:
        raise ValueError(f"brightness {level} is not within 0..15")
    return bytes((1, *(level,) * 49))


def power(on: bool) -> bytes:
    return b"\x01" if on else b"\x02"


def clock(moment: datetime) -> bytes:
    """Payload of CLOCK, in the card's local time: BCD, year low byte first, weekday 1..7 from Monday."""
    year = moment.year
    numbers = (year % 100, year // 100, moment.month, moment.day, moment.hour, moment.minute, moment.second)
    return bytes((*(value // 10 << 4 | value % 10 for value in numbers), moment.isoweekday()))


@dataclass(frozen=True, slots=True)
class Status:
    """`clock` is the card's local time, None when it is not a time; `areas` are the dynamic areas it holds."""

    on: bool
    brightness: int
    clock: datetime | None
    programs: int
    program: str
    areas: tuple[int, ...]


def parse_status(payload: bytes) -> Status:
    """The reply to STATUS; one source only (led.md, sources). Raises Garbled."""
    if len(payload) < 18 or len(payload) < 18 + payload[17]:
        raise Garbled(f"status of {len(payload)} bytes")
    areas = tuple(payload[18 : 18 + payload[17]])
    program = payload[11:15].decode("ascii", "replace").rstrip("\0 ")
    return Status(payload[0] == 1, payload[1], _moment(payload[2:9]), payload[10], program, areas)


def _moment(bcd: bytes) -> datetime | None:
    if not bcd.hex().isdecimal():
        return None
    low, high, month, day, hour, minute, second = (int(f"{byte:02x}") for byte in bcd)
    try:
        return datetime(high * 100 + low, month, day, hour, minute, second)  # noqa: DTZ001 - the card knows local time only
    except ValueError:
        return None
