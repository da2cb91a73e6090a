"""A running simulated station to measure on, and people who take tickets at its kiosk."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import httpx
from ruamel.yaml import YAML

from hw_sim.demo.station import Station, station

SEED: Final = 42
READY_SECONDS: Final = 60.0


@asynccontextmanager
async def ready_station(
    folder: Path, *, windows: int | None = None, change: Callable[[Any], None] | None = None, with_screens: bool = False
) -> AsyncIterator[Station]:
    """`change` edits the site file before anything reads it."""
    async with station("station", folder, seed=SEED, windows=windows, with_screens=with_screens) as made:
        if change is not None:
            edit_site(folder / "site.yaml", change)
        await made.ready(READY_SECONDS)
        yield made


def without_printer(site: Any) -> None:
    """Tickets for a measurement of calls; hundreds of prints would only keep the machine warm."""
    for kiosk in site["kiosks"]:
        kiosk.pop("printer", None)


class Citizens:
    """Take tickets at kiosk k1, each a new one."""

    def __init__(self, made: Station, service: str = "general") -> None:
        transport = httpx.AsyncHTTPTransport(uds=str(made.folder / "hall.sock"))
        self._kiosk = httpx.AsyncClient(transport=transport, base_url="http://hall", headers={"x-hall-place": "k1"})
        self._service = service
        self._taken = 0

    async def take(self, count: int) -> None:
        """Raises httpx.HTTPStatusError."""
        for _ in range(count):
            self._taken += 1
            wish = {"id": f"bench-ticket-{self._taken}", "service": self._service}
            (await self._kiosk.post("/api/kiosk/k1/ticket", json=wish)).raise_for_status()

    async def close(self) -> None:
        await self._kiosk.aclose()


def edit_site(path: Path, change: Callable[[Any], None]) -> None:
    yaml = YAML()
    yaml.width = 160
    site = yaml.load(path.read_text("utf-8"))
    change(site)
    with path.open("w", encoding="utf-8") as handle:
        yaml.dump(site, handle)
