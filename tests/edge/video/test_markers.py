"""Markers of a real journal on their way to a video system that is up, down, cross, silent, or a folder."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from itertools import count
from pathlib import Path
from random import Random

import pytest

from edge.rules import commands as c
from edge.rules.queue_commands import HoldTicket, ResumeTicket
from edge.video.following import FILE, Following
from edge.video.http_outlet import HttpOutlet
from edge.video.marks import KINDS, Kind, Marker, Marks
from edge.video.outlets import FolderOutlet, NotKept, Outlet
from hw_sim.clock import RealClock
from hw_sim.faults import Fault, FaultWord
from hw_sim.recorder import Recorder
from tests.edge.api.bench import Bench, bench, site

CANARY, NAME, SAID = "119999199001010012", "张测试", "态度不好"
_ids = count()


async def do(hall: Bench, command: object, actor: str = "clerk:c01") -> str:
    answer = await hall.execute(command, id=f"video-{next(_ids)}", actor=actor)  # type: ignore[arg-type]
    return answer.records[0].subject


async def serve(hall: Bench, level: str = "") -> None:
    """A turn at w1; `level`: rated so by kiosk."""
    if hall.state.windows["w1"].clerk != "c01":
        await do(hall, c.SignIn(window="w1", clerk="c01"))
    holder = c.Holder(ref=f"ref{next(_ids)}", name=NAME, id_number=CANARY)
    await do(hall, c.IssueTicket(service="general", channel="kiosk", place="k1", holder=holder), "kiosk:k1")
    for command in (c.CallNext(window="w1"), c.StartService(window="w1"), c.FinishService(window="w1")):
        await do(hall, command)
    if level:
        nonce = hall.state.windows["w1"].question
        given = {"nonce": nonce, "level": level, "by": "kiosk", "reasons": ("attitude",), "text": SAID}
        await do(hall, c.GiveRating.model_validate(given), "kiosk:k1")


class Dying:
    """Hands markers on; after the last of them nothing more happens in this process."""

    def __init__(self, outlet: Outlet, after: int) -> None:
        self._outlet, self._left = outlet, after

    async def put(self, marker: Marker) -> None:
        await self._outlet.put(marker)
        self._left -= 1
        if not self._left:
            await asyncio.Event().wait()

    async def close(self) -> None:
        await self._outlet.close()


@asynccontextmanager
async def following(
    hall: Bench, outlet: Outlet, kinds: tuple[Kind, ...] = KINDS, pauses: list[float] | None = None
) -> AsyncIterator[Following]:
    """As the daemon runs it, without its waits."""

    async def sleep(seconds: float) -> None:
        if pauses is not None:
            pauses.append(seconds)
        await asyncio.sleep(0.01)

    marks = Marks(hall.site.site, {window.id: window.number for window in hall.site.windows}, frozenset(kinds))
    history = hall.journal.begin_history()
    made = Following(history, hall.folder / FILE, marks, outlet, sleep=sleep)
    running = asyncio.create_task(made.run())
    try:
        yield made
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not true():
            await asyncio.sleep(0.01)


async def begun(hall: Bench) -> None:
    """The first start has noted where it begins."""
    await until((hall.folder / FILE).exists)


def cursor(hall: Bench) -> int:
    return int(json.loads((hall.folder / FILE).read_text("utf-8"))["place"])


@pytest.fixture
async def hall(tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench(tmp_path / "journal", site()) as made:
        yield made


@pytest.fixture
async def recorder() -> AsyncIterator[Recorder]:
    made = Recorder("video-1", RealClock(), Random(1))
    await made.start()
    yield made
    await made.stop()


def told(recorder: Recorder) -> list[tuple[str, str, str]]:
    return [(each["kind"], each["window"], each["ticket"]) for each in recorder.markers]


A_BAD_TURN = [("service_started", "w1", "A001"), ("service_ended", "w1", "A001"), ("bad_rating", "w1", "A001")]


async def test_a_turn_a_spoken_complaint_and_a_bad_rating_are_marked_and_nobody_is_named(
    hall: Bench, recorder: Recorder
) -> None:
    async with following(hall, HttpOutlet(recorder.link)):
        await begun(hall)
        await serve(hall, "dissatisfied")
        await serve(hall, "satisfied")
        await do(hall, c.IssueTicket(service="general", channel="kiosk", place="k1"), "kiosk:k1")
        await do(hall, c.CallNext(window="w1"))
        await do(hall, c.StartService(window="w1"))
        said = {"type": "complaint", "text": SAID, "name": NAME, "contact": CANARY}
        await do(hall, c.RegisterComplaint.model_validate(said | {"channel": "window"}))
        await do(hall, c.RegisterComplaint.model_validate(said | {"channel": "phone"}))
        await do(hall, HoldTicket(window="w1"))
        await do(hall, ResumeTicket(window="w1", ticket=list(hall.state.tickets)[-1]))
        await until(lambda: len(recorder.markers) == 9)
    assert told(recorder) == [
        *A_BAD_TURN,
        ("service_started", "w1", "A002"),
        ("service_ended", "w1", "A002"),
        ("service_started", "w1", "A003"),
        ("complaint_spoken", "w1", "A003"),
        ("service_ended", "w1", "A003"),
        ("service_started", "w1", "A003"),
    ]
    assert recorder.errors == []
    assert {each["window_number"] for each in recorder.markers} == {"1"}
    assert len({each["id"] for each in recorder.markers}) == 9
    sent = json.dumps(recorder.markers, ensure_ascii=False)
    assert not any(secret in sent for secret in (CANARY, NAME, SAID, "c01"))
    record = (await hall.journal.read(int(recorder.markers[2]["id"].rpartition(":")[2]) - 1, 1))[0].record
    assert (record.kind, record.at) == ("rating.given", recorder.markers[2]["at"])


async def test_what_was_before_the_first_start_is_not_sent(hall: Bench, recorder: Recorder) -> None:
    await serve(hall, "dissatisfied")
    async with following(hall, HttpOutlet(recorder.link)):
        await begun(hall)
        await serve(hall)
        await until(lambda: len(recorder.markers) == 2)
    assert told(recorder) == [("service_started", "w1", "A002"), ("service_ended", "w1", "A002")]


async def test_a_dead_video_system_stops_nothing_and_gets_everything_once_later(
    hall: Bench, recorder: Recorder
) -> None:
    url, pauses = recorder.link, []
    await recorder.stop()
    async with following(hall, HttpOutlet(url), pauses=pauses):
        await begun(hall)
        await serve(hall, "very_dissatisfied")
        await until(lambda: len(pauses) >= 8)
        assert hall.state.tasks  # the hall went on
        assert pauses[:8] == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]
        recorder.set_fault(Fault(FaultWord.NAK, amount=503, times=2))
        await recorder.start()
        await until(lambda: len(recorder.markers) == 3)
    assert told(recorder) == A_BAD_TURN
    assert recorder.again == []


async def test_a_restart_at_any_moment_neither_loses_nor_doubles(hall: Bench, recorder: Recorder) -> None:
    """Each time the process dies after a marker was kept and before its own cursor was."""
    async with following(hall, HttpOutlet(recorder.link)):
        await begun(hall)
    await serve(hall, "dissatisfied")
    for n in range(3):
        async with following(hall, Dying(HttpOutlet(recorder.link), after=min(n + 1, 2))):
            await until(lambda n=n: len(recorder.markers) == n + 1)  # type: ignore[misc]
    async with following(hall, HttpOutlet(recorder.link)):
        await until(lambda: len(recorder.again) == 3)
    assert told(recorder) == A_BAD_TURN
    assert recorder.again == [each["id"] for each in recorder.markers]  # said again, and known again by its id


async def test_numbers_and_windows_are_known_again_after_a_restart(hall: Bench, recorder: Recorder) -> None:
    async with following(hall, HttpOutlet(recorder.link)):
        await begun(hall)
        await serve(hall)
        await until(lambda: len(recorder.markers) == 2)
    async with following(hall, HttpOutlet(recorder.link)):
        given = {
            "nonce": hall.state.windows["w1"].question,
            "level": "dissatisfied",
            "by": "code",
            "reasons": ("other",),
        }
        await do(hall, c.GiveRating.model_validate(given), "kiosk:k1")
        await until(lambda: len(recorder.markers) == 3)
    assert told(recorder) == A_BAD_TURN
    assert recorder.again == []


async def test_only_wanted_kinds_are_sent(hall: Bench, recorder: Recorder) -> None:
    async with following(hall, HttpOutlet(recorder.link), kinds=("bad_rating",)):
        await begun(hall)
        await serve(hall, "dissatisfied")
        await until(lambda: len(recorder.markers) == 1)
    assert told(recorder) == A_BAD_TURN[2:]


async def test_in_a_folder_each_marker_is_one_line_also_after_a_cut(hall: Bench, tmp_path: Path) -> None:
    folder = tmp_path / "markers"

    def lines() -> list[str]:
        return [line for path in sorted(folder.glob("*")) for line in path.read_text("utf-8").splitlines()]

    async with following(hall, FolderOutlet(folder)):
        await begun(hall)
        before = (hall.folder / FILE).read_bytes()
        await serve(hall)
        await until(lambda: folder.exists() and len(lines()) == 2 and cursor(hall) > int(json.loads(before)["place"]))
    whole = lines()
    (path,) = folder.glob("*")
    assert path.name == f"markers-{json.loads(whole[0])['at'][:10]}.jsonl"
    for kept in (whole[0] + "\n", whole[0] + "\n" + whole[1][:40]):  # a power cut in or before the second line
        path.write_text(kept, "utf-8")
        state = json.loads((hall.folder / FILE).read_text("utf-8"))
        first = int(json.loads(whole[0])["id"].rpartition(":")[2])
        (hall.folder / FILE).write_text(json.dumps(state | {"place": first, "seq": first}), "utf-8")
        async with following(hall, FolderOutlet(folder)):
            await until(lambda: lines() == whole)
    # Written, but the cursor did not come to it: it stands there once all the same.
    second = int(json.loads(whole[1])["id"].rpartition(":")[2])
    (hall.folder / FILE).write_text(json.dumps(state | {"place": second - 1, "seq": second - 1}), "utf-8")
    async with following(hall, FolderOutlet(folder)):
        await until(lambda: cursor(hall) >= second)
    assert lines() == whole


async def test_a_folder_that_cannot_be_written_is_tried_again(hall: Bench, tmp_path: Path) -> None:
    blocked = tmp_path / "markers"
    blocked.write_text("in the way")
    pauses: list[float] = []
    async with following(hall, FolderOutlet(blocked), pauses=pauses):
        await begun(hall)
        await serve(hall)
        await until(lambda: len(pauses) > 2)
        blocked.unlink()
        await until(lambda: blocked.is_dir() and len(list(blocked.glob("*"))) == 1)


async def test_an_unreadable_cursor_begins_anew_and_says_so(hall: Bench, recorder: Recorder) -> None:
    (hall.folder / FILE).write_text("{", "utf-8")
    await serve(hall)
    async with following(hall, HttpOutlet(recorder.link)):
        await until(lambda: (hall.folder / FILE).read_text("utf-8") != "{")
        await serve(hall)
        await until(lambda: len(recorder.markers) == 2)
    assert told(recorder)[0][2] == "A002"


async def test_a_journal_that_is_shorter_than_the_cursor_goes_on_from_its_end(hall: Bench, recorder: Recorder) -> None:
    """Restored from an image: what comes back from the centre is found by where it was born."""
    ahead = {"place": 100_000, "epoch": "ffffffffffffffff", "seq": 100_000}
    (hall.folder / FILE).write_text(json.dumps(ahead), "utf-8")
    async with following(hall, HttpOutlet(recorder.link)):
        await asyncio.sleep(0)
        await serve(hall)
        await until(lambda: len(recorder.markers) == 2)
    assert recorder.again == []


async def test_a_wrong_address_is_told_as_not_kept() -> None:
    outlet = HttpOutlet("http://127.0.0.1:1/markers")

    with pytest.raises(NotKept):
        await outlet.put(Marker(id="S:e:1", site="S", at="", kind="bad_rating", window="", window_number="", ticket=""))
    await outlet.close()
