"""A case from its first line to the moment it is taken in: opened, marked, set aside, taken up, dropped.

One open draft a turn; several items on one ticket come one after the other. A draft set aside and a case with a
notice wait for their applicant, also over nights; after KEEP_DAYS the hall drops them.
"""

from datetime import date, timedelta
from typing import Final

from edge.rules import case_look, look, materials
from edge.rules.body import Body
from edge.rules.case_commands import DropCase, MarkMaterial, OpenCase, SetCaseAside, TakeUpCase
from edge.rules.case_records import CaseDropped, CaseMarked, CaseOpened, CaseSetAside, CaseTakenUp
from edge.rules.case_state import Case, Mark
from edge.rules.codes import Code, refusal
from edge.rules.moment import Fact, Moment
from edge.rules.records import Draft, Private
from edge.rules.state import State

KEEP_DAYS: Final = 90
WAITING: Final = ("aside", "noticed")
ENDED: Final = ("received", "refused", "dropped")


def open_(state: State, command: OpenCase, moment: Moment) -> list[Draft]:
    look.open_day(state)
    window = case_look.clerk_at(state, command.window, moment)
    ticket = case_look.turn_at(state, window)
    case_look.require_none_open(state, ticket)
    item = moment.books.item(command.item)
    if item is None:
        raise refusal(Code.ITEM_UNKNOWN)
    if item.not_admitted:
        raise refusal(Code.ITEM_NOT_ADMITTED, item=item.id, where=item.id)
    uid = moment.new_id("case")
    body = CaseOpened(
        item=item.id,
        catalogue=moment.books.catalogue_version,
        kind=item.kind,
        limit_days=item.limit_days,
        materials=item.materials,
        deliveries=item.deliveries,
        window=command.window,
        clerk=window.clerk,
        turn=ticket.turn,
        ticket=ticket.uid,
    )
    sealed = Private(owner=uid, members=command.applicant.model_dump())
    return [draft_of(state, "case.opened", uid, body, moment, sealed)]


def mark(state: State, command: MarkMaterial, moment: Moment) -> list[Draft]:
    """No record when the material is already marked so."""
    case = case_look.in_hand(state, command.window, command.case, moment)
    materials.require_clear(command, materials.require_known(case, command.material))
    new = Mark(
        state=command.state,
        form=command.form,
        originals=command.originals,
        copies=command.copies,
        defect=command.defect,
    )
    if case.marks.get(command.material) == new:
        return []
    body = CaseMarked(material=command.material, **new.model_dump())
    return [draft_of(state, "case.marked", case.uid, body, moment)]


def set_aside(state: State, command: SetCaseAside, moment: Moment) -> list[Draft]:
    case = case_look.in_hand(state, command.window, command.case, moment)
    clerk = state.windows[command.window].clerk
    body = CaseSetAside(why=command.why, window=command.window, clerk=clerk)
    return [draft_of(state, "case.set_aside", case.uid, body, moment)]


def take_up(state: State, command: TakeUpCase, moment: Moment) -> list[Draft]:
    """At any window. A draft whose turn has gone without an end (its ticket frozen) may be taken up, too."""
    look.open_day(state)
    window = case_look.clerk_at(state, command.window, moment)
    case = case_look.known(state, command.case)
    if case.state in ENDED:
        raise refusal(Code.CASE_ENDED)
    if case.state == "draft" and case_look.is_running(state, case):
        raise refusal(Code.CASE_ELSEWHERE, window=case.window)
    ticket = case_look.turn_at(state, window)
    case_look.require_none_open(state, ticket)
    body = CaseTakenUp(window=command.window, clerk=window.clerk, turn=ticket.turn, ticket=ticket.uid)
    return [draft_of(state, "case.taken_up", case.uid, body, moment)]


def drop(state: State, command: DropCase, moment: Moment) -> list[Draft]:
    case = case_look.in_hand(state, command.window, command.case, moment)
    return [draft_of(state, "case.dropped", case.uid, CaseDropped(why=command.why), moment)]


def lapse(state: State, moment: Moment) -> list[Draft]:
    """Cases that have waited for their applicant longer than the hall keeps them."""
    oldest = (date.fromisoformat(state.date) - timedelta(days=KEEP_DAYS)).isoformat()
    return [
        draft_of(state, "case.dropped", case.uid, CaseDropped(why="lapsed"), moment)
        for case in state.cases.values()
        if case.state in WAITING and case.since < oldest and case.uid not in state.frozen
    ]


def opened(state: State, fact: Fact, body: CaseOpened) -> None:
    state.cases[fact.subject] = Case(
        uid=fact.subject,
        opened_at=fact.at,
        opened_seq=fact.seq,
        applicant_h=fact.parts[0] if fact.parts else "",
        **{name: getattr(body, name) for name in CaseOpened.model_fields},
    )


def marked(state: State, fact: Fact, body: CaseMarked) -> None:
    case = state.cases.get(fact.subject)
    if case is not None:
        case.marks[body.material] = Mark(**body.model_dump(exclude={"material"}))


def was_set_aside(state: State, fact: Fact, body: CaseSetAside) -> None:
    case = state.cases.get(fact.subject)
    if case is not None:
        case.state, case.since = "aside", state.date


def taken_up(state: State, fact: Fact, body: CaseTakenUp) -> None:
    case = state.cases.get(fact.subject)
    if case is not None:
        case.state = "draft"
        case.window, case.clerk = body.window, body.clerk
        case.turn, case.ticket = body.turn, body.ticket


def dropped(state: State, fact: Fact, body: CaseDropped) -> None:
    case = state.cases.get(fact.subject)
    if case is not None:
        case.state = "dropped"


def end_day(state: State) -> None:
    """Ended cases leave the state with their day; what is in the journal stays, and the dossiers of those received."""
    gone = {uid for uid, case in state.cases.items() if case.state in ENDED}
    state.cases = {uid: case for uid, case in state.cases.items() if uid not in gone}
    state.frozen -= gone - set(state.dossiers)


def draft_of(state: State, kind: str, uid: str, body: Body, moment: Moment, private: Private | None = None) -> Draft:
    return Draft(
        kind=kind,
        subject=uid,
        actor=moment.actor,
        body=body,
        business_date=state.date or None,
        private=private,
    )
