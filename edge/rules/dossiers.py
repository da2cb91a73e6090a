"""A case from its receipt to its close: every act asks the table in case_flow, every date is computed here once.

The clock of the case stands still from the day of a suspension or supplement to the day before it goes on.
"""

from datetime import date, datetime, timedelta
from typing import Final

from edge.rules import case_flow, case_look, deadlines, delegation, disputes, look, parts, supplements
from edge.rules.about import About
from edge.rules.books import Books
from edge.rules.case_records import CaseReceived
from edge.rules.case_state import Case
from edge.rules.cases import draft_of
from edge.rules.codes import Code, refusal
from edge.rules.dossier_commands import DecideOnSite, RecordDecision, RecordTask, StepCase
from edge.rules.dossier_records import Act, Brought, CaseDecided, CaseStepped, FlowReason, Stage, TaskNoted
from edge.rules.dossier_state import Dossier, Holding, Step, Stop
from edge.rules.moment import Fact, Moment
from edge.rules.records import Draft
from edge.rules.refusal import Refusal
from edge.rules.state import State

_STOPS: Final = frozenset({"suspend", "lack"})
_GOES_ON: Final = frozenset({"resume", "supply"})
_SAID: Final[dict[str, Act]] = {"granted": "decide", "denied": "decide"}
_STANDS: Final = frozenset({"supplement", "suspended", "stayed"})


def known(state: State, uid: str) -> Dossier:
    found = state.dossiers.get(uid)
    if found is None:
        raise refusal(Code.CASE_UNKNOWN)
    if uid in state.frozen:
        raise refusal(Code.SUBJECT_FROZEN)
    return found


def at_window(state: State, window: str, uid: str, moment: Moment) -> Dossier:
    """The dossier, for the clerk who sits at the window while the hall is open. No turn is needed."""
    look.open_day(state)
    case_look.clerk_at(state, window, moment)
    return known(state, uid)


def step(state: State, command: StepCase, moment: Moment) -> list[Draft]:
    """One step of a received case by its window. Raises Refusal: not this step now, or what it needs (a reason, a unit,
    a delegation) is missing.
    """
    dossier = at_window(state, command.window, command.case, moment)
    if command.act in ("suspend", "lack", "reject") and not command.reason:
        raise refusal(Code.FLOW_NEEDS_REASON)
    unit = command.unit
    if command.act == "forward":
        unit = unit or _unit_of(dossier.item, moment.books)
        if not unit:
            raise refusal(Code.FLOW_NEEDS_UNIT)
    if command.act == "shelve" and not belongs_here(dossier, moment.books):
        case_flow.step(dossier, command.act, "clerk")
        raise refusal(Code.RESULT_FOR_OTHER_SITE, site=dossier.pickup)
    if command.act == "accept" and moment.books.flow.delegation(dossier.item, state.date) is None:
        case_flow.step(dossier, command.act, "clerk")
        raise refusal(Code.FLOW_NO_DELEGATION)
    clerk = state.windows[command.window].clerk
    made = stepped(
        state,
        dossier,
        command.act,
        moment,
        command.reason,
        unit=unit,
        window=command.window,
        clerk=clerk,
        brought=command.brought if command.act == "supply" else (),
    )
    points = command.points if command.act == "lack" else ()
    return [made, *supplements.noticed(state, dossier, points, moment, window=command.window, clerk=clerk)]


def decide_on_site(state: State, command: DecideOnSite, moment: Moment) -> list[Draft]:
    dossier = at_window(state, command.window, command.case, moment)
    case_flow.step(dossier, "decide", "clerk")
    if dossier.kind != "instant":
        raise refusal(Code.FLOW_NOT_INSTANT)
    found = moment.books.flow.delegation(dossier.item, state.date)
    if found is None:
        raise refusal(Code.FLOW_NO_DELEGATION)
    body = CaseDecided(
        outcome=command.outcome,
        unit=found.unit,
        basis=found.number,
        seal=found.seal,
        date=state.date,
        at=moment.at,
        window=command.window,
        clerk=state.windows[command.window].clerk,
        about=None,
    )
    return [draft_of(state, "case.decided", dossier.uid, body, moment)]


def record_decision(state: State, command: RecordDecision, moment: Moment) -> list[Draft]:
    """The line may bring an item twice or late: only a newer revision of it is followed.

    One that is out of order here, because the case has moved on meanwhile, is a dispute.
    """
    dossier = state.dossiers.get(command.case)
    if disputes.is_known(state, command.about) or (dossier is not None and _is_old(dossier, command.about)):
        return []
    try:
        return _followed(state, command, moment)
    except Refusal as why:
        return disputes.instead(state, command, why, moment)


