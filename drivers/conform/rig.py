"""A driver on the bench: opened as the supervisor opens it, its events read all the while, asked step by step."""

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Final

from drivers.conform import capabilities
from drivers.conform.bench import Bench
from drivers.conform.ears import Ears
from drivers.conform.line import Line
from drivers.conform.recording import Recording, Step
from drivers.contract import Context, Driver, Event, Health, Identity, Link
from drivers.errors import DeviceError

OPEN_SECONDS: Final = 20.0
GRACE: Final = 2.0
_ONE_TIME: Final = ("id", "nonce")


@dataclass(frozen=True, slots=True)
class Subject:
    """The driver under test. `classes`: every driver found, because a station needs its bus.

    `most`: try at most so many offsets of a session, evenly strewn; None = every one.
    """

    name: str
    cls: type[Driver]
    bench: Bench
    recording: Recording
    classes: Mapping[str, type[Driver]]
    ears: Ears
    folder: Path
    most: int | None = 128


@dataclass(slots=True)
class Outcome:
    """How far a session came: the answers, then either all of it, a device error, or a deadline of the caller's.

    `mistakes` are what no driver may do: another exception, a wait beyond its deadline.
    """

    answers: list[Any] = field(default_factory=list)
    identity: Identity | None = None
    trouble: DeviceError | None = None
    waited: bool = False
    mistakes: list[str] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        return self.trouble is None and not self.waited and not self.mistakes

    @property
    def shortfall(self) -> list[str]:
        """Why it is not whole; empty when it is."""
        trouble = [f"{self.trouble.code}: {self.trouble.detail}"] if self.trouble else []
        return [*self.mistakes, *trouble, *(["a wait without end"] if self.waited else [])]


class Rig:
    """One driver object, its bus if it is a station, and its link."""

    def __init__(self, subject: Subject, line: Line, link: Link | None = None) -> None:
        self.subject = subject
        self.line = line
        loop = asyncio.get_running_loop()
        self.ctx = Context(
            clock=loop.time,
            random=Random(1),
            note=subject.ears.note,
            grace=GRACE,
            runtime=str(subject.folder),
            root=str(subject.folder),
            extra=dict(subject.bench.extra()),
            keep=subject.ears.keep,
        )
        self.link = link or subject.bench.make_link(self.ctx, line)
        recording = subject.recording
        self.bus: Driver | None = None
        if recording.bus is not None:
            self.bus = _built(subject.classes[recording.bus.driver], recording.bus.options, self.link, self.ctx)
        self.driver: Any = _built(subject.cls, recording.options, self.bus or self.link, self.ctx)
        self.events: deque[Event] = deque()
        self.mistakes: list[str] = []
        self.ended = asyncio.Event()
        self._news = asyncio.Event()
        self._pumps: list[asyncio.Task[None]] = []

    async def open(self) -> Identity:
        if self.bus is not None:
            await self.bus.open()
        identity: Identity = await self.driver.open()
        await self._stop_pumps()
        self.ended.clear()
        self.events.clear()
        self._pumps = [asyncio.create_task(self._pump(each)) for each in (self.bus, self.driver) if each is not None]
        return identity

    async def close(self) -> None:
        """Within the grace of each, and silently, or it is a mistake."""
        await self._stop_pumps()
        for each in (self.driver, self.bus):
            if each is not None:
                await self._close(each)
        self.subject.ears.tap(self.link)

    async def call(self, step: Step, attempt: int = 0) -> Any:
        """Raises DeviceError, and what a broken driver raises."""
        if step.verb == "check":
            health: Health = await self.driver.check()
            return {"state": health.state, "code": health.code}
        if step.verb == "pause":
            await asyncio.sleep(step.argument)
            return None
        if step.verb == "event":
            return (await self._next_event()).model_dump(mode="json")
        return await capabilities.perform(self.driver, step.verb, fresh(step.argument, attempt))

    async def asked(self, step: Step, attempt: int = 0) -> Any:
        """The answer, or the trouble the step expects; raises every other."""
        try:
            return await self.call(step, attempt)
        except DeviceError as trouble:
            self.subject.ears.error(trouble)
            if not step.trouble or trouble.code != step.trouble:
                raise
            return {"trouble": trouble.code}

    async def _next_event(self) -> Event:
        while not self.events:
            if self.ended.is_set():
                await self.driver.check()
                raise DeviceError("the events ended, and the device says it is well")
            self._news.clear()
            await self._news.wait()
        return self.events.popleft()

    async def _pump(self, driver: Driver) -> None:
        try:
            async for event in driver.events():
                self.events.append(event)
                self._news.set()
            self.mistakes.append("events: ended without Gone")
        except DeviceError as trouble:
            self.subject.ears.error(trouble)
        except Exception as mistake:  # noqa: BLE001 - foreign code: whatever it raises is what is looked for
            self.mistakes.append(f"events: {_named(mistake)}")
        finally:
            self.ended.set()
            self._news.set()

    async def _stop_pumps(self) -> None:
        for pump in self._pumps:
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)
        self._pumps = []

    async def _close(self, driver: Driver) -> None:
        try:
            async with asyncio.timeout(GRACE + 0.5):
                await driver.close()
        except TimeoutError:
            self.mistakes.append("close: longer than the grace")
        except Exception as mistake:  # noqa: BLE001 - close() may raise nothing at all
            self.mistakes.append(f"close: {_named(mistake)}")


