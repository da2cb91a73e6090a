"""What a clerk does with a case after its receipt, and the ledger of security paper. No turn is needed for it."""

from typing import Annotated

from fastapi import Query, Request

from edge.api import dossier_snapshots
from edge.api.access import Caller, allow
from edge.api.case_persons import Persons
from edge.api.dossier_schema import (
    DecideRequest,
    DeliverRequest,
    DossierList,
    DossierSnapshot,
    PaperStock,
    PrintRequest,
    SpoilRequest,
    StepRequest,
    StockRequest,
    UseRequest,
)
from edge.api.model import Act
from edge.api.port import HallPort
from edge.api.routes_clerk import own_window
from edge.api.routes_public import Hall, Who
from edge.api.second_person import second_person, witnesses
from edge.rules import dossiers, prints
from edge.rules.case_paper import CasePaper
from edge.rules.codes import Code, refusal
from edge.rules.command import Command
from edge.rules.commands import EndPrint
from edge.rules.dossier_commands import AwaitDecision, DecideOnSite, DeliverResult, Person, RegisterResult, StepCase
from edge.rules.paper_records import SpoilPaper, StockPaper, UsePaper


@allow("clerk")
async def listed(window: str, hall: Hall, who: Who, text: Annotated[str, Query(max_length=40)] = "") -> DossierList:
    own_window(window, who)
    return dossier_snapshots.listed(hall, text)


@allow("clerk")
async def one(window: str, uid: str, request: Request, hall: Hall, who: Who) -> DossierSnapshot:
    own_window(window, who)
    return dossier_snapshots.snapshot(hall, dossiers.known(hall.state, uid), request.state.language, window)


@allow("clerk")
async def step(window: str, uid: str, asked: StepRequest, request: Request, hall: Hall, who: Who) -> DossierSnapshot:
    if asked.act == "forward" and asked.unit and asked.unit not in hall.catalogue.units():
        raise refusal(Code.FLOW_NEEDS_UNIT)
    command = StepCase.model_validate({"window": window, "case": uid, **asked.model_dump(exclude={"id"})})
    return await _done(command, window, uid, asked.id, request, hall, who)


@allow("clerk")
async def decide(
    window: str, uid: str, asked: DecideRequest, request: Request, hall: Hall, who: Who
) -> DossierSnapshot:
    command = DecideOnSite(window=window, case=uid, outcome=asked.outcome)
    return await _done(command, window, uid, asked.id, request, hall, who)


@allow("clerk")
async def wait(window: str, uid: str, asked: Act, request: Request, hall: Hall, who: Who) -> DossierSnapshot:
    """The applicant waits in the hall for the unit's decision (前台受理、后台同步办理)."""
    return await _done(AwaitDecision(window=window, case=uid), window, uid, asked.id, request, hall, who)


@allow("clerk")
async def register(window: str, uid: str, asked: Act, request: Request, hall: Hall, who: Who) -> DossierSnapshot:
    return await _done(RegisterResult(window=window, case=uid), window, uid, asked.id, request, hall, who)


@allow("clerk")
async def deliver(
    window: str, uid: str, asked: DeliverRequest, request: Request, hall: Hall, who: Who
) -> DossierSnapshot:
    command = DeliverResult(
        window=window,
        case=uid,
        way=asked.way,
        collector=asked.collector,
        proof=asked.proof,
        person=_collector(window, asked, request),
    )
    return await _done(command, window, uid, asked.id, request, hall, who)


@allow("clerk")
async def print_again(
    window: str, uid: str, asked: PrintRequest, request: Request, hall: Hall, who: Who
) -> DossierSnapshot:
    """A notice to supplement, at this window's printer. Of the deciding unit's nobody has a paper before this."""
    own_window(window, who)
    _paper(uid, asked, hall)
    await hall.reprint_paper(uid, asked.number, id=asked.id, actor=who.actor, window=window)
    return dossier_snapshots.snapshot(hall, dossiers.known(hall.state, uid), request.state.language, window)


@allow("clerk")
async def came_out(
    window: str, uid: str, asked: PrintRequest, request: Request, hall: Hall, who: Who
) -> DossierSnapshot:
    """Nobody could tell whether it was printed; this clerk has seen it."""
    job = _paper(uid, asked, hall).print_job
    seen = EndPrint(case=uid, job=job, outcome="done", code=prints.SEEN)
    return await _done(seen, window, uid, asked.id, request, hall, who)


@allow("clerk")
async def papers(window: str, hall: Hall, who: Who) -> tuple[PaperStock, ...]:
    own_window(window, who)
    return dossier_snapshots.papers(hall)


@allow("clerk")
async def stock(window: str, asked: StockRequest, request: Request, hall: Hall, who: Who) -> tuple[PaperStock, ...]:
    own_window(window, who)
    witness = await second_person(request, witnesses(hall, window), asked.pin.get_secret_value(), who)
    command = StockPaper(window=window, kind=asked.kind, first=asked.first, last=asked.last, witness=witness)
    return await _counted(command, asked.id, hall, who)


@allow("clerk")
async def use(window: str, asked: UseRequest, hall: Hall, who: Who) -> tuple[PaperStock, ...]:
    own_window(window, who)
    command = UsePaper(window=window, kind=asked.kind, serial=asked.serial, case=asked.case)
    return await _counted(command, asked.id, hall, who)


@allow("clerk")
async def spoil(window: str, asked: SpoilRequest, request: Request, hall: Hall, who: Who) -> tuple[PaperStock, ...]:
    own_window(window, who)
    witness = await second_person(request, witnesses(hall, window), asked.pin.get_secret_value(), who)
    command = SpoilPaper(window=window, kind=asked.kind, serial=asked.serial, why=asked.why, witness=witness)
    return await _counted(command, asked.id, hall, who)


async def _done(
    command: Command, window: str, uid: str, id: str, request: Request, hall: HallPort, who: Caller
) -> DossierSnapshot:
    own_window(window, who)
    await hall.execute(command, id=id, actor=who.actor)
    return dossier_snapshots.snapshot(hall, dossiers.known(hall.state, uid), request.state.language, window)


async def _counted(command: Command, id: str, hall: HallPort, who: Caller) -> tuple[PaperStock, ...]:
    await hall.execute(command, id=id, actor=who.actor)
    return dossier_snapshots.papers(hall)


def _paper(uid: str, asked: PrintRequest, hall: HallPort) -> CasePaper:
    found = dossiers.known(hall.state, uid).papers.get(asked.number)
    if found is None:
        raise refusal(Code.PAPER_UNKNOWN)
    return found


def _collector(window: str, asked: DeliverRequest, request: Request) -> Person | None:
    """From the card that was read at this window, or as typed; None where nobody is named."""
    if asked.person:
        persons: Persons = request.app.state.persons
        read = persons.applicant(window, asked.person)
        return Person(name=read.name, id_number=read.id_number)
    name, number = asked.name.get_secret_value().strip(), asked.id_number.get_secret_value().strip().upper()
    if not name and not number:
        return None
    if not name or not number:
        raise refusal(Code.COLLECTOR_UNNAMED)
    return Person.model_validate({"name": name, "id_number": number})
