"""Whether a broker keeps this site apart, tried from the site's side with its one certificate.

A broker gives one name one connection, so whoever calls this has set the link aside (`Uplink.aside`). What is heard is
proof; silence counts only after the centre itself answered a letter on the same connection. Nothing is a message that
changes anything: the centre answers an unknown `cid` and applies nothing, and no other site that exists is written to.
"""

import asyncio
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ssl import SSLContext
from typing import Final, Literal

from cryptography.x509.oid import ExtendedKeyUsageOID

from sync.broker_url import BrokerAddress, Tls
from sync.certificates import Issuer, Request, pem_of
from sync.isolation_line import GRACE_S, PATIENCE_S, Line, marked
from sync.mqtt import MqttDial
from sync.protocol import frames, names, topics
from sync.protocol.messages import Marks
from sync.tls import pinned
from sync.wire import Letter, WireLost

Verdict = Literal["kept", "open", "doubtful", "unseen"]
CHECKS: Final = (
    "encrypted", "centre", "shard", "read", "read_down", "write", "write_others", "identity", "no_certificate",
    "wrong_authority",
)  # fmt: skip
_FOREIGN: Final = ("#", "he/#", "he/1/+/+/u/+", "he/1/+/+/d/+", "he/1/+/+/s", "$share/x/he/1/#")
_SHARED: Final = "he/1/all/d/"


