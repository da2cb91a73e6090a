"""Make a recorded session by running a driver against something that plays the device.

For simulators and invented people only: nothing on the wire is masked. Sessions of real devices come from the field by
`hallctl try --capture` and `hallctl capture`, which mask.
"""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from drivers.conform import recording
from drivers.conform.ears import Ears
from drivers.conform.line import Line
from drivers.conform.peers import Silent
from drivers.conform.recording import BusSetup, Origin, Recording, Step
from drivers.conform.rig import Rig, Subject
from drivers.contract import Context, Link
from drivers.links import WireTap, capture, make_link
from drivers.registry import BrokenDriver, discover

Act = Callable[[], Awaitable[None] | None]


class OpenTap(WireTap):
    """Keeps every byte, whatever the driver says of them."""

    @property
    def private(self) -> bool:
        return False

    @private.setter
    def private(self, wish: bool) -> None:
        return


@dataclass(frozen=True, slots=True)
class Play:
    """What to do: `steps`, and before step number n whatever `acts[n]` does to the played device.

    `root`: where the machine's sys/ and dev/ hang, for links by socket.
    """

    driver: str
    link: str
    steps: tuple[Step, ...]
    origin: Origin
    options: Mapping[str, Any] = field(default_factory=dict)
    bus: BusSetup | None = None
    acts: Mapping[int, Act] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
    root: str = "/"


async def record(play: Play, to: Path) -> Recording:
    """Writes `to` (JSON) and the capture beside it. Raises what the driver raises, KeyError without it."""
    classes = {name: each for name, each in discover().items() if not isinstance(each, BrokenDriver)}
    told = Recording.model_validate(
        {
            "driver": play.driver,
            "link": play.link.partition("?")[0],
            "options": play.options,
            "bus": play.bus,
            "from": play.origin,
            "steps": play.steps,
        }
    )
    bench: Any = _Extra(play.extra)
    with Ears(()) as ears, tempfile.TemporaryDirectory() as folder:
        subject = Subject(play.driver, classes[play.driver], bench, told, classes, ears, Path(folder))
        link = _open_link(play, ears)
        rig = Rig(subject, Line(Silent), link)
        try:
            identity = await rig.open()
            answers = [await _acted(rig, play, number) for number in range(len(play.steps))]
        finally:
            wire = link.tap.session()  # type: ignore[attr-defined]
            await rig.close()
    if wrong := [step.verb for step, answer in zip(play.steps, answers, strict=True) if not _as_expected(step, answer)]:
        raise ValueError(f"no such trouble: {', '.join(wrong)}")
    told_again = zip(play.steps, answers, strict=True)
    steps = tuple(step if step.trouble else step.model_copy(update={"answer": answer}) for step, answer in told_again)
    found = told.model_copy(update={"identity": identity, "steps": steps})
    to.write_text(recording.dump(found) + "\n", "utf-8")
    to.with_suffix(".jsonl").write_text(capture.dump(wire), "utf-8")
    return found


def _as_expected(step: Step, answer: Any) -> bool:
    return not step.trouble or answer == step.expected


async def _acted(rig: Rig, play: Play, number: int) -> Any:
    work = asyncio.ensure_future(rig.asked(play.steps[number]))
    await asyncio.sleep(0.2 if number in play.acts else 0)
    if number in play.acts and (act := play.acts[number]()) is not None:
        await act
    answer = await work
    await asyncio.sleep(0.5 if number in play.acts else 0)  # what it says then belongs to the session
    return answer


def _open_link(play: Play, ears: Ears) -> Link:
    link = make_link(play.link, Context(clock=time.monotonic, random=Random(1), note=ears.note, root=play.root))
    link.tap = OpenTap(time.monotonic)  # type: ignore[attr-defined]
    return link


@dataclass(frozen=True, slots=True)
class _Extra:
    found: Mapping[str, Any]

    def extra(self) -> Mapping[str, Any]:
        return self.found
