"""The operations of RFC 8011 that printing one page takes, over HTTP."""

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from drivers.contract import Context, Link
from drivers.errors import (
    Absent,
    BadConfig,
    Busy,
    Denied,
    DeviceError,
    Garbled,
    Gone,
    Late,
    NeedsHelp,
    Refused,
    ServiceDown,
    Unsupported,
    WrongDevice,
)
from drivers.links import register
from drivers.printer.ipp import message
from drivers.printer.ipp.message import JOB_GROUP, OPERATION_GROUP, PRINTER_GROUP, Answer, Attribute, Tag

USER: Final = "hall-edge"
DEFAULT_PORT: Final = 631
_CONNECT_SECONDS: Final = 3.0
_PRINT_JOB, _CANCEL_JOB, _GET_JOB, _GET_JOBS, _GET_PRINTER = 0x0002, 0x0008, 0x0009, 0x000A, 0x000B
_RESUME, _IDENTIFY = 0x0011, 0x003C
_PRINTER_FACTS: Final[Mapping[str, type]] = {
    "printer-state": int,
    "printer-state-reasons": str,
    "printer-state-message": str,
    "printer-is-accepting-jobs": bool,
    "printer-make-and-model": str,
    "printer-uuid": str,
    "document-format-supported": str,
    "pwg-raster-document-resolution-supported": tuple,
    "pwg-raster-document-type-supported": str,
    "operations-supported": int,
}
_JOB_FACTS: Final[Mapping[str, type]] = {
    "job-id": int,
    "job-name": str,
    "job-state": int,
    "job-state-reasons": str,
    "time-at-processing": int,
}
_SYNTAX: Final[Mapping[str, type]] = {**_PRINTER_FACTS, **_JOB_FACTS}
_OLD_JOBS: Final = 100

Facts = Mapping[str, tuple[Any, ...]]


class IppLink:
    """`ipp://host[:631]/path`: where the printer or its queue is. No bytes cross it; each operation connects anew."""

    def __init__(self, url: str, host: str, port: int, path: str) -> None:
        self.name = self.uri = url
        self.http = f"http://{host}:{port}{path}"
        self._open = False

    @property
    def is_open(self) -> bool:
        return self._open

    async def open(self) -> None:
        self._open = True

    async def close(self) -> None:
        self._open = False

    async def read(self, limit: int = 4096) -> bytes:
        raise Unsupported(f"{self.name}: spoken to by IPP operations")

    async def write(self, data: bytes) -> None:
        raise Unsupported(f"{self.name}: spoken to by IPP operations")

    def discard_input(self) -> bytes:
        return b""

    def transport(self) -> httpx.AsyncBaseTransport:
        """The way of one operation. No TLS here: else each would load all authorities of the machine first."""
        return httpx.AsyncHTTPTransport(verify=False, trust_env=False)


def make_ipp_link(url: str, ctx: Context) -> Link:
    parts = urlsplit(url)
    try:
        host, port = parts.hostname, parts.port or DEFAULT_PORT
    except ValueError as problem:
        raise BadConfig(f"{url}: {problem}") from problem
    if not host or "@" in parts.netloc or parts.query:
        raise BadConfig("write ipp://host:port/path, without a password in it")
    name = f"[{host}]" if ":" in host else host
    return IppLink(f"ipp://{name}:{port}{parts.path or '/'}", name, port, parts.path or "/")


register("ipp", make_ipp_link)


@dataclass(frozen=True, slots=True)
class Job:
    """`begun`: False when the printer says that it never came to processing, None when it says nothing."""

    id: int
    name: str
    state: int
    reasons: tuple[str, ...]
    begun: bool | None


