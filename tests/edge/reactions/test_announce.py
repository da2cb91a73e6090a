import asyncio

import structlog

from drivers.errors import Gone
from edge.rules.commands import FinishService, Recall
from tests.edge.reactions import virtual
from tests.edge.reactions.rig import rig, station


def spoken(it):
    return [argument.id.split(":")[2:] for argument in it.devices.arguments("say")]


def numbers(it):
    return [argument.text[1:5] for argument in it.devices.arguments("say")]


class Slow:
    """A speaker that needs `seconds` for a call and never has two at once."""

    def __init__(self, it, seconds):
        self.busy = False
        self.seconds = seconds
        it.devices.on_call["say"] = self

    async def __call__(self, speech):
        assert not self.busy
        self.busy = True
        await asyncio.sleep(self.seconds)
        self.busy = False


def test_calls_are_spoken_in_order_one_at_a_time():
    async def main():
        async with rig() as it:
            Slow(it, 5)
            for _ in range(2):
                await it.issue()
            await it.call("w1")
            await it.call("w2")
            assert numbers(it) == ["A001"]
            await asyncio.sleep(11)
            assert numbers(it) == ["A001", "A002"]
            first = it.devices.arguments("say")[0]
            assert first.text == "请A001号到1号窗口办理业务"
            assert (first.repeat, first.gap, first.language) == (2, 1.5, "zh")
            assert it.devices.calls[0][0] == "speaker-1"

    virtual.run(main())


def test_a_recall_of_a_waiting_call_moves_instead_of_doubling():
    async def main():
        async with rig(station(windows=[w | {} for w in three_windows()])) as it:
            Slow(it, 5)
            for _ in range(3):
                await it.issue()
            for window in ("w1", "w2", "w3"):
                await it.call(window)
            await it.do(Recall(window="w2"))
            await asyncio.sleep(30)
            assert numbers(it) == ["A001", "A003", "A002"]
            assert spoken(it)[-1] == ["2", "zh"]

    virtual.run(main())


def test_a_recall_of_a_spoken_call_is_spoken_again():
    async def main():
        async with rig() as it:
            await it.issue()
            await it.call()
            await it.do(Recall(window="w1"))
            assert spoken(it) == [["1", "zh"], ["2", "zh"]]

    virtual.run(main())


def test_calls_older_than_a_minute_are_dropped():
    async def main():
        async with rig() as it:
            slow = Slow(it, 61)
            for _ in range(2):
                await it.issue()
            await it.call("w1")
            await it.call("w2")
            slow.seconds = 1
            await asyncio.sleep(70)
            assert numbers(it) == ["A001"]
            await it.do(Recall(window="w2"))
            assert numbers(it) == ["A001", "A002"]

    virtual.run(main())


def test_whoever_is_already_there_is_not_called_any_more():
    async def main():
        async with rig() as it:
            Slow(it, 5)
            for _ in range(2):
                await it.issue()
            await it.call("w1")
            await it.call("w2")
            await it.do(FinishService(window="w2"))
            await asyncio.sleep(11)
            assert numbers(it) == ["A001"]

    virtual.run(main())


def test_a_silent_speaker_does_not_hold_up_the_next_call():
    async def main():
        async with rig() as it:

            async def gone(speech):
                raise Gone("cable")

            it.devices.on_call["say"] = gone
            for _ in range(2):
                await it.issue()
            await it.call("w1")
            await it.call("w2")
            assert numbers(it) == ["A001", "A002"]

    virtual.run(main())


def test_nothing_is_spoken_after_a_restart():
    async def main():
        async with rig() as it:
            it.devices.on_call["say"] = lambda _: asyncio.Event().wait()
            for _ in range(2):
                await it.issue()
            await it.call("w1")
            await it.call("w2")
        async with rig(journal=it.journal) as again:
            await asyncio.sleep(5)
            assert not again.devices.arguments("say")

    virtual.run(main())


