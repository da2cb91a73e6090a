"""A printer whose paper ran out in the middle of a ticket owes answers, and says them when it prints again."""

import asyncio

import pytest

from drivers.printer.session import Session
from drivers.printer.status import PRINTER
from tests.support.virtual_time import run_virtual

DLE_EOT = b"\x10\x04"


class Owing:
    """Owes so many answers to GS r 1 and says them from the next one on, each byte `late` seconds after the last.

    `busy`: what is asked in turn waits behind a ticket that does not end. `restless`: it never falls silent.
    """

    name = "tcp://192.0.2.1:9100"

    def __init__(self, owed: int, late: float, *, restless: bool = False) -> None:
        self.is_open = self.busy = self._prints = False
        self._late, self._restless = late, restless
        self._at_once, self._in_turn = 0, owed

    async def open(self) -> None:
        self.is_open = True

    async def close(self) -> None:
        self.is_open = False

    def discard_input(self) -> None:
        """What is owed has not come yet."""

    async def write(self, data: bytes) -> None:
        if data.startswith(DLE_EOT):
            self._at_once += 1
        else:
            self._prints = True
            self._in_turn += not self.busy

    async def read(self, limit: int = 4096) -> bytes:
        while not (self._at_once or (self._prints and (self._in_turn or self._restless))):
            await asyncio.sleep(0.01)
        await asyncio.sleep(self._late)
        if self._at_once:
            self._at_once -= 1
            return b"\x12"
        self._in_turn = max(0, self._in_turn - 1)
        return b"\0"


@pytest.mark.parametrize("late", [10 / 19_200, 0.05, 0.12, 0.3])
@pytest.mark.parametrize("owed", [0, 1, 3, 9])
def test_answers_owed_from_before_are_not_taken_for_those_behind_the_ticket(owed: int, late: float) -> None:
    async def told() -> tuple[bool, bool]:
        link = Owing(owed, late)
        async with Session(link) as session:  # type: ignore[arg-type]
            await session.condition((PRINTER,))
            before = await session.all_processed(3.0, in_doubt=True)
            link.busy = True
            return before, await session.all_processed(1.0)

    assert run_virtual(told()) == (True, False)


def test_a_line_that_never_falls_silent_has_not_said_that_nothing_is_owed() -> None:
    async def told() -> bool:
        async with Session(Owing(0, 0.02, restless=True)) as session:  # type: ignore[arg-type]
            return await session.all_processed(1.0, in_doubt=True)

    assert run_virtual(told()) is False
