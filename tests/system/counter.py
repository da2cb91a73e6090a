"""A clerk's page at a window in a running turn: everything of a case, with the answers as the page gets them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import httpx

from hw_sim.demo.station import Station
from tests.system.evidence import records, seen
from tests.system.people import PIN, at_place, signed_in, take_ticket

NAME, NUMBER = "张测试", "119999199001010012"
CARD_ITEM = "social-card-apply"
ID_CARD = "id-card"
_fresh = count(1)


def fresh_id(what: str) -> str:
    return f"case-test-{what}-{next(_fresh)}"


@dataclass(slots=True)
class Counter:
    """`case`: the one last opened here."""

    hall: Station
    window: str
    browser: httpx.AsyncClient
    case: str = ""

    async def ask(self, path: str, *, id: str = "", **wish: Any) -> httpx.Response:
        """Whatever the answer is."""
        body = {"id": id or fresh_id(path.replace("/", "-")), **wish}
        return await self.browser.post(f"/api/window/{self.window}/{path}", json=body)

    async def do(self, path: str, *, id: str = "", **wish: Any) -> Any:
        answer = await self.ask(path, id=id, **wish)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    async def on_case(self, verb: str, *, id: str = "", **wish: Any) -> Any:
        return await self.do(f"case/{verb}", id=id, case=self.case, **wish)

    async def open(self, item: str = CARD_ITEM, name: str = NAME, number: str = NUMBER, phone: str = "") -> Any:
        person = await self.do("person", name=name, id_number=number, phone=phone)
        opened = await self.do("case", item=item, person=person["token"])
        self.case = opened["case"]
        return opened

    async def page(self, material: str = ID_CARD, **wish: Any) -> httpx.Response:
        return await self.ask("case/page", case=self.case, material=material, **wish)

    async def paper(self, material: str = ID_CARD, originals: int = 1, copies: int = 1) -> Any:
        wish: dict[str, Any] = {"state": "provided", "form": "paper", "originals": originals, "copies": copies}
        return await self.on_case("mark", material=material, **wish)

    async def now(self) -> Any:
        answer = await self.browser.get(f"/api/window/{self.window}/case")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def content(self) -> dict[str, Any]:
        """The case without `seq`, which counts everything that happens in the hall."""
        return {name: value for name, value in (await self.now()).items() if name != "seq"}

    async def leave(self) -> None:
        """No draft stays behind, whatever a test did with it."""
        now = await self.now()
        if now is not None and now["state"] == "draft":
            await self.do("case/drop", case=now["case"], why="mistake")

    async def papers_end(self, seconds: float = 20.0) -> list[dict[str, Any]]:
        """The case's papers once no print is under way."""

        async def ended() -> list[dict[str, Any]]:
            papers: list[dict[str, Any]] = (await self.now())["papers"]
            return papers if papers and all(each["print"] in ("done", "failed", "unknown") for each in papers) else []

        found: list[dict[str, Any]] = await seen(ended, seconds, "the end of the print")
        return found


async def begin_turn(hall: Station, browser: httpx.AsyncClient, window: str) -> None:
    """A citizen takes a number and sits down."""
    async with at_place(hall, "k1") as kiosk:
        await take_ticket(kiosk, fresh_id("ticket"))
    await seen(lambda: _no_print_runs(hall), 30, "the number's slip")
    for verb in ("next", "start"):
        answer = await browser.post(f"/api/window/{window}/{verb}", json={"id": fresh_id(verb)})
        assert answer.status_code == 200, answer.text


def _no_print_runs(hall: Station) -> bool:
    ends = sum(len(records(hall, f"print.{end}")) for end in ("done", "failed", "unknown"))
    return ends >= len(records(hall, "ticket.issued")) and ends == len(records(hall, "print.started"))


@asynccontextmanager
async def counter(hall: Station, window: str, pin: str = PIN) -> AsyncIterator[Counter]:
    async with signed_in(hall, window, pin) as browser:
        browser.headers["accept-language"] = "zh-Hans"
        await begin_turn(hall, browser, window)
        yield Counter(hall, window, browser)


def stored_files(hall: Station) -> dict[str, Path]:
    """Every file of the site's sealed pages, by its name, halves too."""
    return {path.name: path for path in (hall.folder / "data" / "files").glob("*/*")}


def named_files(hall: Station) -> set[str]:
    return {record["body"]["h"] for record in records(hall, "page.captured")}


async def pages_back(desk: Counter, page_id: str, seconds: float = 25.0) -> Any:
    """The case, once a page can be taken again with this id."""

    async def taken() -> Any:
        answer = await desk.page(id=page_id)
        return answer.json() if answer.status_code == 200 else None

    return await asyncio.wait_for(seen(taken, seconds, "a page under the same id"), seconds + 1)
