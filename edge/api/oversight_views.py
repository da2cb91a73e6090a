"""Tasks, complaints, what is due and what needs a person -> what the lead's and the clerk's pages show."""

from typing import NoReturn

from edge.api.case_snapshots import unit_names
from edge.api.oversight_schema import (
    AlarmLine,
    ComplaintCard,
    DueLine,
    HistoryLine,
    OpinionLine,
    OversightSnapshot,
    OwnTask,
    TaskCard,
)
from edge.api.port import HallPort
from edge.rules import complaints, limits, roles, supervision, tasks
from edge.rules.followup_commands import ReviewTask
from edge.rules.followup_state import Complaint, Line, Opinion, Task
from edge.rules.moment import Moment


def moment_of(hall: HallPort, actor: str) -> Moment:
    """Now, for looking only: a view makes no ids."""
    return Moment(hall.now_ms(), hall.wall_time().isoformat(), _no_ids, actor, hall.books)


def snapshot(hall: HallPort, actor: str) -> OversightSnapshot:
    state, moment = hall.state, moment_of(hall, actor)
    due, units = supervision.due(state, moment), unit_names(hall.catalogue)
    clocks = {each.uid: each for each in due}
    return OversightSnapshot(
        seq=state.seq,
        date=limits.today(state, moment),
        level=state.oversight.level,
        due=tuple(
            DueLine(
                kind=each.kind,
                uid=each.uid,
                number=each.number,
                state=each.state,
                due=each.due,
                pace=each.pace,
                left=each.left,
                window=each.window,
                item=each.item,
                unit_name=(units.get(each.unit) or {"zh-Hans": each.unit}) if each.unit else {},
            )
            for each in due
        ),
        alarms=_alarms(hall, moment),
        tasks=tuple(_task(hall, task, clocks.get(task.uid), actor) for task in state.tasks.values()),
        complaints=tuple(_complaint(each, clocks.get(each.uid), actor, moment, hall) for each in _urged_first(hall)),
        leads={lead.id: lead.name for lead in hall.site.leads},
    )


def own_tasks(hall: HallPort, actor: str) -> tuple[OwnTask, ...]:
    """Open tasks of the clerk's own ratings."""
    clocks = {each.uid: each for each in supervision.due(hall.state, moment_of(hall, actor))}
    clerk = actor.partition(":")[2]
    return tuple(
        OwnTask(
            uid=task.uid,
            opened=task.opened,
            due=task.due,
            **_clock(clocks.get(task.uid)),
            level=task.level,
            reasons=task.opinions[0].reasons if task.opinions else (),
            state=task.state,
            verdict=task.verdict,
            steps=tasks.possible(task, actor),
        )
        for task in hall.state.tasks.values()
        if task.clerk == clerk and task.state != "closed"
    )


def _alarms(hall: HallPort, moment: Moment) -> tuple[AlarmLine, ...]:
    found = [
        AlarmLine(
            kind=each.kind,
            subject=each.subject,
            number=each.number,
            n=each.n,
            window=each.window,
            since=each.since,
            said=each.said,
            about=each.about,
        )
        for each in supervision.alarms(hall.state, moment)
    ]
    held = hall.link().held
    if held:  # the centre could not take them as they are: it decides nothing by itself
        found.append(AlarmLine(kind="centre_holds", subject="", number="", n=held))
    return tuple(found)


def _task(hall: HallPort, task: Task, clock: supervision.Due | None, actor: str) -> TaskCard:
    return TaskCard(
        uid=task.uid,
        number=task.number,
        window=task.window,
        clerk=task.clerk,
        cases=_case_numbers(hall, task),
        opened=task.opened,
        due=task.due,
        **_clock(clock),
        state=task.state,
        to=task.to,
        verdict=task.verdict,
        content=task.content,
        opinions=tuple(_opinion(n, each) for n, each in enumerate(task.opinions)),
        history=_history(task.steps),
        steps=tasks.possible(task, actor),
        waits_for=roles.who_can(ReviewTask) if task.state == "appealed" else "",
    )


def _complaint(
    each: Complaint, clock: supervision.Due | None, actor: str, moment: Moment, hall: HallPort
) -> ComplaintCard:
    return ComplaintCard(
        uid=each.uid,
        number=each.number,
        query_code=each.query_code,
        type=each.type,
        channel=each.channel,
        about=each.about,
        target=each.target,
        anonymous=each.anonymous,
        level=each.level,
        registered=each.registered,
        due=each.due,
        **_clock(clock),
        state=each.state,
        to=each.to,
        urged=each.urged,
        escalated=each.escalated,
        content=each.content,
        answered=bool(each.answer_h),
        history=_history(each.steps),
        steps=complaints.possible(each, roles.role_of(actor), limits.today(hall.state, moment)),
    )


def _urged_first(hall: HallPort) -> list[Complaint]:
    """What the level above waits for, then the newest."""
    newest = reversed(hall.state.complaints.values())
    return sorted(newest, key=lambda each: not (each.urged and each.state in complaints.UNDER_WAY))


def _case_numbers(hall: HallPort, task: Task) -> tuple[str, ...]:
    """Cases received in the rated service: in their files stands how the citizen can be reached."""
    cases = (case for case in hall.state.cases.values() if case.turn == task.turn and case.received is not None)
    return tuple(case.received.number for case in cases if case.received is not None)


def _clock(clock: supervision.Due | None) -> dict[str, limits.Pace | int | None]:
    """Of what has none any more: answered, so in time or not is history."""
    return {"pace": clock.pace if clock else "unknown", "left": clock.left if clock else None}


def _history(steps: list[Line]) -> tuple[HistoryLine, ...]:
    return tuple(
        HistoryLine(
            n=n,
            step=each.step,
            state=each.state,
            at=each.at,
            by=each.actor,
            to=each.to,
            level=each.level,
            written=bool(each.h),
        )
        for n, each in enumerate(steps)
    )


def _opinion(n: int, each: Opinion) -> OpinionLine:
    return OpinionLine(n=n, level=each.level, by=each.by, reasons=each.reasons, at=each.at, written=bool(each.h))


def _no_ids(kind: str) -> NoReturn:
    raise LookupError(f"a view makes no {kind}")
