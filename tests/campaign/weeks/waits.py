"""Who waits in a hall for a unit's decision, since when, and whether it is there: by the records of tickets and cases.

Knows records as JSON and nothing of ours.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

Body = Mapping[str, Any]
_TURNS: Final = {
    "ticket.issued": "waiting",
    "ticket.called": "called",
    "ticket.uncalled": "waiting",
    "ticket.returned": "waiting",
    "ticket.transferred": "waiting",
    "ticket.advanced": "waiting",
    "ticket.revived": "waiting",
    "ticket.held": "here",
    "ticket.resumed": "here",
    "service.started": "here",
    "service.finished": "gone",
    "service.abandoned": "gone",
    "ticket.missed": "gone",
    "ticket.cancelled": "gone",
}
_ASKED: Final = ("forwarded", "stayed")


@dataclass
class Wait:
    ticket: str
    since: int
    at: str
    told_ms: int = 0


class Waits:
    """`stage_of`: of a case at a hall, '' where it is not there, by the trail."""

    def __init__(self, stage_of: Callable[[str, str], str], broken: list[str]) -> None:
        self._stage_of, self.broken = stage_of, broken
        self.waits: dict[tuple[str, str], Wait] = {}
        self.turns: dict[tuple[str, str], str] = {}
        self.units: dict[tuple[str, str], str] = {}
        self.begun = self.told = self.waited_ms = 0

    def see(self, hall: str, kind: str, subject: str, body: Body, at: str, ms: int) -> None:
        if kind in _TURNS:
            self.turns[hall, subject] = _TURNS[kind]
        elif kind == "day.closed":
            self.turns = {key: turn for key, turn in self.turns.items() if key[0] != hall}
        elif kind == "decision.awaited":
            self._begins(hall, subject, body, at, ms)
        elif kind in ("case.stepped", "case.decided"):
            self.units[hall, subject] = body["unit"]
            self._hears(hall, subject, ms)

    def _begins(self, hall: str, case: str, body: Body, at: str, ms: int) -> None:
        ticket, stage = body["ticket"], self._stage_of(hall, case)
        if self.turns.get((hall, ticket)) != "here" or stage not in _ASKED:
            self.says(
                hall, f"{ticket} waits for {case}, which is {stage!r}; the ticket is {self.turns.get((hall, ticket))}"
            )
        if self._runs(hall, case):
            self.says(hall, f"{ticket} began to wait for {case}, {self.waits[hall, case].ticket} does so already")
        if (body["now"], body["at"], body["unit"]) != (ms, at, self.units.get((hall, case), "")):
            self.says(hall, f"{case}: the wait for {body['unit']} began at {body['now']}, it is {ms}")
        self.begun += 1
        self.waits[hall, case] = Wait(ticket, ms, at)

    def _hears(self, hall: str, case: str, ms: int) -> None:
        wait = self.waits.get((hall, case))
        if wait is None or wait.told_ms or self._stage_of(hall, case) in _ASKED or not self._runs(hall, case):
            return
        wait.told_ms = ms
        self.told += 1
        self.waited_ms += ms - wait.since

    def _runs(self, hall: str, case: str) -> bool:
        wait = self.waits.get((hall, case))
        here = wait is not None and self.turns.get((hall, wait.ticket)) == "here"
        return here and self._stage_of(hall, case) not in ("", "withdrawn")

    def says(self, hall: str, what: str) -> None:
        self.broken.append(f"{hall}: {what}")

    def compare(self, hall: str, now: int, shown: Iterable[tuple[str, str, int, str, bool]]) -> None:
        """`shown`: case, ticket, for how many ms, since when in words, whether the word is there; the longest first."""
        wanted = [
            (case, wait.ticket, now - wait.since, wait.at, self._stage_of(where, case) not in _ASKED)
            for (where, case), wait in self.waits.items()
            if where == hall and self._runs(hall, case)
        ]
        told = list(shown)
        if sorted(told) != sorted(wanted):
            self.says(hall, f"who waits: {told}, on the list {wanted}")
        if [each[2] for each in told] != sorted((each[2] for each in told), reverse=True):
            self.says(hall, f"who waits longest does not come first: {told}")
        for case, _, lasts, at, _ in told:
            if now - round(datetime.fromisoformat(at).timestamp() * 1000) != lasts:
                self.says(hall, f"the wait for {case} began at {at} and lasts {lasts} ms, it is {now}")
