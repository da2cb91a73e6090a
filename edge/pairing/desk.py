"""The hall's side of pairing: opens for one machine at a time, checks its digits, gives it its certificate."""

import asyncio
import hmac
import os
import ssl
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Final

import structlog
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from edge.devices.remote_door import tls_listener
from edge.pairing import wire
from edge.pairing.authority import SiteAuthority
from edge.pairing.errors import BadRequest, NotPaired
from edge.pairing.names import Holder
from edge.pairing.opening import Opening
from edge.pairing.roll import Roll
from edge.pairing.tls import pairing_context
from sync.certificates import serial_of

if TYPE_CHECKING:
    from edge.pairing.pake import Proof

log = structlog.get_logger("pairing")
MOST_TALKS: Final = 4  # at once


class Desk:
    """One opening stands; a new one withdraws it. Nothing listens while there is none."""

    def __init__(
        self,
        authority: SiteAuthority,
        roll: Roll,
        *,
        now: Callable[[], datetime],
        clock: Callable[[], float],
        random_bytes: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self._authority = authority
        self._roll = roll
        self._now = now
        self._clock = clock
        self._random = random_bytes
        self._talks = 0
        self._changed = asyncio.Condition()
        self.opening: Opening | None = None
        self.joined: x509.Certificate | None = None

    async def open(self, holder: Holder) -> Opening:
        if self.opening is not None:
            self.opening.withdraw()
        self.opening, self.joined = Opening(holder, self._clock, self._random), None
        await self._tell()
        return self.opening

    async def withdraw(self, opening: Opening) -> None:
        opening.withdraw()
        await self._tell()

    async def change(self, opening: Opening, known: tuple[str, int]) -> tuple[str, int]:
        """Wait until state and tries left are others than `known`; time passing is a change too."""
        async with self._changed:
            while (opening.state, opening.left) == known:
                try:
                    async with asyncio.timeout(opening.seconds_left or None):
                        await self._changed.wait()
                except TimeoutError:
                    continue
        return opening.state, opening.left

    async def serve(self, listen: str) -> None:
        """Until cancelled; listens only while an opening stands or is remembered."""
        while True:
            async with self._changed:
                await self._changed.wait_for(lambda: self.opening is not None)
            server, _ = self._authority.server(self._now())
            certificate = ssl.PEM_cert_to_DER_cert(_certificate_of(server))

            async def talk(
                reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: str, own: bytes = certificate
            ) -> None:
                await self._talk(reader, writer, address, own)

            try:
                async with tls_listener(listen, pairing_context(server), talk):
                    await self._until_forgotten()
            except OSError as error:
                log.error("no machine can join", listen=listen, why=str(error))
                await self._give_up()

    async def _until_forgotten(self) -> None:
        while self.opening is not None:
            if self.opening.is_forgotten:
                self.opening = None
                return
            await asyncio.sleep(1.0)

    async def _give_up(self) -> None:
        if self.opening is not None:
            self.opening.withdraw()
        self.opening = None
        await self._tell()

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: str, own: bytes) -> None:
        self._talks += 1
        try:
            if self._talks > MOST_TALKS:
                raise NotPaired("busy")
            await self._pair(reader, writer, own)
        except (NotPaired, BadRequest) as error:
            log.warning("a machine did not join", address=address, why=error.why)
            wire.say(writer, wire.Refused.model_validate({"why": error.why, **error.values}))
        finally:
            self._talks -= 1
            writer.close()
            await self._tell()

    async def _pair(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, own: bytes) -> None:
        begin = await wire.hear(reader, wire.FROM_JOINER)
        opening = self._standing()
        if not isinstance(begin, wire.Begin) or begin.protocol != wire.PROTOCOL:
            raise NotPaired("garbled")
        from edge.pairing.pake import Exchange  # spake2 computes its tables then, and machines join seldom

        exchange = await asyncio.to_thread(Exchange.hall, opening.digits, own)
        proof = await asyncio.to_thread(exchange.finish, bytes.fromhex(begin.x))
        wire.say(writer, wire.Answer(y=exchange.message.hex()))
        prove = await wire.hear(reader, wire.FROM_JOINER)
        if not isinstance(prove, wire.Prove):
            raise NotPaired("garbled")
        wire.say(writer, self._certified(opening, proof, prove))

    def _standing(self) -> Opening:
        if self.opening is None:
            raise NotPaired("none")
        if self.opening.state != "open":
            raise NotPaired(self.opening.state)
        return self.opening

    def _certified(self, opening: Opening, proof: "Proof", prove: wire.Prove) -> wire.Paired:
        """From the check of the digits to their end without a pause: nobody uses them twice."""
        if self._standing() is not opening:
            raise NotPaired("withdrawn")
        if not hmac.compare_digest(proof.of_joiner(prove.request.encode()), bytes.fromhex(prove.proof)):
            opening.wrong()
            raise NotPaired("digits", left=opening.left)
        certificate = self._authority.sign(prove.request, opening.holder, self._now())
        self._roll.add(certificate, opening.holder, self._now())
        self.joined = certificate
        opening.used()
        log.info("a machine joined", place=opening.holder.place, serial=serial_of(certificate))
        pem = certificate.public_bytes(Encoding.PEM).decode()
        authority = self._authority.pem
        mac = proof.of_hall(pem.encode(), authority.encode())
        return wire.Paired(proof=mac.hex(), certificate=pem, authority=authority)


def _certificate_of(pem: bytes) -> str:
    return pem[pem.index(b"-----BEGIN CERTIFICATE") :].decode()
