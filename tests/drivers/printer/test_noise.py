"""One wrong, missing or doubled byte at every answer of a whole job, in virtual time, against a scripted link."""

import asyncio
import random
from pathlib import Path
from typing import Literal

import pytest

from drivers.contract import Context, PrintJob, TicketLine
from drivers.errors import DeviceError, Gone, OutcomeUnknown
from drivers.glyphs import Glyphs
from drivers.printer.escpos import EscPosConfig, EscPosPrinter
from drivers.printer.render import Renderer
from tests.support.virtual_time import now, run_virtual

JOB = PrintJob(id="t-1", lines=(TicketLine(text="A017", size=4),))
_ANSWERS = 15  # three before, six around the cut that comes first, three in turn behind the ticket, three at the end
ASKED = (b"\x10\x04\x01", b"\x10\x04\x02", b"\x10\x04\x03", b"\x10\x04\x04")
IN_TURN = b"\x1dr\x01"
# One of each class of byte: answers in turn, replies fine and bad, first bytes of automatic status, flow control, junk.
VALUES = (0x00, 0x03, 0x0C, 0x0F, 0x10, 0x18, 0x12, 0x1E, 0x1A, 0x32, 0x72, 0x11, 0x13, 0x55, 0x80, 0xFF)
Spoil = Literal["missing", "doubled", "prefixed", "replaced"]
SPOILS: tuple[tuple[Spoil, int], ...] = (
    ("missing", 0),
    ("doubled", 0),
    *(("prefixed", value) for value in VALUES),
    *(("replaced", value) for value in VALUES),
)


class Line:
    """Answers like a healthy printer; the `spoilt`-th answer is changed. `prints` False: the ticket never ends."""

    name = "tcp://192.0.2.1:9100"

    def __init__(self, spoilt: int, spoil: tuple[Spoil, int], *, prints: bool) -> None:
        self.is_open = False
        self.tickets = 0
        self.answers = 0
        self._spoilt, self._spoil, self._prints = spoilt, spoil, prints
        self._in = bytearray()

    async def open(self) -> None:
        self.is_open = True

    async def close(self) -> None:
        self.is_open = False

    async def read(self, limit: int = 4096) -> bytes:
        while not self._in:
            await asyncio.sleep(0.05)
        data, self._in = bytes(self._in), bytearray()
        return data

    async def write(self, data: bytes) -> None:
        if not self.is_open:
            raise Gone("closed")
        if data in ASKED:
            self._answer(0x12)
        elif data != IN_TURN:
            self.tickets += b"A017" in data
        elif self._prints or not self.tickets:
            self._answer(0x00)

    def discard_input(self) -> bytes:
        data, self._in = bytes(self._in), bytearray()
        return data

    def _answer(self, value: int) -> None:
        kind, wrong = self._spoil if self.answers == self._spoilt else ("", 0)
        self.answers += 1
        self._in += {
            "missing": b"",
            "doubled": bytes((value, value)),
            "prefixed": bytes((wrong, value)),
            "replaced": bytes((wrong,)),
        }.get(kind, bytes((value,)))


def outcome(line: Line, folder: Path, renderer: Renderer) -> str:
    async def main() -> str:
        ctx = Context(
            clock=now,
            random=random.Random(1),
            note=lambda *_, **__: None,
            runtime=str(folder),
            extra={"renderer": renderer},
        )
        device = EscPosPrinter(EscPosConfig(timeout=2), line, ctx)
        try:
            await device.print(JOB)
        except OutcomeUnknown:
            return "unknown"
        except DeviceError:
            return "failed"
        return "done"

    return run_virtual(main())


@pytest.fixture(scope="module")
def renderer(glyphs: Glyphs) -> Renderer:
    return Renderer(576, "gbk", True, False, glyphs)


@pytest.mark.parametrize("spoil", SPOILS, ids=lambda spoil: f"{spoil[0]}-{spoil[1]:02x}")
def test_a_healthy_printer_with_one_spoilt_answer(spoil: tuple[Spoil, int], tmp_path: Path, renderer: Renderer) -> None:
    lines = []
    for spoilt in range(_ANSWERS):
        lines.append(line := Line(spoilt, spoil, prints=True))
        end = outcome(line, tmp_path / str(spoilt), renderer)
        assert line.tickets == {"done": 1, "unknown": 1, "failed": 0}[end]
    assert lines[-1].answers >= _ANSWERS  # the last answer of a job was spoilt too


@pytest.mark.parametrize("spoil", SPOILS, ids=lambda spoil: f"{spoil[0]}-{spoil[1]:02x}")
def test_a_ticket_that_never_ends_is_never_done(spoil: tuple[Spoil, int], tmp_path: Path, renderer: Renderer) -> None:
    for spoilt in range(_ANSWERS):
        line = Line(spoilt, spoil, prints=False)
        assert outcome(line, tmp_path / str(spoilt), renderer) in ("unknown", "failed")
