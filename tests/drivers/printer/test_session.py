"""Answers to questions of earlier sessions, said when the knife is free again, byte by byte as on a serial line."""

import asyncio

import pytest

from drivers.printer.session import Session
from tests.support.virtual_time import run_virtual

BYTE_SECONDS = 10 / 19_200


class Owing:
    """Owes so many answers to GS r 1; answers ours behind them while it is not `busy`."""

    name = "tcp://192.0.2.1:9100"

    def __init__(self, owed: int) -> None:
        self.is_open = False
        self.busy = False
        self._answers = owed

    async def open(self) -> None:
        self.is_open = True

    async def close(self) -> None:
        self.is_open = False

    def discard_input(self) -> None:
        """What is owed has not come yet."""

    async def read(self, limit: int = 4096) -> bytes:
        while not self._answers:
            await asyncio.sleep(0.01)
        await asyncio.sleep(BYTE_SECONDS)
        self._answers -= 1
        return b"\0"

    async def write(self, data: bytes) -> None:
        self._answers += not self.busy


@pytest.mark.parametrize("owed", [0, 1, 3, 9, 60])
def test_answers_owed_from_before_are_not_taken_for_those_behind_the_ticket(owed: int) -> None:
    async def told() -> tuple[bool, bool]:
        link = Owing(owed)
        async with Session(link) as session:  # type: ignore[arg-type]
            before = await session.all_processed(1.0, in_doubt=True)
            link.busy = True
            return before, await session.all_processed(1.0)

    assert run_virtual(told()) == (True, False)