@dataclass(frozen=True, slots=True)
class Seen:
    """`check`: one of CHECKS. `kept`: the broker does as it must; `open`: it was seen to fail; `doubtful`: it took what
    it should refuse, and nobody here can see where that went; `unseen`: nothing can be said from here. `facts`: never
    personal.
    """

    check: str
    verdict: Verdict
    facts: dict[str, int | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Pinned:
    """Fits sync.broker_url.Tls. `own`: key and certificate (PEM), or none."""

    authority: str
    own: bytes | None

    def context(self) -> SSLContext:
        return pinned(self.authority, self.own)


@dataclass
class _Written:
    """`taken`: letters that the broker did not refuse; `heard`: places in which one of them, or an answer to it, was
    heard; `answered`: the centre answered on the same connection, after the last of them.
    """

    taken: list[Letter] = field(default_factory=list)
    heard: set[str] = field(default_factory=set)
    answered: bool = False
    refusals_have_words: bool = False


class SiteIsolation:
    """`tls`: as the link's own; `authority`: of the broker's certificate (PEM)."""

    def __init__(self, url: str, site: str, tls: Tls, authority: str) -> None:
        self._url = url
        self._site = site
        self._tls = tls
        self._authority = authority
        self._other = f"CHECK-{secrets.token_hex(6).upper()}"  # a site that is nobody

    async def check(self) -> list[Seen]:
        """All of CHECKS in their order; of a line in the clear only that. Raises WireLost: our own line does not work,
        so nothing can be said.
        """
        if not BrokerAddress.read(self._url).encrypted:
            return [Seen("encrypted", "open")]
        found = [await self._is_encrypted(), *await self._reaches_the_centre()]
        granted = await self._granted()
        found += await self._keeps_reading_apart(granted)
        found += await self._keeps_writing_apart(granted)
        found.append(await self._binds_the_client_id())
        found.append(await self._refuses("no_certificate", _Pinned(self._authority, None)))
        found.append(await self._refuses("wrong_authority", _Pinned(self._authority, _foreign_certificate(self._site))))
        async with self._line():  # what was refused was not refused because the broker is gone
            return found

    async def _is_encrypted(self) -> Seen:
        async with self._line() as line:
            return Seen("encrypted", "kept", {"version": line.wire.encryption})

    async def _reaches_the_centre(self) -> list[Seen]:
        """A letter of ours, and the same in a shard that is not ours: that the centre must not hear."""
        wrong = f"{int(names.shard(self._site), 16) ^ 1:02x}"
        astray = Letter(f"he/1/{wrong}/{self._site}/{topics.HELLO}", _greeting())
        async with self._line() as line:
            line.wire.send(astray)
            if not await self._centre_answers(line):
                return [Seen("centre", "unseen"), Seen("shard", "unseen")]
            await asyncio.sleep(GRACE_S)
            heard = any(_cid(seen) == _cid(astray) for seen in line.seen())
        return [Seen("centre", "kept"), Seen("shard", "open" if heard else "kept")]

    async def _granted(self) -> list[str]:
        """Of what nobody may hear, that to which the broker says yes; many do, and then deliver nothing."""
        granted = []
        for name in _FOREIGN:
            line = self._line([name])
            try:
                async with line:
                    granted.append(name)
            except WireLost:
                if line.opened:
                    raise
        return granted

    async def _keeps_reading_apart(self, granted: Sequence[str]) -> list[Seen]:
        """Our own letters to the centre are not for sites' ears, ours included: who hears them hears everybody's."""
        facts: dict[str, int | str] = {"tried": len(_FOREIGN), "refused": len(_FOREIGN) - len(granted)}
        if not granted:
            return [Seen("read", "kept", facts), Seen("read_down", "kept", facts)]
        async with self._line(granted) as line:
            for tail in (topics.JOURNAL, topics.PRESENCE):
                await self._put(line, marked(topics.topic(self._site, tail)))
            answered = await self._centre_answers(line)
            await asyncio.sleep(GRACE_S)
            heard = {seen.topic for seen in line.seen() if not self._may_hear(seen.topic)}
        down = {name for name in heard if "/d/" in name}
        return [
            Seen("read", _verdict(heard - down, sure=answered), facts | _named(heard - down)),
            Seen("read_down", _verdict(down, sure=not any(name in granted for name in _HEARS_DOWN)), _named(down)),
        ]

    async def _keeps_writing_apart(self, granted: Sequence[str]) -> list[Seen]:
        """What only the centre may write and we may hear; then in the place of another site, which we cannot hear."""
        centres = [topics.topic(self._site, tail) for tail in (topics.ANSWERS, topics.FEEDS_DOWN)]
        centres.append(topics.shared("catalogue", "isolation"))
        others = [topics.topic(self._other, tail) for tail in (topics.JOURNAL, topics.PRESENCE, topics.ANSWERS)]
        marks = [marked(place) for place in centres + others]
        marks.append(Letter(topics.topic(self._other, topics.HELLO), _greeting()))
        written = await self._written(marks, granted)
        ours = {name for name in written.heard if name in centres}
        taken = [letter for letter in written.taken if letter.topic not in centres]
        sure = written.answered or len(taken) == len(written.taken)
        elsewhere: Verdict = "kept" if not taken else "doubtful" if written.refusals_have_words else "unseen"
        return [
            Seen("write", _verdict(ours, sure=sure), _named(ours) | {"tried": len(centres)}),
            Seen("write_others", "open" if written.heard - ours else elsewhere, _named(written.heard - ours)),
        ]

    async def _written(self, letters: Sequence[Letter], granted: Sequence[str]) -> "_Written":
        """A broker may hang up on each letter: then on with the next on a new connection."""
        found, heard = _Written(), []
        listening = [*granted, topics.topic(self._site, topics.FEEDS_DOWN), topics.shared("+", "+")]
        waiting = list(letters)
        while waiting:
            async with self._line(listening) as line:
                found.refusals_have_words = line.wire.speaks_of_refusals
                with suppress(WireLost):
                    while waiting:
                        letter = waiting.pop(0)
                        found.taken += [] if await self._put(line, letter) else [letter]
                    found.answered = await self._centre_answers(line)
                    await asyncio.sleep(GRACE_S)
                heard += line.seen()
        payloads, cids = {letter.payload for letter in letters}, {_cid(letter) for letter in letters} - {""}
        found.heard = {seen.topic for seen in heard if seen.payload in payloads or _cid(seen) in cids}
        return found

    async def _binds_the_client_id(self) -> Seen:
        """Our certificate under another client id is still ours, so it ends our first connection, or is refused."""
        async with self._line() as first:
            try:
                second = await MqttDial(self._url, self._other, self._tls)(subscriptions=[], will=None)
            except WireLost:
                return Seen("identity", "kept")
            try:
                await self._put(first, marked(topics.topic(self._site, topics.JOURNAL)))
            except WireLost:
                return Seen("identity", "kept")
            finally:
                await second.close()
        return Seen("identity", "open")

    async def _refuses(self, check: str, tls: Tls) -> Seen:
        try:
            wire = await MqttDial(self._url, self._site, tls)(subscriptions=[], will=None)
        except WireLost as lost:
            return Seen(check, "kept", {"why": lost.code})
        await wire.close()
        return Seen(check, "open")

    async def _centre_answers(self, line: Line) -> bool:
        """Whether a letter went up and the centre's answer came down, both just now."""
        greeting = Letter(topics.topic(self._site, topics.HELLO), _greeting())
        line.wire.send(greeting)
        try:
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    answer = await line.next()
                    if answer.topic == topics.topic(self._site, topics.ANSWERS) and _cid(answer) == _cid(greeting):
                        return True
        except TimeoutError:
            return False

    async def _put(self, line: Line, letter: Letter) -> str:
        """What the broker says of it. Raises WireLost; silence is one, too."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await line.wire.put(letter)
        except TimeoutError:
            raise WireLost("timeout") from None

    def _line(self, more: Sequence[str] = ()) -> Line:
        names = (topics.topic(self._site, topics.ANSWERS), *more)
        return Line(MqttDial(self._url, self._site, self._tls), [(name, 0) for name in names])

    def _may_hear(self, name: str) -> bool:
        return name.startswith((f"{topics.topic(self._site, 'd/')}", _SHARED))


_HEARS_DOWN: Final = frozenset(_FOREIGN) - {"he/1/+/+/u/+", "he/1/+/+/s"}


def _verdict(heard: set[str], *, sure: bool) -> Verdict:
    return "open" if heard else "kept" if sure else "unseen"


def _named(places: set[str]) -> dict[str, int | str]:
    return {"heard": ", ".join(sorted(places)[:3])} if places else {}


def _greeting() -> bytes:
    """The centre knows no such `cid`: it says so, and that is all it does."""
    return Marks(cid=secrets.token_hex(8)).payload()


def _cid(letter: Letter) -> str:
    """'' where there is none."""
    try:
        found = frames.unpack(letter.payload, frames.MAX_OTHER).get("cid")
    except frames.BadPayload:
        return ""
    return found if isinstance(found, str) else ""


def _foreign_certificate(site: str) -> bytes:
    """Key and certificate of this name, by an authority that nobody knows."""
    request, now = Request(site), datetime.now(UTC)
    issued = Issuer.made("nobody", now).issue(
        site, request.public_key, [], [ExtendedKeyUsageOID.CLIENT_AUTH], now=now, days=1
    )
    return request.key_pem() + pem_of(issued).encode()
