"""Trials of our drivers against our simulators, captured as a technician would: `hallctl try … --capture FILE`.

    .venv/bin/python tests/drivers/captures/make.py

Run again when a driver's bytes change. Captures of real devices come into this folder as they are.
"""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from drivers.errors import DeviceError
from edge.devices.trial import Trial, argument_from, attempt
from hw_sim.hall import SimulatedHall
from hw_sim.scene import load_scene

HERE = Path(__file__).parent
SCENE = HERE.parent / "conform" / "scene.yaml"
PANEL = {"width": 96, "height": 32}
STATION = {"address": 1, "dialect": "a"}
PRESS_SECONDS = 0.3

TRIALS: dict[str, tuple[str, str, str, dict[str, Any], str]] = {
    "sam-check": ("sam-1", "idcard.sam", "check", {}, ""),
    "sam-read-masked": ("sam-1", "idcard.sam", "read", {}, ""),
    "printer-check": ("printer-1", "printer.escpos", "check", {"charset": "gbk"}, ""),
    "printer-print": ("printer-1", "printer.escpos", "print", {"charset": "gbk"}, "A017|样本"),
    "printer-paper-out": ("printer-1", "printer.escpos", "print", {"charset": "gbk"}, "A018"),
    "led-6-show": ("led-6", "led.onbon6e", "show", PANEL, "A017|请到1号窗口"),
    "led-6-clear": ("led-6", "led.onbon6e", "clear", PANEL, ""),
    "led-5-show": ("led-5", "led.onbon5k", "show", PANEL, "A017|请到1号窗口"),
    "led-5-clear": ("led-5", "led.onbon5k", "clear", PANEL, ""),
    "keypad-beep": ("rs485-1", "hall485.keypad", "beep", STATION, ""),
    "keypad-listen": ("rs485-1", "hall485.keypad", "listen", STATION, ""),
    "pad-ask": ("rs485-1", "hall485.pad", "ask", {**STATION, "keys": 5}, ""),
}


async def make(name: str, hall: SimulatedHall) -> None:
    device, driver, verb, options, text = TRIALS[name]
    prompt = '{"nonce": "n", "seconds": 5}' if verb == "ask" else ""
    argument = argument_from(verb, text, prompt)
    link, capture = hall.links()[device], HERE / f"{name}.jsonl"
    runtime = str(hall.run_folder / name)  # what a driver keeps there changes what it sends
    trial = Trial(driver, link, verb, options, argument, seconds=2, capture=capture, runtime=runtime)
    if verb == "listen":
        asyncio.get_running_loop().call_later(PRESS_SECONDS, lambda: hall.device("keypad-1").act("press", key="call"))
    try:
        await attempt(trial, print)
    except DeviceError as trouble:
        print(name, trouble.code)


async def main() -> None:
    with tempfile.TemporaryDirectory() as run:
        async with SimulatedHall(load_scene(SCENE), Path(run), seed=1) as hall:
            hall.device("sam-1").act("lay_card", card="card-1")
            for name in TRIALS:
                if name == "printer-paper-out":
                    hall.device("printer-1").act("paper", state="out")
                await make(name, hall)


if __name__ == "__main__":
    asyncio.run(main())
