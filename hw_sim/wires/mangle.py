"""The one place where the bytes of an answer are spoilt, the same for every wire and every device."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from hw_sim.faults import FaultBox, FaultWord

# What a modem would say: no device of a hall speaks like this.
ANOTHER_PROTOCOL = b"\r\nERROR\r\n"
DEFAULT_NOISE = 0.1
DEFAULT_HANG = 5.0
DEFAULT_EXTRA = 3
DEFAULT_SLOW = 0.2
# Long enough for the reader to see one packet before the next comes.
SPLIT_PAUSE = 0.002


@dataclass(frozen=True, slots=True)
class Packet:
    """`wait`: seconds of silence before it."""

    data: bytes
    wait: float = 0.0


@dataclass(frozen=True, slots=True)
class Delivery:
    """What really goes out for one answer. `dropped`: the connection breaks after the last packet."""

    packets: tuple[Packet, ...]
    dropped: bool = False


class Mangler:
    """Turns an answer into what the faults leave of it. Same faults, same random: same bytes."""

    def __init__(self, faults: FaultBox, random: Random) -> None:
        self._faults = faults
        self._random = random
        self._held = b""

    def deliver(self, answer: bytes) -> Delivery:
        strike = self._faults.strike
        if strike(FaultWord.SILENT):
            return Delivery(())
        if strike(FaultWord.WRONG_DEVICE):
            answer = ANOTHER_PROTOCOL
        if strike(FaultWord.SHORT):
            answer = answer[: self._random.randrange(1, max(2, len(answer)))]
        if longer := strike(FaultWord.LONG):
            answer += self._random.randbytes(int(longer.amount) or DEFAULT_EXTRA)
        if stutter := strike(FaultWord.STUTTER):
            answer = answer[:1] * (int(stutter.amount) or 1) + answer
        if noise := strike(FaultWord.NOISE):
            answer = self._noisy(answer, noise.amount or DEFAULT_NOISE)
        if (merge := FaultWord.MERGE in self._faults) or self._held:
            if merge and not self._held:
                self._held = answer
                return Delivery(())
            answer, self._held = self._held + answer, b""
            strike(FaultWord.MERGE)
        if strike(FaultWord.DROP):
            return Delivery((Packet(answer[: len(answer) // 2]),), dropped=True)
        return Delivery(tuple(self._packets(answer)))

    def forget(self) -> None:
        """Nothing held back survives the end of a connection."""
        self._held = b""

    def _packets(self, answer: bytes) -> Iterator[Packet]:
        hang = self._faults.strike(FaultWord.HANG)
        first = (hang.amount or DEFAULT_HANG) if hang else 0.0
        if slow := self._faults.strike(FaultWord.SLOW):
            between = slow.amount or DEFAULT_SLOW
        elif self._faults.strike(FaultWord.SPLIT):
            between = SPLIT_PAUSE
        else:
            yield Packet(answer, first)
            return
        for place, byte in enumerate(answer):
            yield Packet(bytes([byte]), between if place else first)

    def _noisy(self, answer: bytes, share: float) -> bytes:
        """Inserts wrong bytes; at least one, so that a strike is never nothing."""
        places = {place for place in range(len(answer)) if self._random.random() < share}
        places = places or {self._random.randrange(max(1, len(answer)))}
        noisy = bytearray()
        for place, byte in enumerate(answer):
            if place in places:
                noisy.append(self._random.randrange(256))
            noisy.append(byte)
        return bytes(noisy)
