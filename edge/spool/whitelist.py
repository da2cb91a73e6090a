"""The whole list of what may cross, by direction, kind and field. What does not stand here stays where it is.

Out of the hall go the queue and how far a case is, by number: nothing that says who somebody is, why a number goes
first, who served or how it was decided. Into the hall come answers to a rating question, without a text.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from edge.rules import upcast
from edge.rules.moment import Fact
from edge.rules.records import KINDS
from edge.spool import shapes
from edge.spool.shapes import Frame, Misfit, Shape

Way = Literal["out", "in"]
_AT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}[+-][0-9]{2}:(00|15|30|45)")
_VERSION: Final = dict(sorted(KINDS))


@dataclass(frozen=True, slots=True)
class Kind:
    subject: Shape
    body: Mapping[str, Shape]


_TICKET: Final = shapes.uid("t")
_CASE: Final = shapes.uid("case")
_COMPLAINT: Final = shapes.uid("complaint")
_PLACE: Final = shapes.place()
_STAGES: Final = shapes.word(
    "received",
    "accepted",
    "supplement",
    "suspended",
    "forwarded",
    "stayed",
    "decided",
    "arrived",
    "rejected",
    "verified",
    "registered",
    "ready",
    "moving",
    "moved",
    "unclaimed",
    "returned",
    "delivered",
    "withdrawn",
    "closed",
)
_COMPLAINT_STATES: Final = shapes.word(
    "registered", "accepted", "redirected", "investigating", "replied", "revisited", "closed"
)
_LEVELS: Final = shapes.word("very_satisfied", "satisfied", "fairly_satisfied", "dissatisfied", "very_dissatisfied")
_REASONS: Final = shapes.words(
    "attitude", "took_long", "not_competent", "other", "sent_away", "asked_for_extra", "unclear"
)

OUT: Final[Mapping[str, Kind]] = {
    "day.opened": Kind(shapes.DAY, {"date": shapes.DATE, "closes": shapes.INSTANT}),
    "day.closed": Kind(shapes.DAY, {"date": shapes.DATE}),
    "ticket.issued": Kind(
        _TICKET, {"number": shapes.TICKET, "service": _PLACE, "area": _PLACE, "ahead": shapes.count(999)}
    ),
    "ticket.forecast": Kind(_TICKET, {"p50": shapes.MINUTES, "p90": shapes.MINUTES}),
    "ticket.called": Kind(_TICKET, {"window": _PLACE, "call": shapes.count(99)}),
    "ticket.uncalled": Kind(_TICKET, {}),
    "ticket.missed": Kind(_TICKET, {}),
    "ticket.revived": Kind(_TICKET, {}),
    "ticket.returned": Kind(_TICKET, {}),
    "ticket.transferred": Kind(_TICKET, {"service": _PLACE, "area": _PLACE}),
    "ticket.advanced": Kind(_TICKET, {"service": _PLACE, "area": _PLACE}),
    "ticket.cancelled": Kind(_TICKET, {}),
    "service.started": Kind(_TICKET, {"window": _PLACE}),
    "service.finished": Kind(_TICKET, {"window": _PLACE}),
    "service.abandoned": Kind(_TICKET, {"window": _PLACE}),
    "window.paused": Kind(shapes.place("window:"), {"until": shapes.INSTANT}),
    "window.resumed": Kind(shapes.place("window:"), {}),
    "issuing.stopped": Kind(shapes.place("service:"), {}),
    "issuing.resumed": Kind(shapes.place("service:"), {}),
    "case.received": Kind(
        _CASE,
        {
            "number": shapes.NUMBER,
            "query_code": shapes.LOCK,
            "received": shapes.DATE,
            "due": shapes.DATE_OR_NONE,
        },
    ),
    "case.stepped": Kind(_CASE, {"stage": _STAGES, "date": shapes.DATE, "due": shapes.DATE_OR_NONE}),
    "case.decided": Kind(_CASE, {"date": shapes.DATE}),
    "result.registered": Kind(_CASE, {"date": shapes.DATE}),
    "result.delivered": Kind(_CASE, {"date": shapes.DATE}),
    "complaint.registered": Kind(
        _COMPLAINT, {"number": shapes.NUMBER, "query_code": shapes.LOCK, "due": shapes.DATE_OR_NONE}
    ),
    "complaint.moved": Kind(_COMPLAINT, {"state": _COMPLAINT_STATES, "due": shapes.DATE_OR_NONE}),
}

IN: Final[Mapping[str, Kind]] = {
    kind: Kind(shapes.uid("r"), {"level": _LEVELS, "reasons": _REASONS}) for kind in ("rating.give", "rating.add")
}

LISTS: Final[Mapping[Way, Mapping[str, Kind]]] = {"out": OUT, "in": IN}
_MEMBERS: Final = frozenset({"kind", "v", "subject", "at", "body"})


def of_record(fact: Fact, places: frozenset[str], numbers: str) -> dict[str, Any] | None:
    """The item that crosses, None where the kind stays here. Raises Misfit: a listed kind with something unlisted."""
    allowed = OUT.get(fact.kind)
    if allowed is None:
        return None
    try:
        body = upcast.lift(fact.kind, fact.v, fact.body)
    except (KeyError, TypeError, ValueError):  # an old form with something else in it
        body = None
    if body is None:
        raise Misfit("unreadable")
    return _item(fact.kind, allowed, _VERSION[fact.kind], fact.subject, fact.at, body.model_dump(), places, numbers)


def of_answer(answer: Mapping[str, Any]) -> dict[str, Any]:
    """An answer of a citizen as the outer side hands it in: {do, nonce, level, reasons?, at}. Raises Misfit."""
    allowed = IN.get(str(answer.get("do", "")))
    if allowed is None or not answer.keys() <= {"do", "nonce", "level", "reasons", "at"}:
        raise Misfit("not listed")
    body = {"level": answer.get("level"), "reasons": list(answer.get("reasons", ()))}
    at, nonce = str(answer.get("at", "")), answer.get("nonce")
    return _item(str(answer["do"]), allowed, 1, nonce, at, body, frozenset(), "")


def check(item: Any, way: Way, places: frozenset[str], numbers: str) -> None:
    """At the receiving end: everything again, and nothing besides. Raises Misfit."""
    if not isinstance(item, Mapping) or item.keys() != _MEMBERS:
        raise Misfit("members")
    allowed = LISTS[way].get(item["kind"]) if type(item["kind"]) is str else None
    if allowed is None:
        raise Misfit("kind")
    if type(item["v"]) is not int or not 1 <= item["v"] <= _VERSION.get(item["kind"], 1):
        raise Misfit("version")
    frame = Frame(places, numbers, _moment(item["at"]))
    body = item["body"]
    if not isinstance(body, Mapping) or body.keys() != allowed.body.keys():
        raise Misfit("fields")
    for name, shape in allowed.body.items():
        if not shape.fits(body[name], frame):
            raise Misfit(name)
    if not allowed.subject.fits(item["subject"], frame):
        raise Misfit("subject")


def told() -> list[str]:
    """The list in lines, sorted: what a person approves."""
    lines = []
    for way, kinds in LISTS.items():
        for kind, allowed in kinds.items():
            lines.append(f"{way} {kind} (subject): {allowed.subject.said}")
            lines += [f"{way} {kind} {name}: {shape.said}" for name, shape in allowed.body.items()]
    return sorted(lines)


def _item(
    kind: str,
    allowed: Kind,
    version: int,
    subject: Any,
    at: str,
    body: Mapping[str, Any],
    places: frozenset[str],
    numbers: str,
) -> dict[str, Any]:
    frame = Frame(places, numbers, _moment(at))
    crossing = {}
    for name, shape in allowed.body.items():
        try:
            crossing[name] = shape.crosses(body[name], body, frame)
        except Misfit:
            raise Misfit(name) from None
    try:
        named = allowed.subject.crosses(subject, body, frame)
    except Misfit:
        raise Misfit("subject") from None
    return {"kind": kind, "v": version, "subject": named, "at": at, "body": crossing}


def _moment(at: Any) -> datetime:
    """Only the exact form of the journal, so that nothing hides in a time."""
    try:
        found = datetime.fromisoformat(at)
        if not _AT.fullmatch(at):
            raise Misfit("at")
    except (TypeError, ValueError):
        raise Misfit("at") from None
    return found
