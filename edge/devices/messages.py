"""The host link (docs/device-host.md): JSON lines between `halld` and a device host, both ways, one object a line."""

import asyncio
from typing import Annotated, Any, Final, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from drivers.contract import Health, Identity

MAX_LINE: Final = 1_048_576
BEAT_SECONDS: Final = 2.0
LOST_AFTER_SECONDS: Final = 10.0  # no beat for so long: displays say the service is suspended
PROTOCOL: Final = 1


class Message(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True, frozen=True, extra="ignore")


class Hello(Message):
    """First line of a host. `boot` names this run of the host: event numbers count within it."""

    m: Literal["hello"] = "hello"
    protocol: int = PROTOCOL
    host: str
    boot: str
    devices: tuple[str, ...]


class HealthNews(Message):
    m: Literal["health"] = "health"
    device: str
    health: Health
    identity: Identity = Identity()


class EventNews(Message):
    """Repeated after a reconnect until acknowledged; (`host`, `boot`, `n`) names it for ever."""

    m: Literal["event"] = "event"
    n: int
    device: str
    name: str
    data: dict[str, Any]


class Result(Message):
    """The one answer to a verb: `value`, or `code` of drivers.errors with its detail."""

    m: Literal["result"] = "result"
    id: str
    value: dict[str, Any] | None = None
    code: str = ""
    detail: str = ""


class Stream(Message):
    """First line of a connection that carries the pictures of one `fetch` or `preview`: blobs, each after its size."""

    m: Literal["stream"] = "stream"
    id: str


class Welcome(Message):
    """Answer to hello. Verbs with a smaller `fence` come from a dead `halld` and are not obeyed."""

    m: Literal["welcome"] = "welcome"
    fence: int


class Want(Message):
    """Desired state of a device, whole; None = nothing wanted. Held by the host, re-sent to a device that returns."""

    m: Literal["want"] = "want"
    device: str
    state: dict[str, Any] | None


class Verb(Message):
    m: Literal["verb"] = "verb"
    id: str
    device: str
    verb: str
    argument: dict[str, Any] | None = None
    seconds: float
    fence: int


class Cancel(Message):
    m: Literal["cancel"] = "cancel"
    id: str


class Fetch(Message):
    """Send the captured picture of that sha256 on a connection of its own; trouble is a `result`."""

    m: Literal["fetch"] = "fetch"
    id: str
    hash: str


class Drop(Message):
    """The picture is here and whole: forget it."""

    m: Literal["drop"] = "drop"
    hash: str


class Preview(Message):
    """Send small pictures on a connection of their own until the hall closes it; trouble is a `result`."""

    m: Literal["preview"] = "preview"
    id: str
    device: str
    rate: float


class Ack(Message):
    m: Literal["ack"] = "ack"
    n: int


class Beat(Message):
    m: Literal["beat"] = "beat"


FromHost = Annotated[Hello | Stream | HealthNews | EventNews | Result | Beat, Field(discriminator="m")]
FromHall = Annotated[Welcome | Want | Verb | Cancel | Fetch | Drop | Preview | Ack | Beat, Field(discriminator="m")]
_FROM_HOST: TypeAdapter[FromHost] = TypeAdapter(FromHost)
_FROM_HALL: TypeAdapter[FromHall] = TypeAdapter(FromHall)


class Broken(Exception):
    """The other side does not speak the host link; the connection is dropped."""


class Lines:
    """One connection as messages. Reading: None at the end. Writing never blocks the caller on a slow peer."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def from_host(self) -> FromHost | None:
        message: FromHost | None = await self._next(_FROM_HOST)
        return message

    async def from_hall(self) -> FromHall | None:
        message: FromHall | None = await self._next(_FROM_HALL)
        return message

    async def _next(self, adapter: TypeAdapter[Any]) -> Any:
        try:
            line = await self._reader.readline()
        except (ConnectionError, ValueError) as error:  # ValueError: a line beyond MAX_LINE
            raise Broken(str(error)) from error
        if not line.endswith(b"\n"):
            return None
        try:
            return adapter.validate_json(line)
        except ValidationError as error:
            raise Broken(f"{error.error_count()} mistakes in a message") from error

    def send(self, message: Message) -> None:
        if not self._writer.is_closing():
            self._writer.write(orjson.dumps(message.model_dump(mode="json")) + b"\n")

    async def close(self) -> None:
        self._writer.close()
        try:
            await self._writer.wait_closed()
        except (ConnectionError, BrokenPipeError):
            return


async def dial(path: str) -> Lines:
    return Lines(*await asyncio.open_unix_connection(path, limit=MAX_LINE))
