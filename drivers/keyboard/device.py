"""The life of a device that only types."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator

from drivers.contract import Context, Event, Health, Identity, Link
from drivers.errors import Gone
from drivers.keyboard.typing import Stroke, Typist
from drivers.links import keep_private
from drivers.links.evdev import EventReader


class KeyDevice(ABC):
    """Families turn strokes into events. A keyboard cannot be asked who it is."""

    def __init__(self, link: Link, ctx: Context) -> None:
        self._link = link
        self._clock = ctx.clock
        self._note = ctx.note

    async def open(self) -> Identity:
        """Raises what opening the link raises."""
        if not self._link.is_open:
            await self._link.open()
            keep_private(self._link, True)
            self._forget()
        return Identity()

    async def check(self) -> Health:
        """Raises Gone."""
        if not self._link.is_open:
            raise Gone(f"{self._link.name}: ended")
        return Health(state="ready")

    async def close(self) -> None:
        await self._link.close()

    async def events(self) -> AsyncIterator[Event]:
        """Raises Gone."""
        reader, typist = EventReader(), Typist()
        while True:
            for event in reader.feed(await self._link.read()):
                stroke = typist.take(event)
                if stroke is not None and (said := self._event(stroke)) is not None:
                    yield said

    def _forget(self) -> None:
        """What was typed before the device was plugged in has nothing to do with what comes now."""
        return

    @abstractmethod
    def _event(self, stroke: Stroke) -> Event | None:
        """What a key means; None for nothing, or nothing yet."""
