"""The video system's own side: each id once, troubles that can be set, nothing but the form of the page."""

import json
from collections.abc import AsyncIterator
from random import Random

import httpx
import pytest

from hw_sim.clock import RealClock
from hw_sim.faults import Fault, FaultWord
from hw_sim.recorder import Recorder

MARKER = {
    "v": 1,
    "id": "S:e:1",
    "site": "S",
    "at": "2026-11-23T09:14:07.312+08:00",
    "kind": "bad_rating",
    "window": "w1",
    "window_number": "1",
    "ticket": "A017",
}


@pytest.fixture
async def recorder() -> AsyncIterator[Recorder]:
    made = Recorder("video-1", RealClock(), Random(1))
    await made.start()
    yield made
    await made.stop()


async def post(recorder: Recorder, marker: dict[str, object], key: str = "S:e:1", seconds: float = 20.0) -> int:
    headers = {"Content-Type": "application/json", "Idempotency-Key": key}
    async with httpx.AsyncClient(trust_env=False, timeout=seconds) as client:
        return (await client.post(recorder.link, content=json.dumps(marker), headers=headers)).status_code


async def test_a_marker_is_kept_once(recorder: Recorder) -> None:
    assert [await post(recorder, MARKER), await post(recorder, MARKER)] == [201, 409]
    assert (recorder.markers, recorder.again, recorder.errors) == ([MARKER], ["S:e:1"], [])


@pytest.mark.parametrize("wrong", [{"name": "x"}, {"v": 2}])
async def test_what_is_not_on_the_page_is_an_error(recorder: Recorder, wrong: dict[str, object]) -> None:
    assert await post(recorder, MARKER | wrong) == 400
    assert await post(recorder, MARKER, key="another") == 400
    assert (recorder.markers, len(recorder.errors)) == ([], 2)


async def test_it_refuses_as_often_as_it_is_told(recorder: Recorder) -> None:
    recorder.set_fault(Fault(FaultWord.NAK, amount=503, times=2))
    assert [await post(recorder, MARKER) for _ in range(3)] == [503, 503, 201]


async def test_silent_keeps_it_and_does_not_say_so(recorder: Recorder) -> None:
    recorder.set_fault(Fault(FaultWord.SILENT))
    with pytest.raises(httpx.ReadTimeout):
        await post(recorder, MARKER, seconds=0.3)
    recorder.clear_faults()
    assert await post(recorder, MARKER) == 409
