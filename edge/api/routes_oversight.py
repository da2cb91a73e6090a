"""What a shift leader (值班长) does about bad ratings and complaints, and what of it a clerk may do."""

from typing import Annotated, Final

from fastapi import HTTPException, Path, Response

from edge.api import oversight_views
from edge.api.access import allow
from edge.api.oversight_schema import (
    ComplaintStep,
    DisputeAct,
    Note,
    NoteAct,
    OversightSnapshot,
    OwnTask,
    Registered,
    Registering,
    StepAct,
    TaskStep,
)
from edge.api.port import HallPort
from edge.api.routes_clerk import own_window
from edge.api.routes_lead import Date
from edge.api.routes_public import Hall, Who
from edge.rules import complaints, notes, tasks
from edge.rules import followup_commands as f
from edge.rules.codes import Code, refusal
from edge.rules.dossier_commands import SettleDispute
from edge.statistics.assessment_schema import Assessment
from edge.statistics.assessment_table import as_csv
from edge.statistics.days import NoSuchDay

Uid = Annotated[str, Path(pattern=r"^(task|complaint):[0-9A-Z]{26}$")]
_TASK: Final = {step.name: kind for kind, step in tasks.STEPS.items()}
_COMPLAINT: Final = {step.name: kind for kind, step in complaints.STEPS.items()}


@allow("lead")
async def now(hall: Hall, who: Who) -> OversightSnapshot:
    return oversight_views.snapshot(hall, who.actor)


@allow("lead")
async def task_step(uid: Uid, step: TaskStep, asked: StepAct, hall: Hall, who: Who) -> OversightSnapshot:
    await hall.execute(_task_command(uid, step, asked), id=asked.id, actor=who.actor)
    return oversight_views.snapshot(hall, who.actor)


@allow("lead")
async def complaint_step(uid: Uid, step: ComplaintStep, asked: StepAct, hall: Hall, who: Who) -> OversightSnapshot:
    given: dict[str, object] = {"complaint": uid, "text": asked.text}
    if step == "redirect":
        given["to"] = _needed(asked.to, "to")
    if step == "revisit":
        given["content"] = asked.content
    await hall.execute(_COMPLAINT[step].model_validate(given), id=asked.id, actor=who.actor)
    return oversight_views.snapshot(hall, who.actor)


@allow("lead")
async def settle_dispute(asked: DisputeAct, hall: Hall, who: Who) -> OversightSnapshot:
    """After the two sides have spoken; moves nothing by itself."""
    await hall.execute(SettleDispute(item=asked.item), id=asked.id, actor=who.actor)
    return oversight_views.snapshot(hall, who.actor)


@allow("lead")
async def register(asked: Registering, hall: Hall, who: Who) -> Registered:
    return await _register(asked, hall, who.actor)


@allow("lead")
async def note(asked: NoteAct, hall: Hall, who: Who) -> Note:
    """The record that it was read comes before it is read."""
    command = f.ShowNote(subject=asked.subject, of=asked.of, n=asked.n)
    await hall.execute(command, id=asked.id, actor=who.actor)
    line = notes.of(hall.state, command)[asked.n]
    if not line.h:
        raise refusal(Code.PART_UNKNOWN)
    try:
        found = await hall.opened(line.seq, line.h)
    except LookupError:
        raise refusal(Code.PART_UNKNOWN) from None
    return Note(**{name: str(found.get(name, "")) for name in ("text", "name", "contact")})


@allow("lead")
async def assessment(first: Date, last: Date, hall: Hall) -> Assessment:
    try:
        return await hall.assessment(first, last)
    except NoSuchDay:
        raise HTTPException(404, "no such days") from None


@allow("lead")
async def assessment_table(first: Date, last: Date, hall: Hall) -> Response:
    found = await assessment(first, last, hall)
    name = f"assessment-{first}-{last}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(as_csv(found), media_type="text/csv; charset=utf-8", headers=headers)


@allow("clerk")
async def register_at_window(window: str, asked: Registering, hall: Hall, who: Who) -> Registered:
    """Spoken at this window, or on the telephone that stands there."""
    own_window(window, who)
    return await _register(asked, hall, who.actor)


@allow("clerk")
async def own_tasks(window: str, hall: Hall, who: Who) -> tuple[OwnTask, ...]:
    own_window(window, who)
    return oversight_views.own_tasks(hall, who.actor)


@allow("clerk")
async def own_task_step(
    window: str, uid: Uid, step: TaskStep, asked: StepAct, hall: Hall, who: Who
) -> tuple[OwnTask, ...]:
    own_window(window, who)
    await hall.execute(_task_command(uid, step, asked), id=asked.id, actor=who.actor)
    return oversight_views.own_tasks(hall, who.actor)


async def _register(asked: Registering, hall: HallPort, actor: str) -> Registered:
    command = f.RegisterComplaint(
        type=asked.type,
        channel=asked.channel,
        about=asked.about,
        target=asked.target,
        text=asked.text,
        name=asked.name,
        contact=asked.contact,
    )
    answer = await hall.execute(command, id=asked.id, actor=actor)
    body = next(record.body for record in answer.records if record.kind == "complaint.registered")
    return Registered(number=body["number"], query_code=body["query_code"], due=body["due"])


def _task_command(uid: str, step: TaskStep, asked: StepAct) -> f.TaskAct:
    given: dict[str, object] = {"task": uid, "text": asked.text}
    if step == "assign":
        given["to"] = _needed(asked.to, "to")
    if step in ("verify", "review"):
        given["verdict"] = _needed(asked.verdict, "verdict")
    if step == "revisit":
        given["content"] = asked.content
    return _TASK[step].model_validate(given)


def _needed(value: str, name: str) -> str:
    if not value:
        raise HTTPException(422, f"{name} is needed")
    return value
