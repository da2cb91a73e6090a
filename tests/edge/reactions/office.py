"""The devices of a kiosk that prints and copies: a real IPP driver on a printer that runs here."""

import asyncio
import base64
import io
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw
from pydantic import BaseModel

from drivers.contract import Context
from drivers.errors import Absent
from drivers.links import make_link
from drivers.printer.ipp.driver import IppConfig, IppPrinter
from edge.devices.verbs import perform

AREA = {"id": "business", "name": {"zh-Hans": "商务区", "zh-Hant": "商務區", "en": "the business area"}}
PAGES = {"person_pages": 6, "ticket_pages": 2, "hall_pages": 20, "most_pages": 5}
OFFICE = {"id": "office-1", "driver": "printer.ipp", "link": "ipp://192.0.2.22/ipp/print"}


def with_copies(data: dict[str, Any], **copies: Any) -> dict[str, Any]:
    """A site's data with an A4 printer and a camera at its kiosk, and pages to print."""
    kiosks = [{**data["kiosks"][0], "office": "office-1", "camera": "camera-9"}]
    devices = [*data["devices"], OFFICE, {"id": "camera-9", "driver": "camera.mjpeg", "link": "http://192.0.2.49/main"}]
    return data | {
        "areas": [*data["areas"], AREA],
        "kiosks": kiosks,
        "devices": devices,
        "copies": {
            "area": "business",
            "person_pages": 6,
            "ticket_pages": 2,
            "hall_pages": 20,
            "most_pages": 5,
            **copies,
        },
    }


def paper(text: str = "一页纸", size: tuple[int, int] = (620, 877)) -> bytes:
    image = Image.new("L", size, 235)
    draw = ImageDraw.Draw(image)
    draw.rectangle((40, 40, size[0] - 40, 120), fill=30)
    draw.text((60, 160), text.encode("ascii", "replace").decode(), fill=0)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()


class Office:
    """Speaks to its driver as a device host does; `lost` cuts the hall off from it."""

    def __init__(self, printer: str, folder: Path, note: Callable[..., None] = lambda *_, **__: None) -> None:
        ctx = Context(clock=asyncio.get_running_loop().time, random=random.Random(1), note=note, runtime=str(folder))
        self._driver = IppPrinter(IppConfig(poll=0.05, timeout=20), make_link(printer, ctx), ctx)
        self.printed: list[str] = []

    async def open(self) -> None:
        await self._driver.open()

    def want(self, device: str, state: BaseModel | None) -> None:
        """Nothing here shows anything."""

    async def call(self, device: str, verb: str, argument: BaseModel | None, *, deadline: float) -> dict[str, Any]:
        if device != "office-1":
            raise Absent(device)
        if verb == "print":
            assert argument is not None
            self.printed.append(argument.id)  # type: ignore[attr-defined]
        value = None if argument is None else argument.model_dump(mode="json")
        async with asyncio.timeout(deadline):
            return await perform(self._driver, verb, value)


def sent(argument: Any) -> bytes:
    """The picture of a print."""
    return base64.b64decode(argument.picture)