def _followed(state: State, command: RecordDecision, moment: Moment) -> list[Draft]:
    dossier = known(state, command.case)
    if command.saw and command.saw != dossier.stage:
        raise refusal(case_flow.WAITS[dossier.stage])
    who = case_flow.actor_of(moment)
    act: Act = _SAID.get(command.said, command.said)  # type: ignore[arg-type]
    if act != "decide":
        made = stepped(
            state,
            dossier,
            act,
            moment,
            command.reason,
            unit=command.unit,
            about=command.about,
            who=who,
            day=min(command.date, max(state.date, moment.at[:10])) or state.date,  # not of days to come
        )
        points = command.points if act == "lack" else ()
        return [made, *supplements.noticed(state, dossier, points, moment, about=command.about)]
    case_flow.step(dossier, "decide", who)
    body = CaseDecided(
        outcome="granted" if command.said == "granted" else "denied",
        unit=command.unit,
        basis="",
        seal="",
        date=state.date,
        at=moment.at,
        window="",
        clerk="",
        about=command.about,
    )
    return [draft_of(state, "case.decided", dossier.uid, body, moment)]


def record_task(state: State, command: RecordTask, moment: Moment) -> list[Draft]:
    """Shown and timed here, never decided here: the order of serial parts is the centre's word."""
    dossier = known(state, command.case)
    if _is_old(dossier, command.about):
        return []
    if case_flow.actor_of(moment) != "centre" or dossier.stage not in ("forwarded", "stayed", "supplement"):
        raise refusal(case_flow.WAITS[dossier.stage])
    body = TaskNoted(
        at=moment.at,
        about=command.about,
        limit_days=parts.limit(dossier, command, moment.books),
        started=parts.started(dossier, command, state.date),
        **command.model_dump(exclude={"do", "about", "case", "started"}),
    )
    return [draft_of(state, "case.tasked", dossier.uid, body, moment).model_copy(update={"v": 2})]


def stepped(
    state: State,
    dossier: Dossier,
    act: Act,
    moment: Moment,
    reason: FlowReason = "",
    *,
    unit: str = "",
    window: str = "",
    clerk: str = "",
    about: About | None = None,
    who: case_flow.Actor = "clerk",
    brought: tuple[Brought, ...] = (),
    day: str = "",
) -> Draft:
    """The record of `act`, or a refusal where it is out of order. `day`: on which it counts, '' = today."""
    day = day or state.date
    stage = case_flow.step(dossier, act, who)
    body = CaseStepped(
        act=act,
        stage=stage,
        back=dossier.stage if act in _STOPS else "",
        reason=reason,
        unit=unit or dossier.unit,
        date=day,
        due=_due_after(day, dossier, act, stage, moment),
        at=moment.at,
        window=window,
        clerk=clerk,
        about=about,
        brought=brought,
    )
    return draft_of(state, "case.stepped", dossier.uid, body, moment)


def _unit_of(item: str, books: Books) -> str:
    """分类处理: who decides this item by today's catalogue, '' where it names nobody but the accepting place."""
    found = books.item(item)
    return found.unit if found is not None else ""


def belongs_here(dossier: Dossier, books: Books) -> bool:
    return dossier.pickup in ("", books.flow.place)


def light(dossier: Dossier, today: date, books: Books) -> deadlines.Light | None:
    """None without a limit, while the clock stands still, and after the decision."""
    if not dossier.due or dossier.limit_days is None or dossier.outcome:
        return None
    setup = books.flow
    try:
        return deadlines.traffic_light(
            today,
            date.fromisoformat(dossier.due),
            dossier.limit_days,
            books.calendar,
            share=setup.yellow_share,
            last_days=setup.yellow_days,
        )
    except deadlines.UnknownYear:
        return None


def end_of_day(state: State, moment: Moment) -> list[Draft]:
    """What the hall does by itself: reminders of results nobody fetched, and the close of what is over."""
    drafts = []
    setup = moment.books.flow
    for dossier in state.dossiers.values():
        if dossier.uid in state.frozen:
            continue
        if dossier.stage in ("delivered", "moved", "withdrawn", "returned"):
            drafts.append(stepped(state, dossier, "close", moment, who="hall"))
        elif dossier.stage == "ready":
            waited = delegation.days_between(dossier.ready, state.date)
            if 0 < setup.unclaimed_days <= waited:
                drafts.append(stepped(state, dossier, "unclaim", moment, who="hall"))
            elif sum(days <= waited for days in setup.reminders) > dossier.reminded:
                drafts.append(stepped(state, dossier, "remind", moment, who="hall"))
    return drafts


