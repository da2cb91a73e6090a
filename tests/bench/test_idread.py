"""The topic of card reading, small."""

from pathlib import Path

from bench.desk import Desk
from bench.topics import idread


async def test_reading_takes_at_least_the_wires_time(tmp_path: Path) -> None:
    rows = await idread.measure(Desk(tmp_path, lambda line: None), rounds=1, cards=3)
    assert [row.unit for row in rows] == ["x", "x", "ms", "ms"]
    beside = rows[0]
    assert beside.value >= 0.99
    assert beside.peer_value is not None
    assert beside.peer_value >= 0.99
    assert 115 < rows[2].value < 125
