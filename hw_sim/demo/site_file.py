"""Writes the demo's `site.yaml`: the example site with its devices on the simulators' wires."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

from hw_sim.demo.grow import grow_site


@dataclass(frozen=True, slots=True)
class WrittenSite:
    """`service`: the first; `kiosks` in the order of the file; `windows` and `devices`: how many."""

    code: str
    service: str
    kiosks: tuple[str, ...]
    windows: int
    devices: int


def write_site(
    example: Path, target: Path, *, links: Mapping[str, str], centre_url: str, listen: str, windows: int | None = None
) -> WrittenSite:
    """`windows`: another number of windows than the example's."""
    yaml = YAML()
    yaml.width = 160
    site = yaml.load(example.read_text("utf-8"))
    if windows is not None:
        site = grow_site(site, windows)
    for device in site["devices"]:
        if device["id"] in links:
            device["link"] = links[device["id"]]
    site["centre"] = {"url": centre_url}
    port = listen.rsplit(":", 1)[1]
    site["api"] = {"listen": listen, "names": [listen, f"localhost:{port}"]}
    site.setdefault("queue", {})["stop_issuing"] = "manager"  # a demo runs at any hour of the day
    draft = target.with_suffix(".new")
    with draft.open("w", encoding="utf-8") as handle:
        yaml.dump(site, handle)
    os.replace(draft, target)
    kiosks = tuple(str(kiosk["id"]) for kiosk in site.get("kiosks", ()))
    service = str(site["services"][0]["id"])
    return WrittenSite(str(site["site"]), service, kiosks, len(site["windows"]), len(site["devices"]))
