"""Scanners on a serial line: a reading ends with CR, LF or both, or with a pause."""

import asyncio
from typing import ClassVar, Final

from drivers.codes.reading import Scanner
from drivers.contract import Info, Kind

_ENDS: Final = b"\r\n"
_BYTES_A_CHARACTER: Final = 4


class Readings:
    """Cuts a stream into readings; None stands for one that was too long and is dropped whole."""

    def __init__(self, longest: int) -> None:
        self._longest = longest * _BYTES_A_CHARACTER
        self._rest = bytearray()
        self._too_long = False

    @property
    def begun(self) -> bool:
        return bool(self._rest) or self._too_long

    def feed(self, data: bytes) -> list[bytes | None]:
        found: list[bytes | None] = []
        for byte in data:
            if byte in _ENDS:
                found += self.end()
            elif len(self._rest) >= self._longest:
                self._rest.clear()
                self._too_long = True
            elif not self._too_long:
                self._rest.append(byte)
        return found

    def end(self) -> list[bytes | None]:
        """What came up to here, nothing when nothing did."""
        if self._too_long:
            self._too_long = False
            return [None]
        taken = bytes(self._rest)
        self._rest.clear()
        return [taken] if taken else []


def text_of(reading: bytes) -> str:
    """UTF-8 where it is that, else GB18030 as Chinese scanners and codes have it; never fails."""
    try:
        return reading.decode("utf-8")
    except UnicodeDecodeError:
        return reading.decode("gb18030", errors="replace")


class SerialScanner(Scanner):
    """USB scanners with a serial port of their own (CDC) are the same."""

    info: ClassVar[Info] = Info(
        kind=Kind.CODE_READER,
        maker="serial line",
        models=("serial scanner",),
        links=("serial", "tcp"),
        probe="silent",
        secrets=("scan",),
    )

    async def _readings(self) -> None:
        readings = Readings(self._config.longest)
        while True:
            try:
                async with asyncio.timeout(self._config.idle if readings.begun else None):
                    data = await self._link.read()
            except TimeoutError:
                self._hand_over(readings.end())
            else:
                self._hand_over(readings.feed(data))

    def _hand_over(self, found: list[bytes | None]) -> None:
        for reading in found:
            if reading is None:
                self._dropped("too long", longest=self._config.longest)
            else:
                self._take(text_of(reading))
