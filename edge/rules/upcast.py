"""Bodies of every version ever written, lifted to today's models. Entries are only added, never removed.

A change of a body's meaning is a new version: the old model's lift goes into `LIFTS`, a golden record of it into
`tests/edge/rules/golden`, and both stay for ever.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from edge.rules.records import KINDS, Body

Lift = Callable[[Mapping[str, Any]], Mapping[str, Any]]

# (kind, version) -> how its body becomes that of version + 1.
LIFTS: Final[dict[tuple[str, int], Lift]] = {
    ("booking.mirrored", 1): lambda body: {**body, "item": None},
    ("booking.checked_in", 1): lambda body: {**body, "about": None},
    ("booking.ended", 1): lambda body: {**body, "about": None},
    ("print.started", 1): lambda body: {"what": "ticket", "paper": "", **body},
    ("case.tasked", 1): lambda body: {**body, "limit_days": None},
    ("complaint.moved", 1): lambda body: {**body, "about": None},
    ("parcel.signed", 1): lambda body: {**body, "witness": ""},
    ("case.received", 1): lambda body: {**body, "follows": False},
    ("site.configured", 1): lambda body: {**body, "queue": {"policy": "vt"}},
    ("site.configured", 2): lambda body: {**body, "oversight": {}},
    ("rating.asked", 1): lambda body: {
        **body,
        "ended": 0,
        "closes": body["until"],
        "last_day": "",
        "clerk": "",
        "ticket": "",
    },
    ("rating.given", 1): lambda body: {**body, "reasons": [], "window": "", "clerk": "", "after": -1},
    ("day.opened", 1): lambda body: {**body, "closes": 0},
    ("ticket.missed", 1): lambda body: {**body, "now": 0},
    ("ticket.issued", 1): lambda body: {
        **body,
        "items": [body["service"]],
        "klass": "walk_in",
        "declared": "",
        "booking": "",
        "arrived": body["key"],
        "not_before": 0,
    },
    ("ticket.called", 1): lambda body: {
        **body,
        "why": "recall" if body["call"] > 1 else "order",
        "policy": "vt",
        "ahead": 0,
        "owed": 0,
        "reason": "",
        "waited": 0,
    },
}

# Kinds of the journal and the link themselves: about the records, not about the hall.
BESIDE: Final = frozenset(
    {
        "epoch.opened",
        "key.issued",
        "part.erased",
        "month.dropped",
        "command.begun",
        "command.done",
        "record.broken",
        "file.broken",
    }
)

_NEWEST: Final = {kind: max(v for k, v in KINDS if k == kind) for kind, _ in KINDS}


def lift(kind: str, version: int, body: Mapping[str, Any] | BaseModel) -> Body | None:
    """Today's body of a record; None where this release does not know the kind, version or form."""
    if isinstance(body, Body):
        return body
    members: Mapping[str, Any] = body.model_dump() if isinstance(body, BaseModel) else body
    newest = _NEWEST.get(kind, 0)
    if version > newest:
        return None
    for step in range(version, newest):
        members = LIFTS[kind, step](members)
    try:
        # Not strict: JSON has lists where the models have tuples.
        return KINDS[kind, newest].model_validate(dict(members), strict=False)
    except ValidationError:
        return None
