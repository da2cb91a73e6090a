import asyncio

from edge.rules.commands import CallNext, FinishService, GiveRating
from tests.edge.reactions import virtual
from tests.edge.reactions.rig import rig


async def ask(it, window="w1"):
    await it.issue()
    await it.do(CallNext(window=window))
    await it.do(FinishService(window=window))
    return it.state.windows[window].question


def lapses(it):
    return [record.body["why"] for record in it.journal.committed if record.kind == "rating.lapsed"]


def test_a_question_ends_when_its_time_is_over():
    async def main():
        async with rig() as it:
            nonce = await ask(it)
            await asyncio.sleep(14.9)
            assert it.state.questions[nonce].state == "asked"
            await asyncio.sleep(0.2)
            await it.settle()
            assert it.state.questions[nonce].state == "lapsed"
            assert lapses(it) == ["no_answer"]
            assert it.devices.wants["pad-1"] is None

    virtual.run(main())


def test_an_answer_in_time_is_never_lapsed():
    async def main():
        async with rig() as it:
            nonce = await ask(it)
            await asyncio.sleep(14.9)
            await it.do(GiveRating(nonce=nonce, level="satisfied"), "pad:pad-1")
            await asyncio.sleep(60)
            assert lapses(it) == []

    virtual.run(main())


def test_two_windows_have_their_own_times():
    async def main():
        async with rig() as it:
            first = await ask(it, "w1")
            await asyncio.sleep(10)
            second = await ask(it, "w2")
            await asyncio.sleep(5.1)
            states = [it.state.questions[nonce].state for nonce in (first, second)]
            assert states == ["lapsed", "asked"]
            await asyncio.sleep(10)
            assert it.state.questions[second].state == "lapsed"

    virtual.run(main())


def test_a_question_open_at_a_crash_ends_after_the_restart():
    async def main():
        async with rig() as it:
            nonce = await ask(it)
        await asyncio.sleep(5)
        async with rig(journal=it.journal) as again:
            assert again.state.questions[nonce].state == "asked"
            await asyncio.sleep(10.2)
            assert again.state.questions[nonce].state == "lapsed"

    virtual.run(main())


def test_a_wall_clock_set_back_does_not_hold_a_question_open():
    async def main():
        async with rig() as it:
            nonce = await ask(it)
            it.clock.wall_shift = -3_600_000
            await asyncio.sleep(15.2)
            assert it.state.questions[nonce].state == "lapsed"

    virtual.run(main())
