"""What crosses the API of supervision: tasks after bad ratings, complaints, what is due and what needs a person.

    GET  /api/oversight                          -> OversightSnapshot   (lead)
    POST /api/oversight/complaint                Registering -> Registered   (lead: telephone log, paper box, counter)
    POST /api/oversight/task/{uid}/{step}        StepAct -> OversightSnapshot
    POST /api/oversight/complaint/{uid}/{step}   StepAct -> OversightSnapshot
    POST /api/oversight/note                     NoteAct -> Note        recorded as a disclosure
    GET  /api/oversight/assessment/{first}/{last} -> edge.statistics.assessment_schema.Assessment
    GET  /api/oversight/assessment/{first}/{last}/table -> text/csv
    POST /api/window/{w}/complaint               Registering -> Registered   (clerk of that window)
    GET  /api/window/{w}/tasks                   -> tuple[OwnTask]      tasks of the clerk's own ratings
    POST /api/window/{w}/task/{uid}/{step}       StepAct -> tuple[OwnTask]

A step that is not one of today's is 409 with a refusal that says who can.
"""

from typing import Literal

from pydantic import Field, SecretStr

from edge.api.case_schema import Text
from edge.api.model import Act, Model

Pace = Literal["overdue", "soon", "in_time", "unknown"]
DueKind = Literal["case", "part", "task", "complaint"]
TaskStep = Literal["assign", "verify", "rectify", "reply", "revisit", "close", "appeal", "review"]
ComplaintStep = Literal["accept", "redirect", "investigate", "reply", "revisit", "close", "urge", "escalate"]
Verdict = Literal["true", "untrue", "mistaken"]
AlarmKind = Literal[
    "notice_differs",
    "supplement_differs",
    "word_disputed",
    "batch_difference",
    "paper_difference",
    "material_lost",
    "result_unclaimed",
    "complaint_urged",
    "record_unread",
    "calendar_missing",
    "citizen_waits",
    "citizen_to_call",
    "centre_holds",
]


class DueLine(Model):
    """`number` as people say it; a task's is its ticket's. `left`: working days, negative = too late by so many.

    `part`: a department's part of a case, `state` its mode (`serial`, `parallel`), `unit_name` whose.
    """

    kind: DueKind
    uid: str
    number: str
    state: str
    due: str
    pace: Pace
    left: int | None
    window: str = ""
    item: str = ""
    unit_name: Text = Field(default_factory=dict)


class AlarmLine(Model):
    """Only a person can settle it. `n`: sheets, days or records. `since`: a date or moment, '' not known.

    Of a word in dispute: `said`, what the centre said, and `about`, the case or complaint that it is about.
    """

    kind: AlarmKind
    subject: str
    number: str
    n: int = 0
    window: str = ""
    since: str = ""
    said: str = ""
    about: str = ""


class HistoryLine(Model):
    """`n`: its place, for reading what was written (`written`). `by`: a person's id or the part of the hall."""

    n: int
    step: str
    state: str
    at: str
    by: str
    to: str = ""
    level: str = ""
    written: bool = False


class OpinionLine(Model):
    """What the citizen said; the second stands beside the first. Never who it was."""

    n: int
    level: str
    by: str
    reasons: tuple[str, ...]
    at: str
    written: bool = False


class TaskCard(Model):
    """`steps`: what the asker may do now; `waits_for`: who else can go on where the asker may do nothing."""

    uid: str
    number: str
    window: str
    clerk: str
    cases: tuple[str, ...]
    opened: str
    due: str
    pace: Pace
    left: int | None
    state: str
    to: str
    verdict: Verdict | Literal[""]
    content: bool | None
    opinions: tuple[OpinionLine, ...]
    history: tuple[HistoryLine, ...]
    steps: tuple[TaskStep, ...]
    waits_for: str = ""


class OwnTask(Model):
    """A task of the asking clerk's own rating. Nothing tells which citizen it was, nor which service."""

    uid: str
    opened: str
    due: str
    pace: Pace
    left: int | None
    level: str
    reasons: tuple[str, ...]
    state: str
    verdict: Verdict | Literal[""]
    steps: tuple[TaskStep, ...]


class ComplaintCard(Model):
    """`anonymous`: no name, no way to ask back. `query_code`: the complainant's own, for the slip."""

    uid: str
    number: str
    query_code: str
    type: Literal["complaint", "suggestion"]
    channel: Literal["kiosk", "window", "phone", "paper_box"]
    about: str
    target: str
    anonymous: bool
    level: Literal["station", "street", "district"]
    registered: str
    due: str
    pace: Pace
    left: int | None
    state: str
    to: str
    urged: int
    escalated: int
    content: bool | None
    answered: bool
    history: tuple[HistoryLine, ...]
    steps: tuple[ComplaintStep, ...]


class OversightSnapshot(Model):
    """`seq`: journal position, only grows. `leads`: who a task can be given to, id -> name."""

    seq: int
    date: str
    level: Literal["station", "street", "district"]
    due: tuple[DueLine, ...]
    alarms: tuple[AlarmLine, ...]
    tasks: tuple[TaskCard, ...]
    complaints: tuple[ComplaintCard, ...]
    leads: dict[str, str]


class DisputeAct(Act):
    """`item`: subject of the alarm."""

    item: str = Field(min_length=1, max_length=200)


class StepAct(Act):
    """`text` is sealed. `to` of assign and redirect, `verdict` of verify, `content` of revisit: None = not reached."""

    text: SecretStr = Field(default=SecretStr(""), max_length=2_000)
    to: str = Field(default="", pattern=r"^[A-Za-z0-9:._-]{0,40}$")
    verdict: Verdict | Literal[""] = ""
    content: bool | None = None


class Registering(Act):
    """`text`, `name`, `contact` are sealed; both last empty = anonymous. A kiosk's own way is another route."""

    type: Literal["complaint", "suggestion"]
    channel: Literal["window", "phone", "paper_box"]
    about: Literal["site", "window", "item", "clerk", "other"] = "site"
    target: str = Field(default="", pattern=r"^[A-Za-z0-9:._-]{0,40}$")
    text: SecretStr = Field(max_length=2_000)
    name: SecretStr = Field(default=SecretStr(""), max_length=60)
    contact: SecretStr = Field(default=SecretStr(""), max_length=80)


class Registered(Model):
    """What the complainant is told: with both he reads the answer."""

    number: str
    query_code: str
    due: str


class NoteAct(Act):
    """The `n`-th step of a task or complaint, or the `n`-th opinion on a task's service."""

    subject: str
    of: Literal["step", "opinion"]
    n: int = Field(ge=0, le=999)


class Note(Model):
    """Personal. `name`, `contact` only of a complaint's own text, where the complainant gave them."""

    text: str
    name: str = ""
    contact: str = ""
