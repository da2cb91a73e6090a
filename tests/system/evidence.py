"""What a station left behind, read past its own programs: raw records on both ends, panels, a patient eye."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import apsw
import httpx

from hw_sim.box.led_reader import read_panel
from hw_sim.demo.station import Station
from tests.campaign.morning import tool

LOOK_SECONDS = 0.1


def journal_bytes(hall: Station) -> list[bytes]:
    """Every record of the journal as it was written, in order."""
    return _column(hall.journal, "SELECT raw FROM records ORDER BY pos")


def centre_bytes(hall: Station) -> list[bytes]:
    """Every record that the centre holds of this site, in the order of the site."""
    return _column(hall.centre_db, "SELECT raw FROM records ORDER BY epoch, seq")


def arrival_order(hall: Station) -> list[bytes]:
    """The same in the order in which the centre committed them."""
    return _column(hall.centre_db, "SELECT raw FROM records ORDER BY id")


def records(hall: Station, kind: str = "") -> list[dict[str, Any]]:
    found = (json.loads(raw) for raw in journal_bytes(hall))
    return [record for record in found if kind in ("", record["kind"])]


def _column(path: Path, query: str) -> list[bytes]:
    db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        db.set_busy_timeout(5_000)
        return [row[0] for row in db.execute(query)]
    finally:
        db.close()


async def verified(hall: Station) -> int:
    """The journal's records, once `hallctl` found the chain whole."""
    verdict = await tool("hallctl", "journal", "verify", str(hall.journal), "--json")
    assert verdict["first_bad"] is None
    return int(verdict["records"])


async def seen(look: Callable[[], Any | Awaitable[Any]], seconds: float, what: str) -> Any:
    """Look until there is something to see; AssertionError says what was not."""
    answer: Any = None
    try:
        async with asyncio.timeout(seconds):
            while True:
                answer = look()
                if isinstance(answer, Awaitable):
                    answer = await answer
                if answer:
                    return answer
                await asyncio.sleep(LOOK_SECONDS)
    except TimeoutError:
        raise AssertionError(f"not seen within {seconds:g} s: {what}; last: {answer!r}") from None


def on_panel(hall: Station, panel: str, text: str) -> bool:
    """Whether this text stands on the panel, read from its lamps."""
    return read_panel(hall.hall.device(panel).panel_image(), [text]) == text


async def panel_shows(hall: Station, panel: str, text: str, seconds: float) -> None:
    await seen(lambda: on_panel(hall, panel, text), seconds, f"{text} on {panel}")


async def delivered(hall: Station, seconds: float = 45.0) -> list[bytes]:
    """The journal's bytes once the centre holds all of them and nothing more is coming.

    `seconds`: a lost HELLO is repeated after 4 s, a connection given up after 12 (protocol page sync, section 4).
    """

    def both() -> list[bytes]:
        mine, theirs = journal_bytes(hall), centre_bytes(hall)
        return mine if len(mine) == len(theirs) else []

    try:
        found: list[bytes] = await seen(both, seconds, "all records at the centre")
    except AssertionError as error:
        counts = len(journal_bytes(hall)), len(centre_bytes(hall))
        raise AssertionError(f"{error}; journal and centre: {counts}; line: {await line_state(hall)}") from None
    return found


async def line_state(hall: Station) -> dict[str, Any]:
    """The line to the centre as the hall itself says it is."""
    async with httpx.AsyncClient(base_url=hall.hall_url) as client:
        link: dict[str, Any] = (await client.get("/api/health")).json()["link"]
        return link
