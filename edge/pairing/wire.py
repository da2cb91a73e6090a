"""What a joining machine and the hall say to each other, inside TLS: JSON lines, four in all."""

import asyncio
from typing import Annotated, Final, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from edge.pairing.errors import NotPaired

PROTOCOL: Final = 1
MAX_LINE: Final = 16_384
STEP_SECONDS: Final = 10.0
Hex = Annotated[str, Field(pattern=r"^([0-9a-f]{2}){1,64}$")]


class Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Begin(Line):
    """Joiner: `x`, its side of SPAKE2 (33 B)."""

    m: Literal["pair"] = "pair"
    protocol: int = PROTOCOL
    x: Hex


class Answer(Line):
    """Hall: `y`, its side of SPAKE2 (33 B)."""

    m: Literal["answer"] = "answer"
    y: Hex


class Prove(Line):
    """Joiner: a certificate request (PKCS #10, PEM), and the proof that the digits were known to who made it."""

    m: Literal["prove"] = "prove"
    proof: Hex
    request: str


class Paired(Line):
    """Hall: the certificate and its authority's (PEM), and the proof that the digits were known to who sent them."""

    m: Literal["paired"] = "paired"
    proof: Hex
    certificate: str
    authority: str


Why = Literal[
    "none", "used", "expired", "tries", "withdrawn", "digits", "garbled", "late", "gone", "busy", "bad_request"
]


class Refused(Line):
    """Hall, its last line; `left` tries after wrong digits."""

    m: Literal["refused"] = "refused"
    why: Why
    left: int = 0


FROM_JOINER: Final[TypeAdapter[Begin | Prove]] = TypeAdapter(Annotated[Begin | Prove, Field(discriminator="m")])
FROM_HALL: Final[TypeAdapter[Answer | Paired | Refused]] = TypeAdapter(
    Annotated[Answer | Paired | Refused, Field(discriminator="m")]
)
L = TypeVar("L")


def say(writer: asyncio.StreamWriter, line: Line) -> None:
    writer.write(line.model_dump_json().encode() + b"\n")


async def hear(reader: asyncio.StreamReader, adapter: TypeAdapter[L]) -> L:
    """The next line. Raises NotPaired: too late, gone, or no such line."""
    try:
        async with asyncio.timeout(STEP_SECONDS):
            raw = await reader.readline()
    except TimeoutError as error:
        raise NotPaired("late") from error
    except (OSError, ValueError) as error:
        raise NotPaired("gone") from error
    if not raw.endswith(b"\n") or len(raw) > MAX_LINE:
        raise NotPaired("gone")
    try:
        return adapter.validate_json(raw)
    except ValidationError as error:
        raise NotPaired("garbled") from error
