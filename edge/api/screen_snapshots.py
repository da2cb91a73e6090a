"""State, case and the person of the turn -> what the window's second screen shows. Pure, but for the hall's clock."""

from edge.api import case_snapshots
from edge.api.case_persons import Persons
from edge.api.case_schema import CaseSnapshot, MaterialLine
from edge.api.port import HallPort
from edge.api.routes_guides import guides_of
from edge.api.screen_schema import Doing, ScreenCase, ScreenMaterial, ScreenPerson, ScreenSnapshot

_SHOWN = frozenset({"draft", "received"})


def screen(hall: HallPort, persons: Persons, window_id: str, language: str) -> ScreenSnapshot:
    """Raises KeyError: no such window."""
    state, seat = hall.state, hall.state.windows[window_id]
    entry = next(each for each in hall.site.windows if each.id == window_id)
    current = state.tickets.get(seat.ticket)
    doing: Doing = current.state if current and current.state in ("called", "serving") else "idle"
    question = state.questions.get(seat.question)
    person, case = _turn(hall, persons, window_id, language)
    return ScreenSnapshot(
        number=entry.number,
        kind=dict(entry.kind),
        hours=tuple(f"{each.opens:%H:%M}-{each.closes:%H:%M}" for each in guides_of(hall).hours.sessions),
        state=doing,
        paused=bool(seat.paused),
        ticket=current.number if current and doing != "idle" else "",
        person=person,
        case=case,
        rating=doing == "idle" and question is not None and question.state == "asked",
    )


def _turn(
    hall: HallPort, persons: Persons, window_id: str, language: str
) -> tuple[ScreenPerson | None, ScreenCase | None]:
    """A person and another one's case are never side by side: somebody new hides the case that was before."""
    shown = persons.shown(window_id)
    case = case_snapshots.in_turn(hall.state, window_id)
    person = ScreenPerson(name=shown.person.name, id_number=shown.person.id_number) if shown else None
    if case is None or (shown and not shown.case):
        return person, None
    if shown and shown.case != case.uid:
        person = None
    if case.state not in _SHOWN:
        return person, None
    return person, _case(case_snapshots.snapshot(hall, case, window_id, language))


def _case(case: CaseSnapshot) -> ScreenCase:
    return ScreenCase(
        item_name=case.item_name,
        received=case.state == "received",
        materials=tuple(_material(line) for line in case.materials),
        number=case.number,
        due=case.due,
    )


def _material(line: MaterialLine) -> ScreenMaterial:
    if line.state is None:
        return ScreenMaterial(name=line.name, mandatory=line.mandatory, state="open")
    there = not line.lack and line.state != "missing"
    return ScreenMaterial.model_validate(
        {
            "name": line.name,
            "mandatory": line.mandatory,
            "state": "there" if there else "missing",
            "why": "" if there else line.lack or "missing",
        }
    )
