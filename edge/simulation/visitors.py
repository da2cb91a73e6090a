"""What people do before a window calls them: come, check in, be looked at, lose patience, come back."""

from collections.abc import Sequence
from functools import partial

from edge.rules.codes import Code
from edge.rules.commands import Holder, IssueTicket
from edge.rules.forecasts import NoteForecast
from edge.rules.moment import Fact
from edge.rules.queue_commands import CancelTicket, CheckIn, MirrorBooking, ReviveTicket, SettleGreen
from edge.rules.queue_records import Klass
from edge.rules.records import TicketIssued
from edge.rules.refusal import Refusal
from edge.simulation.guests import Guest
from edge.simulation.people import Person
from edge.simulation.scenario import MINUTE
from edge.simulation.stage import Stage


class Visitors:
    def __init__(self, stage: Stage, date: str) -> None:
        self._stage = stage
        self._date = date

    def expect(self, person: Person) -> None:
        """Before the doors open: the city's list is mirrored, and everybody is on the way."""
        if person.slot is not None:
            self._stage.do(self._booked(person, person.slot))
        if person.comes is None:
            self._stage.findings.no_shows += 1
        else:
            self._stage.later(person.comes, partial(self._come, person))

    def _booked(self, person: Person, slot: int) -> MirrorBooking:
        holder = Holder(ref=f"p:{self._date}:{person.uid}", name="", id_number="")
        return MirrorBooking(
            booking=self._booking(person),
            date=self._date,
            slot=self._stage.opens + slot,
            service=person.service,
            holder=holder,
        )

    def _booking(self, person: Person) -> str:
        return f"b:{self._date}:{person.uid}"

    def _come(self, person: Person) -> None:
        stage = self._stage
        issued = (self._take_ticket(person) if person.slot is None else self._check_in(person))[0]
        if not isinstance(issued.body, TicketIssued):
            raise TypeError(issued.kind)
        slot = None if person.slot is None else stage.opens + person.slot
        counts_from = max(stage.now, slot or 0)
        klass: Klass = "green" if person.klass == "green" else issued.body.klass
        guest = Guest(person, issued.subject, stage.now, counts_from, person.service, klass, slot)
        stage.waiting[guest.ticket] = guest
        stage.findings.guests.append(guest)
        if person.klass == "green":
            stage.later(int(stage.scenario.confirming * MINUTE), partial(self._confirm, guest))
        else:
            self._tell(guest)
        if person.patience is not None:
            stage.later(person.patience, partial(self._lose_patience, guest))

    def _take_ticket(self, person: Person) -> Sequence[Fact]:
        return self._stage.do(
            IssueTicket(
                service=person.service,
                more=(person.second,) if person.second else (),
                channel="kiosk",
                place="k1",
                declared="elderly" if person.klass == "green" else "",
            )
        )

    def _check_in(self, person: Person) -> Sequence[Fact]:
        command = CheckIn(booking=self._booking(person), channel="kiosk", place="k1")
        try:
            return self._stage.do(command)
        except Refusal as refusal:
            if refusal.code != Code.BOOKING_LATE:
                raise
        return self._stage.do(command.model_copy(update={"accept_late": True}))

    def _confirm(self, guest: Guest) -> None:
        if guest.ticket in self._stage.waiting:
            self._stage.do(SettleGreen(ticket=guest.ticket, ground="elderly", holds=True))
            self._tell(guest)

    def _tell(self, guest: Guest) -> None:
        """What the guest hears of the wait: at the ticket, or once the class of the ticket is settled."""
        stage = self._stage
        guest.estimates = stage.waits.tell(guest, stage.rules.state, stage.places.values(), stage.now)
        said = guest.estimates.said
        if said is not None:
            told = NoteForecast(ticket=guest.ticket, p50=said.p50, p90=said.p90, mean=said.mean, spread=said.spread)
            stage.do(told)

    def _lose_patience(self, guest: Guest) -> None:
        if guest.ticket not in self._stage.waiting or guest.revived:
            return
        guest.gone = True
        if guest.person.cancels:
            self._stage.do(CancelTicket(ticket=guest.ticket, by="kiosk"))
            del self._stage.waiting[guest.ticket]
            guest.fate = "cancelled"

    def missed(self, guest: Guest) -> None:
        """Called in vain; some come back within the time in which a missed ticket may be revived."""
        guest.fate = "missed"
        if guest.person.revives:
            away = min(guest.person.lengths[1], self._stage.rules.state.queue.revive)
            self._stage.later(away, partial(self._come_back, guest))

    def _come_back(self, guest: Guest) -> None:
        stage = self._stage
        stage.do(ReviveTicket(ticket=guest.ticket, by="kiosk"))
        guest.fate, guest.gone, guest.revived, guest.counts_from = "here", False, True, stage.now
        stage.waiting[guest.ticket] = guest
