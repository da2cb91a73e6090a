"""`hallctl discover --ask`: drivers shake hands, but only those made for exactly this device, on a port nobody has."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from drivers.contract import Context, Driver, Identity, Link
from drivers.errors import DeviceError
from edge.devices.claims import Claim, port_of
from edge.devices.discovery import Found, Installed
from edge.devices.worker_proxy import Workers

ASK_SECONDS: Final = 8.0
_HOLDER: Final = "hallctl discover"


@dataclass(frozen=True, slots=True)
class Answer:
    """`driver`: whose device answered ("" none); `trouble`: by driver that asked in vain, the code of its error."""

    driver: str = ""
    identity: Identity = field(default_factory=Identity)
    trouble: dict[str, str] = field(default_factory=dict)


class Asker:
    def __init__(
        self, installed: Installed, make_link: Callable[[str, Context], Link], ctx: Context, workers: Workers
    ) -> None:
        self._installed = installed
        self._make_link = make_link
        self._ctx = ctx
        self._workers = workers

    async def ask(self, found: Found, claims: Path | None = None) -> Answer:
        """One driver after the other until one's device answers. A held or unknown port gets no byte."""
        trouble: dict[str, str] = {}
        if found.holder:
            return Answer()
        for name in found.fits:
            cls = self._installed[name]
            if cls.info.probe != "asks":
                continue
            try:
                with Claim(port_of(found.link, self._ctx.runtime, self._ctx.root), _HOLDER, claims):
                    return Answer(name, await self._shake_hands(cls, found.link))
            except DeviceError as error:
                trouble[name] = error.code
            except TimeoutError:
                trouble[name] = "late"
            except ValidationError:
                trouble[name] = "bad_config"  # it cannot be asked without settings of its own
        return Answer(trouble=trouble)

    async def _shake_hands(self, cls: type[Driver], link: str) -> Identity:
        driver = self._driver(cls, link)
        try:
            async with asyncio.timeout(ASK_SECONDS):
                return await driver.open()
        finally:
            await driver.close()

    def _driver(self, cls: type[Driver], link: str) -> Driver:
        config: Any = cls.Config()
        if cls.info.isolation == "process":
            return self._workers.driver(cls, config, link, "asked")
        return cls(config, self._make_link(link, self._ctx), self._ctx)
