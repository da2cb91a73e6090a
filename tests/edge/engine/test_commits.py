"""What is visible when: nothing before its commit, and nothing at all after a failed one."""

import asyncio

import pytest

from edge.journal.errors import JournalFailed
from edge.rules.commands import CallNext, CloseDay, Recall
from edge.rules.refusal import Refusal
from tests.edge.engine.conftest import issue, new_engine, open_hall, running


async def settle():
    for _ in range(20):
        await asyncio.sleep(0)


async def test_the_next_command_is_decided_before_the_disk_answers(held):
    async with running(held) as engine:
        await open_hall(engine)
        held.held = True
        first = asyncio.create_task(engine.execute(issue(), id="i1", actor="kiosk:k1"))
        second = asyncio.create_task(engine.execute(issue(), id="i2", actor="kiosk:k1"))
        called = asyncio.create_task(engine.execute(CallNext(window="w1"), id="c1", actor="clerk:c01"))
        await settle()
        assert len(held.waiting) == 3
        assert not engine.state.tickets
        assert not any(task.done() for task in (first, second, called))
        held.let_through(1)
        await settle()
        assert first.done()
        assert [t.number for t in engine.state.tickets.values()] == ["A001"]
        assert not called.done()
        held.let_through()
        numbers = [(await task).records[0].body.get("number") for task in (first, second)]
        assert numbers == ["A001", "A002"]
        assert (await called).records[0].subject == (await first).records[0].subject


async def test_a_refusal_tells_nothing_that_is_not_committed(held):
    async with running(held) as engine:
        await open_hall(engine)
        held.held = True
        issued = asyncio.create_task(engine.execute(issue(person="p1"), id="i1", actor="kiosk:k1"))
        again = asyncio.create_task(engine.execute(issue(person="p1"), id="i2", actor="kiosk:k1"))
        await settle()
        assert not again.done()
        held.let_through()
        await issued
        with pytest.raises(Refusal):
            await again


async def test_a_failed_commit_raises_and_shows_nothing(held):
    engine = new_engine(held)
    await engine.restore()
    run = asyncio.create_task(engine.run())
    await open_hall(engine)
    async with engine.subscribe() as feed:
        held.held = True
        tasks = [asyncio.create_task(engine.execute(issue(), id=f"i{n}", actor="kiosk:k1")) for n in range(3)]
        await settle()
        before = engine.state.model_copy(deep=True)
        held.fail()
        for task in tasks:
            with pytest.raises(JournalFailed):
                await task
        with pytest.raises(JournalFailed):
            await run
        assert engine.state == before
        with pytest.raises(JournalFailed):
            await engine.execute(issue(), id="later", actor="kiosk:k1")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await anext(feed)


async def test_the_same_id_in_flight_is_one_decision(held):
    async with running(held) as engine:
        await open_hall(engine)
        held.held = True
        tasks = [asyncio.create_task(engine.execute(issue(), id="i1", actor="kiosk:k1")) for _ in range(5)]
        await settle()
        held.let_through()
        answers = [await task for task in tasks]
        assert len({answer.records[0].subject for answer in answers}) == 1
        assert [answer.repeated for answer in answers] == [False, True, True, True, True]
        assert len(engine.state.tickets) == 1


async def test_a_cancelled_wait_leaves_the_decision(held):
    async with running(held) as engine:
        await open_hall(engine)
        held.held = True
        task = asyncio.create_task(engine.execute(issue(), id="i1", actor="kiosk:k1"))
        await settle()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        held.let_through()
        answer = await engine.execute(issue(), id="i1", actor="kiosk:k1")
        assert answer.records[0].body["number"] == "A001"
        assert answer.repeated


async def test_a_refused_id_is_decided_anew(held):
    async with running(held) as engine:
        await open_hall(engine)
        with pytest.raises(Refusal):
            await engine.execute(CallNext(window="w1"), id="c1", actor="clerk:c01")
        await engine.execute(issue(), id="i1", actor="kiosk:k1")
        answer = await engine.execute(CallNext(window="w1"), id="c1", actor="clerk:c01")
        assert not answer.repeated


async def test_ids_and_actors_are_codes(held):
    async with running(held) as engine:
        for wrong in ("", "張三", "a b", "x" * 81):
            with pytest.raises(ValueError, match="codes"):
                await engine.execute(Recall(window="w1"), id=wrong, actor="clerk:c01")


async def test_a_sleeping_reader_gets_everything_at_once(held):
    async with running(held) as engine:
        await open_hall(engine)
        async with engine.subscribe() as feed:
            for n in range(5):
                await engine.execute(issue(), id=f"i{n}", actor="kiosk:k1")
            news = await anext(feed)
            assert [record.body["number"] for record in news.records] == [f"A00{n}" for n in range(1, 6)]
            assert not news.missed


async def test_both_states_agree_when_nothing_is_in_flight(held):
    async with running(held) as engine:
        await open_hall(engine)
        await engine.execute(issue(person="p1"), id="i1", actor="kiosk:k1")
        await engine.execute(CallNext(window="w1"), id="c1", actor="clerk:c01")
        assert engine._ahead == engine.state


async def test_the_end_of_a_day_leaves_a_snapshot(held):
    async with running(held) as engine:
        await open_hall(engine)
        await engine.execute(CloseDay(), id="close", actor="clerk:c01")
        await settle()
        assert held.snapshots[-1][0] == engine.state.seq
    held.committed = []  # only the snapshot is left
    again = new_engine(held)
    await again.restore()
    assert again.state == engine.state


async def test_a_snapshot_of_other_rules_is_passed_over(held):
    async with running(held) as engine:
        await open_hall(engine)
        await engine.execute(CloseDay(), id="close", actor="clerk:c01")
        await settle()
    seq, data = held.snapshots[-1]
    for wrong in (data.replace(b'"rules":1', b'"rules":0'), b"{}", b"not json"):
        held.snapshots.append((seq, wrong))
        again = new_engine(held)
        await again.restore()
        assert again.state == engine.state
