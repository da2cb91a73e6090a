"""One question to one finished turn; only an answer with its nonce, in time and for the first time counts.

A pad asks while the citizen still stands there; kiosk and code take the answer later, in a window counted from the end
of the service. What is given stays as it is: a second opinion is a record beside it, and there is one at most.
"""

from datetime import datetime, timedelta
from typing import Any

from edge.rules import roles, tasks
from edge.rules.codes import Code, refusal
from edge.rules.commands import AddRating, GiveRating, LapseRating
from edge.rules.followup_state import Opinion
from edge.rules.moment import Fact, Moment
from edge.rules.rating_records import BAD_LEVELS
from edge.rules.records import Body, Draft, Private, RatingAdded, RatingAsked, RatingGiven, RatingLapsed
from edge.rules.state import Question, State, WindowState


def ask(state: State, window: WindowState, turn: str, moment: Moment) -> list[Draft]:
    """Ask about `turn`, which ends now; a question still open at this window is over first."""
    drafts = []
    older = state.questions.get(window.question)
    if older is not None and older.state == "asked":
        drafts.append(_lapse(state, older, "next_question", moment))
    open_for = state.oversight.rating_window
    body = RatingAsked(
        window=window.setup.id,
        nonce=moment.new_id("r"),
        until=moment.now_ms + state.rating_seconds * 1000,
        ended=moment.now_ms,
        closes=moment.now_ms + open_for,
        last_day=(datetime.fromisoformat(moment.at) + timedelta(milliseconds=open_for)).date().isoformat(),
        clerk=window.clerk,
        ticket=window.ticket,
    )
    return [*drafts, _draft(state, "rating.asked", turn, body, moment, v=2)]


def give(state: State, command: GiveRating, moment: Moment) -> list[Draft]:
    roles.require(command, moment.actor)
    question = _question(state, command.nonce)
    if question.state == "given":
        raise refusal(Code.RATING_TWICE)
    at_pad = command.by in ("pad", "tablet")
    if moment.now_ms > (question.until if at_pad else question.closes) or (at_pad and question.state == "lapsed"):
        raise refusal(Code.RATING_LATE)
    sealed = _text(command, question)
    if not at_pad:
        _require_reason(command)
    after = max(0, moment.now_ms - question.ended) if question.ended else -1
    body = RatingGiven(**_opinion(command, question), after=after)
    given = _draft(state, "rating.given", question.turn, body, moment, v=2, private=sealed)
    return [given, *_task(state, question, command, moment)]


def add(state: State, command: AddRating, moment: Moment) -> list[Draft]:
    """A second opinion. The first must be there, and neither is changed."""
    roles.require(command, moment.actor)
    question = _question(state, command.nonce)
    if question.state != "given":
        raise refusal(Code.RATING_FIRST)
    if question.added:
        raise refusal(Code.RATING_TWICE)
    if moment.now_ms > question.closes:
        raise refusal(Code.RATING_LATE)
    sealed = _text(command, question)
    _require_reason(command)
    body = RatingAdded(**_opinion(command, question))
    given = _draft(state, "rating.added", question.turn, body, moment, private=sealed)
    return [given, *_task(state, question, command, moment)]


def lapse(state: State, command: LapseRating, moment: Moment) -> list[Draft]:
    question = _question(state, command.nonce)
    if question.state != "asked":
        raise refusal(Code.RATING_CLOSED)
    return [_lapse(state, question, command.why, moment)]


def asked(state: State, fact: Fact, body: RatingAsked) -> None:
    state.questions[body.nonce] = Question(turn=fact.subject, **body.model_dump())
    if body.window in state.windows:
        state.windows[body.window].question = body.nonce


def given(state: State, fact: Fact, body: RatingGiven) -> None:
    _close(state, body.nonce, "given")
    _hear(state, fact, body)


def added(state: State, fact: Fact, body: RatingAdded) -> None:
    if (question := state.questions.get(body.nonce)) is not None:
        question.added = True
    _hear(state, fact, body)


def lapsed(state: State, fact: Fact, body: RatingLapsed) -> None:
    _close(state, body.nonce, "lapsed")


def of_code(state: State, code: str) -> Question | None:
    """What a citizen's code asks about: a question's own nonce, or a ticket, of which the newest turn is meant."""
    if code in state.questions:
        return state.questions[code]
    asked = [question for question in state.questions.values() if code and question.ticket == code]
    return asked[-1] if asked else None


def begin_day(state: State, date: str) -> None:
    """Questions nobody can answer any more leave."""
    state.questions = {
        nonce: each for nonce, each in state.questions.items() if each.state == "asked" or each.last_day >= date
    }


def _task(state: State, question: Question, command: GiveRating | AddRating, moment: Moment) -> list[Draft]:
    """A bad level is looked into; one task a service, whichever opinion was bad first."""
    if command.level not in BAD_LEVELS or tasks.of_turn(state, question.turn) is not None:
        return []
    return [tasks.opening(state, question, command.level, moment)]


def _require_reason(command: GiveRating | AddRating) -> None:
    if command.level in BAD_LEVELS and not command.reasons and not command.text.get_secret_value().strip():
        raise refusal(Code.RATING_NEEDS_REASON)


def _opinion(command: GiveRating | AddRating, question: Question) -> dict[str, Any]:
    """What the record of a first and of a second opinion holds alike."""
    return {
        "level": command.level,
        "nonce": command.nonce,
        "by": command.by,
        "reasons": command.reasons,
        "window": question.window,
        "clerk": question.clerk,
    }


def _text(command: GiveRating | AddRating, question: Question) -> Private | None:
    text = command.text.get_secret_value().strip()
    return Private(owner=question.turn, members={"text": text}) if text else None


def _hear(state: State, fact: Fact, body: RatingGiven | RatingAdded) -> None:
    h = fact.parts[0] if fact.parts else ""
    opinion = Opinion(level=body.level, by=body.by, reasons=body.reasons, at=fact.at, seq=fact.seq, h=h)
    if (question := state.questions.get(body.nonce)) is not None:
        question.opinions.append(opinion)
    tasks.heard(state, fact.subject, opinion)


def _close(state: State, nonce: str, how: str) -> None:
    question = state.questions.get(nonce)
    if question is not None:
        question.state = "given" if how == "given" else "lapsed"


def _question(state: State, nonce: str) -> Question:
    question = state.questions.get(nonce)
    if question is None:
        raise refusal(Code.RATING_UNKNOWN)
    if question.turn in state.frozen:
        raise refusal(Code.SUBJECT_FROZEN)
    return question


def _lapse(state: State, question: Question, why: str, moment: Moment) -> Draft:
    body = RatingLapsed.model_validate({"nonce": question.nonce, "why": why})
    return _draft(state, "rating.lapsed", question.turn, body, moment)


def _draft(
    state: State, kind: str, turn: str, body: Body, moment: Moment, *, v: int = 1, private: Private | None = None
) -> Draft:
    return Draft(
        kind=kind,
        v=v,
        subject=turn,
        actor=moment.actor,
        body=body,
        business_date=state.date or None,
        private=private,
    )
