"""One question to one finished turn; only an answer with its nonce, in time and for the first time counts."""

from edge.rules.codes import Code, refusal
from edge.rules.commands import GiveRating, LapseRating
from edge.rules.moment import Fact, Moment
from edge.rules.records import Body, Draft, RatingAsked, RatingGiven, RatingLapsed
from edge.rules.state import Question, State, WindowState


def ask(state: State, window: WindowState, turn: str, moment: Moment) -> list[Draft]:
    """Ask about `turn`; a question still open at this window is over first."""
    drafts = []
    older = state.questions.get(window.question)
    if older is not None and older.state == "asked":
        drafts.append(_lapse(state, older, "next_question", moment))
    until = moment.now_ms + state.rating_seconds * 1000
    body = RatingAsked(window=window.setup.id, nonce=moment.new_id("r"), until=until)
    return [*drafts, _draft(state, "rating.asked", turn, body, moment)]


def give(state: State, command: GiveRating, moment: Moment) -> list[Draft]:
    question = _question(state, command.nonce)
    if question.state == "given":
        raise refusal(Code.RATING_TWICE)
    if question.state == "lapsed" or moment.now_ms > question.until:
        raise refusal(Code.RATING_LATE)
    body = RatingGiven(level=command.level, nonce=command.nonce, by=command.by)
    return [_draft(state, "rating.given", question.turn, body, moment)]


def lapse(state: State, command: LapseRating, moment: Moment) -> list[Draft]:
    question = _question(state, command.nonce)
    if question.state != "asked":
        raise refusal(Code.RATING_CLOSED)
    return [_lapse(state, question, command.why, moment)]


def asked(state: State, fact: Fact, body: RatingAsked) -> None:
    state.questions[body.nonce] = Question(nonce=body.nonce, turn=fact.subject, window=body.window, until=body.until)
    if body.window in state.windows:
        state.windows[body.window].question = body.nonce


def given(state: State, fact: Fact, body: RatingGiven) -> None:
    _close(state, body.nonce, "given")


def lapsed(state: State, fact: Fact, body: RatingLapsed) -> None:
    _close(state, body.nonce, "lapsed")


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


def _draft(state: State, kind: str, turn: str, body: Body, moment: Moment) -> Draft:
    return Draft(kind=kind, subject=turn, actor=moment.actor, body=body, business_date=state.date or None)
