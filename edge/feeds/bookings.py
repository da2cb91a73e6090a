"""Bookings of the city become bookings of the hall, days ahead: the line may be down when their people come."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any, Final, Protocol
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from edge.api.booking_desk import phone_ref
from edge.engine import Answer
from edge.feeds.following import ACTOR, about, command_id, id_of, why_unread
from edge.feeds.tables import Change
from edge.journal.keys import KeyRing
from edge.rules.commands import Command, Holder
from edge.rules.queue_commands import CancelBooking, MirrorBooking
from edge.rules.refusal import Refusal
from edge.rules.state import State
from sync.protocol import sealed_items

_PREFIX: Final = "b:"


class EnginePort(Protocol):
    @property
    def state(self) -> State: ...

    async def execute(self, command: Command, *, id: str, actor: str) -> Answer: ...


class BookingBody(BaseModel):
    """`slot`: local time of the hall."""

    model_config = ConfigDict(hide_input_in_errors=True, frozen=True, extra="ignore")

    date: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    slot: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
    service: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]


class BookingHolder(BaseModel):
    """The sealed members of an item."""

    model_config = ConfigDict(hide_input_in_errors=True, frozen=True, extra="ignore")

    name: Annotated[str, Field(min_length=1, max_length=60)]
    id_number: Annotated[str, Field(min_length=1, max_length=32)]
    phone: Annotated[str, Field(max_length=32)] = ""


class Bookings:
    feed = "bookings"

    def __init__(self, engine: EnginePort, keys: KeyRing, *, site: str, zone: ZoneInfo) -> None:
        self._engine = engine
        self._keys = keys
        self._site = site
        self._zone = zone

    async def follow(self, change: Change) -> str:
        command: Command
        if change.item is None:
            command = CancelBooking(booking=uid_of(change.id))
        else:
            try:
                command = self._mirror(change, change.item)
            except ValueError as error:
                return why_unread(error)
        try:
            await self._engine.execute(command, id=command_id(change), actor=ACTOR)
        except Refusal as refused:
            return refused.code
        return ""

    async def settle(self, items: Mapping[str, Mapping[str, Any]], ver: int) -> None:
        """After a start: what the hall still has booked and the centre's list has not was cancelled meanwhile.

        The journal may be an image from before a cancellation that this list has seen.
        """
        if ver == 0:
            return
        there = {uid_of(item) for item in items}
        for booking in list(self._engine.state.bookings.values()):
            if booking.state == "booked" and booking.uid not in there:
                id = id_of(self.feed, booking.uid, str(ver), "absent")
                await self._engine.execute(CancelBooking(booking=booking.uid), id=id, actor=ACTOR)

    def _mirror(self, change: Change, item: Mapping[str, Any]) -> MirrorBooking:
        """Raises ValidationError, CannotOpen, ValueError."""
        body = BookingBody.model_validate(dict(item["body"]))
        opened = sealed_items.open_item(item, feed=self.feed, site=self._site, private=self._keys.exchange_key)
        holder = BookingHolder.model_validate(opened)
        ref: Callable[[str, str], str] = self._keys.person_ref
        return MirrorBooking(
            booking=uid_of(change.id),
            date=body.date,
            slot=self._moment(body),
            service=body.service,
            holder=Holder(ref=ref(body.date, holder.id_number), name=holder.name, id_number=holder.id_number),
            phone=phone_ref(ref, body.date, holder.phone) if holder.phone else "",
            about=about(change),
        )

    def _moment(self, body: BookingBody) -> int:
        local = datetime.fromisoformat(f"{body.date}T{body.slot}:00").replace(tzinfo=self._zone)
        return round(local.timestamp() * 1000)


def uid_of(item: str) -> str:
    """The hall's name of a booking: `b:` and the centre's id."""
    return item if item.startswith(_PREFIX) else f"{_PREFIX}{item}"
