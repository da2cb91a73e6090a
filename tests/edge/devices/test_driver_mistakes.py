"""A driver with a mistake in it is one device in trouble; the host and every other device go on."""

from pathlib import Path

import pytest

from drivers.contract import Health, PrintJob
from drivers.errors import DriverFault, PaperOut
from tests.edge.devices.rig import Rig, ToyPrinter, rig, until
from tests.support import virtual_time

JOB = PrintJob(id="j", lines=())
MISTAKES = [RuntimeError("x"), NotADirectoryError(20, "x"), KeyError("x"), ValueError("x"), AssertionError("x")]


def state_of(made: Rig, device: str) -> tuple[str, str]:
    return next((status.state, status.code) for status in made.registry.statuses() if status.id == device)


async def all_ready(made: Rig) -> None:
    await until(lambda: {status.state for status in made.registry.statuses()} == {"ready"})


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: type(mistake).__name__)
def test_a_verb_that_breaks_is_that_verbs_trouble(tmp_path: Path, mistake: Exception) -> None:
    async def test() -> None:
        async with rig(tmp_path) as made:
            await all_ready(made)
            made.bench.trouble["printer-1"] = mistake
            with pytest.raises(DriverFault, match=type(mistake).__name__):
                await made.registry.call("printer-1", "print", JOB, deadline=5)
            await until(lambda: state_of(made, "printer-1") == ("fault", "driver_fault"))
            assert state_of(made, "led-1") == ("ready", "")
            del made.bench.trouble["printer-1"]
            await all_ready(made)
            assert not made.machine.done()

    virtual_time.run_virtual(test())


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: type(mistake).__name__)
def test_a_device_that_cannot_even_be_opened_harms_nobody(tmp_path: Path, mistake: Exception) -> None:
    async def test() -> None:
        async with rig(tmp_path) as made:
            made.bench.trouble["led-1"] = mistake
            await until(lambda: state_of(made, "led-1") == ("fault", "driver_fault"))
            await until(lambda: state_of(made, "printer-1") == ("ready", ""))
            del made.bench.trouble["led-1"]
            await all_ready(made)
            assert not made.machine.done()

    virtual_time.run_virtual(test())


def test_a_printer_that_prints_again_is_well_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def check(printer: ToyPrinter) -> Health:
        out = "printer-1" in printer.bench.trouble
        return Health(state="fault", code="paper_out") if out else Health(state="ready")

    async def test() -> None:
        async with rig(tmp_path) as made:
            await all_ready(made)
            made.bench.trouble["printer-1"] = PaperOut("roll")
            with pytest.raises(PaperOut):
                await made.registry.call("printer-1", "print", JOB, deadline=5)
            await until(lambda: state_of(made, "printer-1") == ("fault", "paper_out"))
            del made.bench.trouble["printer-1"]
            await made.registry.call("printer-1", "print", JOB, deadline=5)
            await until(lambda: state_of(made, "printer-1") == ("ready", ""), seconds=1)

            made.bench.trouble["printer-1"] = PaperOut("roll")
            await until(lambda: state_of(made, "printer-1") == ("fault", "paper_out"), seconds=11)
            del made.bench.trouble["printer-1"]
            await until(lambda: state_of(made, "printer-1") == ("ready", ""), seconds=3)

    monkeypatch.setattr(ToyPrinter, "check", check)
    virtual_time.run_virtual(test())
