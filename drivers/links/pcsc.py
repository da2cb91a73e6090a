"""Names a smart-card reader of the PC/SC service. The service moves the bytes, so this link carries none."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, unquote

from drivers.contract import Context
from drivers.errors import BadConfig, Unsupported


class PcscLink:
    """`reader`: its name without the numbers that the service counts with, '' for the only one; `slot` in it.

    `new_session`: another way to the card than the service, with the methods of drivers.idcard.pcsc_session.
    """

    def __init__(self, name: str, reader: str, slot: int) -> None:
        self.name = name
        self.reader = reader
        self.slot = slot
        self.new_session: Callable[[str, int], Any] | None = None
        self.is_open = False

    async def open(self) -> None:
        self.is_open = True

    async def close(self) -> None:
        self.is_open = False

    async def read(self, limit: int = 4096) -> bytes:
        raise Unsupported(f"{self.name}: cards are asked, not read")

    async def write(self, data: bytes) -> None:
        raise Unsupported(f"{self.name}: cards are asked, not written to")

    def discard_input(self) -> bytes:
        return b""


def pcsc(url: str, ctx: Context) -> PcscLink:
    """`pcsc:READER[?slot=0]`, the reader's name percent-encoded where it needs it. Raises BadConfig."""
    name, _, query = url.partition("?")
    options = dict(parse_qsl(query, keep_blank_values=True))
    slot = options.pop("slot", "0")
    if options or not slot.isdecimal():
        raise BadConfig(f"{name}: write pcsc:READER?slot=0")
    return PcscLink(name, unquote(name.partition(":")[2]).strip("/"), int(slot))
