"""Forms of what a citizen does with the papers in his hand: ask how a case stands, judge a service, complain."""

from typing import Literal

from pydantic import Field

from edge.api.model import Act, Model, PrintState

Text = dict[str, str]
# As in edge.rules.rating_records and followup_records, which screens do not know.
Level = Literal["very_satisfied", "satisfied", "fairly_satisfied", "dissatisfied", "very_dissatisfied"]
Reason = Literal["attitude", "took_long", "not_competent", "other", "sent_away", "asked_for_extra", "unclear"]
VoiceType = Literal["complaint", "suggestion"]
VoiceAbout = Literal["site", "window", "item", "other"]
# Sentences a citizen may choose; each has its words in `config/words/*/kiosk.toml` under `point`.
VoicePoint = Literal[
    "waited",
    "attitude",
    "sent_away",
    "extra",
    "unclear",
    "late",
    "wrong",
    "closed",
    "signs",
    "devices",
    "access",
    "other",
]


class LookUpRequest(Act):
    """`number` of a case, its receipt, a complaint or suggestion: whole, or at least its last six characters."""

    number: str = Field(min_length=1, max_length=64)
    code: str = Field(min_length=1, max_length=32)


class CaseStep(Model):
    """A line of the timeline. `act` as in edge.rules.dossier_records; `at` the hall's wall time, ISO."""

    act: str
    at: str


class CaseProgress(Model):
    """`name` masked, '' where it is not kept here. `due` a date, '' without one or while it `stands` still.

    `where`: site that holds the result, for which it is to be fetched; '' = this hall. `unit`: who decides it.
    `follows`: false where this hall only took it in and its course is known elsewhere.
    """

    number: str
    item: Text
    name: str
    stage: str
    steps: tuple[CaseStep, ...]
    received: str
    due: str
    stands: bool
    unit: str
    outcome: Literal["granted", "denied", ""]
    delivery: str
    where: str
    follows: bool


class VoiceProgress(Model):
    """A complaint or suggestion; `answer` is the hall's text to its author, '' while there is none. Days are dates."""

    number: str
    type: VoiceType
    state: str
    level: Literal["station", "street", "district"]
    registered: str
    due: str
    answer: str = Field(repr=False)


class Found(Model):
    """Exactly one of the two."""

    case: CaseProgress | None = None
    voice: VoiceProgress | None = None


class RatingLook(Act):
    """`code`: as the ticket or the receipt prints it, or the link that its square says."""

    code: str = Field(min_length=1, max_length=256)


class RatingQuestion(Model):
    """A finished service that may be judged now. `window`: number people say. `ended`, `closes`: ms since 1970.

    `second`: it has its first opinion, this would be the one beside it.
    """

    window: str
    ended: int
    closes: int
    second: bool


class RateRequest(RatingLook):
    """A bad level wants a reason or a text."""

    level: Level
    reasons: tuple[Reason, ...] = Field(default=(), max_length=7)
    text: str = Field(default="", max_length=500, repr=False)


class Rated(Model):
    second: bool


class VoiceRequest(Act):
    """`ticket`: rating code of the ticket it is about, '' = none. `contact`: digits of a phone, '' = anonymous."""

    type: VoiceType
    about: VoiceAbout
    points: tuple[VoicePoint, ...] = Field(min_length=1, max_length=12)
    ticket: str = Field(default="", max_length=256)
    contact: str = Field(default="", pattern=r"^[0-9]{0,20}$", repr=False)


class VoiceTaken(Model):
    """`due` a date or ''. `paper`: how printing its slip stands; `none` where this kiosk prints nothing."""

    number: str
    query_code: str = Field(repr=False)
    due: str
    paper: PrintState
