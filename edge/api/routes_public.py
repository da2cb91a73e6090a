"""What everybody in the hall may ask: is it there, what does it offer, what does the board say."""

from typing import Annotated, Literal

from fastapi import Depends, HTTPException, Request

from config import words
from edge.api import snapshots
from edge.api.access import Caller, allow, caller_of
from edge.api.port import HallPort
from edge.api.schema import Catalogue, HallSnapshot, TicketSnapshot
from edge.api.station_schema import HealthReport

Who = Annotated[Caller, Depends(caller_of)]


def hall_of(request: Request) -> HallPort:
    found: HallPort = request.app.state.hall
    return found


Hall = Annotated[HallPort, Depends(hall_of)]


@allow("visitor", "clerk", "guide", "lead", "technician", "kiosk", "board")
async def health(hall: Hall) -> HealthReport:
    statuses = tuple(hall.devices())
    return HealthReport(
        ready=hall.ready,
        version=hall.version,
        site=hall.site.site,
        seq=hall.state.seq,
        epoch=hall.epoch,
        link=hall.link(),
        devices=len(statuses),
        faults=snapshots.faults(statuses),
    )


@allow("visitor", "clerk", "guide", "lead", "technician", "kiosk", "board")
async def catalogue(hall: Hall) -> Catalogue:
    theme = hall.worn.theme
    return snapshots.catalogue(hall.site, {} if theme is None else theme.name)


@allow("visitor", "clerk", "guide", "lead", "technician", "kiosk", "board")
async def word_list(
    language: Literal["zh-Hans", "zh-Hant", "en"],
    name: Literal[
        "kiosk",
        "hall",
        "clerk",
        "flow",
        "guide",
        "lead",
        "oversight",
        "screen",
        "ticket",
        "refusal",
        "device",
        "technician",
    ],
) -> dict[str, str]:
    try:
        return dict(words.load(language, name))
    except FileNotFoundError:
        raise HTTPException(404, "no such list") from None


@allow("clerk", "guide", "technician", "kiosk", "board")
async def hall_now(hall: Hall, area: str = "") -> HallSnapshot:
    """`area`: only what concerns it; '' = the whole hall."""
    whole = snapshots.hall(hall.state, hall.site, hall.wait_for, snapshots.urgent_notice(hall))
    return snapshots.of_area(whole, hall.site, area) if area else whole


@allow("clerk", "guide", "kiosk")
async def ticket(uid: str, hall: Hall) -> TicketSnapshot:
    found = hall.state.tickets.get(uid)
    if found is None:
        raise HTTPException(404, "no such ticket today")
    return snapshots.ticket(hall.state, hall.site, found, hall.now_ms())
