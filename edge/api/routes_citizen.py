"""At a kiosk, with a paper in one's hand: how a case stands, judging a service, complaints and their answers."""

import asyncio
from typing import Annotated, Final

from fastapi import Depends, Request
from pydantic import SecretStr

from config import words
from edge.api.access import allow
from edge.api.citizen_desk import CitizenDesk
from edge.api.citizen_schema import (
    Found,
    LookUpRequest,
    Rated,
    RateRequest,
    RatingLook,
    RatingQuestion,
    VoiceRequest,
    VoiceTaken,
)
from edge.api.port import HallPort
from edge.api.routes_kiosk import own_place
from edge.api.routes_public import Hall, Who
from edge.rules.codes import Code, refusal
from edge.rules.followup_commands import AddRating, GiveRating, RegisterComplaint
from edge.rules.followup_records import About
from edge.rules.state import Question

PAPER_SECONDS: Final = 8.0  # the asker still stands there: how long an answer waits for its slip
_UNDER_WAY: Final = ("none", "printing")


def desk_of(request: Request) -> CitizenDesk:
    found: CitizenDesk = request.app.state.citizens
    return found


Desk = Annotated[CitizenDesk, Depends(desk_of)]


@allow("kiosk")
async def look_up(place: str, wanted: LookUpRequest, desk: Desk, who: Who) -> Found:
    own_place(place, who)
    return await desk.look_up(wanted, source=place, actor=who.actor)


@allow("kiosk")
async def rating(place: str, wanted: RatingLook, desk: Desk, who: Who) -> RatingQuestion:
    own_place(place, who)
    return desk.asked(desk.open_question(wanted.code, source=place))


@allow("kiosk")
async def rate(place: str, wanted: RateRequest, desk: Desk, hall: Hall, who: Who) -> Rated:
    own_place(place, who)
    return await give(hall, desk.question(wanted.code, source=place), wanted, by_phone=False, actor=who.actor)


@allow("kiosk")
async def complain(place: str, wanted: VoiceRequest, desk: Desk, hall: Hall, who: Who) -> VoiceTaken:
    """Answers when its slip came out, failed, or is late: the number is good in any case."""
    own_place(place, who)
    about: About = wanted.about
    target = ""
    if wanted.ticket:
        about, target = "window", desk.window_of(wanted.ticket, source=place)
    said = words.load(hall.site.language, "kiosk")
    command = RegisterComplaint(
        type=wanted.type,
        channel="kiosk",
        about=about,
        target=target,
        text=SecretStr("\n".join(said[f"point.{point}"] for point in wanted.points)),
        contact=SecretStr(wanted.contact),
    )
    answer = await hall.execute(command, id=wanted.id, actor=who.actor)
    uid = next((record.subject for record in answer.records if record.kind == "complaint.registered"), "")
    if uid not in hall.state.complaints:
        raise refusal(Code.COMPLAINT_UNKNOWN)
    if any(kiosk.id == place and kiosk.printer for kiosk in hall.site.kiosks):
        await _printed(hall, uid)
    kept = hall.state.complaints[uid]
    return VoiceTaken(number=kept.number, query_code=kept.query_code, due=kept.due, paper=kept.print)


async def give(hall: HallPort, question: Question, wanted: RateRequest, *, by_phone: bool, actor: str) -> Rated:
    """The first opinion, or the second beside it. Raises Refusal."""
    form = AddRating if question.state == "given" else GiveRating
    command = form(
        nonce=question.nonce,
        level=wanted.level,
        by="code" if by_phone else "kiosk",
        reasons=wanted.reasons,
        text=SecretStr(wanted.text),
    )
    answer = await hall.execute(command, id=wanted.id, actor=actor)  # a request sent again is answered as it was
    return Rated(second=any(record.kind == "rating.added" for record in answer.records))


async def _printed(hall: HallPort, uid: str) -> None:
    """Wait for the end of its first print, no longer than its author would."""
    with hall.changes() as changed:
        try:
            async with asyncio.timeout(PAPER_SECONDS):
                while hall.state.complaints[uid].print in _UNDER_WAY:
                    await changed.wait()
        except TimeoutError:
            return
