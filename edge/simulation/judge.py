"""Is it fair, does anybody idle: told from who came when and who may serve whom, not from the rules' own order."""

from collections.abc import Iterable

from edge.simulation.guests import Findings, Guest, Place


class Judge:
    """`bound`: ms by which nobody may be overtaken by a later comer at a window that may serve both."""

    def __init__(self, findings: Findings, bound: int) -> None:
        self._findings = findings
        self._bound = bound

    def called(self, guest: Guest, place: Place, waiting: Iterable[Guest]) -> None:
        """`waiting`: without `guest`. Not to be told of calls out of turn: they are a person's deed, no policy's."""
        for other in waiting:
            lead = guest.came - other.counts_from
            if lead > 0 and other.service in place.services and not other.gone:
                other.overtaken += 1
                other.furthest = max(other.furthest, lead)
                self._findings.beyond += lead > self._bound

    def looked_round(self, places: Iterable[Place], waiting: Iterable[Guest]) -> None:
        """Once all that happens at a moment has happened."""
        wanted = {guest.service for guest in waiting}
        self._findings.idle += sum(1 for place in places if place.state == "free" and place.services & wanted)
