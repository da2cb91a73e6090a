"""What a clerk does with a case at the window the session is bound to."""

from typing import Annotated

from fastapi import HTTPException, Query, Request, Response

from drivers.errors import Absent
from edge.api import case_snapshots
from edge.api.access import Caller, allow
from edge.api.case_pages import Captures
from edge.api.case_persons import Persons, masked
from edge.api.case_schema import (
    AsideRequest,
    CardAtWindow,
    CaseAct,
    CaseBrief,
    CaseSnapshot,
    DropRequest,
    ItemBrief,
    ItemSheet,
    MarkRequest,
    OpenRequest,
    PageRequest,
    Person,
    PrecheckRequest,
    ReceiveRequest,
    RefuseRequest,
    ReprintRequest,
    Text,
    TypedPerson,
)
from edge.api.port import HallPort
from edge.api.routes_clerk import own_id, own_window
from edge.api.routes_kiosk import while_connected
from edge.api.routes_public import Hall, Who
from edge.api.routes_queue import known_unit
from edge.rules import case_look, prints
from edge.rules.case_commands import (
    Applicant,
    DropCase,
    DropPage,
    GiveNotice,
    MarkMaterial,
    OpenCase,
    PrecheckCase,
    ReceiveCase,
    RefuseCase,
    SetCaseAside,
    TakeUpCase,
)
from edge.rules.case_state import CasePaper
from edge.rules.codes import Code, refusal
from edge.rules.command import Command
from edge.rules.commands import DisclosePart, EndPrint

