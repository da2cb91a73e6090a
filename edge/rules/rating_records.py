"""Record kinds of ratings: the question to one finished turn, its one answer, and a second opinion beside it."""

from typing import Final, Literal

from edge.rules.body import Body

LevelWord = Literal["very_satisfied", "satisfied", "fairly_satisfied", "dissatisfied", "very_dissatisfied"]
BAD_LEVELS: Final = frozenset({"dissatisfied", "very_dissatisfied"})
AnswerBy = Literal["pad", "tablet", "kiosk", "code"]
# Why it was not good; the first four are what pads with six keys ask (rating_pad.md section 2).
RatingReason = Literal["attitude", "took_long", "not_competent", "other", "sent_away", "asked_for_extra", "unclear"]


class RatingAsked(Body):
    """subject the service `s:…`. Answers count only with this `nonce`: at the pad until `until`, by kiosk or code
    until `closes` (ms, wall), both counted from `ended`, the end of the service. `last_day`: date of `closes`.
    `clerk` was rated; version 1 did not say who.
    """

    window: str
    nonce: str
    until: int
    ended: int
    closes: int
    last_day: str
    clerk: str
    ticket: str


class RatingGiven(Body):
    """subject the service `s:…`. `after`: ms from the question to the answer, -1 where not known.

    Sealed, where the citizen wrote one: text.
    """

    level: LevelWord
    nonce: str
    by: AnswerBy
    reasons: tuple[RatingReason, ...]
    window: str
    clerk: str
    after: int


class RatingAdded(Body):
    """subject the service `s:…`: the citizen's second opinion. The first one stands as it was given."""

    level: LevelWord
    nonce: str
    by: AnswerBy
    reasons: tuple[RatingReason, ...]
    window: str
    clerk: str


class RatingLapsed(Body):
    """subject the service `s:…`."""

    nonce: str
    why: Literal["no_answer", "next_question", "pad_fault"]


RATING_KINDS: Final[dict[tuple[str, int], type[Body]]] = {
    ("rating.asked", 2): RatingAsked,
    ("rating.given", 2): RatingGiven,
    ("rating.added", 1): RatingAdded,
    ("rating.lapsed", 1): RatingLapsed,
}
