"""Complaints and suggestions (投诉, 意见建议): anybody's, numbered, answered, and heard one level up in time.

One that is overdue when a day opens goes to the level above by itself. The complainant reads the answer by number and
query code; both are on the slip he was given, and no name is needed.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final, Literal, NamedTuple

from edge.rules import disputes, limits, numbers, query_codes, roles
from edge.rules import followup_commands as f
from edge.rules.codes import Code, refusal
from edge.rules.followup_records import (
    ComplaintMoved,
    ComplaintRegistered,
    ComplaintShown,
    ComplaintState,
    ComplaintStep,
    Level,
)
from edge.rules.followup_state import Complaint, Line
from edge.rules.moment import Fact, Moment
from edge.rules.records import Body, Draft, Private
from edge.rules.refusal import Refusal
from edge.rules.state import State

LEVELS: Final[tuple[Level, ...]] = ("station", "street", "district")
KEPT_DAYS: Final = 90  # a closed one can be asked for so long
_QUERY_CODE: Final = 8
UNDER_WAY: Final[frozenset[ComplaintState]] = frozenset({"registered", "accepted", "redirected", "investigating"})


class Step(NamedTuple):
    """`after`: the states it may follow; `to`: the state it leads to, None = the same."""

    name: ComplaintStep
    after: frozenset[ComplaintState]
    to: ComplaintState | None


STEPS: Final[dict[type[f.ComplaintAct], Step]] = {
    f.AcceptComplaint: Step("accept", frozenset({"registered", "redirected"}), "accepted"),
    f.RedirectComplaint: Step("redirect", frozenset({"registered", "accepted", "redirected"}), "redirected"),
    f.InvestigateComplaint: Step("investigate", frozenset({"accepted", "redirected"}), "investigating"),
    f.ReplyComplaint: Step("reply", frozenset({"investigating"}), "replied"),
    f.RevisitComplaint: Step("revisit", frozenset({"replied"}), "revisited"),
    f.CloseComplaint: Step("close", frozenset({"replied", "revisited"}), "closed"),
    f.UrgeComplaint: Step("urge", UNDER_WAY, None),
    f.EscalateComplaint: Step("escalate", UNDER_WAY, None),
}


_MOVED_ON: Final = frozenset({Code.COMPLAINT_NOT_NOW, Code.COMPLAINT_NOT_RISEN, Code.COMPLAINT_UNKNOWN})
_ABOVE: Final[dict[str, tuple[ComplaintStep, ComplaintState | None]]] = {
    "urge": ("urge", None),
    "assign": ("redirect", "redirected"),
    "reply": ("reply", "replied"),
}


def register(state: State, command: f.RegisterComplaint, moment: Moment) -> list[Draft]:
    roles.require(command, moment.actor)
    text = command.text.get_secret_value().strip()
    if not text:
        raise refusal(Code.COMPLAINT_NEEDS_TEXT)
    name, contact = command.name.get_secret_value().strip(), command.contact.get_secret_value().strip()
    uid = moment.new_id("complaint")
    body = ComplaintRegistered(
        number=numbers.give(state, "T" if command.type == "complaint" else "J", moment),
        query_code=moment.new_id("q")[-_QUERY_CODE:],
        type=command.type,
        channel=command.channel,
        about=command.about,
        target=command.target,
        anonymous=not (name or contact),
        level=state.oversight.level,
        registered=limits.today(state, moment),
        due=limits.due(moment, state.oversight.complaint_days),
    )
    sealed = Private(owner=uid, members={"text": text, "name": name, "contact": contact})
    return [_draft(state, "complaint.registered", uid, body, moment, sealed)]


def move(state: State, command: f.ComplaintAct, moment: Moment) -> list[Draft]:
    """A step of whoever handles a complaint. Raises Refusal: not his, not this step now, an answer without words."""
    roles.require(command, moment.actor)
    complaint = known(state, command.complaint)
    step = STEPS[type(command)]
    if complaint.state not in step.after:
        raise refusal(Code.COMPLAINT_NOT_NOW, state=complaint.state)
    text = command.text.get_secret_value().strip()
    if isinstance(command, f.ReplyComplaint) and not text:
        raise refusal(Code.COMPLAINT_NEEDS_TEXT)
    if isinstance(command, f.EscalateComplaint):
        if not _may_rise(complaint, limits.today(state, moment)):
            raise refusal(Code.COMPLAINT_NOT_NOW, state=complaint.state)
        return [_escalation(state, complaint, moment)]
    body = ComplaintMoved(
        step=step.name,
        state=step.to or complaint.state,
        to=command.to if isinstance(command, f.RedirectComplaint) else complaint.to,
        level=complaint.level,
        due=complaint.due,
        content=command.content if isinstance(command, f.RevisitComplaint) else complaint.content,
        last_day=_kept_until(state, moment) if step.to == "closed" else "",
        about=None,
    )
    return [_move(state, complaint, body, moment, text)]


def direct(state: State, command: f.DirectComplaint, moment: Moment) -> list[Draft]:
    """What the level above says of it, with the limit that it sets. The line may bring an order twice.

    One that does not fit is a dispute, like a word about a case: it is not tried again on another day when it might
    fit by chance.
    """
    roles.require(command, moment.actor)
    if disputes.is_known(state, command.about) or _is_old(state, command):
        return []
    try:
        return _directed(state, command, moment)
    except Refusal as why:
        if why.code not in _MOVED_ON:
            raise
        to = command.complaint
        return [disputes.disputed_word(state, to, command.about, command.act, command.to, why.code, moment)]


def _directed(state: State, command: f.DirectComplaint, moment: Moment) -> list[Draft]:
    complaint = known(state, command.complaint)
    if complaint.state not in UNDER_WAY:
        raise refusal(Code.COMPLAINT_NOT_NOW, state=complaint.state)
    if command.act != "urge" and not has_risen(complaint, state.oversight.level):
        raise refusal(Code.COMPLAINT_NOT_RISEN)
    text = command.text.get_secret_value().strip()
    if command.act == "reply" and not text:
        raise refusal(Code.COMPLAINT_NEEDS_TEXT)
    if command.act == "assign" and not command.to:
        raise refusal(Code.FLOW_NEEDS_UNIT)
    step, becomes = _ABOVE[command.act]
    body = ComplaintMoved(
        step=step,
        state=becomes or complaint.state,
        to=command.to if command.act == "assign" else complaint.to,
        level=complaint.level,
        due=command.due or complaint.due,
        content=complaint.content,
        last_day="",
        about=command.about,
    )
    return [_move(state, complaint, body, moment, text)]


def _is_old(state: State, command: f.DirectComplaint) -> bool:
    found = state.complaints.get(command.complaint)
    return found is not None and command.about.rev <= found.revs.get(disputes.key(command.about), 0)


def has_risen(complaint: Complaint, own: Level) -> bool:
    """Above the hall's own level: it is the level above's to settle as well."""
    return LEVELS.index(complaint.level) > LEVELS.index(own)


def possible(complaint: Complaint, role: str, day: str) -> tuple[ComplaintStep, ...]:
    """What this role may do with it now: what a page offers. `day`: the business date."""
    return tuple(
        step.name
        for kind, step in STEPS.items()
        if role in roles.PERMITTED[kind]
        and complaint.state in step.after
        and (kind is not f.EscalateComplaint or _may_rise(complaint, day))
    )


def show(state: State, command: f.ShowComplaint, moment: Moment) -> list[Draft]:
    """Staff read the complaint; the complainant, with the right code, only the answer to it."""
    roles.require(command, moment.actor)
    complaint = known(state, command.complaint)
    if roles.role_of(moment.actor) != "lead" and command.query_code != complaint.query_code:
        raise refusal(Code.COMPLAINT_UNKNOWN)
    if roles.role_of(moment.actor) != "lead" and command.what != "answer":
        raise refusal(Code.COMPLAINT_UNKNOWN)
    h = complaint.answer_h if command.what == "answer" else complaint.text_h
    if not h:
        raise refusal(Code.PART_UNKNOWN)
    return [_draft(state, "complaint.shown", complaint.uid, ComplaintShown(h=h, what=command.what), moment)]


def overdue(state: State, day: str, moment: Moment) -> list[Draft]:
    """As `day` opens: those not answered in time are the level above's as well; nobody has to remember it."""
    return [
        _escalation(state, each, moment)
        for each in state.complaints.values()
        if each.state in UNDER_WAY and each.uid not in state.frozen and _may_rise(each, day)
    ]


