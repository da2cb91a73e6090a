"""打印复印 at a kiosk: what is left, papers of an item, a paper of one's own, the print; and more pages by a lead."""

import asyncio
from collections import Counter
from typing import Annotated, Final

from fastapi import HTTPException, Query, Request, Response

from drivers.errors import DeviceError
from edge.api.access import allow
from edge.api.cards import CardDesk
from edge.api.citizen_desk import CitizenDesk
from edge.api.copy_desk import CopyDesk
from edge.api.copy_schema import (
    CopyDay,
    CopyGrant,
    CopyOffer,
    CopyPage,
    CopyPaper,
    CopyPapers,
    CopyPrint,
    CopyPrinted,
    CopyTake,
    CopyWho,
    Language,
)
from edge.api.port import HallPort
from edge.api.routes_guides import guides_of
from edge.api.routes_kiosk import own_place, while_connected
from edge.api.routes_public import Hall, Who
from edge.copying import CopyWish, NoPages, job_of, kinds
from edge.rules import copies, look
from edge.rules.codes import Code, refusal
from edge.rules.copy_commands import GrantCopies
from edge.rules.copy_records import CopyBy
from edge.rules.copy_setup import CopySetup
from edge.rules.copy_state import Copies

PRINT_SECONDS: Final = 90.0  # a few sheets from an office printer that has to wake up first


@allow("kiosk")
async def offer(place: str, asked: CopyWho, request: Request, hall: Hall, who: Who) -> CopyOffer:
    """What is left is told before anything is chosen."""
    own_place(place, who)
    setup = offered(hall, place)
    look.open_day(hall.state)
    account, _ = _account(place, asked, request, hall)
    own, of_hall = copies.left(hall.state, setup, account), copies.left_in_hall(hall.state, setup)
    paper, trouble = await _paper(hall, place)
    areas = {area.id: area.name for area in hall.site.areas}
    return CopyOffer(
        left=min(own, of_hall),
        limit=copies.limit(hall.state, setup, account),
        most=setup.most,
        spent="own" if own == 0 else "hall" if of_hall == 0 else "",
        camera=_desk(request).has_camera(place),
        paper=paper,
        trouble=trouble,
        area={str(language): text for language, text in areas.get(setup.area, {}).items()},
    )


@allow("kiosk")
async def papers(
    place: str, uid: str, hall: Hall, who: Who, language: Annotated[Language, Query()] = "zh-Hans"
) -> CopyPapers:
    own_place(place, who)
    offered(hall, place)
    try:
        item = guides_of(hall).item(uid)
    except KeyError:
        raise HTTPException(404, "no such item") from None
    found = [CopyPaper(kind=kind, pages=await hall.copy_sheets(place, uid, kind, language)) for kind in kinds(item)]
    return CopyPapers(item=uid, name={str(each): text for each, text in item.name.items()}, papers=tuple(found))


@allow("kiosk")
async def take(place: str, asked: CopyTake, request: Request, hall: Hall, who: Who) -> CopyPage:
    own_place(place, who)
    offered(hall, place)
    cards: CardDesk = request.app.state.cards
    cards.keep_on(place)  # five pages may take longer than a card is remembered
    page, count = await while_connected(request, _desk(request).take(place, asked.id, anew=asked.anew))
    return CopyPage(pages=count, picture=page.as_text, warnings=page.warnings)


@allow("kiosk")
async def forget(place: str, request: Request, who: Who) -> Response:
    own_place(place, who)
    _desk(request).forget(place)
    return Response(status_code=204)


