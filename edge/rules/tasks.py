"""A bad rating is looked into (差评整改): assigned, verified, rectified, answered, the citizen asked again, closed.

A verdict other than `true` needs no rectifying. The rated unit may appeal a verdict once it is there; the centre's
review is the last word. Who was rated verifies nothing and appeals only for himself.
"""

from typing import Final, Literal, NamedTuple

from pydantic import SecretStr

from edge.rules import followup_commands as f
from edge.rules import limits, roles
from edge.rules.codes import Code, refusal
from edge.rules.followup_records import TaskMoved, TaskOpened, TaskState, TaskStep
from edge.rules.followup_state import Line, Opinion, Task
from edge.rules.moment import Fact, Moment
from edge.rules.rating_records import LevelWord
from edge.rules.records import Draft, Private
from edge.rules.state import Question, State


class Step(NamedTuple):
    """`after`: the states it may follow; `to`: the state it leads to."""

    name: TaskStep
    after: frozenset[TaskState]
    to: TaskState


STEPS: Final[dict[type[f.TaskAct], Step]] = {
    f.AssignTask: Step("assign", frozenset({"opened", "assigned"}), "assigned"),
    f.VerifyTask: Step("verify", frozenset({"assigned"}), "verified"),
    f.RectifyTask: Step("rectify", frozenset({"verified", "reviewed"}), "rectifying"),
    f.ReplyTask: Step("reply", frozenset({"verified", "reviewed", "rectifying"}), "replied"),
    f.RevisitTask: Step("revisit", frozenset({"replied"}), "revisited"),
    f.CloseTask: Step("close", frozenset({"revisited"}), "closed"),
    f.AppealTask: Step("appeal", frozenset({"verified", "rectifying"}), "appealed"),
    f.ReviewTask: Step("review", frozenset({"appealed"}), "reviewed"),
}


# The clock runs until the citizen is answered.
UNDER_WAY: Final[frozenset[TaskState]] = frozenset(
    {"opened", "assigned", "verified", "rectifying", "appealed", "reviewed"}
)


def opening(state: State, question: Question, level: LevelWord, moment: Moment) -> Draft:
    body = TaskOpened(
        turn=question.turn,
        nonce=question.nonce,
        level=level,
        window=question.window,
        clerk=question.clerk,
        opened=limits.today(state, moment),
        due=limits.due(moment, state.oversight.task_days),
    )
    return _draft(state, "task.opened", moment.new_id("task"), body, moment)


def possible(task: Task, actor: str) -> tuple[TaskStep, ...]:
    """What this person may do with it now: what a page offers."""
    role, _, person = actor.partition(":")
    if role == "clerk" and person != task.clerk:
        return ()
    return tuple(
        step.name
        for kind, step in STEPS.items()
        if role in roles.PERMITTED[kind]
        and task.state in step.after
        and not (kind is f.ReplyTask and _unrectified(task))
    )


def move(state: State, command: f.TaskAct, moment: Moment) -> list[Draft]:
    """A step of a task that a bad rating opened. Raises Refusal: not his, not this step now, not yet put right."""
    roles.require(command, moment.actor)
    task = known(state, command.task)
    step = STEPS[type(command)]
    _require_concerned(command, task, moment.actor)
    if task.state not in step.after:
        raise refusal(Code.TASK_NOT_NOW, state=task.state)
    verdict = command.verdict if isinstance(command, f.VerifyTask | f.ReviewTask) else task.verdict
    if isinstance(command, f.ReplyTask) and _unrectified(task):
        raise refusal(Code.TASK_NOT_NOW, state=task.state)
    body = TaskMoved(
        step=step.name,
        state=step.to,
        to=command.to if isinstance(command, f.AssignTask) else task.to,
        verdict=verdict,
        content=command.content if isinstance(command, f.RevisitTask) else task.content,
    )
    return [_draft(state, "task.moved", task.uid, body, moment, command.text)]


def opened(state: State, fact: Fact, body: TaskOpened) -> None:
    question = state.questions.get(body.nonce)
    ticket = state.tickets.get(question.ticket) if question else None
    state.tasks[fact.subject] = Task(
        uid=fact.subject,
        **body.model_dump(exclude={"nonce"}),
        ticket=question.ticket if question else "",
        number=ticket.number if ticket else "",
        opinions=list(question.opinions) if question else [],
        steps=[_line(fact, "open", "opened")],
    )


def moved(state: State, fact: Fact, body: TaskMoved) -> None:
    task = state.tasks.get(fact.subject)
    if task is not None:
        task.state, task.to, task.verdict, task.content = body.state, body.to, body.verdict, body.content
        task.steps.append(_line(fact, body.step, body.state, body.to if body.step == "assign" else ""))


def heard(state: State, turn: str, opinion: Opinion) -> None:
    """What the citizen said of the service, also after its task was opened."""
    task = of_turn(state, turn)
    if task is not None:
        task.opinions.append(opinion)


def of_turn(state: State, turn: str) -> Task | None:
    return next((task for task in state.tasks.values() if task.turn == turn), None)


def begin_day(state: State) -> None:
    """Closed ones leave, unless their service may still get its second opinion: that must not open another."""
    asked = {question.turn for question in state.questions.values()}
    state.tasks = {uid: task for uid, task in state.tasks.items() if task.state != "closed" or task.turn in asked}


def _unrectified(task: Task) -> bool:
    """What is true is put right before it is answered."""
    return task.state != "rectifying" and task.verdict == "true"


def _line(fact: Fact, step: TaskStep | Literal["open"], state: TaskState, to: str = "") -> Line:
    h = fact.parts[0] if fact.parts else ""
    return Line(step=step, state=state, at=fact.at, actor=fact.actor, to=to, seq=fact.seq, h=h)


def _require_concerned(command: f.TaskAct, task: Task, actor: str) -> None:
    """A clerk has to do with his own ratings only."""
    role, _, person = actor.partition(":")
    if role == "clerk" and person != task.clerk:
        raise refusal(Code.TASK_OTHER_CLERK)


def known(state: State, uid: str) -> Task:
    task = state.tasks.get(uid)
    if task is None:
        raise refusal(Code.TASK_UNKNOWN)
    if uid in state.frozen:
        raise refusal(Code.SUBJECT_FROZEN)
    return task


def _draft(
    state: State, kind: str, uid: str, body: TaskOpened | TaskMoved, moment: Moment, text: SecretStr = f.NO_TEXT
) -> Draft:
    written = text.get_secret_value().strip()
    return Draft(
        kind=kind,
        subject=uid,
        actor=moment.actor,
        body=body,
        business_date=state.date or None,
        private=Private(owner=uid, members={"text": written}) if written else None,
    )
