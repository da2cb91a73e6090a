"""Messages of the journal and of files going up (protocol page, sections 4, 6).

Unknown members are ignored, an unknown `m` is none.
"""

import math
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from sync.protocol import canonical, frames
from sync.protocol.canonical import MAX_SAFE_INTEGER
from sync.protocol.chunks import LEAST_CHUNK, MAX_FILE, MOST_CHUNK

MAX_RECORDS: Final = 64
MAX_CREDIT: Final = 8
NEWEST_BAD: Final = 16

Hex16 = Annotated[str, Field(strict=True, pattern=r"^[0-9a-f]{16}$")]
Hash = Annotated[str, Field(strict=True, pattern=r"^[0-9a-f]{64}$")]
Site = Annotated[str, Field(strict=True, pattern=r"^[A-Z0-9-]{2,32}$")]
Seq = Annotated[int, Field(strict=True, ge=0, le=MAX_SAFE_INTEGER)]
Millis = Annotated[int, Field(strict=True)]
Text = Annotated[str, Field(strict=True)]


def _number(value: Any) -> Any:
    """A fraction is kept as text until somebody wants it; nothing but a finite number counts."""
    found = float(value) if isinstance(value, canonical.Fraction) else value
    if isinstance(found, bool) or not isinstance(found, int | float) or not math.isfinite(found):
        raise ValueError("not a number")
    return found


Head = tuple[Seq, Hash]
Bad = tuple[Hex16, Seq, Text]
Why = Literal["hello", "gap", "chain", "size", "format", "foreign", "hash"]


class Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    cid: Hex16

    def payload(self) -> bytes:
        """The message as it travels; members without a value are left out."""
        return frames.pack(canonical.encode(self.model_dump(exclude_none=True)))


class Hello(Message):
    m: Literal["hello"] = "hello"
    site: Site
    epoch: Hex16
    next: Annotated[int, Field(strict=True, ge=1, le=MAX_SAFE_INTEGER)]
    floor: Annotated[int, Field(strict=True, ge=1, le=MAX_SAFE_INTEGER)]
    heads: tuple[Head, ...] = Field(max_length=49)  # 48, and the one that step 2 adds
    feeds: dict[str, Any] = Field(default_factory=dict)
    free: Millis
    now: Millis
    up: Millis
    boot: Hex16
    version: Text


class Batch(Message):
    """Records and parts stay unread here: each record is judged alone, so good ones before a bad one count."""

    m: Literal["batch"] = "batch"
    records: list[Any]
    parts: dict[str, Any] = Field(default_factory=dict)
    gone: list[Any] = Field(default_factory=list)


class MarkMessage(Message):
    """What the centre holds: a mark, in WELCOME, ACK and most NACKs."""

    epoch: Hex16
    upto: Seq
    chain: Hash
    durable: Seq
    credit: Annotated[int, Field(strict=True, ge=0, le=MAX_CREDIT)]
    held: Seq
    bad: tuple[Bad, ...] = ()

    @model_validator(mode="after")
    def _check_durable(self) -> Self:
        if self.durable > self.upto:
            raise ValueError("durable above upto")
        return self


class Welcome(MarkMessage):
    m: Literal["welcome"] = "welcome"
    centre: Hex16
    region: Annotated[str, Field(strict=True, pattern=r"^[a-z0-9-]{1,32}$")]
    now: Millis
    up: Millis


class Ack(MarkMessage):
    m: Literal["ack"] = "ack"


class Nack(MarkMessage):
    m: Literal["nack"] = "nack"
    why: Why
    text: Text = ""


class NackHello(Message):
    """The centre does not know this connection (it was started again): say HELLO."""

    m: Literal["nack"] = "nack"
    why: Literal["hello"] = "hello"
    text: Text = ""


class Tail(BaseModel):
    """The file with what the centre holds above `common`: `n` records. See sync.protocol.tail."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    hash: Hash
    size: Annotated[int, Field(strict=True, ge=0, le=MAX_FILE)]
    chunk: Annotated[int, Field(strict=True, ge=LEAST_CHUNK, le=MOST_CHUNK)]
    n: Seq


class Fork(Message):
    m: Literal["fork"] = "fork"
    epoch: Hex16
    common: Seq
    upto: Seq
    tail: Tail | None = None


class Offer(Message):
    """A file: digest and length of its stored bytes, and how long its chunks are."""

    m: Literal["offer"] = "offer"
    hash: Hash
    size: Annotated[int, Field(strict=True, ge=0, le=MAX_FILE)]
    chunk: Annotated[int, Field(strict=True, ge=LEAST_CHUNK, le=MOST_CHUNK)]


class Need(Message):
    """`bitmap`: base64, see sync.protocol.chunks."""

    m: Literal["need"] = "need"
    hash: Hash
    bitmap: Text


class Have(Message):
    m: Literal["have"] = "have"
    hash: Hash


class Marks(Message):
    """How far the site holds each feed. `feeds` stays unread here: sync.protocol.feeds.marks_in."""

    m: Literal["marks"] = "marks"
    feeds: dict[str, Any] = Field(default_factory=dict)


class Measured(BaseModel):
    """One number of a site, at `up` of its monotonic clock."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: Annotated[str, Field(strict=True, pattern=r"^[a-z0-9_.-]{1,48}$")]
    up: Millis
    value: Annotated[int | float, BeforeValidator(_number)]
    unit: Annotated[str, Field(strict=True, max_length=16)]


class Telemetry(Message):
    """`dropped`: how many were never sent, since the start of the site's program."""

    m: Literal["telemetry"] = "telemetry"
    dropped: Seq
    items: tuple[Measured, ...] = Field(max_length=256)


class Birth(Message):
    m: Literal["birth"] = "birth"
    online: bool
    epoch: Hex16
    version: Text


Answer = Welcome | Ack | Nack | NackHello | Fork

_BY_NAME: Final[Mapping[str, type[Message]]] = {
    "hello": Hello,
    "batch": Batch,
    "welcome": Welcome,
    "ack": Ack,
    "nack": Nack,
    "fork": Fork,
    "marks": Marks,
    "offer": Offer,
    "need": Need,
    "have": Have,
    "birth": Birth,
    "telemetry": Telemetry,
}


def read(payload: bytes, limit: int = frames.MAX_OTHER) -> Message | None:
    """Parse a payload; None for a message this stream does not know. Raises frames.BadPayload."""
    return from_object(frames.unpack(payload, limit))


def from_object(data: Mapping[str, Any]) -> Message | None:
    """As `read`, from the parsed object."""
    name = data.get("m")
    model = _BY_NAME.get(name) if isinstance(name, str) else None
    if model is Nack and data.get("why") == "hello":
        model = NackHello
    if model is None:
        return None
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        raise frames.BadPayload("format", f"{name}.{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
