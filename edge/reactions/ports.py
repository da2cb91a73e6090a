"""What reactions ask of the devices. The host link holds what is wanted and sends it again by itself."""

from typing import Any, Protocol

from pydantic import BaseModel


class DevicesPort(Protocol):
    def want(self, device: str, state: BaseModel | None) -> None:
        """Desired state: Page for a display, KeypadLine for a keypad, Prompt or None for a pad. Never waits."""

    async def call(self, device: str, verb: str, argument: BaseModel | None, *, deadline: float) -> dict[str, Any]:
        """One verb, once, within `deadline` seconds. Raises drivers.errors.DeviceError."""


class DeviceEvent(Protocol):
    """Something a device did. `id` (`<host>:<boot>:<n>`) is the same however often it is repeated."""

    @property
    def id(self) -> str: ...

    @property
    def device(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def data(self) -> dict[str, Any]: ...
