"""How the module's frames travel over USB: in two pairs of pipes or in one (idcard.md section 1.2)."""

from typing import Final

from drivers.idcard.frame import HEADER, LARGEST_REPLY, PREAMBLE, SMALLEST_REPLY
from drivers.links.usb_pipes import Carrier, Shape, padded

_HEAD_PIPE, _BODY_PIPE = 0, 1
_MOST_EARLY: Final = HEADER + LARGEST_REPLY


def carrier_for(shape: Shape) -> Carrier:
    """By the endpoints, not by the product: one USB identity is sold in both shapes."""
    return FourPipes() if shape.ins > 1 and shape.outs > 1 else OnePair(shape)


class FourPipes:
    """U1: preamble and length on the first pipe, the rest on the second, both ways. Packets may be zero padded."""

    def __init__(self) -> None:
        self._head = self._early = b""
        self._missing = 0

    def outgoing(self, data: bytes) -> list[tuple[int, bytes]]:
        self._head = self._early = b""
        self._missing = 0
        return [(_HEAD_PIPE, data[:HEADER]), (_BODY_PIPE, data[HEADER:])]

    def incoming(self, pipe: int, packet: bytes) -> bytes:
        if pipe == _HEAD_PIPE:
            return self._head_came(packet)
        if pipe != _BODY_PIPE:
            return b""
        if not self._missing:
            # The two pipes are read by two threads: a body may be told of before its head.
            self._early = (self._early + packet)[:_MOST_EARLY]
            return b""
        return self._take(packet)

    def _head_came(self, packet: bytes) -> bytes:
        self._head += packet
        if len(self._head) < HEADER and PREAMBLE.startswith(self._head[: len(PREAMBLE)]):
            return b""
        head, self._head = self._head, b""
        if _length(head) is None:
            return head
        head = head[:HEADER]
        early, self._early = self._early, b""
        self._missing = _length(head) or 0
        return head + self._take(early)

    def _take(self, packet: bytes) -> bytes:
        """What lies behind the frame's end in its last packet is padding."""
        taken = packet[: self._missing]
        self._missing -= len(taken)
        return taken


class OnePair:
    """U2: the serial frame cut into packets. Padding behind a frame's end is dropped: it may hold an older frame.

    Padding fills the packet, or is 00. Other bytes behind the end of a short packet are passed on, and the answer is
    none: a byte came twice, and where that byte equals the checksum, one XOR does not see it.

    A packet that begins otherwise than with a whole header puts an end to that until the next request: then the bytes
    are passed on as they come, and the frame reader sorts them out.
    """

    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        self._missing = 0
        self._by_packet = True
        self._largest = 0  # packet that came: what a full one is, also where IN and OUT differ

    def outgoing(self, data: bytes) -> list[tuple[int, bytes]]:
        self._missing = 0
        self._by_packet = True
        size = self._shape.packet
        pieces = [data[at : at + size] for at in range(0, len(data), size)]
        return [(0, padded(piece, self._shape) if self._shape.hid else piece) for piece in pieces]

    def incoming(self, pipe: int, packet: bytes) -> bytes:
        if pipe:
            return b""
        self._largest = max(self._largest, len(packet))
        if not self._by_packet:
            return packet
        if not self._missing:
            length = _length(packet)
            if length is None:
                self._by_packet = False
                return packet
            self._missing = HEADER + length
        taken, behind = packet[: self._missing], packet[self._missing :]
        self._missing -= len(taken)
        is_padding = len(packet) == self._largest or not any(behind)
        return taken if is_padding else packet


def _length(head: bytes) -> int | None:
    """What LEN says; None where no plausible frame begins."""
    if len(head) < HEADER or not head.startswith(PREAMBLE):
        return None
    length = int.from_bytes(head[len(PREAMBLE) : HEADER], "big")
    return length if SMALLEST_REPLY <= length <= LARGEST_REPLY else None
