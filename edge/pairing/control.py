"""What `hallctl pair` asks of a running hall: a unix socket of its own, JSON lines, this user and root only."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import structlog
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from edge.devices.peers import is_own_user
from edge.pairing.authority import SiteAuthority
from edge.pairing.desk import Desk
from edge.pairing.names import Holder, Role, is_place
from edge.pairing.roll import Given, Roll
from sync.certificates import serial_of

log = structlog.get_logger("pairing")
SOCKET: Final = "pair.sock"
Answers = AsyncGenerator[dict[str, Any], None]


class Open(BaseModel):
    do: Literal["open"]
    place: str
    role: Role = "devices"


class List(BaseModel):
    do: Literal["list"]


class Revoke(BaseModel):
    """`which`: a place or a serial number."""

    do: Literal["revoke"]
    which: str


_ASKED: Final[TypeAdapter[Open | List | Revoke]] = TypeAdapter(
    Annotated[Open | List | Revoke, Field(discriminator="do")]
)


class Control:
    """`listen`: where machines join, None when the site lets none in. `hang_up` ends connections by serial number."""

    def __init__(
        self, authority: SiteAuthority, roll: Roll, desk: Desk, listen: str | None, hang_up: Callable[[str], None]
    ) -> None:
        self._authority = authority
        self._roll = roll
        self._desk = desk
        self._listen = listen
        self._hang_up = hang_up

    async def serve(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        server = await asyncio.start_unix_server(self._answer, path=path, limit=16_384)
        path.chmod(0o600)
        async with server:
            await server.serve_forever()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if is_own_user(writer.get_extra_info("socket")):
                asked = _ASKED.validate_json(await reader.readline())
                await _until_gone(reader, self._tell(writer, asked))
        except (ValidationError, ValueError, OSError) as error:
            log.warning("hallctl was not understood", why=type(error).__name__)
        finally:
            writer.close()

    async def _tell(self, writer: asyncio.StreamWriter, asked: Open | List | Revoke) -> None:
        async with aclosing(self._answers(asked)) as answers:
            async for answer in answers:
                writer.write(json.dumps(answer).encode() + b"\n")
                await writer.drain()

    def _answers(self, asked: Open | List | Revoke) -> Answers:
        match asked:
            case Open():
                return self._open(asked)
            case Revoke(which=which):
                return self._revoke(which)
            case _:
                return self._list()

    async def _open(self, asked: Open) -> Answers:
        """Digits first, then each thing that happens to them. They end with whoever looks at them."""
        if self._listen is None or not is_place(asked.place):
            yield {"refused": "no_hosts" if self._listen is None else "bad_place"}
            return
        opening = await self._desk.open(Holder(self._authority.site, asked.role, asked.place))
        try:
            yield {"digits": opening.digits, "seconds": round(opening.seconds_left), "listen": self._listen}
            known: tuple[str, int] = (opening.state, opening.left)
            while known[0] == "open":
                known = await self._desk.change(opening, known)
                yield {"state": known[0], "left": known[1], **self._joined(known[0])}
        finally:
            await self._desk.withdraw(opening)

    def _joined(self, state: str) -> dict[str, str]:
        certificate = self._desk.joined
        return {"serial": serial_of(certificate)} if state == "used" and certificate is not None else {}

    async def _list(self) -> Answers:
        yield {
            "authority": self._authority.fingerprint,
            "certificates": [_shown(given) for given in self._roll],
        }

    async def _revoke(self, which: str) -> Answers:
        ended = self._roll.revoke(which)
        for given in ended:
            self._hang_up(given.serial)
            log.info("a certificate was revoked", place=given.place, serial=given.serial)
        yield {"revoked": [_shown(given) for given in ended]}


def _shown(given: Given) -> dict[str, Any]:
    shown: dict[str, Any] = given.model_dump(mode="json")
    return shown


async def _until_gone(reader: asyncio.StreamReader, work: Any) -> None:
    """Run `work` until it ends or the other side hangs up."""
    working, listening = asyncio.ensure_future(work), asyncio.ensure_future(reader.read(1))
    try:
        await asyncio.wait((working, listening), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (working, listening):
            task.cancel()
        outcomes = await asyncio.gather(working, listening, return_exceptions=True)
    if isinstance(outcomes[0], Exception):
        raise outcomes[0]
