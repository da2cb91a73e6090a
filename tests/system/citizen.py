"""A citizen at the real kiosk of a hall: taps what is there, reads, and keeps pictures of what he met."""

import os
from pathlib import Path

from hw_sim.demo.screen import Screen
from tests.system.evidence import seen

SECONDS = 30.0


class Citizen:
    """Taps by the names of controls. With HALL_SCREENSHOTS=<folder> a picture of each page met is saved there.

    `name`: what his pictures are called.
    """

    def __init__(self, screen: Screen, name: str = "desk") -> None:
        self.screen = screen
        self._name = name
        self._n = 0

    async def tap(self, *names: str) -> None:
        """One after the other, each as soon as it is there."""
        for name in names:
            await seen(lambda name=name: self._there(name), SECONDS, f"{name} on the kiosk")
            await self.screen.tap(name)

    async def types(self, text: str) -> None:
        for character in text:
            await self.tap(f"key_{character}")

    async def meets(self, page: str) -> None:
        await self.screen.page(page, seconds=SECONDS)
        folder = os.environ.get("HALL_SCREENSHOTS")
        if folder:
            self._n += 1
            path = Path(folder) / f"{self._name}-{self._n:02d}-{page}.png"
            path.write_bytes((await self.screen.picture()).png)

    async def reads(self, name: str) -> str:
        """What stands there; '' while it is not on the page."""
        controls = (await self.screen.look())["controls"]
        return next((str(each["name"]) for each in controls if each["object"] == name), "")

    async def told(self, part: str) -> str:
        """The whole of a text that holds `part`, once one does."""
        texts: list[str] = []

        async def says() -> str:
            texts[:] = [str(each["name"]) for each in (await self.screen.look())["controls"]]
            return next((text for text in texts if part in text), "")

        try:
            return str(await seen(says, SECONDS, f"{part} on the kiosk"))
        except AssertionError as unseen:
            raise AssertionError(f"{unseen}; there: {texts}") from None

    async def _there(self, name: str) -> bool:
        controls = (await self.screen.look())["controls"]
        return any(name in (each["object"], each["name"]) and each["enabled"] for each in controls)
