"""What the conformance kit needs to know of office printers, and one that plays them (RFC 8010, 8011).

It takes pages of few dots, so that a thousand of them are drawn in a moment.
"""

import struct
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import httpx

from drivers.conform import Bench, Say
from drivers.conform.ferry import Door, refuse
from drivers.conform.line import Line
from drivers.contract import Context
from drivers.glyphs import find_fonts
from drivers.printer.ipp.client import IppLink

_HEAD_END: Final = b"\r\n\r\n"
_DPI: Final = 72
_COMPLETED: Final = 9


class OfficePrinter:
    """Idle, with paper; each job is printed at once and remembered."""

    def __init__(self) -> None:
        self._jobs: list[bytes] = []
        self._heard = b""

    def connected(self) -> Iterable[Say]:
        self._heard = b""
        return ()

    def hear(self, data: bytes) -> Iterator[Say]:
        self._heard += data
        head, end, body = self._heard.partition(_HEAD_END)
        if not end or len(body) < _length(head):
            return
        self._heard = b""
        operation, request = struct.unpack_from(">HI", body, 2)
        reply = b"\x02\x00\x00\x00" + struct.pack(">I", request) + b"\x01" + _OPENING + self._answer(operation, body)
        kind = "HTTP/1.1 200 OK\r\nContent-Type: application/ipp"
        yield Say(f"{kind}\r\nContent-Length: {len(reply) + 1}\r\n\r\n".encode() + reply + b"\x03")

    def _answer(self, operation: int, body: bytes) -> bytes:
        match operation:
            case 0x000B:
                return b"\x04" + _PRINTER
            case 0x0002:
                self._jobs.append(_named(body, b"job-name"))
                return b"\x02" + self._job(len(self._jobs))
            case 0x0009:
                return b"\x02" + self._job(int.from_bytes(_named(body, b"job-id"), "big"))
            case 0x000A if b"not-completed" not in body:
                return b"".join(b"\x02" + self._job(number) for number in range(1, len(self._jobs) + 1))
        return b""

    def _job(self, number: int) -> bytes:
        return (
            _number(0x21, "job-id", number)
            + _value(0x42, "job-name", self._jobs[number - 1])
            + _number(0x23, "job-state", _COMPLETED)
            + _value(0x44, "job-state-reasons", b"job-completed-successfully")
            + _number(0x21, "time-at-processing", number)
        )


def _length(head: bytes) -> int:
    return int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)


def _named(body: bytes, name: bytes) -> bytes:
    rest = body.partition(struct.pack(">H", len(name)) + name)[2]
    return rest[2 : 2 + int.from_bytes(rest[:2], "big")]


def _value(tag: int, name: str, raw: bytes) -> bytes:
    return struct.pack(">BH", tag, len(name)) + name.encode() + struct.pack(">H", len(raw)) + raw


def _number(tag: int, name: str, number: int) -> bytes:
    return _value(tag, name, struct.pack(">i", number))


_OPENING: Final = _value(0x47, "attributes-charset", b"utf-8") + _value(0x48, "attributes-natural-language", b"en")
_PRINTER: Final = (
    _number(0x23, "printer-state", 3)
    + _value(0x44, "printer-state-reasons", b"none")
    + _value(0x22, "printer-is-accepting-jobs", b"\x01")
    + _value(0x41, "printer-make-and-model", b"Invented A4")
    + _value(0x45, "printer-uuid", b"urn:uuid:00000000-0000-4000-8000-000000000001")
    + _value(0x49, "document-format-supported", b"image/pwg-raster")
    + _value(0x32, "pwg-raster-document-resolution-supported", struct.pack(">iib", _DPI, _DPI, 3))
    + _value(0x44, "pwg-raster-document-type-supported", b"sgray_8")
)


class LineIppLink(IppLink):
    """The operations go to a local socket with the kit's line behind it."""

    def __init__(self, ctx: Context, line: Line) -> None:
        super().__init__("ipp://line:631/", "line", 631, "/")
        self._line, self._door = line, Door(line)
        self._path = str(Path(ctx.runtime) / f"ipp-{id(self):x}.sock")

    async def open(self) -> None:
        refuse(self._line, self.name)
        await self._door.open(self._path)
        await super().open()

    async def close(self) -> None:
        self._door.close()
        Path(self._path).unlink(missing_ok=True)
        await super().close()

    def transport(self) -> httpx.AsyncBaseTransport:
        return httpx.AsyncHTTPTransport(verify=False, uds=self._path)


@cache
def _fonts() -> Mapping[str, Any]:
    return {"fonts": find_fonts()}


IPP: Final = Bench(
    session=Path(__file__).parent.parent / "captures" / "notice.json",
    peer=OfficePrinter,
    scheme="ipp",
    link=LineIppLink,
    secrets=("张测试",),
    protected=False,
    extra=_fonts,
)
