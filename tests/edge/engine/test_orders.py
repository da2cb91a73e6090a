"""Whatever is asked and however late the disk is: what was decided, what is committed and what is read back agree."""

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.rules.apply import apply
from edge.rules.commands import CallNext, FinishService, MissTicket, Recall, StartService
from edge.rules.refusal import Refusal
from edge.rules.state import State
from tests.edge.engine.conftest import HeldJournal, issue, new_engine, open_hall, running

WINDOWS = st.sampled_from(["w1", "w2"])
VERBS = st.sampled_from([CallNext, Recall, MissTicket, StartService, FinishService])
ASKED = st.one_of(
    st.builds(lambda verb, window: verb(window=window), VERBS, WINDOWS),
    st.builds(issue, st.sampled_from(["general", "social"]), st.sampled_from(["", "p1", "p2"])),
)
STEPS = st.lists(
    st.one_of(st.tuples(st.just("ask"), ASKED), st.tuples(st.just("disk"), st.integers(0, 5))), max_size=40
)


async def tried(engine, command, number):
    """Records of the command, None when refused."""
    try:
        return (await engine.execute(command, id=f"n:{number}", actor="clerk:c01")).records
    except Refusal:
        return None


async def play(steps):
    journal = HeldJournal()
    async with running(journal) as engine:
        await open_hall(engine)
        journal.held = True
        asked = []
        for number, (what, value) in enumerate(steps):
            if what == "ask":
                asked.append(asyncio.create_task(tried(engine, value, number)))
            else:
                journal.let_through(value)
            for _ in range(5):
                await asyncio.sleep(0)
            assert {t.uid for t in engine.state.tickets.values()} <= {r.subject for r in journal.committed}
        journal.held = False
        for _ in range(5):
            await asyncio.sleep(0)
        journal.let_through()
        answers = [records for records in await asyncio.gather(*asked) if records]
    told = [record.seq for records in answers for record in records]
    assert sorted(told) == [record.seq for record in journal.committed[2:]]
    folded = State()
    for record in journal.committed:
        apply(folded, record)
    again = new_engine(journal)
    await again.restore()
    assert engine.state == engine._ahead == folded == again.state
    calls = [r.subject for r in journal.committed if r.kind == "ticket.called" and r.body["call"] == 1]
    assert len(calls) == len(set(calls))


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_decided_committed_and_read_back_agree(steps):
    asyncio.run(play(steps))
