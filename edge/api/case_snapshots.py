"""Cases and catalogue -> what a clerk's page shows. Pure, but for the hall's clock."""

from collections.abc import Iterable
from typing import Any

from edge.api import texts
from edge.api.case_schema import (
    CaseBrief,
    CaseSnapshot,
    FieldLine,
    HeldEntry,
    ItemBrief,
    ItemSheet,
    MaterialLine,
    MaterialSheet,
    PageEntry,
    PaperBrief,
    Place,
    PrecheckLine,
    TellLine,
    Text,
)
from edge.api.port import HallPort
from edge.catalogue import Catalogue, ServiceItem
from edge.rules import deadlines, materials, reuse
from edge.rules.case_records import Point, Requirement
from edge.rules.case_state import Case, CasePaper
from edge.rules.cases import WAITING
from edge.rules.state import State


def of_window(hall: HallPort, window_id: str, language: str) -> CaseSnapshot | None:
    case = in_turn(hall.state, window_id)
    return None if case is None else snapshot(hall, case, window_id, language)


def in_turn(state: State, window_id: str) -> Case | None:
    """The newest case of the turn running there, ended or not."""
    window = state.windows.get(window_id)
    ticket = state.tickets.get(window.ticket) if window else None
    if ticket is None or ticket.state != "serving" or not ticket.turn:
        return None
    return next((case for case in reversed(state.cases.values()) if case.turn == ticket.turn), None)


def snapshot(hall: HallPort, case: Case, window_id: str, language: str) -> CaseSnapshot:
    """`case` as the clerk of `window_id` sees it; nothing of its person. `language`: of what printers say."""
    item = hall.catalogue.items.get(case.item)
    window = next((each for each in hall.site.windows if each.id == window_id), None)
    day = hall.state.date
    told = case.notices[-1] if case.state in ("noticed", "refused") else None
    points = told.points if told else materials.to_tell(case)
    return CaseSnapshot(
        seq=hall.state.seq,
        case=case.uid,
        state=case.state,
        item=case.item,
        item_name=_item_name(item, case.item),
        kind=case.kind,
        limit_days=case.limit_days,
        unverified=item.unverified if item else (),
        conditions=tuple(_text(each) for each in item.conditions) if item else (),
        deliveries=case.deliveries or ("counter",),
        delivery=case.received.delivery if case.received else None,
        materials=tuple(_line(case, each, item, day) for each in case.materials),
        fields=_fields(case, item, day),
        lacking=len(materials.lacking(case)),
        tell=_told(item, points),
        earlier_notices=tuple(each.number for each in case.notices if each.points),
        precheck=_precheck(hall, case, item),
        decides=(item.decides.unit or "") if item else "",
        number=case.received.number if case.received else "",
        query_code=case.received.query_code if case.received else "",
        **_dates(hall, case),
        refused_for=(told.reason or "") if told else "",
        papers=tuple(_paper(paper, language) for paper in case.papers.values()),
        elsewhere=_elsewhere(hall, case),
        has_camera=bool(window and window.camera),
        has_reader=bool(window and window.reader),
    )


def _paper(paper: CasePaper, language: str) -> PaperBrief:
    code = "" if paper.print == "done" else paper.print_code
    return PaperBrief(
        what=paper.what,
        number=paper.number,
        print=paper.print,
        print_code=paper.print_code,
        text=texts.device_text(code, "clerk", language),
        copies=paper.copies,
    )


def _told(item: ServiceItem | None, points: Iterable[Point]) -> tuple[TellLine, ...]:
    return tuple(
        TellLine(material=point.material, name=_material_name(item, point.material), why=point.why) for point in points
    )


def _precheck(hall: HallPort, case: Case, item: ServiceItem | None) -> PrecheckLine | None:
    found = case.precheck
    if found is None:
        return None
    return PrecheckLine(
        unit=found.unit,
        unit_name=unit_names(hall.catalogue).get(found.unit) or ({"zh-Hans": found.unit} if found.unit else {}),
        at=found.checked_at,
        points=_told(item, found.points),
        stands=materials.digest(materials.to_tell(case)) == found.digest,
    )


def _elsewhere(hall: HallPort, case: Case) -> tuple[Place, ...]:
    """Only what is given over a counter can be given over another hall's counter."""
    if not hall.site.cases.follows or "counter" not in (case.deliveries or ("counter",)):
        return ()
    return tuple(Place(site=each.site, name=_text(each.name)) for each in hall.site.cases.elsewhere)


