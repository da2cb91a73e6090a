"""Papers sent by post: signed for once, counted against the sender's list by two where they differ, given to a case."""

from fastapi import Request

from edge.api import parcel_snapshots
from edge.api.access import allow
from edge.api.parcel_schema import MatchParcelRequest, ParcelList, SignParcelRequest
from edge.api.routes_clerk import own_window
from edge.api.routes_public import Hall, Who
from edge.api.second_person import second_person, witnesses
from edge.rules.parcel_records import MatchParcel, SignParcel


@allow("clerk")
async def listed(window: str, hall: Hall, who: Who) -> ParcelList:
    own_window(window, who)
    return parcel_snapshots.listed(hall, window)


@allow("clerk")
async def sign(window: str, asked: SignParcelRequest, request: Request, hall: Hall, who: Who) -> ParcelList:
    own_window(window, who)
    pin = asked.pin.get_secret_value()
    witness = await second_person(request, witnesses(hall, window), pin, who) if pin else ""
    form = asked.model_dump(exclude={"id", "pin"})
    command = SignParcel.model_validate({"window": window, "witness": witness, **form})
    await hall.execute(command, id=asked.id, actor=who.actor)
    return parcel_snapshots.listed(hall, window)


@allow("clerk")
async def match(window: str, uid: str, asked: MatchParcelRequest, hall: Hall, who: Who) -> ParcelList:
    own_window(window, who)
    await hall.execute(MatchParcel(window=window, parcel=uid, case=asked.case), id=asked.id, actor=who.actor)
    return parcel_snapshots.listed(hall, window)
