"""What every device of a scene file says of itself."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Id = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]
Port = Annotated[int, Field(ge=0, le=65535)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SceneDevice(Strict):
    id: Id
    place: str = ""

    def ids(self) -> tuple[str, ...]:
        """Every name that can be troubled or acted on."""
        return (self.id,)


class SerialDevice(SceneDevice):
    """`port` is for TCP: a serial server in front of the line; 0 picks a free one."""

    wire: Literal["pty", "tcp"] = "pty"
    port: Port = 0
