"""Checks on a bad line: cut, spoiled, crumbled, flooded, unplugged, and with a stranger at the far end.

Each place: whatever happens, the session ends in its recorded answers or in a DeviceError within its deadlines; then,
with the line whole again, the same driver object does it all.
"""

from collections.abc import Callable, Iterable, Iterator
from random import Random

from drivers.conform.line import SPOILINGS, Line, Trouble
from drivers.conform.peers import STRANGERS, Flood, Peer
from drivers.conform.result import Findings
from drivers.conform.rig import Outcome, Rig, Subject, session, wrong_answers
from drivers.conform.virtual_time import Stuck, run_virtual
from drivers.errors import DeviceError


def cut(subject: Subject, findings: Findings) -> None:
    """The cable is cut behind every byte that came."""
    places = _offsets(subject, findings)
    for at in places:
        _bad_session(subject, findings, f"cut at byte {at}", Trouble(cut_at=at), reopen=True)


def spoil(subject: Subject, findings: Findings) -> None:
    """Every byte that came is inverted, has one bit changed, is lost, or comes twice."""
    places = _offsets(subject, findings)
    findings.of *= len(SPOILINGS)
    for number, at in enumerate(places):
        ways = SPOILINGS if len(places) == findings.of // len(SPOILINGS) else SPOILINGS[number % 4 :][:1]
        for way in ways:
            _bad_session(subject, findings, f"{way} byte {at}", Trouble(spoil_at=at, spoiling=way), reopen=False)


def crumbs(subject: Subject, findings: Findings) -> None:
    """One byte at a time, the answers are the same."""

    async def slow() -> None:
        rig = Rig(subject, Line(subject.bench.make_peer, Trouble(crumbs=True)))
        outcome = await session(rig)
        findings.add("", outcome.shortfall)
        findings.add("answer", wrong_answers(subject, outcome))
        await rig.close()
        findings.add("", rig.mistakes)

    findings.tried = 1
    findings.add("left", run_virtual(slow())[1])


def flood(subject: Subject, findings: Findings) -> None:
    """Noise without end instead of a device: from the first moment, and before each step."""
    for seed in range(2):
        _stranger(subject, findings, "flood from the start", lambda seed=seed: Flood(Random(seed)))  # type: ignore[misc]
    for step in range(len(subject.recording.steps)):
        _interrupted(subject, findings, step, "flood", _turn_to_noise)


def unplug(subject: Subject, findings: Findings) -> None:
    """Pulled at each write, and between any two steps: it is noticed, and after plugging in all works."""
    for write in range(1, _writes(subject) + 1):
        _bad_session(subject, findings, f"unplugged at write {write}", Trouble(unplug_at=write), reopen=True)
    for step in range(len(subject.recording.steps)):
        _interrupted(subject, findings, step, "unplugged", lambda line: line.unplug())


def wrong_device(subject: Subject, findings: Findings) -> None:
    """Something else at the far end is never taken for the device."""
    for name, make in STRANGERS.items():
        _stranger(subject, findings, name, make)


# --- one try --------------------------------------------------------------------------------------------------------


def _bad_session(subject: Subject, findings: Findings, where: str, trouble: Trouble, reopen: bool) -> None:
    async def tried() -> list[str]:
        line = Line(subject.bench.make_peer, trouble)
        rig = Rig(subject, line)
        outcome = await session(rig)
        faults = [*outcome.mistakes, *_believed(subject, outcome)]
        faults += await _noticed(rig, line, outcome) if reopen else []
        line.trouble = Trouble()
        return faults + await _recovery(rig, line, outcome, reopen)

    findings.tried += 1
    findings.add(where, _in_virtual_time(tried))


def _believed(subject: Subject, outcome: Outcome) -> list[str]:
    faults = []
    if subject.bench.protected:
        faults += [f"{verb}: a wrong answer was believed" for verb in wrong_answers(subject, outcome, good_line=False)]
        expected = subject.recording.identity.model_dump()
        told = outcome.identity.model_dump(exclude_defaults=True) if outcome.identity else {}
        if any(value != expected[name] for name, value in told.items()):  # a poorer one says nothing wrong
            faults.append("a wrong identity was believed")
    return faults


