"""What the conformance kit needs to know of ticket printers. Their status bytes have no checksum."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from drivers.conform import Bench, Say
from drivers.glyphs import find_fonts

_QUESTION: Final = re.compile(rb"\x10\x04[\x01-\x04]|\x1dr\x01")
_WELL: Final = b"\x12"
_PAPER_IN_TURN: Final = b"\x00"


class HealthyPrinter:
    """Answers DLE EOT n and GS r 1 wherever they stand, as a printer with paper and a closed cover does."""

    def connected(self) -> Iterable[Say]:
        return ()

    def hear(self, data: bytes) -> Iterator[Say]:
        for question in _QUESTION.findall(data):
            yield Say(_WELL if question.startswith(b"\x10") else _PAPER_IN_TURN)


@cache
def _fonts() -> Mapping[str, Any]:
    return {"fonts": find_fonts()}


ESCPOS: Final = Bench(
    session=Path(__file__).parent / "captures" / "ticket.json",
    peer=HealthyPrinter,
    secrets=("张测试",),
    protected=False,
    loose=frozenset({"bytes"}),  # a job after a broken one first cuts off what the printer may still hold
    extra=_fonts,
)
