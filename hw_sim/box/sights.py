"""What a bystander sees of the hall, as messages for the page: the plan of the hall, devices, lamps, paper, sound."""

import base64
import inspect
import json
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Final, Literal, get_args, get_origin

from hw_sim.box.station import Box
from hw_sim.camera import Camera
from hw_sim.cpower import CPowerCard
from hw_sim.device import Simulator
from hw_sim.escpos import EscPosSimulator
from hw_sim.faults import FaultWord
from hw_sim.hall import SimulatedHall
from hw_sim.hall485 import Hall485Line, Strip
from hw_sim.onbon5k import Onbon5KCard
from hw_sim.onbon6e import Onbon6ECard
from hw_sim.scene import (
    CPowerDevice,
    EscPosDevice,
    Hall485Device,
    Onbon5KDevice,
    Onbon6EDevice,
    TabletDevice,
)
from hw_sim.scene_readers import SamDevice
from hw_sim.speaker import Speaker

TICKETS_SHOWN: Final = 6
SAID_SHOWN: Final = 12
# Set by the cable and power switches of every device, so the menu of troubles leaves them out.
_BY_HAND: Final = frozenset({FaultWord.UNPLUG, FaultWord.POWER_CUT})
_SWITCHES: Final = frozenset({"plug", "unplug", "power"})


def plan(box: Box) -> dict[str, Any]:
    """Which devices stand together at a window or kiosk, and the cards that lie there to be used."""
    hall = box.hall
    windows: dict[str, dict[str, Any]] = {}
    kiosks: dict[str, dict[str, Any]] = {}
    for device in hall.scene.devices:
        match device:
            case Hall485Device():
                for place in device.stations:
                    name = place.window or f"{device.id}:{place.address}"
                    here = {"keypad": place.keypad, "pad": place.pad, "strip": place.strip}
                    windows.setdefault(name, {}).update({part: id for part, id in here.items() if id})
            case Onbon6EDevice() | Onbon5KDevice() | CPowerDevice():
                windows.setdefault(_seat(windows, device.place, "led", device.id), {})["led"] = device.id
            case TabletDevice():
                name = device.place or f"w{device.window}"
                windows.setdefault(_seat(windows, name, "pad", device.id), {})["pad"] = device.id
            case SamDevice():
                kiosks.setdefault(_seat(kiosks, device.place, "reader", device.id), {})["reader"] = device.id
            case EscPosDevice():
                kiosks.setdefault(_seat(kiosks, device.place, "printer", device.id), {})["printer"] = device.id
    cards = [
        {"id": card.id, "name": card.name, "number": card.number, "sex": card.sex, "birth": card.birth}
        for card in hall.scene.cards
    ]
    return {
        "is": "plan",
        "site": box.code,
        "windows": [{"id": name, **parts} for name, parts in windows.items()],
        "kiosks": [{"id": name, **parts} for name, parts in kiosks.items()],
        "lines": [id for id, device in hall.simulators.items() if isinstance(device, Hall485Line)],
        "speakers": [id for id, device in hall.simulators.items() if isinstance(device, Speaker)],
        "cameras": [id for id, device in hall.simulators.items() if isinstance(device, Camera)],
        "screens": list(box.screens),
        "programs": list(box.programs),
        "cards": cards,
    }


def _seat(places: dict[str, dict[str, Any]], wanted: str, part: str, device: str) -> str:
    """Where a device stands: the wanted place, or one of its own when nobody said or another already stands there."""
    return device if not wanted or part in places.get(wanted, {}) else wanted


def device(simulator: Simulator) -> dict[str, Any]:
    """`hands`: what a hand can do besides cable and power, with the values that each act takes."""
    view = simulator.view()
    if isinstance(simulator, Speaker):
        view["said"] = view["said"][-SAID_SHOWN:]
    troubles = sorted(word.value for word in getattr(simulator, "troubles", frozenset()) - _BY_HAND)
    actions = simulator.actions()
    hands = {name: _values(act, view) for name, act in sorted(actions.items()) if name not in _SWITCHES}
    return {"is": "device", **view, "actions": sorted(actions), "hands": hands, "troubles": troubles}