async def _noticed(rig: Rig, line: Line, outcome: Outcome) -> list[str]:
    """That the line ended. A driver to which devices dial may wait, but must not say that its device is there."""
    if not outcome.waited:
        return []
    if not rig.subject.bench.dials_in:
        return ["waits on a line that ended"]
    well = not line.connections and (await rig.driver.check()).state == "ready"
    return ["says ready of a device that left"] if well else []


async def _recovery(rig: Rig, line: Line, outcome: Outcome, reopen: bool) -> list[str]:
    """As the supervisor does it: first on the open line if there still is one, else opened anew."""
    opened = outcome.identity is not None and not reopen
    if outcome.whole and opened:
        await rig.close()
        return rig.mistakes
    if opened and not rig.ended.is_set():
        again = await session(rig, attempt=1, opened=True)
        if again.whole:
            await rig.close()
            return rig.mistakes
        faults = again.mistakes
    else:
        faults = []
    await rig.close()
    line.heal()
    anew = await session(rig, attempt=2)
    await rig.close()
    wrong = [f"the next try: wrong {verb}" for verb in wrong_answers(rig.subject, anew)]
    return [*faults, *(f"the next try: {fault}" for fault in anew.shortfall), *wrong, *rig.mistakes]


def _stranger(subject: Subject, findings: Findings, where: str, make: Callable[[], Peer]) -> None:
    async def tried() -> list[str]:
        line = Line(make)
        rig = Rig(subject, line)
        outcome = await session(rig)
        faults = list(outcome.mistakes)
        if subject.bench.recognises and outcome.identity is not None:
            faults.append("taken for the device")
        await rig.close()
        line.heal(subject.bench.make_peer)
        again = await session(rig, attempt=1)
        await rig.close()
        return [*faults, *(f"the next try: {fault}" for fault in again.shortfall), *rig.mistakes]

    findings.tried += 1
    findings.add(where, _in_virtual_time(tried))


def _interrupted(
    subject: Subject, findings: Findings, step: int, where: str, interrupt: Callable[[Line], None]
) -> None:
    async def tried() -> list[str]:
        line = Line(subject.bench.make_peer)
        rig = Rig(subject, line)
        await rig.open()
        for each in subject.recording.steps[:step]:
            await rig.asked(each)
        interrupt(line)
        outcome = await session(rig, attempt=1, opened=True)
        faults = [*outcome.mistakes, *(await _noticed(rig, line, outcome) if where != "flood" else [])]
        await rig.close()
        line.heal()
        again = await session(rig, attempt=2)
        await rig.close()
        return [*faults, *(f"the next try: {fault}" for fault in again.shortfall), *rig.mistakes]

    findings.tried += 1
    findings.add(f"{where} before step {step + 1}", _in_virtual_time(tried))


def _turn_to_noise(line: Line) -> None:
    line.peer = Flood(Random(7))
    for connection in line.connections:
        connection.play(line.peer.connected())


def _in_virtual_time(tried: Callable[[], object]) -> Iterable[str]:
    try:
        faults, left = run_virtual(tried())  # type: ignore[arg-type, var-annotated]
    except Stuck as stuck:
        return [str(stuck)]
    except DeviceError as trouble:
        return [f"on a good line: {trouble.code}"]
    return [*faults, *(f"left: {task}" for task in left)]


# --- places ---------------------------------------------------------------------------------------------------------


def _measured(subject: Subject) -> Line:
    """The line after one good session."""

    async def good() -> Line:
        line = Line(subject.bench.make_peer)
        rig = Rig(subject, line)
        await session(rig)
        await rig.close()
        return line

    return run_virtual(good())[0]


def _writes(subject: Subject) -> int:
    return _measured(subject).writes


def _offsets(subject: Subject, findings: Findings) -> list[int]:
    total = _measured(subject).said
    findings.of = total
    if not total:
        findings.add("", ["no byte comes to the driver in the recorded session"])
    return list(range(total)) if subject.most is None or total <= subject.most else list(_sample(total, subject.most))


def _sample(total: int, most: int) -> Iterator[int]:
    """Every offset of both ends, a quarter of all each, and evenly strewn ones between."""
    edge = most // 4
    between = most - 2 * edge
    yield from range(edge)
    yield from (edge + number * (total - 2 * edge) // between for number in range(between))
    yield from range(total - edge, total)
