"""A scene's `machine`: which device hangs in which socket, on which adapter."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from hw_sim.machine.adapters import ADAPTERS, Adapter
from hw_sim.machine.sockets import SocketPath


class SocketPlan(BaseModel):
    """`adapter`: by its name, left out: what fits the device; `serial`: its serial number, where it has one.

    A path alone may stand for the whole.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str
    adapter: str = ""
    serial: str = ""

    @field_validator("path")
    @classmethod
    def _socket(cls, path: str) -> str:
        return str(SocketPath.parse(path))

    @field_validator("adapter")
    @classmethod
    def _known(cls, adapter: str) -> str:
        if adapter and adapter not in ADAPTERS:
            raise ValueError(f"no adapter {adapter!r}; there are: {', '.join(ADAPTERS)}")
        return adapter

    def chosen(self, usual: str) -> Adapter:
        """`usual` for a device in a USB socket; on the board there is no choice."""
        name = self.adapter or (usual if SocketPath.parse(self.path).ports else "board")
        return ADAPTERS[name].with_serial(self.serial)


def _whole(plan: Any) -> Any:
    return {"path": plan} if isinstance(plan, str) else plan


class MachinePlan(BaseModel):
    """`folder`: below the run folder, holding `sys` and `dev`: what hall programs are given as their root."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    folder: str = Field("machine", pattern=r"^[a-z0-9][a-z0-9_-]*$")
    sockets: dict[str, Annotated[SocketPlan, BeforeValidator(_whole)]] = Field(min_length=1)
