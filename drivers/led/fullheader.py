"""The header with checksums inside that the vendor's software uses for settings of 5E/6E cards (led.md 1.6).

What a card wants in the fields nobody has explained is not known: they are sent as the vendor's software sends them.
"""

import struct

from drivers.errors import Garbled
from drivers.led import phy0
from drivers.led.f0 import Reply, parse_body

POWER = (0xA2, 0x05)
CLOCK = (0xA2, 0x02)

VERSIONS = frozenset({0x05, 0x07})
_ENCRYPTION = 0x96
_SIXTH = struct.Struct("<HHBBHBBHHBB6xHHBB")
_FIFTH = struct.Struct("<HHBBHBBHBBBB6xHHB")


def request(
    generation: int, command: tuple[int, int], payload: bytes, *, address: int, device_type: int, sequence: int
) -> bytes:
    """One whole frame; `generation` 5 or 6, `sequence` 0..65535."""
    body = struct.pack("<BBBH", 1, *command, len(payload)) + payload
    to = (address, phy0.HOST)
    ends = (len(body), phy0.crc16_arc(body))
    if generation == 5:
        header = _FIFTH.pack(*to, 0x05, 0, device_type, 1, 0, sequence, 0, 0x90, _ENCRYPTION, 0x3C, *ends, 0)
    else:
        header = _SIXTH.pack(*to, 0x07, 0, device_type, 0, 0, sequence, 0x0190, _ENCRYPTION, 0x07, *ends, 0, 0)
    return phy0.wrapped(header[:-1] + bytes((_xor(header[:-1]),)) + body)


def parse_reply(content: bytes) -> Reply:
    """A frame's content to a reply; that cards answer in the same form is an assumption. Raises Garbled."""
    header = _FIFTH if content[4:5] == b"\x05" else _SIXTH
    if len(content) < header.size or content[4] not in VERSIONS:
        raise Garbled(f"reply of {len(content)} bytes")
    head, body = content[: header.size], content[header.size :]
    if _xor(head[:-1]) != head[-1]:
        raise Garbled("checksum of the header is wrong")
    fields = header.unpack(head)
    length, crc = fields[12:14] if header is _FIFTH else fields[11:13]
    if len(body) != length or phy0.crc16_arc(body) != crc:
        raise Garbled("length or CRC of the body is wrong")
    return parse_body(fields[1], fields[4], body)


def _xor(data: bytes) -> int:
    value = 0
    for byte in data:
        value ^= byte
    return value
