"""Changes to a station's own site.yaml, before its programs start or between two starts."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from config import folder as config_folder


def change_site(folder: Path, change: Callable[[Any], None]) -> None:
    yaml = YAML()
    yaml.width = 160
    path = folder / "site.yaml"
    site = yaml.load(path.read_text("utf-8"))
    change(site)
    with path.open("w", encoding="utf-8") as handle:
        yaml.dump(site, handle)


def a_clerk_at_every_window(site: Any) -> None:
    """All with the PIN of the example's first clerk: a PIN is asked for at one window only."""
    pin = site["clerks"][0]["pin"]
    site["clerks"] = [
        {"id": f"c0{n}", "name": f"窗口{n}号", "pin": pin, "windows": [window["id"]]}
        for n, window in enumerate(site["windows"], 1)
    ]


def with_a_lead(site: Any) -> None:
    """The station's example names none; he signs in with LEAD_PIN of people.py."""
    district = YAML(typ="safe").load((config_folder() / "sites" / "district.yaml").read_text("utf-8"))
    pin = next(clerk["pin"] for clerk in district["clerks"] if clerk["id"] == "c02")
    site["leads"] = [{"id": "l01", "name": "值班长一号", "pin": pin}]


def with_copying(printer: str) -> Callable[[Any], None]:
    """An A4 printer at that address for the kiosk, and the second window's camera."""

    def change(site: Any) -> None:
        kiosk, window = site["kiosks"][0], site["windows"][1]
        kiosk["office"], kiosk["camera"] = "office-1", window.pop("camera")
        site["devices"].append({"id": "office-1", "driver": "printer.ipp", "link": printer})
        site["copies"] = {"area": "a", "person_pages": 6, "ticket_pages": 2, "hall_pages": 20, "most_pages": 5}

    return change


def one_more_device_of_an_unknown_driver(site: Any) -> None:
    """Of a kind that nobody has installed."""
    site["devices"].append({"id": "wall-1", "driver": "led.unheard-of", "link": "tcp://127.0.0.1:9"})


def a_window_without_a_service(site: Any) -> None:
    """A mistake outside the devices: the whole file cannot be used."""
    site["windows"][0]["services"] = ["no-such-service"]
