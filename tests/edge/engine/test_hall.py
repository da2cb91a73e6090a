"""The engine on the real journal: crashes, crowds, sealed names."""

import asyncio

import pytest

from edge.journal.errors import JournalFailed
from edge.journal.journal import Journal
from edge.rules.commands import CallNext, CloseDay, FinishService, OpenDay, StartPrint
from edge.rules.refusal import Refusal
from tests.edge.engine.conftest import hall, issue, new_engine, open_hall, open_journal, running


async def test_what_was_answered_is_there_after_a_power_cut(tmp_path):
    async with hall(tmp_path) as engine:
        await open_hall(engine)
        first = await engine.execute(issue(person="9c" * 32), id="i1", actor="kiosk:k1")
        await engine.execute(CallNext(window="w1"), id="c1", actor="keypad:keypad-1")
        before = engine.state.model_copy(deep=True)
    async with hall(tmp_path) as engine:
        assert engine.state == before
        again = await engine.execute(issue(person="9c" * 32), id="i1", actor="kiosk:k1")
        assert again.repeated
        assert [r.raw for r in again.records] == [r.raw for r in first.records]
        assert len(engine.state.tickets) == 1


async def test_a_holder_is_sealed_and_named_by_digest(tmp_path):
    async with hall(tmp_path) as engine:
        await open_hall(engine)
        record = (await engine.execute(issue(person="9c" * 32), id="i1", actor="kiosk:k1")).records[0]
        ticket = engine.state.tickets[record.subject]
        assert ticket.holder_h == record.parts[0]
        assert "119999" not in record.raw.decode()
        assert engine._ahead == engine.state


async def test_a_hundred_presses_at_once_call_every_ticket_once(tmp_path):
    async with hall(tmp_path) as engine:
        await open_hall(engine)
        for n in range(60):
            await engine.execute(issue(), id=f"i{n}", actor="kiosk:k1")

        called: list[str] = []
        refusals: list[str] = []

        async def press(n: int) -> None:
            window = f"w{n % 2 + 1}"
            actor = f"keypad:keypad-{n % 2 + 1}" if n % 3 else "clerk:c01"
            try:
                answer = await engine.execute(CallNext(window=window), id=f"main:b:{n}", actor=actor)
            except Refusal as refused:
                refusals.append(refused.code)
                return
            called.append(answer.records[0].subject)
            await engine.execute(FinishService(window=window), id=f"f:{n}", actor=actor)

        await asyncio.gather(*(press(n) for n in range(100)))
        left = [t for t in engine.state.tickets.values() if t.state == "waiting"]
        assert len(called) == len(set(called))
        assert len(called) + len(refusals) == 100
        assert set(refusals) <= {"window_has_called"}
        assert len(called) + len(left) == 60
        expected = sorted(engine.state.tickets.values(), key=lambda t: t.key)[: len(called)]
        assert set(called) == {t.uid for t in expected}


async def test_commits_are_shared(tmp_path):
    journal = await open_journal(tmp_path)
    async with running(journal) as engine:
        await open_hall(engine)
        before = journal.commits
        await asyncio.gather(*(engine.execute(issue(), id=f"i{n}", actor="kiosk:k1") for n in range(200)))
        assert journal.commits - before < 40
        assert engine.state.counters["A"] == 200
    await journal.close()


async def test_a_day_and_the_next_from_snapshot_and_tail(tmp_path):
    async with hall(tmp_path) as engine:
        await open_hall(engine)
        await engine.execute(issue(), id="i1", actor="kiosk:k1")
        await engine.execute(CloseDay(), id="close", actor="clerk:c01")
        await engine.execute(OpenDay(date="2026-11-24"), id="open2", actor="clerk:c01")
        await engine.execute(issue(), id="i2", actor="kiosk:k1")
        before = engine.state.model_copy(deep=True)
    journal: Journal = await open_journal(tmp_path)
    seq, _ = await journal.load_snapshot()
    assert 0 < seq < before.seq
    async with running(journal) as engine:
        assert engine.state == before
        assert [t.number for t in engine.state.tickets.values()] == ["A001"]
    await journal.close()


async def test_a_draft_that_is_no_record_is_its_callers_failure_alone(tmp_path):
    async with hall(tmp_path) as engine:
        await open_hall(engine)
        uid = (await engine.execute(issue(), id="i1", actor="kiosk:k1")).records[0].subject
        with pytest.raises(TypeError):
            await engine.execute(StartPrint(ticket=uid, job="打印", printer="p"), id="p1", actor="kiosk:k1")
        assert engine.state.tickets[uid].print == "none"
        await engine.execute(StartPrint(ticket=uid, job="p:1", printer="p"), id="p1", actor="kiosk:k1")
        assert engine.state.tickets[uid].print == "printing"


async def test_a_journal_that_ends_ends_the_engine_and_shows_nothing(tmp_path):
    journal = await open_journal(tmp_path)
    engine = new_engine(journal)
    await engine.restore()
    run = asyncio.create_task(engine.run())
    await open_hall(engine)
    before = engine.state.model_copy(deep=True)
    await journal.close()
    for n in range(2):
        with pytest.raises(JournalFailed):
            await engine.execute(issue(), id=f"i{n}", actor="kiosk:k1")
    with pytest.raises(JournalFailed):
        await run
    assert engine.state == before
