"""How often a press meets a frame of the host: a seeded model of a dense line, in virtual time, with our transmitter.

Eight keypads, pressed every one to four seconds, do not listen before they talk (docs/decisions/0073, 0111). Every
other press is a call: its keypad gets the number, the seven others a new waiting count.
"""

import asyncio
import selectors
from collections.abc import Callable
from random import Random

from drivers.hall485.frame import Frame
from drivers.hall485.functions import DISPLAY, KEY
from drivers.hall485.transmitter import Transmitter

BYTE = 10 / 9600
WINDOWS, PRESSES = 8, 120
REACTION = 0.02  # from the key to the number: journal and rules
COUNT = bytes(6)
Tell = Callable[[Transmitter, Frame], None]


class _Jump(selectors.SelectSelector):
    """Waiting takes no time: the clock jumps."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.now += timeout or 0.0
        return super().select(0)


def in_virtual_time(work: Callable[[], object]) -> object:
    jump = _Jump()
    loop = asyncio.SelectorEventLoop(jump)
    loop.time = lambda: jump.now  # type: ignore[method-assign]
    loop._clock_resolution = 1e-9  # type: ignore[attr-defined]
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(work())  # type: ignore[arg-type]


class Air:
    """The pair of wires: who talks from when to when. A Link for the transmitter."""

    name = "model"
    is_open = True

    def __init__(self) -> None:
        self.busy: list[tuple[float, float, object]] = []
        self.counts: list[float] = []

    async def write(self, data: bytes) -> None:
        self.take(len(data), "host")
        if data[7:-2] == COUNT:
            self.counts.append(_now())

    def take(self, size: int, who: object) -> tuple[float, float, object]:
        self.busy.append((_now(), _now() + size * BYTE, who))
        return self.busy[-1]

    def is_spoilt(self, mine: tuple[float, float, object]) -> bool:
        return any(start < mine[1] and mine[0] < end and who is not mine[2] for start, end, who in self.busy[-60:])


def _now() -> float:
    return asyncio.get_running_loop().time()


class Keypad:
    def __init__(self, address: int, air: Air, out: Transmitter, random: Random, tell: Tell) -> None:
        self.report = Frame(address, KEY, b"\x0c")
        self.said_again = 0
        self._air, self._out, self._random, self._tell = air, out, random, tell

    async def live(self) -> None:
        for number in range(PRESSES):
            await asyncio.sleep(self._random.uniform(1.0, 3.6))
            said = 1
            while not await self._say() and said < 3:
                said += 1
                await asyncio.sleep(0.5 + 0.01 * self.report.address)
            self.said_again += said > 1
            self._out.acknowledge(self.report)
            await asyncio.sleep(REACTION)
            await self._out.send(Frame(self.report.address, DISPLAY, bytes(5) + b"\x01"))
            if number % 2:
                for other in range(1, WINDOWS + 1):
                    if other != self.report.address:
                        self._tell(self._out, Frame(other, DISPLAY, COUNT))

    async def _say(self) -> bool:
        mine = self._air.take(len(self.report.encode()), self)
        await asyncio.sleep(BYTE)
        self._out.heard(True)
        await asyncio.sleep(mine[1] - _now())
        self._out.heard(False)
        spoilt = self._air.is_spoilt(mine)
        if spoilt:
            self._out.heard_damage()
        return not spoilt


async def _line(tell: Tell) -> tuple[float, Air]:
    air, random = Air(), Random(485)
    out = Transmitter(air, BYTE, 0.005)  # type: ignore[arg-type]
    keypads = [Keypad(address, air, out, Random(random.random()), tell) for address in range(1, WINDOWS + 1)]
    sending = asyncio.ensure_future(out.run())
    await asyncio.gather(*(keypad.live() for keypad in keypads))
    sending.cancel()
    await asyncio.wait([sending])
    return sum(keypad.said_again for keypad in keypads) / (WINDOWS * PRESSES), air


_TASKS: set[asyncio.Task[None]] = set()


def _at_once(out: Transmitter, frame: Frame) -> None:
    task = asyncio.ensure_future(out.send(frame))
    _TASKS.add(task)
    task.add_done_callback(_TASKS.discard)


def _when_there_is_room(out: Transmitter, frame: Frame) -> None:
    out.post((frame.address, frame.function), frame)


def _not_at_all(out: Transmitter, frame: Frame) -> None:
    pass


def share(tell: Tell) -> tuple[float, Air]:
    return in_virtual_time(lambda: _line(tell))  # type: ignore[return-value]


def test_waiting_counts_cost_few_presses() -> None:
    at_once, _ = share(_at_once)
    with_room, air = share(_when_there_is_room)
    without, _ = share(_not_at_all)
    print(f"said again: {at_once:.1%} at once, {with_room:.1%} with room, {without:.1%} without counts")
    assert with_room < without + 0.06
    assert with_room < at_once - 0.08
    pauses = [later - earlier for earlier, later in zip(air.counts, air.counts[1:], strict=False)]
    assert min(pauses) >= 0.75
    assert max(pauses) < 8.0  # never put off for ever
