"""One connection to the broker as the uplink and the centre see it. `sync.mqtt` is the real one."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol


class WireLost(Exception):
    """The connection is gone, or could not be made. `code` is for people and metrics, never personal."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code


class Letter(NamedTuple):
    topic: str
    payload: bytes
    qos: int = 1
    retain: bool = False


class Wire(Protocol):
    def send(self, letter: Letter, taken: Callable[[], None] | None = None) -> None:
        """Hand over for sending, without waiting for anyone. Raises WireLost.

        `taken` is called once the broker has the letter (PUBACK): flow control, nothing more.
        """

    async def receive(self) -> Letter:
        """The next message. Raises WireLost once the connection is gone."""

    def waiting(self) -> list[Letter]:
        """What has arrived and was not received yet; it is taken."""

    async def listen(self, wanted: Sequence[tuple[str, int]], unwanted: Sequence[str]) -> None:
        """Change the subscriptions; back when the broker has granted `wanted`. Raises WireLost."""

    async def close(self, last: Letter | None = None) -> None:
        """Say `last`, disconnect politely where that still works, and free everything. Safe to call twice."""


class Dial(Protocol):
    async def __call__(self, *, subscriptions: Sequence[tuple[str, int]], will: Letter | None) -> Wire:
        """A fresh connection whose subscriptions (filter, qos) the broker has granted. Raises WireLost."""
