"""What clerks do: call whenever they are free, serve, put aside, pause and go home. Whom they call, the rules say."""

from collections.abc import Callable
from functools import partial
from typing import Final

from edge.rules.codes import Code
from edge.rules.commands import CallNext, FinishService, MissTicket, Recall, SignIn, SignOut, StartService
from edge.rules.queue_commands import HoldTicket, PauseWindow, ResumeTicket, ResumeWindow, ReturnTicket
from edge.rules.refusal import Refusal
from edge.simulation.guests import Guest, Place
from edge.simulation.hall import clerk_of
from edge.simulation.scenario import MINUTE, Desk
from edge.simulation.stage import Stage

RECALLED_AFTER: Final = (30_000, 60_000)  # domain 3.2: called at 0, 30 and 60 s, then missed
MISSED_AFTER: Final = 90_000


class Desks:
    """`missed`: told of who was called in vain."""

    def __init__(self, stage: Stage, missed: Callable[[Guest], None]) -> None:
        self._stage = stage
        self._missed = missed

    def staff(self, desk: Desk) -> None:
        stage, place = self._stage, self._stage.places[desk.id]
        stage.do(SignIn(window=desk.id, clerk=clerk_of(desk.id)))
        for one in desk.breaks:
            stage.later(stage.scenario.since_opening(one.at), partial(place.breaks.append, int(one.minutes * MINUTE)))
        if desk.closes is not None:
            stage.later(stage.scenario.since_opening(desk.closes), partial(setattr, place, "closing", True))

    def work(self) -> None:
        """Every free window does its next thing, the one that is free longest first."""
        free = [place for place in self._stage.places.values() if place.state == "free"]
        for place in sorted(free, key=lambda place: place.since) if len(free) > 1 else free:
            self._next(place)

    def _next(self, place: Place) -> None:
        stage = self._stage
        if place.closing and not place.aside:
            stage.do(SignOut(window=place.id))
            place.state = "closed"
        elif place.breaks:
            self._pause(place, place.breaks.pop(0))
        elif place.returning:
            self._take_up(place, place.returning.pop(0))
        elif stage.waiting:
            self._call(place)

    def _pause(self, place: Place, length: int) -> None:
        until = self._stage.now + length
        self._stage.do(PauseWindow(window=place.id, reason="lunch", until=until))
        place.state = "paused"
        self._stage.later(length, partial(self._resume, place))

    def _resume(self, place: Place) -> None:
        self._stage.do(ResumeWindow(window=place.id))
        place.state, place.since = "free", self._stage.now

    def _call(self, place: Place) -> None:
        stage = self._stage
        try:
            facts = stage.do(CallNext(window=place.id))
        except Refusal as refusal:
            if refusal.code != Code.NOBODY_WAITING:
                raise
            return
        guest = stage.waiting.pop(facts[-1].subject)
        stage.judge.called(guest, place, stage.waiting.values())
        place.state, place.guest = "busy", guest
        if guest.gone:
            self._call_in_vain(place, guest)
            return
        if guest.called is None:
            guest.called = stage.now
            stage.waits.called(guest, stage.now)
        if stage.scenario.walking:
            stage.later(int(stage.scenario.walking * 1000), partial(self._start, place, guest))
        else:
            self._start(place, guest)

    def _call_in_vain(self, place: Place, guest: Guest) -> None:
        for after in RECALLED_AFTER:
            self._stage.later(after, partial(self._stage.do, Recall(window=place.id)))
        self._stage.later(MISSED_AFTER, partial(self._give_up, place, guest))

    def _give_up(self, place: Place, guest: Guest) -> None:
        self._stage.do(MissTicket(window=place.id))
        self._free(place)
        self._missed(guest)

    def _start(self, place: Place, guest: Guest) -> None:
        self._stage.do(StartService(window=place.id))
        first, second = guest.person.lengths
        if guest.parts:
            self._stage.later(second, partial(self._finish, place, guest))
        elif guest.person.turn == "hold":
            self._stage.later(first // 2, partial(self._put_aside, place, guest))
        elif guest.person.turn == "return":
            self._stage.later(first, partial(self._send_back, place, guest))
        else:
            self._stage.later(first, partial(self._finish, place, guest))

    def _put_aside(self, place: Place, guest: Guest) -> None:
        self._stage.do(HoldTicket(window=place.id))
        place.aside += 1
        self._free(place)
        self._stage.later(guest.person.lengths[1], partial(place.returning.append, guest))

    def _take_up(self, place: Place, guest: Guest) -> None:
        self._stage.do(ResumeTicket(window=place.id, ticket=guest.ticket))
        place.aside -= 1
        place.state, place.guest = "busy", guest
        rest = guest.person.lengths[0] - guest.person.lengths[0] // 2
        self._stage.later(rest, partial(self._finish, place, guest))

    def _send_back(self, place: Place, guest: Guest) -> None:
        self._stage.do(ReturnTicket(window=place.id, reason="materials_missing"))
        guest.parts += 1
        self._free(place)
        self._stage.waiting[guest.ticket] = guest

    def _finish(self, place: Place, guest: Guest) -> None:
        kinds = [fact.kind for fact in self._stage.do(FinishService(window=place.id))]
        if "ticket.advanced" not in kinds:
            guest.fate = "served"
            self._free(place)
            return
        guest.parts += 1
        guest.service = guest.person.second
        if "service.started" in kinds[kinds.index("ticket.advanced") :]:
            self._stage.later(guest.person.lengths[1], partial(self._finish, place, guest))
        else:
            self._free(place)
            self._stage.waiting[guest.ticket] = guest

    def _free(self, place: Place) -> None:
        place.state, place.guest, place.since = "free", None, self._stage.now
