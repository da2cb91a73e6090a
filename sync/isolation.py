"""Whether a broker keeps sites apart: tried by real delivery, since brokers say "granted" to what they then hold back.

Two certificates of sites that exist for this check only (each connection of a real site would be taken over), and one
of the centre. Every silence is proved by a control letter that does arrive. Nothing of it is a message of the link:
a running centre ignores it.
"""

import asyncio
import datetime
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from sync.broker_url import TlsFiles
from sync.isolation_line import GRACE_S, Line, marked
from sync.mqtt import MqttDial
from sync.protocol import topics
from sync.wire import Letter, WireLost

LONG: Final = 290_000
CATALOGUE: Final = "he/1/all/d/catalogue/isolation"


@dataclass(frozen=True, slots=True)
class Party:
    """`name`: common name of the certificate; a site's code, or the centre's worker."""

    name: str
    tls: TlsFiles


def party(tls: TlsFiles) -> Party:
    """Named as its certificate is. Raises ValueError, OSError."""
    if tls.certificate is None:
        raise ValueError("a certificate is missing")
    found = x509.load_pem_x509_certificate(tls.certificate.read_bytes())
    named = found.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    if not named:
        raise ValueError(f"{tls.certificate.name} has no common name")
    return Party(str(named[0].value), tls)


@dataclass(frozen=True, slots=True)
class Finding:
    """`check`: a code; `held`: the broker does as it must; `detail`: what was seen, never personal."""

    check: str
    held: bool
    detail: str


