"""Pages scanned for a case. The files lie beside the journal, sealed; a record names each by its digest."""

from typing import Final

from edge.rules import case_look, materials
from edge.rules.case_commands import AddPage, DropPage
from edge.rules.case_records import PageCaptured, PageDropped
from edge.rules.cases import draft_of
from edge.rules.codes import Code, refusal
from edge.rules.moment import Fact, Moment
from edge.rules.records import Draft
from edge.rules.state import State

PAGES: Final = 300  # of one case; the receipt's record names them all and must stay under 128 KiB


def add(state: State, command: AddPage, moment: Moment) -> list[Draft]:
    case = case_look.in_hand(state, command.window, command.case, moment)
    materials.require_known(case, command.material)
    if command.h in case.pages:
        raise refusal(Code.PAGE_TWICE)
    if len(case.pages) >= PAGES:
        raise refusal(Code.PAGES_FULL, pages=PAGES)
    page = case.last_page.get(command.material, 0) + 1
    body = PageCaptured(page=page, **command.model_dump(exclude={"do", "window", "case"}))
    return [draft_of(state, "page.captured", case.uid, body, moment)]


def drop(state: State, command: DropPage, moment: Moment) -> list[Draft]:
    case = case_look.in_hand(state, command.window, command.case, moment)
    if command.h not in case.pages:
        raise refusal(Code.PAGE_UNKNOWN)
    return [draft_of(state, "page.dropped", case.uid, PageDropped(h=command.h), moment)]


def captured(state: State, fact: Fact, body: PageCaptured) -> None:
    case = state.cases.get(fact.subject)
    if case is not None:
        case.pages[body.h] = body
        case.last_page[body.material] = body.page


def dropped(state: State, fact: Fact, body: PageDropped) -> None:
    case = state.cases.get(fact.subject)
    if case is not None:
        case.pages.pop(body.h, None)
