"""A hall of another size out of an example: every window has what the first one has, sixteen windows on a line.

Only cameras stay as many as they were: each is a process of its own in the device host, and a big one.
"""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any, Final

ON_A_LINE: Final = 16
_OWN: Final = {"display": "led", "keypad": "keypad", "pad": "pad", "camera": "camera", "reader": "sam-w"}


def grow_scene(scene: dict[str, Any], windows: int) -> dict[str, Any]:
    """The scene with `windows` windows; ids go on as keypad-3, pad-3, led-3 …"""
    first = next(place["window"] for line in _of(scene, "hall485") for place in line["stations"])
    line = _of(scene, "hall485")[0]
    own = [device for device in scene["devices"] if _name(device["id"]) in _OWN.values() and device["place"] == first]
    all_windows = {place["window"] for line in _of(scene, "hall485") for place in line["stations"]}
    kept = [
        device
        for device in scene["devices"]
        if device["sim"] != "hall485" and (device.get("place") not in all_windows or _is_shared(device, first))
    ]
    for n, group in _lines(windows):
        stations = [{"keypad": f"keypad-{m}", "pad": f"pad-{m}", "address": a, "window": f"w{m}"} for a, m in group]
        kept.append({**line, "id": f"rs485-{n}", "stations": stations})
    cameras = sum(device.get("place") in all_windows for device in _of(scene, "camera"))
    for m in range(1, windows + 1):
        for device in own:
            if device["sim"] == "camera" and m > cameras:
                continue
            alike = {key: value for key, value in device.items() if key != "side"}
            kept.append({**alike, "id": _numbered(_name(device["id"]), m), "place": f"w{m}"})
    return {**scene, "devices": kept}


def grow_site(site: dict[str, Any], windows: int) -> dict[str, Any]:
    """The site with `windows` windows that all serve what the first one does."""
    first, known = site["windows"][0], {device["id"]: device for device in site["devices"]}
    gone = {window[field] for window in site["windows"] for field in _OWN if field in window}
    gone |= {window["printer"] for window in site["windows"] if "printer" in window} - {first.get("printer")}
    gone -= {kiosk[field] for kiosk in site.get("kiosks", ()) for field in ("reader", "printer") if field in kiosk}
    cameras = sum("camera" in window for window in site["windows"])
    line = known[known[first["keypad"]]["bus"]]
    gone |= {device["id"] for device in site["devices"] if device["driver"] == line["driver"]}
    kept = [device for device in site["devices"] if device["id"] not in gone]
    site["windows"] = [
        {**deepcopy(first), "id": f"w{m}", "number": str(m), **{f: _numbered(_OWN[f], m) for f in _OWN if f in first}}
        for m in range(1, windows + 1)
    ]
    for window in site["windows"][cameras:]:
        window.pop("camera", None)
    for clerk in site.get("clerks", ()):
        clerk["windows"] = [f"w{m}" for m in range(1, windows + 1)]
    for n, group in _lines(windows):
        kept.append({**deepcopy(line), "id": f"rs485-{n}"})
        for address, m in group:
            for field in (field for field in _OWN if field in site["windows"][m - 1]):
                like = deepcopy(known[first[field]])
                grown = {**like, "id": _numbered(_OWN[field], m)}
                if "bus" in like:
                    grown |= {"bus": f"rs485-{n}", "options": {**like["options"], "address": address}}
                kept.append(grown)
    site["devices"] = kept
    return site


def _lines(windows: int) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    """Number of each line with the addresses on it and the windows that have them."""
    numbers = list(range(1, windows + 1))
    for n, start in enumerate(range(0, windows, ON_A_LINE), 1):
        yield n, list(enumerate(numbers[start : start + ON_A_LINE], 1))


def _of(scene: dict[str, Any], sim: str) -> list[dict[str, Any]]:
    return [device for device in scene["devices"] if device["sim"] == sim]


def _name(id: str) -> str:
    """led-3 -> led, sam-w3 -> sam-w"""
    name = id.rstrip("0123456789")
    return name.removesuffix("-")


def _numbered(name: str, number: int) -> str:
    return f"{name}{number}" if name == "sam-w" else f"{name}-{number}"


def _is_shared(device: dict[str, Any], first: str) -> bool:
    """A printer of the first window serves its neighbours too."""
    return bool(device["sim"] == "escpos" and device["place"] == first)
