"""Hands and eyes at simulated hardware in another process: what its page shows, what can be done there."""

import asyncio
import io
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from PIL import Image
from websockets.asyncio.client import connect

from hw_sim.box.led_reader import read_panel


@dataclass
class Workbench:
    """`views`: the newest of every device, as the page gets it."""

    page: httpx.AsyncClient
    views: dict[str, dict[str, Any]] = field(default_factory=dict)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def act(self, device: str, action: str, **values: Any) -> None:
        answer = await self.page.post("/act", json={"device": device, "action": action, "values": values})
        assert answer.status_code == 200, f"{device} {action}: {answer.text}"

    async def until(self, device: str, wanted: Callable[[dict[str, Any]], bool], seconds: float, what: str) -> Any:
        """The device's view once it is as wanted; AssertionError says what was not seen."""

        def look() -> bool:
            return device in self.views and wanted(self.views[device])

        try:
            async with asyncio.timeout(seconds), self.changed:
                await self.changed.wait_for(look)
        except TimeoutError:
            raise AssertionError(f"not within {seconds:g} s: {what}; {self.views.get(device)}") from None
        return self.views[device]

    async def panel_shows(self, panel: str, text: str, seconds: float) -> None:
        """As a passer-by reads it from the lamps."""
        try:
            async with asyncio.timeout(seconds):
                while read_panel(Image.open(io.BytesIO(await self._picture(panel))), [text]) != text:
                    await asyncio.sleep(0.2)
        except TimeoutError:
            raise AssertionError(f"not within {seconds:g} s: {panel} shows {text}") from None

    async def _picture(self, device: str) -> bytes:
        answer = await self.page.get(f"/picture/{device}.png")
        assert answer.status_code == 200, device
        return answer.content

    async def ticket(self, printer: str, number: int) -> bytes:
        answer = await self.page.get(f"/ticket/{printer}/{number}.png")
        assert answer.status_code == 200, f"{printer} {number}"
        return answer.content

    async def listen(self, port: int) -> None:
        async with connect(f"ws://127.0.0.1:{port}/ws", origin=f"http://127.0.0.1:{port}", max_size=None) as news:
            async for line in news:
                told = json.loads(line)
                if told.get("is") == "device":
                    async with self.changed:
                        self.views[told["id"]] = told
                        self.changed.notify_all()


@asynccontextmanager
async def workbench(port: int) -> AsyncIterator[Workbench]:
    """`port`: of the page that `hall-sim scene` serves."""
    address = f"http://127.0.0.1:{port}"
    async with httpx.AsyncClient(base_url=address, headers={"origin": address}) as page:
        bench = Workbench(page)
        eyes = asyncio.create_task(bench.listen(port))
        try:
            yield bench
        finally:
            eyes.cancel()
            await asyncio.gather(eyes, return_exceptions=True)
