"""The way a visit takes through a hall, from its site file: which kiosk, service, window and devices."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML

_AT_THE_WINDOW: Final = ("display", "keypad", "pad", "camera")


class NoRoute(Exception):
    """The hall lacks something that a visit needs; the message says what."""


@dataclass(frozen=True, slots=True)
class Route:
    """Ids of the site file. `paper`: the printer that receipts come out of."""

    kiosk: str
    reader: str
    printer: str
    service: str
    window: str
    display: str
    keypad: str
    pad: str
    camera: str
    paper: str
    speaker: str


def route_of(site_file: Path) -> Route:
    """The first kiosk with reader and printer, the first service with a fully fitted window. Raises NoRoute."""
    site: dict[str, Any] = YAML(typ="safe").load(site_file.read_text("utf-8"))
    kiosk = _first((one for one in site.get("kiosks", ()) if one.get("reader") and one.get("printer")), "a kiosk")
    fitted = [one for one in site["windows"] if all(one.get(name) for name in _AT_THE_WINDOW)]
    turns = ((service["id"], one) for service in site["services"] for one in fitted if service["id"] in one["services"])
    service, window = _first(turns, f"a window with {', '.join(_AT_THE_WINDOW)}")
    voice = site.get("announcements", {})
    speaker = voice.get("areas", {}).get(window["area"]) or voice.get("speaker")
    return Route(
        kiosk=kiosk["id"],
        reader=kiosk["reader"],
        printer=kiosk["printer"],
        service=service,
        window=window["id"],
        display=window["display"],
        keypad=window["keypad"],
        pad=window["pad"],
        camera=window["camera"],
        paper=window.get("printer") or kiosk["printer"],
        speaker=_first(iter([speaker] if speaker else []), "a speaker"),
    )


def _first(found: Any, what: str) -> Any:
    for one in found:
        return one
    raise NoRoute(f"the site has not got {what}")
