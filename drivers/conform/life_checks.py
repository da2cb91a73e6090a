"""Checks of a driver's life on a good line: what it is, how it opens and closes, what it answers."""

import asyncio
import errno
from typing import Final

from drivers.conform import capabilities
from drivers.conform.line import Line, Trouble
from drivers.conform.peers import Silent
from drivers.conform.result import Findings
from drivers.conform.rig import OPEN_SECONDS, Rig, Subject, session, wrong_answers
from drivers.conform.virtual_time import run_virtual
from drivers.contract import Health, Identity, Info
from drivers.errors import Absent, Busy, Denied, DeviceError

_PROMPT_SECONDS: Final = 1.0
_LIVES: Final = 100
_REFUSALS: Final[dict[int, type[DeviceError]]] = {errno.ENOENT: Absent, errno.EACCES: Denied, errno.EBUSY: Busy}


def contract(subject: Subject, findings: Findings) -> None:
    """Form: metadata, configuration, the verbs of its kind, and that making it touches nothing."""
    findings.tried = 1
    findings.add("", _form(subject))
    _, left = run_virtual(_made(subject, findings))
    findings.add("never opened", left)


def _form(subject: Subject) -> list[str]:
    info = subject.cls.info
    faults = []
    if not isinstance(info, Info) or not (info.maker and info.models and info.links):
        faults.append("info: maker, models and links must be said")
    needed = capabilities.NEEDED[info.kind]
    if needed and not capabilities.capabilities_of(subject.cls) & set(needed):
        faults.append(f"a {info.kind} without {' or '.join(needed)}")
    for secret in info.secrets:
        if secret not in subject.cls.Config.model_fields and secret not in capabilities.verbs_of(subject.cls):
            faults.append(f"secrets: {secret!r} is neither an option nor a verb of it")
    asked = {step.verb for step in subject.recording.steps} - {"check", "event", "pause"}
    faults += [f"{verb}: in the session, but not a verb of it" for verb in asked - capabilities.verbs_of(subject.cls)]
    return faults


async def _made(subject: Subject, findings: Findings) -> None:
    line = Line(Silent)
    rig = Rig(subject, line)
    await asyncio.sleep(1)
    if line.connections or line.writes:
        findings.add("", ["making the driver opened its link"])
    await rig.close()
    await rig.close()
    findings.add("closing what was never opened", rig.mistakes)


def verbs(subject: Subject, findings: Findings) -> None:
    """Each verb the driver claims is in the recorded session, so that all the other checks reach it."""
    claimed = capabilities.verbs_of(subject.cls)
    asked = {step.verb for step in subject.recording.steps}
    findings.tried = len(claimed)
    findings.add("", [f"{verb}: claimed, but not in the session" for verb in sorted(claimed - asked)])


def answers(subject: Subject, findings: Findings) -> None:
    """The recorded session gives the recorded answers; opening twice is the same as once."""

    async def once() -> None:
        rig = Rig(subject, Line(subject.bench.make_peer))
        outcome = await session(rig)
        findings.add("session", outcome.shortfall)
        findings.add("answer", wrong_answers(subject, outcome))
        expected = subject.recording.identity
        if outcome.identity is not None and outcome.identity != expected:
            findings.add("identity", [f"{outcome.identity!r}, recorded {expected!r}"])
        heard = [each for each in rig.events if each in subject.recording.events]
        if len(heard) != len(subject.recording.events):
            findings.add("events", [f"{len(heard)} of {len(subject.recording.events)}"])
        findings.add("open again", await _opened_again(rig))
        await rig.close()
        findings.add("", rig.mistakes)

    findings.tried = len(subject.recording.steps) + 1
    _, left = run_virtual(once())
    findings.add("left", left)


async def _opened_again(rig: Rig) -> list[str]:
    try:
        identity, health = await rig.open(), await rig.driver.check()
    except DeviceError as trouble:
        return [trouble.code]
    return [] if isinstance(identity, Identity) and isinstance(health, Health) else ["no Identity, no Health"]


def open_close(subject: Subject, findings: Findings) -> None:
    """One driver object, opened and closed 100 times."""

    async def lives() -> None:
        line = Line(subject.bench.make_peer)
        rig = Rig(subject, line)
        for life in range(_LIVES):
            findings.tried += 1
            try:
                async with asyncio.timeout(OPEN_SECONDS):
                    await rig.open()
            except (DeviceError, TimeoutError) as problem:
                findings.add(f"life {life + 1}", [f"{type(problem).__name__} {problem}"])
            await rig.close()
            if line.connections:
                findings.add(f"life {life + 1}", ["its link is still open"])
            line.peer = subject.bench.make_peer()
            if findings.faults:
                break
        findings.add("", rig.mistakes)

    _, left = run_virtual(lives())
    findings.add("left", left)


def prompt(subject: Subject, findings: Findings) -> None:
    """Opening and the heartbeat take a second at most; the heartbeat also where nobody answers any more."""

    async def measured() -> None:
        line = Line(subject.bench.make_peer)
        rig = Rig(subject, line)
        await _measure(rig, "open", rig.open, findings)
        await _measure(rig, "check", rig.driver.check, findings)
        line.peer = Silent()
        await _measure(rig, "check of a silent device", rig.driver.check, findings, may_fail=True)
        await rig.close()

    _, left = run_virtual(measured())
    findings.add("left", left)


async def _measure(rig: Rig, what: str, work: object, findings: Findings, may_fail: bool = False) -> None:
    findings.tried += 1
    begun = asyncio.get_running_loop().time()
    try:
        async with asyncio.timeout(OPEN_SECONDS):
            await work()  # type: ignore[operator]
    except DeviceError as trouble:
        rig.subject.ears.error(trouble)
        if not may_fail:
            findings.add(what, [f"{trouble.code}: {trouble.detail}"])
    except TimeoutError:
        findings.add(what, ["no end"])
    seconds = asyncio.get_running_loop().time() - begun
    if seconds > _PROMPT_SECONDS:
        findings.add(what, [f"{seconds:.1f} s"])


def refused_open(subject: Subject, findings: Findings) -> None:
    """A link that cannot be opened: the reason passes unchanged, with the holder's name, and the next try works."""

    async def refused(number: int, expected: type[DeviceError]) -> None:
        line = Line(subject.bench.make_peer, Trouble(refused=number))
        rig = Rig(subject, line)
        outcome = await session(rig)
        if type(outcome.trouble) is not expected:
            findings.add(expected.code, [_kind_of(outcome.trouble), *outcome.mistakes])
        elif isinstance(outcome.trouble, Busy) and not outcome.trouble.holder:
            findings.add(expected.code, ["the holder's name is lost"])
        await rig.close()
        line.heal()
        again = await session(rig, attempt=1)
        findings.add(f"after {expected.code}", again.shortfall)
        await rig.close()

    for number, expected in _REFUSALS.items():
        findings.tried += 1
        _, left = run_virtual(refused(number, expected))
        findings.add(f"{expected.code}, left", left)


def _kind_of(trouble: DeviceError | None) -> str:
    return f"came as {trouble.code}" if trouble else "was not noticed"
