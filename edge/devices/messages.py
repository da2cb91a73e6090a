"""The host link (docs/device-host.md): JSON lines between `halld` and a device host, both ways, one object a line."""

import asyncio
from typing import Annotated, Any, Final, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from drivers.contract import Health, Identity

MAX_LINE: Final = 1_048_576
BEAT_SECONDS: Final = 2.0
LOST_AFTER_SECONDS: Final = 10.0  # no beat for so long: displays say the service is suspended
MOST_UNSENT: Final = 16 * 1_048_576  # a peer that takes nothing is no peer
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
    """Repeated after a reconnect until acknowledged; (`host`, `boot`, `n`) names it for ever.

    `boot`: of the run it happened in, when that is not this one.
    """

    m: Literal["event"] = "event"
    n: int
    boot: str = ""
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


class Tap(Message):
    """First and only line of `hallctl capture`, on this machine's socket: the answer is one `result`."""

    m: Literal["tap"] = "tap"
    device: str


class Stream(Message):
    """First line of a connection that carries the pictures of one `fetch` or `preview`: blobs, each after its size."""

    m: Literal["stream"] = "stream"
    id: str


class Renew(Message):
    """A host asks for its next certificate, with a new key (`request`: PKCS #10, PEM)."""

    m: Literal["renew"] = "renew"
    request: str


class Renewed(Message):
    """The next certificate of the host (PEM). The one before it ends when this one is first used."""

    m: Literal["renewed"] = "renewed"
    certificate: str


class Refused(Message):
    """Last line of a hall that will not have this host. `why`: revoked, replaced, unknown, other_place, role."""

    m: Literal["refused"] = "refused"
    why: str


class DeviceSetup(Message):
    """A device as site.yaml describes it (edge.site.Device)."""

    id: str
    driver: str
    link: str | None = None
    bus: str | None = None
    options: dict[str, str | int | float | bool | list[str] | list[int]] = Field(default_factory=dict)


class Devices(Message):
    """Everything a host on another machine has to run, whole; it forgets what is not listed. `version` names it."""

    m: Literal["devices"] = "devices"
    version: str
    devices: tuple[DeviceSetup, ...]


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
    boot: str = ""


class Beat(Message):
    m: Literal["beat"] = "beat"


FromHost = Annotated[Hello | Tap | Stream | HealthNews | EventNews | Result | Renew | Beat, Field(discriminator="m")]
FromHall = Annotated[
    Welcome | Refused | Devices | Renewed | Want | Verb | Cancel | Fetch | Drop | Preview | Ack | Beat,
    Field(discriminator="m"),
]
_FROM_HOST: TypeAdapter[FromHost] = TypeAdapter(FromHost)
_FROM_HALL: TypeAdapter[FromHall] = TypeAdapter(FromHall)


class Broken(Exception):
    """The other side does not speak the host link; the connection is dropped."""


class Lines:
    """One connection as messages. Reading: None at the end. Writing never blocks the caller on a slow peer.

    `silence` seconds without a message end it (Broken): across a network a dead peer says nothing.
    """

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, silence: float | None = None
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._silence = silence

    async def from_host(self) -> FromHost | None:
        message: FromHost | None = await self._next(_FROM_HOST)
        return message

    async def from_hall(self) -> FromHall | None:
        message: FromHall | None = await self._next(_FROM_HALL)
        return message

    async def _next(self, adapter: TypeAdapter[Any]) -> Any:
        try:
            async with asyncio.timeout(self._silence):
                line = await self._reader.readline()
        except TimeoutError as error:
            self.abort()
            raise Broken(f"nothing heard for {self._silence:g} s") from error
        except (OSError, ValueError) as error:  # ValueError: a line beyond MAX_LINE
            raise Broken(str(error)) from error
        if not line.endswith(b"\n"):
            return None
        try:
            return adapter.validate_json(line)
        except ValidationError as error:
            raise Broken(f"{error.error_count()} mistakes in a message") from error

    def send(self, message: Message) -> None:
        if self._writer.is_closing():
            return
        self._writer.write(orjson.dumps(message.model_dump(mode="json")) + b"\n")
        if self._writer.transport.get_write_buffer_size() > MOST_UNSENT:
            self.abort()

    def abort(self) -> None:
        """End it now, whatever is still unsent."""
        self._writer.transport.abort()

    async def close(self) -> None:
        self._writer.close()
        try:
            await self._writer.wait_closed()
        except OSError:
            return
