"""How taking-in ends: received (收件), told once all that is lacking (一次性告知), or not taken in (不予收件)."""

from datetime import datetime
from typing import Final

from edge.rules import case_look, deadlines, dossiers, materials, numbers, reuse
from edge.rules.case_commands import GiveNotice, PrecheckCase, ReceiveCase, RefuseCase
from edge.rules.case_records import CaseNoticed, CasePrechecked, CaseReceived, CaseRefused
from edge.rules.case_state import Case, CasePaper, Notice, Precheck
from edge.rules.cases import draft_of
from edge.rules.codes import Code, refusal
from edge.rules.moment import Fact, Moment
from edge.rules.records import Draft, Private
from edge.rules.state import State

NUMBERED: Final = frozenset({"case.received", "case.noticed", "case.refused"})
_QUERY_CODE: Final = 8  # characters of a fresh id: 40 random bits, nobody guesses one


def receive(state: State, command: ReceiveCase, moment: Moment) -> list[Draft]:
    case = case_look.in_hand(state, command.window, command.case, moment)
    lacking = materials.lacking(case)
    if lacking:
        ids = ",".join(point.material for point in lacking)
        raise refusal(Code.CASE_LACKS, count=len(lacking), materials=ids)
    if case.deliveries and command.delivery not in case.deliveries:
        raise refusal(Code.DELIVERY_NOT_OFFERED)
    relied_on = reuse.relied_on(state, case, command.window, moment)
    received, due = _dates(case, moment)
    body = CaseReceived(
        number=numbers.give(state, "", moment),
        receipt=numbers.give(state, "R", moment),
        query_code=moment.new_id("q")[-_QUERY_CODE:],
        item=case.item,
        catalogue=case.catalogue,
        limit_days=case.limit_days,
        due=due,
        received=received,
        received_at=moment.at,
        marks=materials.taken(case),
        pickup=command.pickup,
        delivery=command.delivery,
        window=command.window,
        clerk=state.windows[command.window].clerk,
        follows=moment.books.flow.follows,
    )
    return [*relied_on, draft_of(state, "case.received", case.uid, body, moment).model_copy(update={"v": 2})]


def notice(state: State, command: GiveNotice, moment: Moment) -> list[Draft]:
    """The same list a second time is refused: the notice given is still true and can be printed again."""
    case = case_look.in_hand(state, command.window, command.case, moment)
    if not materials.lacking(case):
        raise refusal(Code.CASE_COMPLETE)
    points = materials.to_tell(case)
    digest = materials.digest(points)
    earlier = [each for each in case.notices if each.points]
    for each in earlier:
        if each.digest == digest:
            raise refusal(Code.NOTICE_GIVEN, number=each.number)
    told = {point for each in earlier for point in each.points}
    body = CaseNoticed(
        notice=numbers.give(state, "N", moment),
        points=points,
        digest=digest,
        differs=bool(earlier),
        added=sum(point not in told for point in points) if earlier else 0,
        item=case.item,
        catalogue=case.catalogue,
        noticed_at=moment.at,
        window=command.window,
        clerk=state.windows[command.window].clerk,
    )
    return [draft_of(state, "case.noticed", case.uid, body, moment)]


def precheck(state: State, command: PrecheckCase, moment: Moment) -> list[Draft]:
    """No number, no receipt, no limit. No record when the same was found before."""
    case = case_look.in_hand(state, command.window, command.case, moment)
    points = materials.to_tell(case)
    digest = materials.digest(points)
    if case.precheck is not None and (case.precheck.digest, case.precheck.unit) == (digest, command.unit):
        return []
    body = CasePrechecked(
        points=points,
        digest=digest,
        unit=command.unit,
        date=state.date,
        checked_at=moment.at,
        window=command.window,
        clerk=state.windows[command.window].clerk,
    )
    return [draft_of(state, "case.prechecked", case.uid, body, moment)]


def refuse(state: State, command: RefuseCase, moment: Moment) -> list[Draft]:
    case = case_look.in_hand(state, command.window, command.case, moment)
    text = command.text.get_secret_value().strip()
    if command.reason == "other" and not text:
        raise refusal(Code.REASON_NEEDS_TEXT)
    body = CaseRefused(
        notice=numbers.give(state, "B", moment),
        reason=command.reason,
        item=case.item,
        catalogue=case.catalogue,
        refused_at=moment.at,
        window=command.window,
        clerk=state.windows[command.window].clerk,
    )
    sealed = Private(owner=case.uid, members={"text": text}) if text else None
    return [draft_of(state, "case.refused", case.uid, body, moment, sealed)]


def received(state: State, fact: Fact, body: CaseReceived) -> None:
    numbers.given(state, body.number)
    numbers.given(state, body.receipt)
    case = state.cases.get(fact.subject)
    if case is not None:
        case.state, case.received = "received", body
        case.papers[body.receipt] = CasePaper(what="receipt", number=body.receipt)
        if body.follows:
            dossiers.begin(state, fact, body, case)


def noticed(state: State, fact: Fact, body: CaseNoticed) -> None:
    numbers.given(state, body.notice)
    case = state.cases.get(fact.subject)
    if case is not None:
        case.state, case.since = "noticed", state.date
        _add(
            case,
            Notice(
                number=body.notice,
                digest=body.digest,
                points=body.points,
                differs=body.differs,
                added=body.added,
                given_at=body.noticed_at,
                window=body.window,
                clerk=body.clerk,
            ),
        )


def prechecked(state: State, fact: Fact, body: CasePrechecked) -> None:
    case = state.cases.get(fact.subject)
    if case is not None:
        case.precheck = Precheck(points=body.points, digest=body.digest, unit=body.unit, checked_at=body.checked_at)


def refused(state: State, fact: Fact, body: CaseRefused) -> None:
    numbers.given(state, body.notice)
    case = state.cases.get(fact.subject)
    if case is not None:
        case.state = "refused"
        _add(
            case,
            Notice(
                number=body.notice,
                digest="",
                reason=body.reason,
                given_at=body.refused_at,
                window=body.window,
                clerk=body.clerk,
                text_h=fact.parts[0] if fact.parts else "",
                seq=fact.seq,
            ),
        )


def differing(state: State) -> list[tuple[Case, Notice]]:
    """Alarms for manager and technician: notices that say something else than an earlier one on the same case."""
    return [(case, each) for case in state.cases.values() for each in case.notices if each.differs]


def _add(case: Case, given: Notice) -> None:
    case.notices.append(given)
    case.papers[given.number] = CasePaper(what="notice", number=given.number)


def _dates(case: Case, moment: Moment) -> tuple[str, str]:
    """The date that counts as received, and the due date or ''. Refuses in a year whose holidays nobody gave."""
    books = moment.books
    wall = datetime.fromisoformat(moment.at).replace(tzinfo=None)
    try:
        counts = deadlines.received_on(wall, books.hours.close, books.calendar)
        if case.limit_days is None:
            return counts.isoformat(), ""
        due = deadlines.due_date(wall, case.limit_days, books.calendar, books.hours)
    except deadlines.UnknownYear as unknown:
        raise refusal(Code.CALENDAR_UNKNOWN, year=unknown.year) from None
    return counts.isoformat(), "" if due is None else due.isoformat()
