"""The day turns early in the morning, never at midnight: nobody's turn ends because a clock strikes twelve."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest

from edge import opening
from edge.clock import Ids
from edge.rules.state import State
from tests.edge.reactions.rig import station


@dataclass
class Desk:
    state: State
    done: list[str] = field(default_factory=list)

    async def execute(self, command: Any, *, id: str, actor: str) -> Any:
        self.done.append(command.do)


@dataclass
class At:
    """A moment of the site's wall clock."""

    text: str

    def now_ms(self) -> int:
        return int(datetime.fromisoformat(f"{self.text}+08:00").timestamp() * 1000)

    def up_ms(self) -> int:
        return 0


@pytest.mark.parametrize(
    ("now", "done"),
    [
        ("2026-11-23T17:00:00", []),
        ("2026-11-24T00:00:30", []),
        ("2026-11-24T03:59:59", []),
        ("2026-11-24T04:00:00", ["day.close", "day.open"]),
        ("2026-11-24T08:30:00", ["day.close", "day.open"]),
    ],
)
async def test_an_open_day_turns_after_four(now: str, done: list[str]) -> None:
    desk = Desk(State(date="2026-11-23", open=True))
    await opening.keep_day(desk, station(), clock=At(now), ids=Ids(At(now)))
    assert desk.done == done


async def test_a_closed_hall_opens_its_day_at_any_hour() -> None:
    desk = Desk(State())
    now = At("2026-11-24T00:10:00")
    await opening.keep_day(desk, station(), clock=now, ids=Ids(now))
    assert desk.done == ["day.open"]