class Isolation:
    """`folder`: for a key of a foreign authority, made here and thrown away by the caller."""

    def __init__(self, url: str, one: Party, other: Party, centre: Party, folder: Path) -> None:
        self._url = url
        self._one = one
        self._other = other
        self._centre = centre
        self._folder = folder

    async def check(self) -> list[Finding]:
        """All findings. Raises WireLost when not even what must work does: then nothing can be said."""
        return [
            await self._carries(),
            await self._keeps_writing_apart(),
            await self._keeps_reading_apart(),
            await self._keeps_identities_apart(),
            await self._refuses("no_certificate", TlsFiles(self._one.tls.authority)),
            await self._refuses("wrong_authority", foreign_certificate(self._folder, self._one)),
        ]

    async def _carries(self) -> Finding:
        """Up and down, and a letter as long as the protocol lets one be."""
        async with self._line(self._centre, _UP) as centre, self._line(self._one, self._down()) as one:
            long = Letter(topics.topic(self._one.name, topics.CHUNKS_UP), secrets.token_bytes(LONG))
            one.wire.send(long)
            await centre.until(long)
            await self._control(centre, one)
        return Finding("carries", True, f"letters of {LONG} bytes")

    async def _keeps_writing_apart(self) -> Finding:
        """What `one` writes in the place of `other`, the centre or in the feeds of all reaches nobody."""
        places = [topics.topic(self._other.name, tail) for tail in (*_TAILS, topics.ANSWERS, topics.CHUNKS_DOWN)]
        places += [f"he/1/00/{self._other.name}/{topics.JOURNAL}", CATALOGUE]
        marks = [marked(place) for place in places]
        heard = (*_UP, (topics.topic(self._other.name, "d/+"), 1), ("he/1/all/d/+/+", 1))
        async with (
            self._line(self._centre, _UP) as centre,
            self._line(self._other, heard[len(_UP) :]) as other,
        ):
            for mark in marks:
                await self._try_to_write(mark)
            async with self._line(self._one, self._down()) as one:
                await self._control(centre, one)
            down = marked(topics.topic(self._other.name, topics.ANSWERS))
            centre.wire.send(down)
            await other.until(down)
            await asyncio.sleep(GRACE_S)
            payloads = {one.payload for one in marks}
            leaked = sorted(
                {seen.topic for line in (centre, other) for seen in line.seen() if seen.payload in payloads}
            )
        return Finding("write", not leaked, "delivered: " + ", ".join(leaked) if leaked else f"{len(marks)} tried")

    async def _keeps_reading_apart(self) -> Finding:
        """Whatever `one` subscribes to, it hears nothing that is for or from `other`."""
        theirs = self._other.name
        filters = ["#", "he/#", "he/1/+/+/d/+", "he/1/+/+/u/+", "he/1/+/+/s", "$share/x/he/1/#"]
        filters += [topics.topic(theirs, tail) for tail in (topics.ANSWERS, topics.JOURNAL)]
        leaked, refused = [], 0
        for name in filters:
            try:
                listener = self._line(self._one, [(name, 1), *self._down()])
                async with (
                    listener as one,
                    self._line(self._centre, _UP) as centre,
                    self._line(self._other, ()) as other,
                ):
                    marks = [marked(topics.topic(theirs, tail)) for tail in (topics.ANSWERS, topics.JOURNAL)]
                    centre.wire.send(marks[0])
                    other.wire.send(marks[1])
                    await centre.until(marks[1])
                    down = marked(topics.topic(self._one.name, topics.ANSWERS))
                    centre.wire.send(down)
                    await one.until(down)
                    await asyncio.sleep(GRACE_S)
                    heard = {seen.payload for seen in one.seen()}
                    leaked += [name] if any(mark.payload in heard for mark in marks) else []
            except WireLost:
                if listener.opened:
                    raise
                refused += 1  # said so at once, and heard nothing
        detail = "delivered to " + ", ".join(leaked) if leaked else f"{len(filters)} tried, {refused} refused at once"
        return Finding("read", not leaked, detail)

    async def _keeps_identities_apart(self) -> Finding:
        """`other`, connecting under the client id of `one`, does not end the connection of `one`."""
        async with self._line(self._centre, _UP) as centre, self._line(self._one, self._down()) as one:
            try:
                thief = await MqttDial(self._url, self._one.name, self._other.tls)(subscriptions=[], will=None)
                await asyncio.sleep(GRACE_S)
                await thief.close()
            except WireLost:
                pass  # refused: better still
            try:
                await self._control(centre, one)
            except (WireLost, TimeoutError):
                return Finding("identity", False, "a foreign client id took the connection over")
        return Finding("identity", True, "the connection stands")

    async def _refuses(self, check: str, tls: TlsFiles) -> Finding:
        try:
            wire = await MqttDial(self._url, self._one.name, tls)(subscriptions=[], will=None)
        except WireLost as lost:
            return Finding(check, True, lost.code)
        await wire.close()
        return Finding(check, False, "it was let in")

    async def _control(self, centre: Line, one: Line) -> None:
        """Up and down still work. Raises WireLost or TimeoutError."""
        up, down = (marked(topics.topic(self._one.name, tail)) for tail in (topics.HELLO, topics.ANSWERS))
        one.wire.send(up)
        await centre.until(up)
        centre.wire.send(down)
        await one.until(down)

    async def _try_to_write(self, letter: Letter) -> None:
        """On a connection of its own: a broker may end it."""
        try:
            async with self._line(self._one, ()) as one:
                taken = asyncio.Event()
                one.wire.send(letter, taken.set)
                async with asyncio.timeout(GRACE_S):
                    await taken.wait()
        except (WireLost, TimeoutError):
            pass

    def _line(self, party: Party, subscriptions: Sequence[tuple[str, int]]) -> Line:
        return Line(MqttDial(self._url, party.name, party.tls), subscriptions)

    def _down(self) -> list[tuple[str, int]]:
        return [(topics.topic(self._one.name, topics.ANSWERS), 0)]


def foreign_certificate(folder: Path, like: Party) -> TlsFiles:
    """The name of `like`, signed by an authority that nobody knows; the broker's own is still the trusted one."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, like.name)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "nobody")]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    )
    files = TlsFiles(like.tls.authority, folder / "foreign.pem", folder / "foreign.key")
    (folder / "foreign.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    (folder / "foreign.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return files


_TAILS: Final = (topics.HELLO, topics.JOURNAL, topics.CHUNKS_UP, topics.PRESENCE)
_UP: Final = tuple((name, 1) for name in topics.OF_ALL_SITES)