def _built(cls: type[Driver], options: Mapping[str, Any], link: Any, ctx: Context) -> Driver:
    return cls(cls.Config.model_validate(options), link, ctx)


async def session(rig: Rig, attempt: int = 0, opened: bool = False) -> Outcome:
    """Open and take every step, as far as it goes. Leaves the driver as it is."""
    outcome = Outcome()
    if not opened:
        await _step(rig, outcome, "open", OPEN_SECONDS, rig.open)
        if outcome.answers:
            outcome.identity = outcome.answers.pop()
    for step in rig.subject.recording.steps:
        if outcome.whole:
            await _step(rig, outcome, step.verb, step.seconds, lambda step=step: rig.asked(step, attempt))
    return outcome


async def _step(rig: Rig, outcome: Outcome, verb: str, seconds: float, work: Any) -> None:
    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            outcome.answers.append(await work())
    except DeviceError as trouble:
        rig.subject.ears.error(trouble)
        outcome.trouble = trouble
    except TimeoutError as late:
        if not limit.expired():
            outcome.mistakes.append(f"{verb}: {_named(late)}")
        elif verb in capabilities.WAITING:
            outcome.waited = True
        else:
            outcome.mistakes.append(f"{verb}: no end within {seconds:g} s")
    except Exception as mistake:  # noqa: BLE001 - foreign code: whatever it raises is what is looked for
        rig.subject.ears.error(mistake)
        outcome.mistakes.append(f"{verb}: {_named(mistake)}")


def fresh(argument: Any, attempt: int) -> Any:
    """The same job under another id: a printer never prints one id twice."""
    if not attempt or not isinstance(argument, dict):
        return argument
    return {key: f"{value}-{attempt}" if key in _ONE_TIME else value for key, value in argument.items()}


def wrong_answers(subject: Subject, outcome: Outcome, good_line: bool = True) -> list[str]:
    """Answers that are not the recorded ones, by verb; an event's or question's own id does not count.

    On a bad line an answer may be poorer when it says so, and the heartbeat may say that something is wrong.
    """
    loose = subject.bench.loose
    pairs = zip(subject.recording.steps, outcome.answers, strict=False)
    plain = ((step.verb, _plain(answer, loose), _plain(step.expected, loose)) for step, answer in pairs)
    wrong = [(verb, answer, expected) for verb, answer, expected in plain if answer != expected]
    return [verb for verb, *both in wrong if good_line or not _is_candid(verb, *both)]


def _is_candid(verb: str, answer: Any, expected: Any) -> bool:
    """What is left out is empty and `warnings` has grown; or a check that reports trouble."""
    if verb == "check":
        return answer["state"] != "ready" and bool(answer["code"])
    if not (isinstance(answer, dict) and isinstance(expected, dict) and answer.keys() == expected.keys()):
        return False
    other = {key for key in answer if answer[key] != expected[key]}
    warned = set(expected.get("warnings") or ()) < set(answer.get("warnings") or ())
    return warned and not any(answer[key] for key in other - {"warnings"})


def _plain(answer: Any, loose: frozenset[str]) -> Any:
    if isinstance(answer, dict):
        return {key: _plain(value, loose) for key, value in answer.items() if key not in (*loose, *_ONE_TIME)}
    if isinstance(answer, list | tuple):
        return [_plain(each, loose) for each in answer]
    return answer


def _named(mistake: BaseException) -> str:
    """Type and place only: its text may hold what was on the wire."""
    trace = mistake.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" at {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
    return f"{type(mistake).__name__}{place}"