class IppClient:
    """Raises Absent when nobody listens: then nothing was sent. Late, Gone, Garbled, ServiceDown: nobody knows.

    Everything else is the printer's own answer: it did not do what was asked.
    """

    def __init__(self, link: IppLink) -> None:
        self._link = link
        self._numbers = itertools.count(1)

    async def printer(self, seconds: float) -> Facts:
        reply = await self._ask(_GET_PRINTER, (_wanted(_PRINTER_FACTS),), seconds=seconds)
        return reply.group(PRINTER_GROUP)

    async def print_job(self, name: str, mime: str, document: bytes, seconds: float) -> int:
        """The job's number."""
        asked = (Attribute(Tag.NAME, "job-name", (name,)), Attribute(Tag.MIME, "document-format", (mime,)))
        settings = (
            Attribute(Tag.INTEGER, "copies", (1,)),
            Attribute(Tag.KEYWORD, "media", ("iso_a4_210x297mm",)),
            Attribute(Tag.KEYWORD, "sides", ("one-sided",)),
        )
        reply = await self._ask(_PRINT_JOB, asked, settings, document=document, seconds=seconds)
        number = _one(reply.group(JOB_GROUP), "job-id")
        if not isinstance(number, int):
            raise Garbled("a job without a number")
        return number

    async def job(self, number: int, seconds: float) -> Job:
        asked = (Attribute(Tag.INTEGER, "job-id", (number,)), _wanted(_JOB_FACTS))
        return _job((await self._ask(_GET_JOB, asked, seconds=seconds)).group(JOB_GROUP))

    async def jobs_called(self, name: str, seconds: float) -> list[Job]:
        """Those of ours, waiting or ended, as far back as the printer remembers."""
        found = []
        for which in ("not-completed", "completed"):
            asked = (
                Attribute(Tag.INTEGER, "limit", (_OLD_JOBS,)),
                _wanted(_JOB_FACTS),
                Attribute(Tag.KEYWORD, "which-jobs", (which,)),
                Attribute(Tag.BOOLEAN, "my-jobs", (True,)),
            )
            reply = await self._ask(_GET_JOBS, asked, seconds=seconds)
            found += [_job(facts) for facts in reply.all(JOB_GROUP)]
        return [job for job in found if job.name == name]

    async def cancel(self, number: int, seconds: float) -> None:
        await self._ask(_CANCEL_JOB, (Attribute(Tag.INTEGER, "job-id", (number,)),), seconds=seconds)

    async def resume(self, seconds: float) -> None:
        await self._ask(_RESUME, (), seconds=seconds)

    async def identify(self, seconds: float) -> None:
        await self._ask(_IDENTIFY, (), seconds=seconds)

    async def _ask(
        self,
        operation: int,
        asked: tuple[Attribute, ...],
        settings: tuple[Attribute, ...] = (),
        *,
        document: bytes = b"",
        seconds: float,
    ) -> Answer:
        number = next(self._numbers)
        head = (
            Attribute(Tag.CHARSET, "attributes-charset", ("utf-8",)),
            Attribute(Tag.LANGUAGE, "attributes-natural-language", ("en",)),
            Attribute(Tag.URI, "printer-uri", (self._link.uri,)),
        )
        user = Attribute(Tag.NAME, "requesting-user-name", (USER,))
        # job-id follows its printer-uri at once (RFC 8011 4.3); the rest may stand in any order.
        first = tuple(attribute for attribute in asked if attribute.name == "job-id")
        rest = tuple(attribute for attribute in asked if attribute.name != "job-id")
        groups = [(OPERATION_GROUP, (*head, *first, user, *rest))]
        if settings:
            groups.append((JOB_GROUP, settings))
        reply = message.answer(await self._post(message.request(operation, number, groups) + document, seconds), number)
        if reply.status >= 0x0100:
            raise _refusal(reply.status, str(_one(reply.group(OPERATION_GROUP), "status-message") or ""))
        return _of_known_syntax(reply)

    async def _post(self, body: bytes, seconds: float) -> bytes:
        limits = httpx.Timeout(seconds, connect=min(seconds, _CONNECT_SECONDS))
        try:
            async with httpx.AsyncClient(timeout=limits, trust_env=False, transport=self._link.transport()) as http:
                reply = await http.post(self._link.http, content=body, headers={"content-type": "application/ipp"})
        except (httpx.ConnectError, httpx.ConnectTimeout) as problem:
            raise Absent(f"{self._link.name}: nobody listens") from problem
        except httpx.TimeoutException as problem:
            raise Late(f"no answer within {seconds:g} s") from problem
        except (httpx.HTTPError, httpx.InvalidURL) as problem:
            raise Gone(f"the connection broke: {type(problem).__name__}") from problem
        if reply.status_code != 200:
            raise _http_refusal(reply.status_code)
        if not reply.headers.get("content-type", "").startswith("application/ipp"):
            raise WrongDevice("answers, but not by IPP")
        return reply.content


def _wanted(names: Iterable[str]) -> Attribute:
    return Attribute(Tag.KEYWORD, "requested-attributes", tuple(names))


def _of_known_syntax(reply: Answer) -> Answer:
    """Raises Garbled for a fact of ours in another syntax than its own (RFC 8011 5.3, 5.4). None may stand anywhere."""
    for _, facts in reply.groups:
        for name, kind in _SYNTAX.items():
            if any(value is not None and type(value) is not kind for value in facts.get(name, ())):
                raise Garbled(f"{name} in another syntax than its own")
    return reply


def _one(facts: Facts, name: str) -> Any:
    return next(iter(facts.get(name, ())), None)


def _job(facts: Facts) -> Job:
    number, state = _one(facts, "job-id"), _one(facts, "job-state")
    if not isinstance(number, int) or not isinstance(state, int):
        raise Garbled("a job without number or state")
    begun = None if "time-at-processing" not in facts else _one(facts, "time-at-processing") is not None
    reasons = tuple(str(reason) for reason in facts.get("job-state-reasons", ()))
    return Job(number, str(_one(facts, "job-name") or ""), state, reasons, begun)


def _http_refusal(status: int) -> DeviceError:
    if status in (401, 403):
        return Denied(f"HTTP {status}")
    return ServiceDown(f"HTTP {status}") if status >= 500 else WrongDevice(f"HTTP {status}")


def _refusal(status: int, said: str) -> DeviceError:
    """RFC 8011 appendix B."""
    match status:
        case 0x0401 | 0x0402 | 0x0403:
            return Denied(said or "the printer does not allow it")
        case 0x0406:
            return WrongDevice(said or "no such printer or job")
        case 0x040A | 0x0501 | 0x0503:
            return Unsupported(said or f"IPP {status:04x}")
        case 0x0506:
            return NeedsHelp(said or "the printer takes no jobs now")
        case 0x0507:
            return Busy("another job", said)
    return Refused(f"{status:04x}", said)
