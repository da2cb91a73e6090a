"""Cancelled at every moment at which it can be: it ends at once, leaves nothing, and the device still works."""

import asyncio
from typing import Any, Final

from drivers.conform.awaits import Awaits
from drivers.conform.line import Line
from drivers.conform.recording import Step
from drivers.conform.result import Findings
from drivers.conform.rig import GRACE, OPEN_SECONDS, Rig, Subject, session
from drivers.conform.virtual_time import Stuck, run_virtual
from drivers.errors import DeviceError

_OPENING: Final = -1


def cancel(subject: Subject, findings: Findings) -> None:
    """Opening and each verb, at each of their awaits; early, and in the moment in which the answer comes."""
    for step in range(_OPENING, len(subject.recording.steps)):
        name = "open" if step == _OPENING else subject.recording.steps[step].verb
        moments, _ = run_virtual(_moments(subject, step))
        findings.of += 2 * moments
        for moment in _chosen(moments, subject.most):
            for late in (False, True):
                findings.tried += 1
                where = f"{name} at await {moment} of {moments}{', as its answer came' if late else ''}"
                findings.add(where, _one(subject, step, moment, late))


def _chosen(moments: int, most: int | None) -> range:
    stride = 1 if most is None else max(1, -(-moments // most))
    return range(1, moments + 1, stride)


async def _moments(subject: Subject, step: int) -> int:
    rig = Rig(subject, Line(subject.bench.make_peer))
    await _before(rig, step)
    work = Awaits(_work(rig, step, 0))
    async with asyncio.timeout(OPEN_SECONDS):
        await work
    await rig.close()
    return work.count


async def _before(rig: Rig, step: int) -> None:
    if step != _OPENING:
        await rig.open()
        for each in rig.subject.recording.steps[:step]:
            await rig.asked(each)


async def _work(rig: Rig, step: int, attempt: int) -> Any:
    return await (rig.open() if step == _OPENING else rig.asked(rig.subject.recording.steps[step], attempt))


def _one(subject: Subject, step: int, moment: int, late: bool) -> list[str]:
    try:
        faults, left = run_virtual(_cancelled(subject, step, moment, late))
    except Stuck as stuck:
        return [str(stuck)]
    except DeviceError as trouble:
        return [f"before it was cancelled: {trouble.code}"]
    return [*faults, *(f"left: {task}" for task in left)]


async def _cancelled(subject: Subject, step: int, moment: int, late: bool) -> list[str]:
    line = Line(subject.bench.make_peer)
    rig = Rig(subject, line)
    await _before(rig, step)
    task = asyncio.ensure_future(_awaited(Awaits(_work(rig, step, 0), moment, late)))
    done, _ = await asyncio.wait([task], timeout=GRACE + OPEN_SECONDS)
    if not done:
        task.cancel()
        await asyncio.wait([task], timeout=GRACE)
        return ["goes on after it was cancelled"]
    faults = _ending(task)
    faults += await (
        _opened_after(rig, line) if step == _OPENING else _usable(rig, line, subject.recording.steps[step])
    )
    await rig.close()
    if line.connections:
        faults.append("its link is still open")
    return faults + rig.mistakes


async def _awaited(work: Awaits[Any]) -> Any:
    return await work


def _ending(task: asyncio.Task[Any]) -> list[str]:
    if task.cancelled():
        return []
    problem = task.exception()
    if problem is None:
        return ["swallowed the cancellation"]
    return [] if isinstance(problem, DeviceError) else [f"raised {type(problem).__name__}"]


async def _opened_after(rig: Rig, line: Line) -> list[str]:
    await rig.close()
    line.peer = rig.subject.bench.make_peer()
    again = await session(rig, attempt=1)
    return [f"the next try: {fault}" for fault in again.shortfall]


async def _usable(rig: Rig, line: Line, step: Step) -> list[str]:
    """The same verb again on the open line; or, as a supervisor would, after opening anew."""
    try:
        async with asyncio.timeout(OPEN_SECONDS):
            await rig.driver.check()
            if step.verb != "event":
                await rig.asked(step, attempt=1)
    except (DeviceError, TimeoutError):
        return await _opened_after(rig, line)
    return []
