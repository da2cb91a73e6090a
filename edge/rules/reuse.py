"""The reuse list: what is held of an applicant is not asked for again, as far as the catalogue lets it.

The opened case is the question to the centre, its offer the answer; off line nothing is offered and the original is
asked for. An earlier case of this hall is found by the number on its receipt only: no token links a person's cases,
and the state keeps none of them: the journal is looked into (edge/earlier.py), the command tells what it says.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Final

from edge.rules import case_look, cases, limits, materials, roles, upcast
from edge.rules.books import Books, Reusable
from edge.rules.case_commands import MarkMaterial
from edge.rules.case_records import CaseMarked, CaseOpened, CaseReceived
from edge.rules.case_state import Case
from edge.rules.cases import ENDED, draft_of
from edge.rules.codes import Code, refusal
from edge.rules.moment import Fact, Moment
from edge.rules.records import Draft, Private
from edge.rules.reuse_commands import DeclineHeld, OfferEarlier, OfferHeld, UseHeld
from edge.rules.reuse_records import HeldLine, ReuseDeclined, ReuseOffered, ReuseUsed
from edge.rules.reuse_state import Earlier, Held
from edge.rules.state import State

_LONG_AGO: Final = "0001-01-01"
KEPT_DAYS: Final = 90  # an earlier case can be named for so long


def offer(state: State, command: OfferHeld, moment: Moment) -> list[Draft]:
    """No record where the catalogue lets nothing of it be used again, or all of it has run out."""
    roles.require(command, moment.actor)
    case = case_look.known(state, command.case)
    if case.state in ENDED:
        raise refusal(Code.CASE_ENDED)
    lines = _usable(command.lines, case, moment.books, limits.today(state, moment))
    if not lines:
        return []
    values = {line.what: command.values[line.what].get_secret_value() for line in lines if line.what in command.values}
    sealed = Private(owner=case.uid, members={"values": values}) if values else None
    body = ReuseOffered(origin=command.origin, lines=lines, about=command.about)
    return [draft_of(state, "reuse.offered", case.uid, body, moment, sealed)]


def earlier(state: State, command: OfferEarlier, moment: Moment) -> list[Draft]:
    """One refusal for a number that is not known and one of somebody else: nobody learns which exist."""
    case = case_look.in_hand(state, command.window, command.case, moment)
    found, day = command.found, limits.today(state, moment)
    if found is None or found.day < oldest(day):
        raise refusal(Code.REUSE_UNKNOWN)
    told = (HeldLine(what=each, source="case", issued=found.day, until="") for each in found.materials)
    lines = _usable(told, case, moment.books, day)
    if not lines:
        raise refusal(Code.REUSE_NOTHING)
    body = ReuseOffered(origin=found.number, lines=lines, about=None)
    return [draft_of(state, "reuse.offered", case.uid, body, moment)]


def use(state: State, command: UseHeld, moment: Moment) -> list[Draft]:
    case = case_look.in_hand(state, command.window, command.case, moment)
    return used(state, case, command.what, command.window, moment)


def used(state: State, case: Case, what: str, window: str, moment: Moment) -> list[Draft]:
    """The record of the use, and the mark where it is a material. Nothing when it is used already."""
    held = require_usable(case, what, limits.today(state, moment))
    mark, is_material = case.marks.get(what), case.requirement(what) is not None
    if held.used and (not is_material or (mark is not None and mark.state == "reused")):
        return []
    made = [_use(state, case, what, window, moment)]
    if is_material:
        marked = CaseMarked(material=what, state="reused", form="reused", originals=0, copies=0, defect="")
        made.append(draft_of(state, "case.marked", case.uid, marked, moment))
    return made


def _use(state: State, case: Case, what: str, window: str, moment: Moment) -> Draft:
    held = case.held[what]
    body = ReuseUsed(
        what=what,
        source=held.source,
        origin=held.origin,
        until=held.until,
        h=held.h,
        date=limits.today(state, moment),
        window=window,
        clerk=state.windows[window].clerk,
    )
    return draft_of(state, "reuse.used", case.uid, body, moment)


def mark(state: State, command: MarkMaterial, moment: Moment) -> list[Draft]:
    """As `cases.mark`; a material marked as reused that is held here is used, so that the record says of whom."""
    if command.state == "reused":
        case = case_look.in_hand(state, command.window, command.case, moment)
        materials.require_clear(command, materials.require_known(case, command.material))
        if command.material in case.held:
            return used(state, case, command.material, command.window, moment)
    return cases.mark(state, command, moment)


def decline(state: State, command: DeclineHeld, moment: Moment) -> list[Draft]:
    case = case_look.in_hand(state, command.window, command.case, moment)
    held = case.held.get(command.what)
    if held is None:
        raise refusal(Code.REUSE_NONE)
    if held.declined == command.why:
        return []
    body = ReuseDeclined(
        what=command.what,
        why=command.why,
        source=held.source,
        origin=held.origin,
        window=command.window,
        clerk=state.windows[command.window].clerk,
    )
    return [draft_of(state, "reuse.declined", case.uid, body, moment)]


def require_usable(case: Case, what: str, day: str) -> Held:
    """`what`: a material or a field; `day`: ISO date. Raises Refusal: none held, declined, or over by that day."""
    held = case.held.get(what)
    if held is None:
        raise refusal(Code.REUSE_NONE)
    if held.declined:
        raise refusal(Code.REUSE_DECLINED)
    if is_over(held, day):
        raise refusal(Code.REUSE_EXPIRED, date=held.until)
    return held


def relied_on(state: State, case: Case, window: str, moment: Moment) -> list[Draft]:
    """As the case is received: the uses that no record tells of, because the answer came after the clerk's own mark.

    What was used while the draft waited may have run out since. Raises Refusal.
    """
    day, made = limits.today(state, moment), []
    for what in case.held:
        mark = case.marks.get(what)
        if mark is not None and mark.state == "reused" and not require_usable(case, what, day).used:
            made.append(_use(state, case, what, window, moment))
    return made


def is_over(held: Held, day: str) -> bool:
    return bool(held.until) and held.until < day


def offered(state: State, fact: Fact, body: ReuseOffered) -> None:
    """What was declined stays declined."""
    case = state.cases.get(fact.subject)
    if case is None:
        return
    h = fact.parts[0] if fact.parts else ""
    for line in body.lines:
        before = case.held.get(line.what)
        case.held[line.what] = Held(
            source=line.source,
            origin=body.origin,
            issued=line.issued,
            until=line.until,
            seq=fact.seq,
            h=h,
            used=before.used if before else False,
            declined=before.declined if before else "",
        )


def was_used(state: State, fact: Fact, body: ReuseUsed) -> None:
    case = state.cases.get(fact.subject)
    if case is not None and body.what in case.held:
        case.held[body.what].used = True


def declined(state: State, fact: Fact, body: ReuseDeclined) -> None:
    case = state.cases.get(fact.subject)
    if case is None or body.what not in case.held:
        return
    held = case.held[body.what]
    held.declined, held.used = body.why, False
    mark = case.marks.get(body.what)
    if mark is not None and mark.state == "reused":
        del case.marks[body.what]


def stamp(case: Case, fact: Fact) -> None:
    """Put what only the commit knew on an offer folded as a guess."""
    body = fact.body if isinstance(fact.body, Mapping) else fact.body.model_dump()
    for line in body["lines"]:
        held = case.held.get(line["what"])
        if held is not None:
            held.seq, held.h = fact.seq, fact.parts[0] if fact.parts else ""


def told_by(opened: Fact, received: Fact) -> Earlier | None:
    """By the two records of a case; None where its applicant's data or the form of a record is not known here."""
    before, after = (
        upcast.lift(opened.kind, opened.v, opened.body),
        upcast.lift(received.kind, received.v, received.body),
    )
    if not isinstance(before, CaseOpened) or not isinstance(after, CaseReceived) or not opened.parts:
        return None
    reusable = {each.material for each in before.materials if each.reusable}
    brought = tuple(mark.material for mark in after.marks if mark.state == "provided" and mark.material in reusable)
    day = after.received_at[:10]  # not the working day from which its limit counts: that may be one to come
    return Earlier(after.number, day, brought, opened.seq, opened.parts[0])


def oldest(day: str) -> str:
    """Day of receipt from which on a case can be named on `day`."""
    return (date.fromisoformat(day) - timedelta(days=KEPT_DAYS)).isoformat()


def _usable(lines: Iterable[HeldLine], case: Case, books: Books, day: str) -> tuple[HeldLine, ...]:
    """Those that the catalogue lets be used again from their source, with the last day that counts."""
    item = books.item(case.item)
    allowed: Mapping[str, Reusable] = item.reuse if item is not None else {}
    found = (_bounded(line, allowed[line.what]) for line in lines if line.what in allowed)
    return tuple(
        line for line in found if line.source in allowed[line.what].sources and not (line.until and line.until < day)
    )


def _bounded(line: HeldLine, rule: Reusable) -> HeldLine:
    """Where the catalogue bounds the age, what has no date that can be read is older than it may be."""
    if rule.days is None:
        return line
    try:
        last = (date.fromisoformat(line.issued) + timedelta(days=rule.days)).isoformat()
    except (ValueError, OverflowError):
        last = _LONG_AGO
    return line.model_copy(update={"until": min(line.until or last, last)})