def test_every_language_of_the_hall_in_its_order_and_none_without_a_speaker():
    async def main():
        both = {"speaker": "speaker-1", "languages": ["zh", "yue", "en"]}
        async with rig(station(announcements=both)) as it:
            await it.issue()
            await it.call()
            assert [said.language for said in it.devices.arguments("say")] == ["zh", "yue", "en"]
            assert it.devices.arguments("say")[2].text == "Ticket A001, please go to counter 1"
        async with rig(station(announcements={"speaker": None})) as it:
            await it.issue()
            await it.call()
            assert not it.devices.calls

    virtual.run(main())


def three_windows():
    windows = [window.model_dump() for window in station().windows]
    return [*windows, windows[0] | {"id": "w3", "number": "3", "display": None, "keypad": None, "pad": None}]


def test_two_areas_with_speakers_of_their_own_do_not_wait_for_each_other():
    async def main():
        async with rig(two_areas()) as it:
            it.devices.on_call["say"] = lambda _: asyncio.sleep(5)
            for _ in range(2):
                await it.issue()
            await it.call("w1")
            await it.call("w2")
            assert numbers(it) == ["A001", "A002"]
            assert [device for device, *_ in it.devices.calls] == ["speaker-1", "speaker-2"]

    virtual.run(main())


def test_a_call_with_many_behind_it_is_said_once():
    async def main():
        async with rig(station(windows=three_windows(), announcements={"speaker": "speaker-1", "once_above": 0})) as it:
            Slow(it, 5)
            for _ in range(3):
                await it.issue()
            for window in ("w1", "w2", "w3"):
                await it.call(window)
            await asyncio.sleep(30)
            assert [said.repeat for said in it.devices.arguments("say")] == [2, 1, 2]

    virtual.run(main())


def test_with_very_many_behind_it_a_call_is_number_and_window_alone():
    async def main():
        four = [*three_windows(), three_windows()[2] | {"id": "w4", "number": "4"}]
        async with rig(station(windows=four, announcements={"speaker": "speaker-1", "once_above": 0})) as it:
            Slow(it, 5)
            for _ in range(4):
                await it.issue()
            for window in ("w1", "w2", "w3", "w4"):
                await it.call(window)
            await asyncio.sleep(40)
            told = it.devices.arguments("say")
            assert [said.text for said in told[:3]] == [
                "请A001号到1号窗口办理业务",
                "A002号，2号窗口",
                "请A003号到3号窗口办理业务",
            ]
            assert [said.repeat for said in told] == [2, 1, 1, 2]
            assert "chime" not in told[1].tokens
            assert "chime" in told[2].tokens

    virtual.run(main())


def test_a_call_that_is_not_spoken_leaves_its_reason():
    async def main():
        async with rig() as it:
            Slow(it, 61)
            for _ in range(2):
                await it.issue()
            await it.call("w1")
            with structlog.testing.capture_logs() as told:
                await it.call("w2")
                await it.do(Recall(window="w2"))
                await asyncio.sleep(70)
            silent = [line for line in told if line["event"] == "call_not_spoken"]
            assert [(line["call"], line["why"]) for line in silent] == [(1, "called_again"), (2, "too_old")]

    virtual.run(main())


def two_areas():
    areas = [area.model_dump() for area in station().areas]
    windows = [window.model_dump() for window in station().windows]
    voice = {"speaker": "speaker-1", "areas": {"b": "speaker-2"}}
    windows[1]["area"] = "b"
    return station(areas=[*areas, areas[0] | {"id": "b"}], windows=windows, announcements=voice)


def test_ten_calls_wait_at_a_dead_speaker_and_calling_goes_on():
    async def main():
        async with rig() as it:
            with structlog.testing.capture_logs() as logs:
                it.devices.on_call["say"] = lambda _: asyncio.Event().wait()
                for _ in range(13):
                    uid = await it.issue()
                    assert await it.call("w1") == uid
                    await it.do(FinishService(window="w1"))
            dropped = [line for line in logs if line.get("why") == "too_many"]
            assert len(it.devices.arguments("say")) == 1
            assert [line["event"] for line in dropped] == ["call_not_spoken"] * 2

    virtual.run(main())
