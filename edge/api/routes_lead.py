"""What a shift leader (值班长) may see: the figures of today and of any day on record."""

from typing import Annotated

from fastapi import HTTPException, Path, Request, Response

from edge.api.access import allow
from edge.api.routes_clerk import check_pin, session_started
from edge.api.routes_public import Hall
from edge.api.schema import PinRequest, Session
from edge.statistics.days import NoSuchDay
from edge.statistics.schema import Day

Date = Annotated[str, Path(pattern=r"^\d{4}-\d{2}-\d{2}$")]


@allow("visitor", "clerk", "technician", "guide", "lead")
async def sign_in(asked: PinRequest, request: Request, response: Response, hall: Hall) -> Session:
    if not hall.site.leads:
        raise HTTPException(403, "this site names no leads")
    person = await check_pin(request, hall.site.leads, asked.pin, "lead")
    return session_started(request, response, "lead", "", person)


@allow("lead")
async def days(hall: Hall) -> list[str]:
    return await hall.business_dates()


@allow("lead")
async def day(date: Date, hall: Hall) -> Day:
    try:
        return await hall.statistics(date)
    except NoSuchDay:
        raise HTTPException(404, "no such day") from None
