"""A clerk's keypad on the line (caller.md)."""

import asyncio
from collections.abc import AsyncIterator
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from drivers.contract import Context, Event, Health, Identity, Info, KeypadLine, Kind
from drivers.errors import Gone
from drivers.hall485.bus import Hall485Bus
from drivers.hall485.functions import BEEP, DISPLAY, KEYPAD_REPORTS
from drivers.hall485.keys import SHOW_ADDRESS, press_of
from drivers.hall485.screen import address_data, screen_data
from drivers.hall485.station import Station

_BEEP_EVERY_SECONDS = 1.0


class KeypadConfig(BaseModel):
    """`dialect`: a = government halls, b = banks and hospitals."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    address: int = Field(ge=1, le=127)
    dialect: Literal["a", "b"]


class Keypad:
    """Events: `key` {"key", "digits"}; keys: next, recall, finish, miss, pause, number, transfer, suspend, resume,
    prepare, sign_in, sign_out, guard, manager, adviser.
    """

    info: ClassVar[Info] = Info(
        kind=Kind.KEYPAD, maker="FF 68", models=("a", "b"), links=("bus:hall485.bus",), probe="silent"
    )
    Config: ClassVar[type[BaseModel]] = KeypadConfig

    def __init__(self, config: KeypadConfig, link: Hall485Bus, ctx: Context) -> None:
        self._config = config
        self._bus = link
        self._note = ctx.note
        self._station: Station | None = None
        self._number: str | None = None  # what its screen says of the ticket; None = not known

    async def open(self) -> Identity:
        """Takes its address on the line. Raises Absent while the line is down, Busy when the address is taken."""
        if self._station is None or self._station.is_over:
            self._station = self._bus.attach(self._config.address, KEYPAD_REPORTS)
            self._number = None
        return Identity(maker=self.info.maker, model=self._config.dialect)

    async def check(self) -> Health:
        return self._opened().health()

    async def close(self) -> None:
        station, self._station = self._station, None
        if station is not None:
            self._bus.detach(station)

    async def events(self) -> AsyncIterator[Event]:
        station = self._opened()
        async for report in station.reports():
            press = press_of(self._config.dialect, report.frame.data)
            if press is None:
                self._note("key without a meaning", address=station.address, data=report.frame.data.hex(" "))
            elif press.key == SHOW_ADDRESS:
                await station.send(DISPLAY, address_data(self._config.address))
            else:
                yield Event(name="key", data={"key": press.key, "digits": press.digits})

    async def display(self, line: KeypadLine) -> None:
        """A new number goes at once. What changes beside it goes when the line has room: nobody waits for a count, and
        each frame may meet a press on the line.
        """
        data = screen_data(self._config.dialect, line)
        station, number = self._opened(), line.ticket or ""
        if number == self._number:
            station.post(DISPLAY, data)
        else:
            await station.send(DISPLAY, data)
            self._number = number

    async def beep(self) -> None:
        await self._opened().send(BEEP)

    async def identify(self, seconds: float) -> None:
        """Beeps once a second."""
        for _ in range(max(1, round(seconds / _BEEP_EVERY_SECONDS))):
            await self.beep()
            await asyncio.sleep(_BEEP_EVERY_SECONDS)

    def _opened(self) -> Station:
        if self._station is None:
            raise Gone(f"keypad {self._config.address}: not open")
        return self._station
