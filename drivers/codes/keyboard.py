"""Scanners that type: keys of a US keyboard, ended by Enter, taken away from everybody else."""

from typing import ClassVar, Final

from drivers.codes.reading import Scanner
from drivers.contract import Info, Kind
from drivers.keyboard.layout import ENTER, KP_ENTER
from drivers.keyboard.typing import Typist
from drivers.links.evdev import EventReader

_ENDS: Final = frozenset({ENTER, KP_ENTER})


class KeyboardScanner(Scanner):
    """Only what a US keyboard can type: set a scanner of Chinese codes to its serial mode, or give it a serial line."""

    info: ClassVar[Info] = Info(
        kind=Kind.CODE_READER,
        maker="USB HID",
        models=("keyboard scanner",),
        links=("input-at",),
        probe="silent",
        secrets=("scan",),
    )

    async def _readings(self) -> None:
        events, typist = EventReader(), Typist()
        typed: list[str] = []
        spoilt = False
        while True:
            for event in events.feed(await self._link.read()):
                stroke = typist.take(event)
                if stroke is None:
                    continue
                spoilt = spoilt or stroke.lost or len(typed) > self._config.longest
                if stroke.code not in _ENDS:
                    if not spoilt:
                        typed.append(stroke.text)
                    continue
                if spoilt:
                    self._dropped("too long, or keys were lost", longest=self._config.longest)
                else:
                    self._take("".join(typed))
                typed, spoilt = [], False
