"""What is done with a case after its receipt: by the clerk at a window, or by the centre for the deciding unit."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from edge.rules.about import About
from edge.rules.case_records import Delivery, Point
from edge.rules.command import Command
from edge.rules.dossier_records import Brought, Collector, FlowReason, Outcome, Proof, Stage

_UNIT = r"^[A-Za-z0-9-]{0,32}$"


class Person(BaseModel):
    """Who collects; sealed."""

    model_config = ConfigDict(hide_input_in_errors=True, frozen=True, extra="forbid")

    name: SecretStr
    id_number: SecretStr


class ShowCase(Command):
    """A citizen asks how his case stands; `number` and `query_code` as in `case_queries.find`."""

    do: Literal["case.show"] = "case.show"
    number: str
    query_code: str


class StepCase(Command):
    """`unit` for forward: who decides, '' = whom the catalogue names. `brought`: papers of a supplement.

    `points` of `lack`: all that must be brought.
    Suspending and asking for a supplement need a reason.
    """

    do: Literal["case.step"] = "case.step"
    window: str
    case: str
    act: Literal[
        "accept",
        "lack",
        "supply",
        "suspend",
        "resume",
        "forward",
        "arrive",
        "reject",
        "verify",
        "shelve",
        "return",
        "withdraw",
    ]
    reason: FlowReason = ""
    unit: str = Field(default="", pattern=_UNIT)
    brought: tuple[Brought, ...] = Field(default=(), max_length=50)
    points: tuple[Point, ...] = Field(default=(), max_length=50)


class AwaitDecision(Command):
    """Who stands at the window waits in the hall for the unit's decision."""

    do: Literal["decision.await"] = "decision.await"
    window: str
    case: str


class DecideOnSite(Command):
    """即办件: only under a delegation valid today; its seal is not chosen but follows from it."""

    do: Literal["case.decide"] = "case.decide"
    window: str
    case: str
    outcome: Outcome


class RecordDecision(Command):
    """What the deciding unit said, from the centre. An older revision, or the same again, changes nothing.

    Each word is an item of its own; a newer revision corrects it. `saw`: the stage in which the unit saw the case, ''
    where it does not say. `date`: the day on which it said so, '' = the day it comes to the hall.
    """

    do: Literal["decision.record"] = "decision.record"
    about: About
    case: str = Field(pattern=r"^case:[A-Za-z0-9]{1,40}$")
    said: Literal["accept", "lack", "suspend", "resume", "withdraw", "granted", "denied"]
    unit: str = Field(pattern=_UNIT)
    reason: FlowReason = ""
    points: tuple[Point, ...] = Field(default=(), max_length=50)
    saw: Stage | Literal[""] = ""
    date: str = Field(default="", pattern=r"^(\d{4}-\d{2}-\d{2})?$")


class TakeBackDecision(Command):
    """The centre removed what it had said; `rev` of the item that was there."""

    do: Literal["decision.take_back"] = "decision.take_back"
    about: About


class SettleDispute(Command):
    """`item`: feed and id of the unit's word, `decisions/<id>`."""

    do: Literal["dispute.settle"] = "dispute.settle"
    item: str


class RecordTask(Command):
    """How one department's part stands, from the centre."""

    do: Literal["task.record"] = "task.record"
    about: About
    case: str
    task: str
    unit: str = Field(pattern=_UNIT)
    mode: Literal["serial", "parallel"]
    order: int = Field(default=1, ge=1, le=99)
    status: Literal["waiting", "running", "done"]
    started: str = ""
    due: str = ""


class RegisterResult(Command):
    """登记造册: of a result that was compared with its list."""

    do: Literal["result.register"] = "result.register"
    window: str
    case: str


class DeliverResult(Command):
    """An agent shows both cards and the authority; who collects at a window is named."""

    do: Literal["result.deliver"] = "result.deliver"
    window: str
    case: str
    way: Delivery
    collector: Collector
    proof: Proof
    person: Person | None = None
