"""What the records of tasks and complaints add up to."""

from typing import Literal

from pydantic import Field

from edge.rules.followup_records import (
    About,
    ComplaintChannel,
    ComplaintState,
    ComplaintStep,
    ComplaintType,
    Level,
    TaskState,
    TaskStep,
    Verdict,
)
from edge.rules.part import Part, PrintState
from edge.rules.rating_records import AnswerBy, LevelWord, RatingReason


class Line(Part):
    """One step of a chain, as its record `seq` says it; the first is the beginning. `h`: its sealed text, '' = none."""

    step: TaskStep | ComplaintStep | Literal["open", "register"]
    state: TaskState | ComplaintState
    at: str
    actor: str
    to: str = ""
    level: Level | Literal[""] = ""
    seq: int = 0
    h: str = ""


class Opinion(Part):
    """What the citizen said of one service: the first answer, or the second beside it. `h`: sealed text, '' = none."""

    level: LevelWord
    by: AnswerBy
    reasons: tuple[RatingReason, ...]
    at: str
    seq: int
    h: str = ""


class Task(Part):
    """A bad rating that somebody must look into. `ticket`, `number` ('' where not known): whose service it was."""

    uid: str
    turn: str
    level: LevelWord
    window: str
    clerk: str
    opened: str
    due: str
    state: TaskState = "opened"
    to: str = ""
    verdict: Verdict | Literal[""] = ""
    content: bool | None = None
    ticket: str = ""
    number: str = ""
    opinions: list[Opinion] = Field(default_factory=list)
    steps: list[Line] = Field(default_factory=list)


class Complaint(Part):
    """`text_h`, `answer_h`: sealed parts of the records `seq` and `answer_seq`. `urged`: how often
    the level above asked. `print…`, `copies`: its slip. `revs`: of each of its orders that was followed here.
    """

    uid: str
    number: str
    query_code: str
    type: ComplaintType
    about: About
    target: str
    anonymous: bool
    level: Level
    registered: str
    due: str
    channel: ComplaintChannel
    state: ComplaintState = "registered"
    to: str = ""
    urged: int = 0
    escalated: int = 0
    content: bool | None = None
    last_day: str = ""
    seq: int = 0
    text_h: str = ""
    answer_seq: int = 0
    answer_h: str = ""
    print: PrintState = "none"
    print_job: str = ""
    print_code: str = ""
    copies: int = 0
    revs: dict[str, int] = Field(default_factory=dict)
    steps: list[Line] = Field(default_factory=list)
