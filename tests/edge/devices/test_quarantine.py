"""A driver that fails by itself is set aside after five times in two minutes, and never given up."""

from itertools import pairwise
from pathlib import Path

import pytest

from drivers.errors import Absent, DriverFault, Gone, Quarantined
from edge.devices.quarantine import Quarantine
from tests.edge.devices.rig import ToyDisplay, rig, until
from tests.support.virtual_time import now, run_virtual


class Watch:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_five_own_faults_in_two_minutes_and_not_four() -> None:
    watch = Watch()
    quarantine = Quarantine(watch)
    for _ in range(4):
        watch.now += 29
        assert quarantine.judged(DriverFault("x"), 1.0).code == "driver_fault"
    watch.now += 29
    assert isinstance(quarantine.judged(DriverFault("x"), 1.0), Quarantined)


def test_five_faults_that_lie_apart_are_none_too_many() -> None:
    watch = Watch()
    quarantine = Quarantine(watch)
    for _ in range(12):
        watch.now += 31
        assert quarantine.judged(DriverFault("x"), 1.0).code == "driver_fault"


@pytest.mark.parametrize("error", [Absent("x"), Gone("x")])
def test_absence_is_no_fault_however_often(error: Absent | Gone) -> None:
    quarantine = Quarantine(Watch())
    assert {quarantine.judged(error, 0.1) for _ in range(100)} == {error}


def test_one_more_fault_shuts_again_and_a_good_run_opens() -> None:
    watch = Watch()
    quarantine = Quarantine(watch)
    for _ in range(5):
        quarantine.judged(DriverFault("x"), 1.0)
    watch.now = 300.0
    assert isinstance(quarantine.judged(DriverFault("x"), 1.0), Quarantined)
    watch.now = 3000.0
    assert quarantine.judged(DriverFault("x"), 2000.0).code == "driver_fault"


def test_a_crash_loop_is_tried_every_five_minutes_for_ever_and_heals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[float] = []
    broken = [True]

    async def open(self: ToyDisplay) -> object:
        tries.append(now())
        if broken[0]:
            raise KeyError("a mistake")
        return await super(ToyDisplay, self).open()

    def state(made: object) -> tuple[str, str]:
        statuses = made.registry.statuses()  # type: ignore[attr-defined]
        return next((each.state, each.code) for each in statuses if each.id == "led-1")

    async def test() -> None:
        async with rig(tmp_path) as made:
            await until(lambda: state(made) == ("fault", "quarantined"), seconds=120)
            assert len(tries) == 5
            others = {each.state for each in made.registry.statuses() if each.id != "led-1"}
            assert others == {"ready"}
            await until(lambda: len(tries) == 15, seconds=3200)
            gaps = [later - earlier for earlier, later in pairwise(tries[4:])]
            assert all(gap == pytest.approx(300.0, abs=1.0) for gap in gaps)
            broken[0] = False
            await until(lambda: state(made) == ("ready", ""), seconds=310)

    monkeypatch.setattr(ToyDisplay, "open", open)
    run_virtual(test())


def test_a_station_that_breaks_is_quarantined_alone(tmp_path: Path) -> None:
    async def test() -> None:
        async with rig(tmp_path) as made:
            made.bench.trouble["rs485-1/station"] = KeyError("a mistake")  # type: ignore[assignment]

            def states() -> dict[str, str]:
                return {each.id: each.code or each.state for each in made.registry.statuses()}

            await until(lambda: states()["pad-1"] == "quarantined", seconds=120)
            assert states()["rs485-1"] == "ready"
            del made.bench.trouble["rs485-1/station"]
            await until(lambda: states()["pad-1"] == "ready", seconds=310)

    run_virtual(test())
