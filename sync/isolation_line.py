"""A connection that remembers what it heard, for those who try a broker; what they send is nobody's message."""

import asyncio
import secrets
from collections.abc import Sequence
from typing import Final, Self

from sync.mqtt import MqttDial, MqttWire
from sync.protocol import canonical
from sync.wire import Letter

PATIENCE_S: Final = 10.0
GRACE_S: Final = 0.5  # what takes longer through the broker than its control letter


class Line:
    """Opened and closed by `async with`. Raises WireLost when it cannot be opened."""

    def __init__(self, dial: MqttDial, subscriptions: Sequence[tuple[str, int]]) -> None:
        self._dial = dial
        self._subscriptions = subscriptions
        self._seen: list[Letter] = []
        self.opened = False
        self.wire: MqttWire

    async def __aenter__(self) -> Self:
        self.wire = await self._dial(subscriptions=self._subscriptions, will=None)
        self.opened = True
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.wire.close()

    async def until(self, letter: Letter) -> None:
        """Raises TimeoutError, WireLost."""
        async with asyncio.timeout(PATIENCE_S):
            while not any(seen.payload == letter.payload for seen in self._seen):
                self._seen.append(await self.wire.receive())

    async def next(self) -> Letter:
        """Raises WireLost."""
        letter = await self.wire.receive()
        self._seen.append(letter)
        return letter

    def seen(self) -> list[Letter]:
        """All that was heard by now."""
        self._seen += self.wire.waiting()
        return self._seen


def marked(place: str) -> Letter:
    """Unlike any other letter; a running centre ignores it."""
    return Letter(place, canonical.encode({"m": "isolation", "n": secrets.token_hex(16)}))