def registered(state: State, fact: Fact, body: ComplaintRegistered) -> None:
    numbers.given(state, body.number)
    state.complaints[fact.subject] = Complaint(
        uid=fact.subject,
        seq=fact.seq,
        text_h=fact.parts[0] if fact.parts else "",
        **body.model_dump(),
    )
    state.complaints[fact.subject].steps.append(_line(fact, "register", "registered", body.level))


def moved(state: State, fact: Fact, body: ComplaintMoved) -> None:
    complaint = state.complaints.get(fact.subject)
    if complaint is None:
        return
    complaint.state, complaint.to, complaint.level = body.state, body.to, body.level
    complaint.due, complaint.content, complaint.last_day = body.due, body.content, body.last_day
    complaint.urged += body.step == "urge"
    complaint.escalated += body.step == "escalate"
    if body.about is not None:
        disputes.followed(state, body.about)
        complaint.revs[disputes.key(body.about)] = body.about.rev
    if body.step == "reply":
        complaint.answer_seq, complaint.answer_h = fact.seq, fact.parts[0] if fact.parts else ""
    complaint.steps.append(_line(fact, body.step, body.state, body.level, body.to if body.step == "redirect" else ""))


def stamp(complaint: Complaint, fact: Fact) -> None:
    """Put what only the commit knew on a record folded as a guess."""
    h = fact.parts[0] if fact.parts else ""
    if fact.kind == "complaint.registered":
        complaint.seq, complaint.text_h = fact.seq, h
    if fact.kind == "complaint.moved" and _step(fact) == "reply":
        complaint.answer_seq, complaint.answer_h = fact.seq, h


