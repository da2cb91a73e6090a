"""Frames of C-Power cards (led.md 2): the same telegram, escaped on a serial line, behind a header on the network."""

from dataclasses import dataclass
from typing import Final

from drivers.errors import DeviceError, Garbled, Refused, WrongDevice

CARD_TYPE: Final = 0x32
ALL_CARDS: Final = 0xFF
ANY_CODE: Final = 0xFFFFFFFF

_REQUEST, _REPLY = 0x68, 0xE8
_START, _LEAD, _END = 0xA5, 0xAA, 0xAE
_ESCAPED: Final = {_START: b"\xaa\x05", _END: b"\xaa\x0e", _LEAD: b"\xaa\x0a"}
_PLAIN: Final = {sent[1]: raw for raw, sent in _ESCAPED.items()}
_HEAD, _SUM = 5, 2  # 68 32 id cmd conf
_NETWORK_HEAD = 8  # code(4), length(2), 00 00
_LONGEST = 512  # a packet carries 200 bytes
_RR_CHECKSUM, _RR_ORDER = 1, 2


@dataclass(frozen=True, slots=True)
class Telegram:
    """`lead` 68 or E8; `flag` asks for a confirmation in requests, and is the result in replies."""

    lead: int
    card_type: int
    card: int
    cmd: int
    flag: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """`result`: 0 ok, 1 checksum, 2 packet order."""

    card: int
    cmd: int
    result: int
    data: bytes

    @property
    def name(self) -> str:
        return f"{self.cmd:02X} {self.data[:5].hex(' ')}".rstrip()

    def answers(self, command: tuple[int, int]) -> bool:
        """A reply to a window command repeats length and packet number; a short one is taken as it is."""
        cmd, packet = command
        return self.cmd == cmd and (len(self.data) < 4 or cmd != 0x7B or self.data[2] == packet)

    @property
    def refusal(self) -> DeviceError | None:
        if self.result == 0:
            return None
        if self.result == _RR_CHECKSUM:
            return Garbled("the card found a wrong checksum")
        if self.result == _RR_ORDER:
            return Refused(str(self.result), f"card result {self.result}: packets out of order")
        return Garbled(f"result {self.result:02X} is none")  # the sum does not see a lost 00


def telegram(cmd: int, data: bytes = b"", *, card: int = 1, confirm: bool = True) -> bytes:
    """From 68 to the sum, not escaped."""
    content = bytes((_REQUEST, CARD_TYPE, card, cmd, confirm)) + data
    return content + _sum(content)


def on_serial(content: bytes) -> bytes:
    escaped = b"".join(_ESCAPED.get(byte, bytes((byte,))) for byte in content)
    return bytes((_START,)) + escaped + bytes((_END,))


def on_network(content: bytes, code: int = ANY_CODE) -> bytes:
    """`code`: the card's identification code."""
    return code.to_bytes(4, "big") + len(content).to_bytes(2, "little") + b"\0\0" + content


def parsed(content: bytes) -> Telegram:
    """A telegram of either direction. Raises Garbled."""
    if len(content) < _HEAD + _SUM or content[0] not in (_REQUEST, _REPLY):
        raise Garbled(f"telegram of {len(content)} bytes")
    body, check = content[:-_SUM], content[-_SUM:]
    if _sum(body) != check:
        raise Garbled("sum of the telegram is wrong")
    lead, card_type, card, cmd, flag = body[:_HEAD]
    return Telegram(lead, card_type, card, cmd, flag, body[_HEAD:])


def parse_reply(content: bytes) -> Reply:
    """Raises Garbled; WrongDevice when a card of another family answers."""
    found = parsed(content)
    if found.lead != _REPLY:
        raise Garbled("an echo of the request, not a reply")
    if found.card_type != CARD_TYPE:
        raise WrongDevice(f"card type {found.card_type:02X}, {CARD_TYPE:02X} expected")
    if found.cmd == 0x7B and len(found.data) >= 4 and int.from_bytes(found.data[:2], "little") != len(found.data) - 4:
        raise Garbled(f"length of the reply's content is wrong: {found.data.hex(' ')}")
    return Reply(found.card, found.cmd, found.flag, found.data)


def _sum(content: bytes) -> bytes:
    return (sum(content) & 0xFFFF).to_bytes(2, "little")


class SerialFrames:
    """Cuts a serial stream into telegrams. A5 begins one wherever it comes; a bad escape drops the frame."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self._content: bytearray | None = None
        self._escape = False
        self.dropped = 0

    def feed(self, data: bytes) -> list[bytes]:
        return [content for byte in data if (content := self._take(byte)) is not None]

    def _take(self, byte: int) -> bytes | None:
        if byte == _START:
            self.dropped += bool(self._content)
            self._content, self._escape = bytearray(), False
        elif self._content is None:
            self.dropped += 1
        elif byte == _END:
            content, self._content = bytes(self._content), None
            self.dropped += not content or self._escape
            return content if content and not self._escape else None
        elif self._escape or byte != _LEAD:
            self._append(byte)
        else:
            self._escape = True
        return None

    def _append(self, byte: int) -> None:
        assert self._content is not None
        raw = _PLAIN.get(byte) if self._escape else byte
        self._escape = False
        if raw is None or len(self._content) >= _LONGEST:
            self.dropped += 1
            self._content = None
        else:
            self._content.append(raw)


class NetworkFrames:
    """Cuts a network stream into telegrams. Nothing marks a beginning, so after damage it tries byte by byte."""

    def __init__(self, code: int = ANY_CODE) -> None:
        self._code = code
        self.reset()

    def reset(self) -> None:
        self._buffer = bytearray()
        self.dropped = 0

    def feed(self, data: bytes) -> list[bytes]:
        self._buffer += data
        found = []
        while len(self._buffer) >= _NETWORK_HEAD + 1:
            length = int.from_bytes(self._buffer[4:6], "little")
            if not self._may_begin(length):
                del self._buffer[0]
                self.dropped += 1
            elif len(self._buffer) < _NETWORK_HEAD + length:
                break
            elif _is_whole(content := bytes(self._buffer[_NETWORK_HEAD : _NETWORK_HEAD + length])):
                del self._buffer[: _NETWORK_HEAD + length]
                found.append(content)
            else:
                del self._buffer[0]
                self.dropped += 1
        return found

    def _may_begin(self, length: int) -> bool:
        code = int.from_bytes(self._buffer[:4], "big")
        ours = code == self._code or ANY_CODE in (code, self._code)
        form = self._buffer[6:8] == b"\0\0" and self._buffer[8] in (_REQUEST, _REPLY)
        return ours and form and _HEAD + _SUM <= length <= _LONGEST


def _is_whole(content: bytes) -> bool:
    return _sum(content[:-_SUM]) == content[-_SUM:]
