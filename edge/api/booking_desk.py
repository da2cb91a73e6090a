"""Which of today's bookings somebody means: by card, by the code of the booking, or by the last digits of a phone."""

from collections.abc import Callable
from typing import Final

from edge.api.port import HallPort
from edge.api.queue_schema import CheckedIn, CheckInRequest
from edge.api.snapshots import ticket as ticket_snapshot
from edge.rules.codes import Code, refusal
from edge.rules.commands import Holder
from edge.rules.queue_commands import CheckIn
from edge.rules.queue_records import Channel
from edge.rules.refusal import Refusal
from edge.rules.state import Booking

_USABLE: Final = ("booked", "cancelled", "no_show")


def phone_ref(person_ref: Callable[[str, str], str], date: str, phone: str) -> str:
    """What a mirrored booking carries as `phone`: the keyed hash of the last four digits, good for that day only."""
    return person_ref(date, f"phone:{phone[-4:]}")


async def check_in(
    hall: HallPort, wanted: CheckInRequest, holder: Holder | None, *, channel: Channel, place: str, actor: str
) -> CheckedIn:
    """Raises Refusal: no booking today, several alike (`booking_unclear`), used already, too late.

    `holder` None with a card: the request was done before and the card forgotten; the hall knows its answer by the id.
    """
    booking = "" if wanted.card and holder is None else find(hall, wanted, holder).uid
    command = CheckIn(booking=booking, channel=channel, place=place, accept_late=wanted.accept_late)
    answer = await hall.execute(command, id=wanted.id, actor=actor)
    made = {record.kind: record for record in answer.records}
    issued, here = made.get("ticket.issued"), made.get("booking.checked_in") or made.get("booking.ended")
    if issued is None or here is None or issued.subject not in hall.state.tickets:
        raise refusal(Code.BOOKING_UNKNOWN)
    return CheckedIn(
        ticket=ticket_snapshot(hall.state, hall.site, hall.state.tickets[issued.subject], hall.now_ms()),
        punctuality=here.body.get("punctuality", "lapsed"),
        slot=hall.state.bookings[here.subject].slot,
    )


def find(hall: HallPort, wanted: CheckInRequest, holder: Holder | None) -> Booking:
    """The one booking of today that is meant; of several of one person the first in time that is not used."""
    state = hall.state
    if wanted.code:
        found = state.bookings.get(booking_of_code(wanted.code))
        if found is None or found.date != state.date:
            raise refusal(Code.BOOKING_UNKNOWN)
        return found
    today = sorted((one for one in state.bookings.values() if one.date == state.date), key=lambda one: one.slot)
    if holder is not None:
        mine = [one for one in today if one.person == holder.ref]
    else:
        mine = [one for one in today if one.phone and one.phone == phone_ref(hall.person_ref, state.date, wanted.phone)]
    open_ones = [one for one in mine if one.state in _USABLE]
    if not mine:
        raise refusal(Code.BOOKING_UNKNOWN)
    if holder is None and len({one.person for one in mine}) > 1:
        raise Refusal("booking_unclear", who_can="citizen", instead="booking.check_in")
    return (open_ones or mine)[0]


def booking_of_code(text: str) -> str:
    """The subject of the booking: the centre's id, alone or as the last part of a link."""
    plain = text.strip().rstrip("/")
    return f"b:{plain.replace('=', '/').rpartition('/')[2].removeprefix('b:')}"
