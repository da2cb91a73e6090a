"""Words of units from the file to the journal: what does not fit is a record, once, however often it is asked."""

from pathlib import Path

from edge.clock import SystemClock
from edge.feeds.decisions import Decisions
from edge.feeds.following import Following
from edge.feeds.store import FeedStore
from edge.journal.keys import KeyRing
from tests.edge.engine.conftest import open_journal, running
from tests.edge.feeds.conftest import SITE, gone, item, put

KEYS = KeyRing(b"\x07" * 32)


async def test_a_word_about_a_case_that_is_not_here_goes_up_once_and_over_when_taken_back(
    tmp_path: Path, store: FeedStore
) -> None:
    journal = await open_journal(tmp_path)
    async with running(journal) as engine:
        follow = Following(store, (Decisions(engine, KEYS, site=SITE),), (), clock=SystemClock())
        word = item("d:1", case="case:01X", said="granted", unit="tax", date="2026-11-23")
        await put(store, "decisions", word, item("d:2", case="case:01X", said="fly", unit="tax"))
        await follow._once()
        assert [(one.id, one.why) for one in await store.refused()] == [("d:1", "case_unknown"), ("d:2", "form")]
        await put(store, "decisions", {**word, "rev": 2})
        await follow._once()
        (dispute,) = engine.state.disputes.values()
        assert (dispute.told.about.rev, dispute.open) == (2, True)
        await put(store, "decisions", gone("d:1"))
        await follow._once()
        assert [each.open for each in engine.state.disputes.values()] == [False]
        records = [one.record for one in await journal.read(0, 100)]
    await journal.close()
    assert [one.kind for one in records].count("decision.disputed") == 2
    assert [one.kind for one in records][-1] == "dispute.settled"