def begin(state: State, fact: Fact, body: CaseReceived, case: Case) -> None:
    """A receipt opens the dossier. Records of version 1 did not: their cases ended with the day."""
    held = {mark.material: mark.originals + mark.copies for mark in body.marks if mark.form == "paper"}
    state.dossiers[fact.subject] = Dossier(
        uid=fact.subject,
        number=body.number,
        receipt=body.receipt,
        query_code=body.query_code,
        item=body.item,
        kind=case.kind,
        limit_days=body.limit_days,
        received=body.received,
        received_at=body.received_at,
        due=body.due,
        pickup=body.pickup,
        delivery=body.delivery,
        deliveries=case.deliveries,
        opened_seq=case.opened_seq,
        applicant_h=case.applicant_h,
        holdings={material: Holding(here=sheets) for material, sheets in held.items() if sheets},
        steps=[Step(act="receive", stage="received", at=body.received_at)],
    )


def was_stepped(state: State, fact: Fact, body: CaseStepped) -> None:
    dossier = state.dossiers.get(fact.subject)
    if dossier is None:
        return
    dossier.back, dossier.unit, dossier.due = body.back, body.unit, body.due
    _follow(state, dossier, body.about)
    if body.act in _STOPS:
        dossier.stops.append(Stop(first=body.date))
    if body.act in _GOES_ON:
        dossier.stops = closed_stops(dossier, body.date)
    for paper in body.brought:
        dossier.holdings.setdefault(paper.material, Holding(here=0)).here += paper.sheets
    if body.stage == "ready" and not dossier.ready:
        dossier.ready = body.date
    if body.act == "remind":
        dossier.reminded += 1
    if body.stage == "closed":
        del state.dossiers[fact.subject]
        state.frozen.discard(fact.subject)
    else:
        move(dossier, body.act, body.stage, body.at)


def decided(state: State, fact: Fact, body: CaseDecided) -> None:
    dossier = state.dossiers.get(fact.subject)
    if dossier is not None:
        dossier.outcome, dossier.unit, dossier.seal = body.outcome, body.unit, body.seal
        _follow(state, dossier, body.about)
        move(dossier, "decide", "decided", body.at)


def tasked(state: State, fact: Fact, body: TaskNoted) -> None:
    dossier = state.dossiers.get(fact.subject)
    if dossier is not None:
        dossier.tasks[body.task] = body
        _follow(state, dossier, body.about)


def move(dossier: Dossier, act: Act, stage: Stage, at: str) -> None:
    dossier.stage = stage
    dossier.steps.append(Step(act=act, stage=stage, at=at))


def closed_stops(dossier: Dossier, today: str) -> list[Stop]:
    """The running suspension ends the day before `today`; one that began today excludes no day."""
    last = (date.fromisoformat(today) - timedelta(days=1)).isoformat()
    ended = [stop if stop.last else stop.model_copy(update={"last": last}) for stop in dossier.stops]
    return [stop for stop in ended if stop.first <= stop.last]


def _due_after(day: str, dossier: Dossier, act: Act, stage: Stage, moment: Moment) -> str:
    if stage in _STANDS or dossier.limit_days is None:
        return ""
    if act not in _GOES_ON:
        return dossier.due
    stops = [
        deadlines.Suspension(date.fromisoformat(stop.first), date.fromisoformat(stop.last))
        for stop in closed_stops(dossier, day)
    ]
    wall = datetime.fromisoformat(dossier.received_at).replace(tzinfo=None)
    books = moment.books
    try:
        due = deadlines.due_date(wall, dossier.limit_days, books.calendar, books.hours, stops)
    except deadlines.UnknownYear as unknown:
        raise refusal(Code.CALENDAR_UNKNOWN, year=unknown.year) from None
    return "" if due is None else due.isoformat()


def _is_old(dossier: Dossier, about: About) -> bool:
    return about.rev <= dossier.revs.get(f"{about.feed}/{about.id}", 0)


def _follow(state: State, dossier: Dossier, about: About | None) -> None:
    disputes.followed(state, about)
    if about is not None:
        dossier.revs[f"{about.feed}/{about.id}"] = about.rev
