"""What people do with a rating, a task or a complaint. Texts are secret types and are sealed; who may: roles.py."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from edge.rules.about import About as ItemNamed
from edge.rules.command import Command
from edge.rules.followup_records import About, ComplaintChannel, ComplaintType, Verdict
from edge.rules.rating_records import AnswerBy, LevelWord, RatingReason

Unit = Annotated[str, Field(pattern=r"^[A-Za-z0-9:._-]{1,40}$")]
Text = Annotated[SecretStr, Field(max_length=2_000)]
NO_TEXT = SecretStr("")


class GiveRating(Command):
    """A bad level by kiosk or code wants a reason or a text; a pad has no keys for them."""

    do: Literal["rating.give"] = "rating.give"
    nonce: str
    level: LevelWord
    by: AnswerBy = "pad"
    reasons: tuple[RatingReason, ...] = Field(default=(), max_length=7)
    text: Text = NO_TEXT


class AddRating(Command):
    """The citizen's second opinion on a service already rated; once."""

    do: Literal["rating.add"] = "rating.add"
    nonce: str
    level: LevelWord
    by: Literal["kiosk", "code"] = "kiosk"
    reasons: tuple[RatingReason, ...] = Field(default=(), max_length=7)
    text: Text = NO_TEXT


class TaskAct(Command):
    task: str
    text: Text = NO_TEXT


class AssignTask(TaskAct):
    do: Literal["task.assign"] = "task.assign"
    to: Unit


class VerifyTask(TaskAct):
    """Never by the person who was rated."""

    do: Literal["task.verify"] = "task.verify"
    verdict: Verdict


class RectifyTask(TaskAct):
    do: Literal["task.rectify"] = "task.rectify"


class ReplyTask(TaskAct):
    do: Literal["task.reply"] = "task.reply"


class RevisitTask(TaskAct):
    """`content`: whether the citizen is, None where nobody could be reached."""

    do: Literal["task.revisit"] = "task.revisit"
    content: bool | None


class CloseTask(TaskAct):
    do: Literal["task.close"] = "task.close"


class AppealTask(TaskAct):
    """The rated unit holds the verdict to be wrong."""

    do: Literal["task.appeal"] = "task.appeal"


class ReviewTask(TaskAct):
    """The centre's verdict on an appeal; it is the last one."""

    do: Literal["task.review"] = "task.review"
    verdict: Verdict


class RegisterComplaint(Command):
    """`text` what is complained of; `name` and `contact` both empty = anonymous."""

    do: Literal["complaint.register"] = "complaint.register"
    type: ComplaintType
    channel: ComplaintChannel
    about: About = "site"
    target: str = Field(default="", pattern=r"^[A-Za-z0-9:._-]{0,40}$")
    text: Text
    name: Annotated[SecretStr, Field(max_length=60)] = NO_TEXT
    contact: Annotated[SecretStr, Field(max_length=80)] = NO_TEXT


class ComplaintAct(Command):
    complaint: str
    text: Text = NO_TEXT


class AcceptComplaint(ComplaintAct):
    do: Literal["complaint.accept"] = "complaint.accept"


class RedirectComplaint(ComplaintAct):
    do: Literal["complaint.redirect"] = "complaint.redirect"
    to: Unit


class InvestigateComplaint(ComplaintAct):
    do: Literal["complaint.investigate"] = "complaint.investigate"


class ReplyComplaint(ComplaintAct):
    """`text` is the answer the complainant reads; needed."""

    do: Literal["complaint.reply"] = "complaint.reply"


class RevisitComplaint(ComplaintAct):
    do: Literal["complaint.revisit"] = "complaint.revisit"
    content: bool | None


class CloseComplaint(ComplaintAct):
    do: Literal["complaint.close"] = "complaint.close"


class UrgeComplaint(ComplaintAct):
    """督办: the level above wants to see it settled."""

    do: Literal["complaint.urge"] = "complaint.urge"


class EscalateComplaint(ComplaintAct):
    """To the level above; only once it is overdue."""

    do: Literal["complaint.escalate"] = "complaint.escalate"


class DirectComplaint(ComplaintAct):
    """The level above, by the centre: 督办, 转办 to a unit, or its own answer. `due`: its limit, '' = as it was.

    Answering and assigning need a complaint that has risen; urged may be any.
    """

    do: Literal["complaint.direct"] = "complaint.direct"
    about: ItemNamed
    act: Literal["urge", "assign", "reply"]
    to: str = Field(default="", pattern=r"^[A-Za-z0-9:._-]{0,40}$")
    due: str = Field(default="", pattern=r"^(\d{4}-\d{2}-\d{2})?$")


class ShowComplaint(Command):
    """Somebody is about to read a sealed text of it. The complainant reads the answer by number and `query_code`."""

    do: Literal["complaint.show"] = "complaint.show"
    complaint: str
    what: Literal["text", "answer"]
    query_code: str = ""


class ShowNote(Command):
    """Somebody is about to read a sealed text: of the `n`-th step of a task or complaint, or of an opinion on the
    service a task is about; both count from 0.
    """

    do: Literal["note.show"] = "note.show"
    subject: str
    of: Literal["step", "opinion"]
    n: int = Field(ge=0)
