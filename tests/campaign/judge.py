"""Judges a morning from outside: only what users were told, and the raw journal. Knows nothing of the rules' code."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Told:
    """What the hall told people. `tickets`: command id -> (ticket uid, number) of the first answer."""

    tickets: dict[str, tuple[str, str]] = field(default_factory=dict)
    contradictions: list[str] = field(default_factory=list)

    def ticket(self, command: str, uid: str, number: str) -> None:
        known = self.tickets.setdefault(command, (uid, number))
        if known != (uid, number):
            self.contradictions.append(f"{command}: first {known}, then {(uid, number)}")


def judge(records: Iterable[Mapping[str, Any]], told: Told) -> list[str]:
    """Every promise that was broken, in words; empty = none."""
    records = list(records)
    issued = [record for record in records if record["kind"] == "ticket.issued"]
    found = list(told.contradictions)
    found += _doubled(Counter((r.get("business_date"), r["body"]["number"]) for r in issued), "number given twice")
    found += _doubled(Counter(r["cmd"] for r in issued), "one command id, several tickets")
    by_uid = {record["subject"]: record for record in issued}
    for command, (uid, number) in told.tickets.items():
        record = by_uid.get(uid)
        if record is None or record["body"]["number"] != number or record["cmd"] != command:
            found.append(f"a citizen was told {number} ({uid}), the journal does not know it")
    return found + _at_windows(records) + _ratings(records)


def _doubled(counted: Counter[Any], what: str) -> list[str]:
    return [f"{what}: {key} ({n} times)" for key, n in counted.items() if n > 1]


def _at_windows(records: list[Mapping[str, Any]]) -> list[str]:
    """No ticket at two windows, no window with two tickets, nothing called that was never issued."""
    found: list[str] = []
    place: dict[str, str] = {}  # ticket -> window
    known: set[str] = set()
    for record in records:
        kind, ticket, body = record["kind"], record["subject"], record["body"]
        if kind == "ticket.issued":
            known.add(ticket)
        elif kind == "ticket.called":
            if ticket not in known:
                found.append(f"seq {record['seq']}: {ticket} was called and never issued")
            if place.get(ticket, body["window"]) != body["window"]:
                found.append(f"seq {record['seq']}: {ticket} is at {place[ticket]} and was called to {body['window']}")
            others = [other for other, window in place.items() if window == body["window"] and other != ticket]
            if others:
                found.append(f"seq {record['seq']}: window {body['window']} has {others} and called {ticket}")
            place[ticket] = body["window"]
        elif kind in ("ticket.missed", "service.finished"):
            place.pop(ticket, None)
    return found


def _ratings(records: list[Mapping[str, Any]]) -> list[str]:
    """Every answer belongs to the one question asked of the one service, once."""
    asked = {r["body"]["nonce"]: r["subject"] for r in records if r["kind"] == "rating.asked"}
    given = [r for r in records if r["kind"] == "rating.given"]
    found = _doubled(Counter(r["subject"] for r in given), "a service rated twice")
    return found + [
        f"seq {r['seq']}: a rating of {r['subject']} answers a question of {asked.get(r['body']['nonce'])}"
        for r in given
        if asked.get(r["body"]["nonce"]) != r["subject"]
    ]