def shown(state: State, fact: Fact, body: ComplaintShown) -> None:
    """Nothing in the state changes: the record is for the audit."""


def begin_day(state: State, day: str) -> None:
    """Closed ones leave when nobody asks for them any more."""
    state.complaints = {
        uid: each for uid, each in state.complaints.items() if each.state != "closed" or each.last_day >= day
    }


def by_number(state: State, number: str, query_code: str) -> Complaint:
    """One refusal for a wrong number and a wrong code: nobody learns which exist. The end of a number will do."""
    typed, code = query_codes.plain_number(number), query_codes.plain_code(query_code)
    hits = [
        each
        for each in state.complaints.values()
        if query_codes.same_code(code, each.query_code) and query_codes.fits(typed, each.number)
    ]
    if len(hits) != 1:
        raise refusal(Code.COMPLAINT_UNKNOWN)
    return hits[0]


def known(state: State, uid: str) -> Complaint:
    found = state.complaints.get(uid)
    if found is None:
        raise refusal(Code.COMPLAINT_UNKNOWN)
    if uid in state.frozen:
        raise refusal(Code.SUBJECT_FROZEN)
    return found


def _line(
    fact: Fact, step: ComplaintStep | Literal["register"], state: ComplaintState, level: Level, to: str = ""
) -> Line:
    h = fact.parts[0] if fact.parts else ""
    return Line(step=step, state=state, at=fact.at, actor=fact.actor, to=to, level=level, seq=fact.seq, h=h)


def _step(fact: Fact) -> str:
    return str(fact.body["step"] if isinstance(fact.body, Mapping) else getattr(fact.body, "step", ""))


def _may_rise(complaint: Complaint, day: str) -> bool:
    return bool(complaint.due) and complaint.due < day and complaint.level != LEVELS[-1]


def _escalation(state: State, complaint: Complaint, moment: Moment) -> Draft:
    """One level up, with a new limit there."""
    body = ComplaintMoved(
        step="escalate",
        state=complaint.state,
        to=complaint.to,
        level=LEVELS[LEVELS.index(complaint.level) + 1],
        due=limits.due(moment, state.oversight.complaint_days),
        content=complaint.content,
        last_day="",
        about=None,
    )
    return _move(state, complaint, body, moment)


def _move(state: State, complaint: Complaint, body: ComplaintMoved, moment: Moment, text: str = "") -> Draft:
    sealed = Private(owner=complaint.uid, members={"text": text}) if text else None
    return _draft(state, "complaint.moved", complaint.uid, body, moment, sealed).model_copy(update={"v": 2})


def _kept_until(state: State, moment: Moment) -> str:
    return (date.fromisoformat(limits.today(state, moment)) + timedelta(days=KEPT_DAYS)).isoformat()


def _draft(state: State, kind: str, uid: str, body: Body, moment: Moment, private: Private | None = None) -> Draft:
    return Draft(
        kind=kind, subject=uid, actor=moment.actor, body=body, business_date=state.date or None, private=private
    )
