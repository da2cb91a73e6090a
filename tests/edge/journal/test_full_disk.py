"""A full disk: scans are refused, records go on from the reserve, and nothing acknowledged is lost when it ends."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from edge.journal.reserve import FILE, Reserve, keep_reserve, level
from tests.support.own_mounts import unshared


@pytest.mark.parametrize(
    ("used", "means"),
    [
        (0.0, "ok"),
        (0.69, "ok"),
        (0.70, "less_telemetry"),
        (0.80, "no_telemetry"),
        (0.90, "no_scans"),
        (0.98, "reserve"),
        (1.0, "reserve"),
    ],
)
def test_levels(used: float, means: str) -> None:
    assert level(used) == means


def test_the_reserve_is_real_room_given_up_once_and_made_again(tmp_path: Path) -> None:
    share = 0.5
    reserve = Reserve(tmp_path, lambda _: share, size=1 << 20)
    reserve.look()
    assert (tmp_path / FILE).stat().st_blocks * 512 >= 1 << 20
    share = 0.981
    assert reserve.look() == "reserve"
    assert not (tmp_path / FILE).exists()
    assert not reserve.release()
    share = 0.93
    reserve.look()
    assert not (tmp_path / FILE).exists()  # room for records, not yet for this
    share = 0.89
    reserve.look()
    assert (tmp_path / FILE).exists()


async def test_it_is_watched_for_ever(tmp_path: Path) -> None:
    shares = iter((0.5, 0.99, 0.5))
    seen: list[bool] = []

    async def sleep(_: float) -> None:
        seen.append((tmp_path / FILE).exists())
        if len(seen) == 3:
            raise TimeoutError

    with pytest.raises(TimeoutError):
        await keep_reserve(Reserve(tmp_path, lambda _: next(shares), size=4096), sleep)
    assert seen == [True, False, True]


def test_a_full_disk_loses_nothing_and_lets_records_go_on(tmp_path: Path) -> None:
    program = [sys.executable, "-m", "tests.edge.journal.full_disk", str(tmp_path)]
    ended = subprocess.run([*unshared(), *program], capture_output=True, text=True, timeout=240, check=False)
    assert ended.returncode == 0, ended.stderr[-2000:]
    found = json.loads(ended.stdout.splitlines()[-1])
    assert found["reserve"] >= 300_000
    assert found["scan"] == "disk_full"
    assert found["released"]
    assert found["from_the_reserve"] >= 50
    assert (found["good_when_full"], found["lost"], found["good"]) == (True, [], True)
    assert found["made_again"]
