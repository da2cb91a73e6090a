"""A machine joins a hall: its key is made here, six digits prove the hall to it and it to the hall."""

import asyncio
import hmac
import os
from pathlib import Path
from typing import Final

from edge.pairing import wire
from edge.pairing.errors import NotPaired
from edge.pairing.identity import FILE, Identity
from edge.pairing.pake import Exchange
from edge.pairing.tls import joining_context
from sync.certificates import Request

CONNECT_SECONDS: Final = 10.0


async def join(host: str, port: int, digits: str, folder: Path) -> Identity:
    """The stored identity. Raises NotPaired (why), BadIdentity, OSError when it cannot be stored."""
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            reader, writer = await asyncio.open_connection(
                host, port, ssl=joining_context(), ssl_shutdown_timeout=1.0, limit=wire.MAX_LINE
            )
    except OSError as error:
        raise NotPaired("no_hall", problem=str(error) or type(error).__name__) from error
    try:
        return await _talk(reader, writer, digits, folder)
    finally:
        writer.close()


async def _talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, digits: str, folder: Path) -> Identity:
    shown: bytes = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    exchange, request = Exchange.joiner(digits, shown), Request()
    wire.say(writer, wire.Begin(x=exchange.message.hex()))
    answer = await _next(reader)
    if not isinstance(answer, wire.Answer):
        raise NotPaired("garbled")
    proof = exchange.finish(bytes.fromhex(answer.y))
    wire.say(writer, wire.Prove(proof=proof.of_joiner(request.pem.encode()).hex(), request=request.pem))
    paired = await _next(reader)
    if not isinstance(paired, wire.Paired):
        raise NotPaired("garbled")
    expected = proof.of_hall(paired.certificate.encode(), paired.authority.encode())
    if not hmac.compare_digest(expected, bytes.fromhex(paired.proof)):
        raise NotPaired("other_hall")
    identity = Identity.store(folder, request, paired.certificate, paired.authority)
    _give_to_owner(folder)
    return identity


async def _next(reader: asyncio.StreamReader) -> wire.Answer | wire.Paired:
    line = await wire.hear(reader, wire.FROM_HALL)
    if isinstance(line, wire.Refused):
        raise NotPaired(line.why, left=line.left)
    return line


def _give_to_owner(folder: Path) -> None:
    """Joined by root, used by the service: everything belongs to whom the folder around it belongs to."""
    if os.getuid() == 0:
        owner = folder.absolute().parent.stat()
        for path in (folder, folder / FILE):
            os.chown(path, owner.st_uid, owner.st_gid)
