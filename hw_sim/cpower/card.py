"""The card without its wire: a frame's body in, an answer's body or silence out."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from hw_sim.cpower.commands import PlayStored, Saved, Split, read_command
from hw_sim.cpower.frames import CARD_TYPE, TO_CARD, Body, reply
from hw_sim.cpower.letters import Charset
from hw_sim.cpower.packets import Assembly, Malformed, OutOfOrder, Packet
from hw_sim.cpower.screen import CardTime, Screen

ALL: Final = 0xFF
CONFIRM: Final = 1
RIGHT, BAD_SUM, BAD_ORDER = 0, 1, 2
DONE, FAILED = b"\x01", b"\x00"
ECHO, WINDOWS, POWER, NETWORK, ADDRESS, HARDWARE, APPLICATION = 0x01, 0x7B, 0x76, 0x3C, 0x3E, 0x2D, 0xFE
VERSION, FREE_DISK = 0x2E, 0x29
BAUDS: Final = (115200, 57600, 38400, 19200, 9600, 4800, 2400)
QUERY, SET = 1, 0
ANY_CODE: Final = b"\xff" * 4
# Answered with a status of their own and the byte 01 (the published reply cp_set_net_reply).
_WITH_STATUS: Final = frozenset({NETWORK, ADDRESS})
# Their codes are known, what an answer carries is not (led.md 2): silence, as to anything not understood.
_UNKNOWN_PAYLOAD: Final = {0x45: "power info", 0x46: "brightness", 0x47: "time", 0x75: "temperature"}
_IDENTITY: Final = b"SIM-CPOWER 1.0"
_FREE: Final = 1 << 20


@dataclass(slots=True)
class Counts:
    good: int = 0
    refused: int = 0
    unheard: int = 0
    updates: int = 0


@dataclass(slots=True)
class Network:
    """What was set; the wire itself stays where it is."""

    ip: bytes = bytes([127, 0, 0, 1])
    gateway: bytes = bytes([127, 0, 0, 1])
    mask: bytes = bytes([255, 0, 0, 0])
    port: int = 5200
    code: bytes = ANY_CODE

    def write(self) -> bytes:
        return self.ip + self.gateway + self.mask + self.port.to_bytes(2, "big") + self.code


@dataclass(slots=True)
class Card:
    """Id, speed, network, power and brightness survive a power cut; windows only when they were saved."""

    screen: Screen
    id: int = 1
    charset: Charset = "gb2312"
    baud: int = BAUDS[0]
    network: Network = field(default_factory=Network)
    time: CardTime = field(default_factory=CardTime)
    on: bool = True
    counts: Counts = field(default_factory=Counts)
    last_error: str = ""
    restarting: bool = False
    _assembly: Assembly = field(default_factory=Assembly)

    def answer(self, raw: bytes, now: float, refuse_with: int | None = None) -> bytes | None:
        """The body to send, or None for silence; `refuse_with` makes a good request fail with that result."""
        body = Body.read(raw)
        if body is None:
            return self._silence("shorter than a head")
        if body.kind != TO_CARD or body.card_type != CARD_TYPE:
            return self._silence(f"packet type {body.kind:02X}, card type {body.card_type:02X}")
        if body.id not in (self.id, ALL):
            return self._silence(f"for id {body.id}")
        if not body.whole or refuse_with is not None:
            return self._refuse(body, BAD_SUM if refuse_with is None else refuse_with)
        if body.confirm > CONFIRM:
            return self._silence(f"confirmation {body.confirm:02X}")
        work = self._commands().get(body.command)
        id = self.id  # a new id is valid from the next request on
        try:
            if work is None:
                raise Malformed(_UNKNOWN_PAYLOAD.get(body.command, f"command {body.command:02X}") + " is not known")
            data = work(body.data, now)
        except OutOfOrder as wrong:
            self.last_error = str(wrong)
            return self._refuse(body, BAD_ORDER)
        except Malformed as wrong:
            return self._silence(str(wrong))
        self.counts.good += 1
        result = CONFIRM if body.command in _WITH_STATUS else RIGHT
        return reply(id, body.command, result, data) if body.confirm else None

    def forget(self) -> None:
        """Loses what is held in RAM."""
        self._assembly.forget()
        self.screen.restart()

    def _commands(self) -> dict[int, Callable[[bytes, float], bytes]]:
        return {
            ECHO: lambda data, _: data,
            WINDOWS: self._window_command,
            POWER: self._power,
            NETWORK: self._network,
            ADDRESS: self._address,
            HARDWARE: lambda data, _: self._restart(data, b"\0"),
            APPLICATION: lambda data, _: self._restart(data, b"APP!"),
            VERSION: lambda data, _: _told(data, _IDENTITY),
            FREE_DISK: lambda data, _: _told(data, _FREE.to_bytes(4, "little")),
        }

    def _window_command(self, data: bytes, now: float) -> bytes:
        packet = Packet.read(data)
        whole = self._assembly.take(packet)
        if whole is not None:
            self._do(whole, now)
        return _packet_reply(data)

    def _do(self, content: bytes, now: float) -> None:
        match read_command(content, self.charset):
            case Split(places):
                self.screen.split(places)
            case PlayStored():
                self.screen.play_stored()
            case Saved(keep):
                self.screen.save(keep=keep)
            case shown:
                self.screen.show(shown, now)
        self.counts.updates += 1

    def _power(self, data: bytes, _: float) -> bytes:
        if len(data) != 9 or data[0] or data[1] > 1 or any(data[2:]):
            raise Malformed("power is 00, on or off, seven 00")
        self.on = data[1] == 1
        return b""

    def _network(self, data: bytes, _: float) -> bytes:
        if data == bytes([QUERY]):
            return DONE + self.network.write()
        if len(data) != 19 or data[0] != SET:
            raise Malformed(f"network setting of {len(data)} bytes")
        self.network = Network(data[1:5], data[5:9], data[9:13], int.from_bytes(data[13:15], "big"), data[15:19])
        return DONE

    def _address(self, data: bytes, _: float) -> bytes:
        if data == bytes([QUERY]):
            return DONE + bytes([self.id, BAUDS.index(self.baud)])
        if len(data) != 3 or data[0] != SET:
            raise Malformed(f"id and speed in {len(data)} bytes")
        if not 1 <= data[1] < ALL or data[2] >= len(BAUDS):
            return FAILED
        self.id, self.baud = data[1], BAUDS[data[2]]
        return DONE

    def _restart(self, data: bytes, wanted: bytes) -> bytes:
        if data != wanted:
            raise Malformed(f"restart with {data[:8].hex(' ')}")
        self.forget()
        self.restarting = True
        return b""

    def _refuse(self, body: Body, result: int) -> bytes | None:
        """Nobody who did not ask for a confirmation hears of it."""
        self.counts.refused += 1
        self.last_error = f"result {result}: command {body.command:02X}"
        if body.confirm != CONFIRM:
            return None
        if body.command in _WITH_STATUS:
            return reply(self.id, body.command, result, FAILED)
        return reply(self.id, body.command, result, _packet_reply(body.data) if body.command == WINDOWS else b"")

    def _silence(self, why: str) -> bytes | None:
        self.counts.unheard += 1
        self.last_error = why
        return None


def _packet_reply(data: bytes) -> bytes:
    """Length 1, the packet's numbers, and the first byte of its content: the sub-code of a first packet."""
    numbers, content = data[2:4].ljust(2, b"\0"), data[4:5]
    return len(content).to_bytes(2, "little") + numbers + content


def _told(data: bytes, answer: bytes) -> bytes:
    if data != b"\0":
        raise Malformed("this query takes one 00")
    return answer
