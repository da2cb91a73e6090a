"""Record kinds of what follows from dissatisfaction: tasks (差评整改) and complaints or suggestions (投诉建议).

Both are a chain of steps, one kind a chain: the step's name says what was done and `STEPS` of their rules where it may.
Every text is sealed under the subject's own key.
"""

from typing import Final, Literal

from edge.rules.about import About as ItemNamed
from edge.rules.body import Body
from edge.rules.rating_records import LevelWord

Verdict = Literal["true", "untrue", "mistaken"]  # 属实, 不属实, 误评
TaskStep = Literal["assign", "verify", "rectify", "reply", "revisit", "close", "appeal", "review"]
TaskState = Literal[
    "opened", "assigned", "verified", "rectifying", "replied", "revisited", "closed", "appealed", "reviewed"
]
ComplaintType = Literal["complaint", "suggestion"]
ComplaintChannel = Literal["kiosk", "window", "phone", "paper_box"]
ComplaintStep = Literal["accept", "redirect", "investigate", "reply", "revisit", "close", "urge", "escalate"]
ComplaintState = Literal["registered", "accepted", "redirected", "investigating", "replied", "revisited", "closed"]
About = Literal["site", "window", "item", "clerk", "other"]
Level = Literal["station", "street", "district"]


class TaskOpened(Body):
    """subject `task:<ulid>`. `turn`: the rated service; `clerk` was rated; `due` a date,
    '' where no calendar tells it.
    """

    turn: str
    nonce: str
    level: LevelWord
    window: str
    clerk: str
    opened: str
    due: str


class TaskMoved(Body):
    """`state`: the one it is in now. `to`: person or unit of an assignment; `verdict` of verify and review.

    `content`: what the citizen said when asked again. Sealed, where somebody wrote one: text.
    """

    step: TaskStep
    state: TaskState
    to: str
    verdict: Verdict | Literal[""]
    content: bool | None


class ComplaintRegistered(Body):
    """subject `complaint:<ulid>`. `about` names what is meant, `target` its id or ''. `due` as in TaskOpened.

    Sealed: text, name, contact; the last two '' for who stays anonymous.
    """

    number: str
    query_code: str
    type: ComplaintType
    channel: ComplaintChannel
    about: About
    target: str
    anonymous: bool
    level: Level
    registered: str
    due: str


class ComplaintMoved(Body):
    """`level` and `due` are those that hold from now on. `last_day`: until when a closed one is kept, else ''.
    `about`: the centre's item, where the level above said so.

    Sealed, where somebody wrote one: text; that of `reply` is the answer to the complainant.
    """

    step: ComplaintStep
    state: ComplaintState
    to: str
    level: Level
    due: str
    content: bool | None
    last_day: str
    about: ItemNamed | None


class ComplaintShown(Body):
    """Somebody was shown a sealed text of it: `h` names the part."""

    h: str
    what: Literal["text", "answer"]


class NoteShown(Body):
    """subject the task or complaint. Somebody was shown the sealed text of its `n`-th step or opinion, from 0."""

    of: Literal["step", "opinion"]
    n: int


FOLLOWUP_KINDS: Final[dict[tuple[str, int], type[Body]]] = {
    ("task.opened", 1): TaskOpened,
    ("task.moved", 1): TaskMoved,
    ("complaint.registered", 1): ComplaintRegistered,
    ("complaint.moved", 2): ComplaintMoved,
    ("complaint.shown", 1): ComplaintShown,
    ("note.shown", 1): NoteShown,
}
