"""Records the sessions of our own drivers' benches anew, against our simulators: run it when a driver's bytes change.

    .venv/bin/python tests/drivers/conform/record_ours.py [idcard.sam ...]

Invented people only (county code 119999).
"""

import asyncio
import sys
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import drivers
from drivers.conform.record import Play, record
from drivers.conform.recording import BusSetup, Origin, Step
from hw_sim.hall import SimulatedHall
from hw_sim.scene import load_scene

DRIVERS = Path(drivers.__file__).parent
SCENE = Path(__file__).parent / "scene.yaml"
PAGE = {"lines": [{"text": "A017", "big": True}, {"text": "请到1号窗口"}], "lease": 15.0}
TICKET = {
    "id": "job",
    "lines": [{"text": "样本社区服务站"}, {"text": "A017", "size": 4, "bold": True}, {"text": "张测试"}],
}
LINE = BusSetup(driver="hall485.bus")
Simulated = Callable[[SimulatedHall], Play]


def _play(hall: SimulatedHall, device: str, driver: str, steps: list[Step], **more: Any) -> Play:
    simulator = Origin(simulator=f"hw_sim {device.partition('-')[0]}")
    return Play(driver, hall.links()[device], tuple(steps), simulator, **more)


def _sam(hall: SimulatedHall) -> Play:
    lay = partial(hall.device("sam-1").act, "lay_card", card="card-1")
    steps = [Step(verb="read", seconds=30), Step(verb="check"), *_verbs("idcard.sam", "card_present")]
    return _play(hall, "sam-1", "idcard.sam", steps, options={"poll": 0.1}, acts={0: lay})


def _printer(hall: SimulatedHall) -> Play:
    steps = [Step(verb="status"), Step(verb="print", argument=TICKET, seconds=30), Step(verb="check")]
    options = {"charset": "gbk", "timeout": 2}
    return _play(hall, "printer-1", "printer.escpos", [*steps, *_identify("printer.escpos")], options=options)


def _led(device: str, driver: str, hall: SimulatedHall) -> Play:
    steps = [
        Step(verb="show", argument=PAGE),
        Step(verb="check"),
        *_verbs(driver, "condition"),
        *_verbs(driver, "adjust", {"brightness": 50}),
        *_identify(driver),
        Step(verb="clear"),
    ]
    return _play(hall, device, driver, steps, options={"width": 96, "height": 32})


def _cpower(hall: SimulatedHall) -> Play:
    steps = [
        Step(verb="show", argument=PAGE),
        Step(verb="check"),
        Step(verb="adjust", argument={"power": True}),
        Step(verb="condition"),
        *_verbs("led.cpower", "identify", 1.0),
        Step(verb="clear"),
    ]
    return _play(hall, "led-cp", "led.cpower", steps, options={"width": 96, "height": 32, "framing": "serial"})


def _strip(hall: SimulatedHall) -> Play:
    steps = [
        Step(verb="show", argument=PAGE),
        Step(verb="check"),
        *_verbs("hall485.strip", "identify", 1.0),
        Step(verb="clear"),
    ]
    return _play(hall, "rs485-1", "hall485.strip", steps, options={"address": 1}, bus=LINE)


def _bus(hall: SimulatedHall) -> Play:
    press = {0: partial(hall.device("keypad-1").act, "press", key="call")}
    return _play(hall, "rs485-1", "hall485.bus", [Step(verb="pause", argument=0.5), Step(verb="check")], acts=press)


def _keypad(hall: SimulatedHall) -> Play:
    steps = [Step(verb="display", argument={"ticket": "A017"}), Step(verb="beep"), Step(verb="event"), *_identify()]
    press = {2: partial(hall.device("keypad-1").act, "press", key="call")}
    return _play(hall, "rs485-1", "hall485.keypad", steps, options=_station(), bus=LINE, acts=press)


def _pad(hall: SimulatedHall) -> Play:
    steps = [
        Step(verb="ask", argument={"nonce": "n", "seconds": 20.0}),
        Step(verb="event"),
        Step(verb="withdraw"),
        Step(verb="check"),
        *_verbs("hall485.pad", "identify", 1.0),
    ]
    rate = {1: partial(hall.device("pad-1").act, "rate", value=4)}
    return _play(hall, "rs485-1", "hall485.pad", steps, options=_station() | {"keys": 5}, bus=LINE, acts=rate)


def _station() -> dict[str, Any]:
    return {"address": 1, "dialect": "a"}


def _identify(driver: str = "hall485.keypad") -> list[Step]:
    return _verbs(driver, "identify", 1.0)


def _verbs(driver: str, verb: str, argument: Any = None) -> list[Step]:
    """The step, if the driver has that verb."""
    from drivers.conform.capabilities import verbs_of
    from drivers.registry import discover

    return [Step(verb=verb, argument=argument)] if verb in verbs_of(discover()[driver]) else []


PLAYS: Mapping[str, tuple[str, Simulated]] = {
    "idcard.sam": ("idcard/captures/resident.json", _sam),
    "printer.escpos": ("printer/captures/ticket.json", _printer),
    "led.onbon6e": ("led/captures/graphic_card.json", partial(_led, "led-6", "led.onbon6e")),
    "led.onbon5k": ("led/captures/font_card.json", partial(_led, "led-5", "led.onbon5k")),
    "led.cpower": ("led/captures/cpower.json", _cpower),
    "hall485.strip": ("hall485/captures/strip.json", _strip),
    "hall485.bus": ("hall485/captures/line.json", _bus),
    "hall485.keypad": ("hall485/captures/keypad.json", _keypad),
    "hall485.pad": ("hall485/captures/pad.json", _pad),
}


async def record_one(name: str, folder: Path = DRIVERS) -> Path:
    target, make = PLAYS[name]
    with tempfile.TemporaryDirectory() as run:
        async with SimulatedHall(load_scene(SCENE), Path(run), seed=1) as hall:
            path = folder / target
            path.parent.mkdir(parents=True, exist_ok=True)
            await record(make(hall), path)
    return path


async def main(names: list[str]) -> None:
    for name in names or PLAYS:
        print(await record_one(name))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
