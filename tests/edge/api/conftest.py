from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from edge.api.client import HallClient, Timing
from tests.edge.api.bench import Bench, bench, case_site, free_port, serving, site

FAST = Timing(first_wait=0.02, longest_wait=0.05, silence=2.0)


@dataclass
class Served:
    """A hall with both listeners. Everything made here is closed at the end of the test."""

    hall: Bench
    socket: Path
    port: int
    stack: AsyncExitStack
    browsers: int = field(default=0)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, place: str = "k1", timing: Timing = FAST) -> HallClient:
        client = HallClient(socket=str(self.socket), place=place, timing=timing)
        self.stack.push_async_callback(client.close)
        return client

    def browser(self, language: str = "zh-Hans") -> httpx.AsyncClient:
        """A browser on one of the hall's pages."""
        headers = {"Origin": self.origin, "Content-Type": "application/json", "Accept-Language": language}
        made = httpx.AsyncClient(base_url=self.origin, headers=headers, trust_env=False, verify=False)
        self.stack.push_async_callback(made.aclose)
        return made

    async def clerk(self, window: str = "w1", pin: str = "2468") -> httpx.AsyncClient:
        made = self.browser()
        answer = await made.post("/api/session", json={"window": window, "pin": pin})
        assert answer.status_code == 200, answer.text
        return made


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    port = free_port()
    async with (
        bench(tmp_path / "journal", site(port)) as hall,
        serving(hall, tmp_path) as socket,
        AsyncExitStack() as stack,
    ):
        yield Served(hall, socket, port, stack)


@pytest.fixture
async def counter(tmp_path: Path) -> AsyncIterator[Served]:
    """A hall whose window w1 has a reader, a camera and a printer."""
    port = free_port()
    async with (
        bench(tmp_path / "journal", case_site(port)) as hall,
        serving(hall, tmp_path) as socket,
        AsyncExitStack() as stack,
    ):
        yield Served(hall, socket, port, stack)
