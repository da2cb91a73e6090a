"""How much the driver adds to the time a card read spends on the wire at 115200."""

import asyncio
import statistics
import time
from collections.abc import Callable
from typing import Any

import pytest

from drivers.idcard.sam import SamReader

BYTE_SECONDS = 10 / 115200
pytestmark = pytest.mark.usefixtures("nothing_left")


class Pace:
    """Lets bytes out as a line at 115200 would; counts what crossed in both directions."""

    def __init__(self, peer: Any) -> None:
        self._send = peer.send
        self._hear = peer.answer
        self.crossed = 0
        self.tasks: set[asyncio.Task[None]] = set()
        self._delay = 0.0
        peer.send, peer.answer = self.send, self.hear

    def hear(self, data: bytes) -> None:
        self.crossed += len(data)
        self._delay = len(data) * BYTE_SECONDS  # the pty brought the request at once; a wire would not have
        self._hear(data)

    def send(self, data: bytes) -> None:
        self.crossed += len(data)
        task = asyncio.ensure_future(self._let_out(data, time.perf_counter() + self._delay))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _let_out(self, data: bytes, began: float) -> None:
        out = 0
        while out < len(data):
            due = min(len(data), int((time.perf_counter() - began) / BYTE_SECONDS))
            if due > out:
                self._send(data[out:due])
                out = due
            await asyncio.sleep(0.001)


async def test_a_card_read_takes_little_more_than_the_wire(
    make_reader: Callable[..., SamReader], sam: Any, peer: Any, record_property: Callable[[str, object], None]
) -> None:
    reader = make_reader(patience=1.0)
    await reader.open()
    sam.lay_card()
    pace = Pace(peer)
    ratios = []
    for _ in range(8):
        pace.crossed = 0
        began = time.perf_counter()
        await reader.read()
        ratios.append((time.perf_counter() - began) / (pace.crossed * BYTE_SECONDS))
    await reader.close()
    await asyncio.gather(*pace.tasks)
    record_property("ratio", statistics.median(ratios))
    print(f"driver time over wire time: median {statistics.median(ratios):.3f}, best {min(ratios):.3f}")
    assert min(ratios) < 1.5
    assert min(ratios) >= 0.99, "faster than the wire: the pacing is wrong"