def _values(act: Callable[..., None], view: dict[str, Any]) -> list[dict[str, Any]]:
    return [_value(value, view) for value in inspect.signature(act).parameters.values()]


def _value(value: inspect.Parameter, view: dict[str, Any]) -> dict[str, Any]:
    """`form`: number, whole, switch, choice or text; `usual`: what stands there at first, null without one.

    A device that shows its `cards` or `keys` as a list offers them for the values named `card` and `key`, a machine
    the devices in its sockets.
    """
    usual = None if value.default is inspect.Parameter.empty else value.default
    kinds = [kind for kind in get_args(value.annotation) if kind is not NoneType]
    offered = list(view.get("sockets", ())) if value.name == "device" else view.get(f"{value.name}s")
    offered = offered if isinstance(offered, list) else []
    options = kinds if get_origin(value.annotation) is Literal else offered
    kind = kinds[0] if get_origin(value.annotation) is UnionType and len(kinds) == 1 else value.annotation
    form = "choice" if options else {int: "whole", float: "number", bool: "switch"}.get(kind, "text")
    return {"name": value.name, "form": form, "options": options, "usual": usual}


def lamps(card: Simulator) -> dict[str, Any] | None:
    """What shines on a panel, None: it is none.

    `red`, `green`, `blue`: base64, one bit a lamp, 1 = lit, each row filled up to whole bytes; together they mix.
    `light`: share of the full light.
    """
    match card:
        case Onbon6ECard():
            width, height, colours = card.panel.width, card.panel.height, card.pixels()
        case Onbon5KCard():
            width, height, colours = card.panel.width, card.panel.height, card.colours()
        case CPowerCard():
            width, height, colours = card.screen.width, card.screen.height, card.colours()
        case Strip():
            width, height, colours = card.width, card.height, card.colours()
        case _:
            return None
    bits = (("red", 1), ("green", 2), ("blue", 4))
    planes = {name: _plane(bytes(lamp & bit for lamp in colours), width) for name, bit in bits}
    return {"is": "panel", "id": card.id, "width": width, "height": height, "light": card.light, **planes}


def _plane(lit: bytes, width: int) -> str:
    rows = (lit[start : start + width] for start in range(0, len(lit), width))
    return base64.b64encode(b"".join(map(_packed, rows))).decode()


def _packed(lit: bytes) -> bytes:
    octets = -(-len(lit) // 8)
    bits = "".join("1" if lamp else "0" for lamp in lit).ljust(octets * 8, "0")
    return int(bits, 2).to_bytes(octets, "big")


def tickets(hall: SimulatedHall, printer: EscPosSimulator) -> dict[str, Any]:
    """The newest pieces of paper, newest first."""
    count = printer.tray.count
    numbers = range(count, max(0, count - TICKETS_SHOWN), -1)
    known = [
        {"n": number, "lines": _lines(path.with_suffix(".json"))}
        for number in numbers
        if (path := ticket_file(hall, printer.id, number)) is not None and path.with_suffix(".json").exists()
    ]
    return {"is": "tickets", "id": printer.id, "tickets": known}


def ticket_file(hall: SimulatedHall, printer: str, number: int) -> Path | None:
    path = hall.run_folder / "printed" / printer / f"{number:03d}.png"
    return path if isinstance(hall.simulators.get(printer), EscPosSimulator) and path.exists() else None


def sound_file(hall: SimulatedHall, name: str) -> Path | None:
    """Only of what was said in this hall: the name is looked up, never taken as a path."""
    for speaker in hall.simulators.values():
        if isinstance(speaker, Speaker) and name in {said.file for said in speaker.said}:
            path = hall.run_folder / speaker.link.removeprefix("file:") / name
            return path if path.is_file() else None
    return None


@lru_cache(maxsize=256)
def _lines(path: Path) -> list[str]:
    words = json.loads(path.read_text("utf-8"))
    return [line["text"] for line in words["lines"] if line["kind"] == "text" and line["text"].strip()]
