"""`hallctl doctor --isolation`: asked of the running halld, who sets its link aside for it; else done here."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx

from config.words import load
from edge.api.station_schema import IsolationReport, IsolationSeen
from edge.cli_words import language, say
from edge.enrolment.errors import EnrolmentError
from edge.enrolment.identity import FOLDER, SiteIdentity
from edge.enrolment.isolation import NOT_ENROLLED, tried
from edge.journal.doctor import Found, Grade
from edge.journal.errors import JournalBusy
from edge.journal.files import Lock
from edge.journal.schema import LOCK_FILE

SECONDS: Final = 180.0  # each step of the check has a limit of its own, and all of them together stay below this
_GRADES: Final[dict[str, Grade]] = {"kept": "good", "open": "bad", "doubtful": "look", "unseen": "unknown"}


def isolation(data: Path, socket: Path) -> list[Found]:
    """Takes the line to the centre for some seconds; nothing is lost by that."""
    try:
        report = _asked(socket) or _tried_here(data)
    except JournalBusy as busy:
        return [Found("isolation", "unknown", "busy", {"holder": busy.holder or "?"})]
    except EnrolmentError as error:
        return [Found("isolation", "unknown", "unusable", {"why": say(f"enrol.why.{error.why}", **error.values)})]
    if report.why == NOT_ENROLLED.why:
        return [Found("isolation", "unknown", "not_enrolled", {})]
    if report.why:
        return [Found("isolation", "unknown", "no_line", {"why": _sentence(report.why)})]
    return [_found(one) for one in report.seen]


def _found(one: IsolationSeen) -> Found:
    return Found(f"isolation_{one.check}", _GRADES[one.verdict], one.verdict, one.facts)


def _sentence(why: str) -> str:
    known = f"link_why.{why}" in load(language(), "technician")
    return say(f"link_why.{why}") if known else why


def _asked(socket: Path) -> IsolationReport | None:
    """None where nobody listens. Raises JournalBusy: somebody does, and does not answer this."""
    try:
        with httpx.Client(transport=httpx.HTTPTransport(uds=str(socket)), timeout=SECONDS) as client:
            place = {"x-hall-place": "technician"}
            answer = client.post("http://hall/api/technician/isolation", headers=place, json={})
            answer.raise_for_status()
            return IsolationReport.model_validate_json(answer.content)
    except httpx.ConnectError:
        return None
    except (httpx.HTTPError, ValueError) as error:
        raise JournalBusy(str(socket), "") from error


def _tried_here(data: Path) -> IsolationReport:
    """Raises JournalBusy, EnrolmentError."""
    identity = SiteIdentity.load(data / FOLDER)
    if identity is None:
        return NOT_ENROLLED
    with _no_halld(data):
        return asyncio.run(tried(identity))


@contextmanager
def _no_halld(data: Path) -> Iterator[None]:
    """Not while halld has the journal, and none starts meanwhile. Raises JournalBusy."""
    lock = Lock(data) if (data / LOCK_FILE).exists() else None  # a lock file made by root would shut the service out
    try:
        yield
    finally:
        if lock is not None:
            lock.release()
