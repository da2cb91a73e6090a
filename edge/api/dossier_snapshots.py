"""Cases under way, batches and security paper -> what a clerk's page shows. Pure, but for the hall's books."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from edge.api import texts
from edge.api.case_schema import TellLine, Text
from edge.api.case_snapshots import unit_names
from edge.api.dossier_schema import (
    Collection,
    Delegated,
    DossierBrief,
    DossierList,
    DossierSnapshot,
    HoldingLine,
    PaperStock,
    Run,
    StopLine,
    SupplementLine,
    TaskLine,
    TimelineLine,
)
from edge.api.port import HallPort
from edge.catalogue import Catalogue
from edge.rules import case_flow, deadlines, dossiers, parts, results, waiters
from edge.rules.dossier_offers import offers
from edge.rules.dossier_records import TaskNoted
from edge.rules.dossier_state import Dossier, Supplement

_URGENT = {"red": 0, "yellow": 1, "green": 2, None: 3}
_OVER = ("delivered", "moved", "returned", "withdrawn", "closed")


def listed(hall: HallPort, text: str) -> DossierList:
    wanted, units = text.strip().upper(), unit_names(hall.catalogue)
    found = [DossierBrief(**_brief(hall, each, units)) for each in hall.state.dossiers.values() if _fits(each, wanted)]
    found.sort(key=lambda one: (one.stage in _OVER, _URGENT[one.light], one.due or "9999", one.since))
    return DossierList(
        seq=hall.state.seq,
        dossiers=tuple(found),
        unit_names=units,
        place_names=place_names(hall),
    )


def _fits(dossier: Dossier, wanted: str) -> bool:
    """A scanned or typed number, or the end of one; the query code only whole."""
    numbers = (dossier.number, dossier.receipt)
    return not wanted or dossier.query_code == wanted or any(wanted in number for number in numbers)


def snapshot(hall: HallPort, dossier: Dossier, language: str, window: str) -> DossierSnapshot:
    """As the clerk at `window` sees it."""
    wait = waiters.waiter(hall.state, dossier)
    names = material_names(hall.catalogue, dossier.item)
    units = unit_names(hall.catalogue)
    return DossierSnapshot(
        **_brief(hall, dossier, units),
        seq=hall.state.seq,
        query_code=dossier.query_code,
        kind="instant" if dossier.kind == "instant" else "promised",
        limit_days=dossier.limit_days,
        received=dossier.received,
        back=dossier.back,
        outcome=dossier.outcome,
        entry=dossier.entry,
        seal_name=_seal_name(hall, dossier.seal),
        batch=dossier.batch,
        ready=dossier.ready,
        reminded=dossier.reminded,
        deliveries=dossier.deliveries,
        delivery=dossier.delivery,
        collections=_collections(dossier),
        delegation=_delegation(hall, dossier),
        decides=_decides(hall, dossier),
        timeline=tuple(TimelineLine(act=each.act, stage=each.stage, at=each.at) for each in dossier.steps),
        stops=tuple(StopLine(first=each.first, last=each.last) for each in dossier.stops),
        tasks=tuple(
            _task(hall, dossier, each, units)
            for each in sorted(dossier.tasks.values(), key=lambda task: (task.order, task.task))
        ),
        holdings=tuple(
            HoldingLine(material=material, name=names.get(material) or {"zh-Hans": material}, **held.model_dump())
            for material, held in dossier.holdings.items()
        ),
        supplements=tuple(_supplement(dossier, each, names, language) for each in dossier.supplements),
        materials=names,
        can_await=waiters.may_begin(hall.state, dossier, window),
        waits_since=wait.since if wait and not wait.told else 0,
    )


def _task(hall: HallPort, dossier: Dossier, task: TaskNoted, units: dict[str, Text]) -> TaskLine:
    today, due = _today(hall), parts.due(dossier, task, hall.books)
    return TaskLine(
        **task.model_dump(include={"task", "unit", "mode", "order", "status", "started", "limit_days"}),
        unit_name=units.get(task.unit) or {"zh-Hans": task.unit},
        due=due,
        days_left=_days_to(hall, due, today),
        light=parts.light(dossier, task, today, hall.books),
    )


def _supplement(dossier: Dossier, given: Supplement, names: dict[str, Text], language: str) -> SupplementLine:
    paper = dossier.papers.get(given.number)
    code = "" if paper is None or paper.print == "done" else paper.print_code
    return SupplementLine(
        number=given.number,
        at=given.at,
        unit=not given.window,
        points=tuple(
            TellLine(material=each.material, name=names.get(each.material) or {"zh-Hans": each.material}, why=each.why)
            for each in given.points
        ),
        print=paper.print if paper else "none",
        text=texts.device_text(code, "clerk", language),
        copies=paper.copies if paper else 0,
    )


def papers(hall: HallPort) -> tuple[PaperStock, ...]:
    return tuple(
        PaperStock(
            kind=stock.kind,
            came=stock.came,
            used=stock.used,
            spoiled=stock.spoiled,
            left=stock.left,
            runs=tuple(Run(first=run.first, last=run.last) for run in stock.runs),
        )
        for stock in hall.state.stocks.values()
    )


# --- names ---------------------------------------------------------------------------------------


def place_names(hall: HallPort) -> dict[str, Text]:
    """Of the other halls that this one hands results to, and its own."""
    names = {each.site: _text(each.name) for each in hall.site.cases.elsewhere}
    return {hall.site.site: _text(hall.site.hall.name), **names}


def material_names(catalogue: Catalogue, item: str) -> dict[str, Text]:
    found = catalogue.items.get(item)
    return {each.id: _text(each.name) for each in found.materials} if found else {}


def any_material(catalogue: Catalogue, materials: Iterable[str]) -> dict[str, Text]:
    wanted = set(materials)
    return {
        each.id: _text(each.name) for item in catalogue.items.values() for each in item.materials if each.id in wanted
    }


# --- within --------------------------------------------------------------------------------------


def _brief(hall: HallPort, dossier: Dossier, units: dict[str, Text]) -> dict[str, Any]:
    day, today = hall.state.date, _today(hall)
    item = hall.catalogue.items.get(dossier.item)
    return {
        "case": dossier.uid,
        "number": dossier.number,
        "receipt": dossier.receipt,
        "item": dossier.item,
        "item_name": _text(item.name) if item else {"zh-Hans": dossier.item},
        "stage": dossier.stage,
        "light": dossiers.light(dossier, today, hall.books),
        "due": "" if dossier.outcome else dossier.due,
        "days_left": _days_to(hall, "" if dossier.outcome else dossier.due, today),
        "since": dossier.steps[-1].at if dossier.steps else dossier.received_at,
        "turn": case_flow.WAITS[dossier.stage].value,
        "unit": dossier.unit,
        "unit_name": units.get(dossier.unit) or {"zh-Hans": dossier.unit},
        "pickup": dossier.pickup,
        "origin": dossier.origin,
        "offers": () if dossier.uid in hall.state.frozen else offers(dossier, day, hall.books),
    }


def _today(hall: HallPort) -> date:
    return date.fromisoformat(hall.state.date) if hall.state.date else hall.wall_time().date()


def _days_to(hall: HallPort, day: str, today: date) -> int | None:
    """Working days to a due date, below 0 after it; None where no light is shown."""
    if not day:
        return None
    due, calendar = date.fromisoformat(day), hall.books.calendar
    try:
        if today > due:
            return -deadlines.working_days_after(due, today, calendar)
        return deadlines.remaining_working_days(today, due, calendar)
    except deadlines.UnknownYear:
        return None


def _collections(dossier: Dossier) -> tuple[Collection, ...]:
    """At the counter also where another way was agreed: the person stands there."""
    offered = {"counter", *dossier.deliveries}
    return tuple(
        Collection(way=way, collector=collector, proof=proof, named=collector in results.NAMED)
        for (way, collector), proof in results.PROOFS.items()
        if way in offered
    )


def _delegation(hall: HallPort, dossier: Dossier) -> Delegated | None:
    found = hall.books.flow.delegation(dossier.item, hall.state.date)
    if found is None:
        return None
    return Delegated(
        number=found.number,
        unit_name=unit_names(hall.catalogue).get(found.unit) or {"zh-Hans": found.unit},
        seal_name=_seal_name(hall, found.seal),
        last=found.last,
    )


def _decides(hall: HallPort, dossier: Dossier) -> str:
    item = hall.catalogue.items.get(dossier.item)
    return (item.decides.unit or "") if item else ""


def _seal_name(hall: HallPort, seal: str) -> Text:
    names = {each.seal: _text(each.seal_name) for each in hall.site.cases.delegations}
    return names.get(seal) or ({"zh-Hans": seal} if seal else {})


def _text(text: Any) -> Text:
    return dict(text)