_JPEG = "image/jpeg"
ActId = Annotated[str, Query(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9:_-]+$")]


# --- the catalogue -------------------------------------------------------------------------------


@allow("clerk", "lead")
async def items(hall: Hall, text: Annotated[str, Query(max_length=60)] = "") -> tuple[ItemBrief, ...]:
    """Best first; everything the place accepts for an empty text."""
    level = hall.site.hall.level
    found = hall.catalogue.search(text) if text.strip() else hall.catalogue.items_for(level)
    return tuple(case_snapshots.brief(item) for item in found if item.accepted_by(level))


@allow("clerk")
async def item(uid: str, hall: Hall) -> ItemSheet:
    found = hall.catalogue.items.get(uid)
    if found is None:
        raise refusal(Code.ITEM_UNKNOWN)
    return case_snapshots.sheet(found)


@allow("clerk", "lead")
async def units(hall: Hall) -> dict[str, Text]:
    return case_snapshots.unit_names(hall.catalogue)


# --- the person ----------------------------------------------------------------------------------


@allow("clerk")
async def read_card(window: str, asked: CardAtWindow, request: Request, hall: Hall, who: Who) -> Person:
    """Only in a running turn: nobody's card is read because it lies there."""
    _in_turn(window, hall, who)
    return await while_connected(request, _persons(request).read(window, asked.seconds))


@allow("clerk")
async def type_person(window: str, asked: TypedPerson, request: Request, hall: Hall, who: Who) -> Person:
    _in_turn(window, hall, who)
    applicant = Applicant(
        name=asked.name.get_secret_value().strip() or "-",
        id_number=asked.id_number.get_secret_value().strip().upper() or "-",
        phone=asked.phone.get_secret_value().strip(),
    )
    return _persons(request).keep(window, applicant)


@allow("clerk")
async def forget_person(window: str, request: Request, who: Who) -> Response:
    own_window(window, who)
    await _persons(request).end(window)
    return Response(status_code=204)


# --- the case ------------------------------------------------------------------------------------


@allow("clerk")
async def case_now(window: str, request: Request, hall: Hall, who: Who) -> CaseSnapshot | None:
    own_window(window, who)
    return case_snapshots.of_window(hall, window, request.state.language)


@allow("clerk")
async def waiting_cases(window: str, hall: Hall, who: Who) -> tuple[CaseBrief, ...]:
    own_window(window, who)
    return case_snapshots.waiting(hall)


@allow("clerk")
async def open_case(window: str, asked: OpenRequest, request: Request, hall: Hall, who: Who) -> CaseSnapshot:
    own_window(window, who)
    done: dict[str, str] = request.app.state.opened
    if done.get(window) != asked.id:  # else: the answer got lost, and the person is forgotten already
        applicant = _persons(request).applicant(window, asked.person)
        command = OpenCase(window=window, item=asked.item, applicant=applicant)
        await hall.execute(command, id=asked.id, actor=who.actor)
        done[window] = asked.id
        opened = case_snapshots.in_turn(hall.state, window)
        if opened is not None:
            _persons(request).show(window, opened.uid, masked(applicant))
        await _persons(request).end(window)
    return _snapshot(window, request, hall)


@allow("clerk")
async def take_up(window: str, asked: CaseAct, request: Request, hall: Hall, who: Who) -> CaseSnapshot:
    return await do_at_window(TakeUpCase(window=window, case=asked.case), window, asked.id, request, hall, who)


@allow("clerk")
async def applicant(window: str, request: Request, hall: Hall, who: Who) -> Person:
    """The record that it was shown comes before it is shown."""
    own_window(window, who)
    case = case_snapshots.in_turn(hall.state, window)
    if case is None:
        raise refusal(Code.CASE_UNKNOWN)
    await disclose(case.uid, case.applicant_h, window, request, hall, who)
    try:
        person = masked(Applicant.model_validate(await hall.applicant(case.uid)))
    except LookupError:
        raise refusal(Code.PART_UNKNOWN) from None
    still = case_snapshots.in_turn(hall.state, window)
    if still is not None and still.uid == case.uid:
        _persons(request).show(window, case.uid, person)
    return person


@allow("clerk")
async def mark(window: str, asked: MarkRequest, request: Request, hall: Hall, who: Who) -> CaseSnapshot:
    command = MarkMaterial(window=window, **asked.model_dump(exclude={"id"}))
    return await do_at_window(command, window, asked.id, request, hall, who)


@allow("clerk")
async def add_page(window: str, asked: PageRequest, request: Request, hall: Hall, who: Who) -> CaseSnapshot:
    """Refused before the picture is taken where the page could not be recorded."""
    _in_turn(window, hall, who)
    case = case_snapshots.in_turn(hall.state, window)
    if case is None or case.uid != asked.case or case.state != "draft":
        raise refusal(Code.CASE_ENDED if asked.case in hall.state.cases else Code.CASE_UNKNOWN)
    if case.requirement(asked.material) is None:
        raise refusal(Code.MATERIAL_UNKNOWN)
    captures: Captures = request.app.state.captures
    await captures.take(window, asked, who)
    return _snapshot(window, request, hall)


@allow("clerk")
async def page_image(window: str, digest: str, request: Request, hall: Hall, who: Who) -> Response:
    """The record that it was shown comes before it is shown."""
    own_window(window, who)
    case = case_snapshots.in_turn(hall.state, window)
    if case is None or digest not in case.pages:
        raise refusal(Code.PAGE_UNKNOWN)
    await disclose(case.uid, digest, window, request, hall, who)
    try:
        return Response(await hall.open_file(digest), media_type=_JPEG)
    except LookupError:
        raise Absent("the file of this page is gone") from None


@allow("clerk")
async def drop_page(
    window: str, digest: str, case: str, id: ActId, request: Request, hall: Hall, who: Who
) -> CaseSnapshot:
    return await do_at_window(DropPage(window=window, case=case, h=digest), window, id, request, hall, who)


@allow("clerk")
async def receive(window: str, asked: ReceiveRequest, request: Request, hall: Hall, who: Who) -> CaseSnapshot:
    command = ReceiveCase(window=window, case=asked.case, pickup=asked.pickup, delivery=asked.delivery)
    return await do_at_window(command, window, asked.id, request, hall, who)


@allow("clerk")
async def notice(window: str, asked: CaseAct, request: Request, hall: Hall, who: Who) -> CaseSnapshot:
    return await do_at_window(GiveNotice(window=window, case=asked.case), window, asked.id, request, hall, who)


@allow("clerk")
async def precheck(window: str, asked: PrecheckRequest, request: Request, hall: Hall, who: Who) -> CaseSnapshot:
    if asked.unit:
        known_unit(hall, asked.unit)
    command = PrecheckCase(window=window, case=asked.case, unit=asked.unit)
    return await do_at_window(command, window, asked.id, request, hall, who)


@allow("clerk")
async def refuse(window: str, asked: RefuseRequest, request: Request, hall: Hall, who: Who) -> CaseSnapshot:
    command = RefuseCase(window=window, case=asked.case, reason=asked.reason, text=asked.text)
    return await do_at_window(command, window, asked.id, request, hall, who)


@allow("clerk")
async def set_aside(window: str, asked: AsideRequest, request: Request, hall: Hall, who: Who) -> CaseSnapshot:
    return await do_at_window(
        SetCaseAside(window=window, case=asked.case, why=asked.why), window, asked.id, request, hall, who
    )


@allow("clerk")
async def drop(window: str, asked: DropRequest, request: Request, hall: Hall, who: Who) -> CaseSnapshot:
    return await do_at_window(
        DropCase(window=window, case=asked.case, why=asked.why), window, asked.id, request, hall, who
    )


@allow("clerk")
async def reprint_paper(window: str, asked: ReprintRequest, request: Request, hall: Hall, who: Who) -> CaseSnapshot:
    paper = _newest_paper(window, asked, hall, who)
    await hall.reprint_paper(asked.case, paper.number, id=asked.id, actor=who.actor)
    return _snapshot(window, request, hall)


@allow("clerk")
async def paper_came_out(window: str, asked: ReprintRequest, request: Request, hall: Hall, who: Who) -> CaseSnapshot:
    """Nobody could tell whether it was printed; this clerk has seen it."""
    paper = _newest_paper(window, asked, hall, who)
    seen = EndPrint(case=asked.case, job=paper.print_job, outcome="done", code=prints.SEEN)
    await hall.execute(seen, id=asked.id, actor=who.actor)
    return _snapshot(window, request, hall)


# --- within --------------------------------------------------------------------------------------


def _newest_paper(window: str, asked: ReprintRequest, hall: HallPort, who: Caller) -> CasePaper:
    own_window(window, who)
    case = case_snapshots.in_turn(hall.state, window)
    if case is None or case.uid != asked.case:
        raise refusal(Code.CASE_UNKNOWN)
    papers = [paper for paper in case.papers.values() if paper.what == asked.what]
    if not papers:
        raise refusal(Code.PAPER_UNKNOWN)
    return papers[-1]


async def do_at_window(
    command: Command, window: str, id: str, request: Request, hall: HallPort, who: Caller
) -> CaseSnapshot:
    own_window(window, who)
    await hall.execute(command, id=id, actor=who.actor)
    return _snapshot(window, request, hall)


async def disclose(case: str, h: str, window: str, request: Request, hall: HallPort, who: Caller) -> None:
    command = DisclosePart(case=case, h=h, purpose="fill_case", window=window)
    await hall.execute(command, id=own_id(request, "disclose"), actor=who.actor)


def _snapshot(window: str, request: Request, hall: HallPort) -> CaseSnapshot:
    found = case_snapshots.of_window(hall, window, request.state.language)
    if found is None:
        raise HTTPException(404, "the turn has ended")
    return found


def _in_turn(window: str, hall: HallPort, who: Caller) -> None:
    own_window(window, who)
    case_look.turn_at(hall.state, hall.state.windows[window])


def _persons(request: Request) -> Persons:
    found: Persons = request.app.state.persons
    return found
