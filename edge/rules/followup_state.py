"""What the records of tasks and complaints add up to."""

from typing import Literal

from edge.rules.followup_records import (
    About,
    ComplaintState,
    ComplaintType,
    Level,
    TaskState,
    Verdict,
)
from edge.rules.part import Part, PrintState
from edge.rules.rating_records import LevelWord


class Task(Part):
    """A bad rating that somebody must look into."""

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


class Complaint(Part):
    """`text_h`, `answer_h`: sealed parts of the records `seq` and `answer_seq`. `urged`: how often
    the level above asked. `print…`, `copies`: its slip.
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
