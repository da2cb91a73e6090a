"""A real Chromium in front of a real hall."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright, expect

from edge.api.client import HallClient
from edge.api.schema import TicketRequest
from tests.edge.api.bench import Bench, bench, case_site, free_port

expect.set_options(timeout=30_000)  # what a page shows at last; its own five seconds are short on a busy machine
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Desk:
    """A page, the hall behind it, and everything the page complained about."""

    page: Page
    hall: Bench
    folder: Path
    complaints: list[str]
    tickets: int = 0

    @property
    def origin(self) -> str:
        return f"http://{self.hall.site.api.names[0]}"

    async def take(self, service: str = "general", card: str = "") -> str:
        """A citizen takes a ticket at the kiosk; its number."""
        self.tickets += 1
        async with _kiosk(self.folder) as kiosk:
            wish = TicketRequest(id=f"citizen-{self.tickets}", service=service, card=card)
            return (await kiosk.take_ticket(wish)).number

    async def read_card(self) -> str:
        async with _kiosk(self.folder) as kiosk:
            return (await kiosk.read_card(10)).card

    async def sign_in(self, pin: str = "2468") -> None:
        await self.page.goto(f"{self.origin}/clerk/")
        await self.page.get_by_text("1 号窗口").first.click()
        await self.page.get_by_label("登录码").fill(pin)
        await self.page.get_by_role("button", name="登录").click()

    async def shot(self, name: str) -> None:
        await self.page.screenshot(path=self.folder / f"{name}.png")


class _kiosk:
    def __init__(self, folder: Path) -> None:
        self._client = HallClient(socket=str(folder / "api.sock"), place="k1")

    async def __aenter__(self) -> HallClient:
        return self._client

    async def __aexit__(self, *error: object) -> None:
        await self._client.close()


@pytest.fixture
async def hall(tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench(tmp_path / "journal", case_site(free_port())) as made:
        yield made


@pytest.fixture
async def desk(hall: Bench, tmp_path: Path) -> AsyncIterator[Desk]:
    """Not served yet: `async with serving(desk.hall, desk.folder)`."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        context = await chromium.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN")
        context.set_default_timeout(30_000)  # the first page of a cold browser on a busy machine
        page = await context.new_page()
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
        yield Desk(page, hall, tmp_path, complaints)
        await chromium.close()