@allow("kiosk")
async def print_(place: str, wanted: CopyPrint, request: Request, hall: Hall, who: Who) -> CopyPrinted:
    """The pages of a paper of one's own are forgotten as soon as they are printed, or the printer gave them up.

    A print that has ended is told to whoever repeats its request, also when the card is forgotten since (a restart).
    """
    own_place(place, who)
    setup = offered(hall, place)
    if (earlier := copies.of_job(hall.state, job_of(wanted.id))) is not None and earlier.print != "printing":
        return _as_ended(hall, setup, earlier)
    account, by = _account(place, CopyWho(card=wanted.card, code=wanted.code), request, hall)
    with _desk(request).handing_over(place) as pages:
        wish = CopyWish(
            kiosk=place,
            kind=wanted.kind,
            account=account,
            by=by,
            item=wanted.item,
            language=wanted.language,
            pages=pages if wanted.kind == "own" else (),
        )
        return await _printed(hall, setup, wish, wanted.id, who.actor)


async def _printed(hall: HallPort, setup: CopySetup, wish: CopyWish, id: str, actor: str) -> CopyPrinted:
    """Waits as long as its asker would."""
    try:
        async with asyncio.timeout(PRINT_SECONDS):
            return _as_ended(hall, setup, await hall.print_copies(wish, id=id, actor=actor))
    except TimeoutError:
        left = _left(hall, setup, wish.account)
        return CopyPrinted(paper="printing", pages=len(wish.pages), came=0, left=left)
    except KeyError:
        raise HTTPException(404, "no such paper") from None
    except NoPages:
        raise refusal(Code.COPY_NO_PAGES) from None


def _as_ended(hall: HallPort, setup: CopySetup, ended: Copies) -> CopyPrinted:
    left = _left(hall, setup, ended.account)
    return CopyPrinted(paper=ended.print, pages=ended.pages, came=ended.came, left=left)


def _left(hall: HallPort, setup: CopySetup, account: str) -> int:
    return min(copies.left(hall.state, setup, account), copies.left_in_hall(hall.state, setup))


@allow("lead")
async def day(hall: Hall) -> CopyDay:
    return day_of(hall)


@allow("lead")
async def grant(asked: CopyGrant, hall: Hall, who: Who) -> CopyDay:
    command = GrantCopies(number=asked.number.strip(), pages=asked.pages, why=asked.why)
    await hall.execute(command, id=asked.id, actor=who.actor)
    return day_of(hall)


def day_of(hall: HallPort) -> CopyDay:
    """Counts only: whose pages they were is nobody's business."""
    setup, state = hall.books.copies, hall.state
    today: list[Copies] = [each for each in state.copies.values() if each.date == state.date]
    printed: Counter[str] = Counter()
    for each in today:
        printed[each.kind] += each.came
    return CopyDay(
        offered=bool(setup.printers),
        printed={kind: count for kind, count in sorted(printed.items()) if count},
        unsure=sum(each.unsure for each in today),
        left=copies.left_in_hall(state, setup),
        granted=state.copy_grants.get(copies.HALL, 0),
        prints=len(today),
        failed=sum(each.print in ("failed", "unknown") for each in today),
    )


def offered(hall: HallPort, place: str) -> CopySetup:
    setup = hall.books.copies
    if not setup.printer(place):
        raise refusal(Code.COPIES_OFF)
    return setup


def _account(place: str, asked: CopyWho, request: Request, hall: HallPort) -> tuple[str, CopyBy]:
    """Whose pages. Raises Refusal: no such ticket; CardSessionOver; HTTPException."""
    if bool(asked.card) == bool(asked.code):
        raise HTTPException(422, "exactly one of card and code")
    if asked.card:
        cards: CardDesk = request.app.state.cards
        return cards.person(place, asked.card), "card"
    citizens: CitizenDesk = request.app.state.citizens
    return copies.account_of(citizens.ticket_of(asked.code, source=f"kiosk:{place}")), "ticket"


async def _paper(hall: HallPort, place: str) -> tuple[str, str]:
    """As the printer says; one that cannot be asked has a code and an unknown level."""
    try:
        paper = await hall.copy_paper(place)
    except DeviceError as error:
        return "unknown", error.code
    return paper.state, paper.code


def _desk(request: Request) -> CopyDesk:
    desk: CopyDesk = request.app.state.copies
    return desk