def waiting(hall: HallPort) -> tuple[CaseBrief, ...]:
    """Cases that may be taken up at any window, newest first."""
    return tuple(
        CaseBrief(
            case=case.uid,
            item=case.item,
            item_name=_item_name(hall.catalogue.items.get(case.item), case.item),
            state="noticed" if case.state == "noticed" else "aside",
            since=case.since,
            notice=case.notices[-1].number if case.notices else "",
        )
        for case in reversed(hall.state.cases.values())
        if case.state in WAITING and case.uid not in hall.state.frozen
    )


def brief(item: ServiceItem) -> ItemBrief:
    return ItemBrief(
        id=item.id,
        name=_text(item.name),
        kind=item.kind,
        limit_days=item.limits.working_days,
        unverified=bool(item.unverified),
        elsewhere=_text(item.not_admitted.where) if item.not_admitted else None,
    )


def sheet(item: ServiceItem) -> ItemSheet:
    return ItemSheet(
        **brief(item).model_dump(),
        legal_days=item.limits.legal,
        legal_calendar_days=item.limits.legal_calendar,
        limit_note=_or_none(item.limits.note),
        materials=tuple(MaterialSheet.model_validate(each.model_dump()) for each in item.materials),
        conditions=tuple(_text(each) for each in item.conditions),
        free=item.fee.free,
        fee_note=_or_none(item.fee.note),
        result=_or_none(item.result),
        deliveries=item.delivery,
        unverified_facts=item.unverified,
    )


def _fields(case: Case, item: ServiceItem | None, day: str) -> tuple[FieldLine, ...]:
    """Of the catalogue's order, only what is held."""
    return tuple(
        FieldLine(field=known.id, name=_text(known.name), held=held)
        for known in (item.fields if item else ())
        if (held := _held(case, known.id, day)) is not None
    )


def _held(case: Case, what: str, day: str) -> HeldEntry | None:
    held = case.held.get(what)
    if held is None:
        return None
    return HeldEntry(
        source=held.source,
        origin=held.origin,
        issued=held.issued,
        until=held.until,
        used=held.used,
        declined=held.declined,
        over=reuse.is_over(held, day),
        has_value=bool(held.h),
    )


def _line(case: Case, wanted: Requirement, item: ServiceItem | None, day: str) -> MaterialLine:
    known = next((each for each in item.materials if each.id == wanted.material), None) if item else None
    mark = case.marks.get(wanted.material)
    lack = next((point.why for point in materials.to_tell(case) if point.material == wanted.material), "")
    return MaterialLine(
        material=wanted.material,
        name=_material_name(item, wanted.material),
        note=_or_none(known.note) if known else None,
        sample=_or_none(known.sample) if known else None,
        mandatory=wanted.mandatory,
        reusable=wanted.reusable,
        wanted_originals=wanted.originals,
        wanted_copies=wanted.copies,
        **(mark.model_dump() if mark else {}),
        lack=lack,
        held=_held(case, wanted.material, day),
        pages=tuple(
            PageEntry(
                h=page.h,
                page=page.page,
                width=page.width,
                height=page.height,
                blur=page.blur,
                warnings=page.warnings,
            )
            for page in case.pages.values()
            if page.material == wanted.material
        ),
    )


def _dates(hall: HallPort, case: Case) -> dict[str, Any]:
    if case.received is not None:
        return {"counted": case.received.received, "due": case.received.due}
    books, now = hall.books, hall.wall_time()
    try:
        counted = deadlines.received_on(now, books.hours.close, books.calendar)
        if case.limit_days is None:
            return {"counted": counted.isoformat()}
        due = deadlines.due_date(now, case.limit_days, books.calendar, books.hours)
    except deadlines.UnknownYear as unknown:
        return {"calendar_missing": unknown.year}
    return {"counted": counted.isoformat(), "due": "" if due is None else due.isoformat()}


def unit_names(catalogue: Catalogue) -> dict[str, Text]:
    """Of every unit that decides something."""
    return {uid: _text(name) for uid, name in catalogue.units().items()}


def _item_name(item: ServiceItem | None, uid: str) -> Text:
    return _text(item.name) if item else {"zh-Hans": uid}


def _material_name(item: ServiceItem | None, uid: str) -> Text:
    for each in item.materials if item else ():
        if each.id == uid:
            return _text(each.name)
    return {"zh-Hans": uid}


def _text(text: Any) -> Text:
    return dict(text)


def _or_none(text: Any) -> Text | None:
    return None if text is None else _text(text)
