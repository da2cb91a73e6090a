"""A bigger station out of the example: more windows, each with keypad and pad on the line and a panel of its own."""

from typing import Any


def grow_scene(scene: dict[str, Any], windows: int) -> dict[str, Any]:
    """The scene with `windows` windows; ids go on as keypad-3, pad-3, led-3 …"""
    devices = [device for device in scene["devices"] if device["sim"] not in ("hall485", "onbon6e")]
    line = next(device for device in scene["devices"] if device["sim"] == "hall485")
    panel = next(device for device in scene["devices"] if device["sim"] == "onbon6e")
    numbers = range(1, windows + 1)
    stations = [{"keypad": f"keypad-{n}", "pad": f"pad-{n}", "address": n, "window": f"w{n}"} for n in numbers]
    panels = [{**panel, "id": f"led-{n}", "place": f"w{n}"} for n in numbers]
    return {**scene, "devices": [*devices, {**line, "stations": stations}, *panels]}


def grow_site(site: dict[str, Any], windows: int) -> dict[str, Any]:
    """The site with `windows` windows that all serve what the first one does."""
    first = site["windows"][0]
    numbers = range(1, windows + 1)
    site["windows"] = [
        {**first, "id": f"w{n}", "number": str(n), "display": f"led-{n}", "keypad": f"keypad-{n}", "pad": f"pad-{n}"}
        for n in numbers
    ]
    for clerk in site.get("clerks", ()):
        clerk["windows"] = [f"w{n}" for n in numbers]
    kept = [d for d in site["devices"] if not d["driver"].startswith(("hall485.keypad", "hall485.pad", "led."))]
    like = {driver: next(d for d in site["devices"] if d["driver"] == driver) for driver in
            ("hall485.keypad", "hall485.pad", "led.onbon6e")}  # fmt: skip
    for n in numbers:
        for driver, name in (("hall485.keypad", "keypad"), ("hall485.pad", "pad"), ("led.onbon6e", "led")):
            options = dict(like[driver]["options"])
            if "address" in options and name != "led":
                options["address"] = n
            kept.append({**like[driver], "id": f"{name}-{n}", "options": options})
    site["devices"] = kept
    return site
