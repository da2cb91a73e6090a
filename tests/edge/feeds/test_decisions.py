"""Decisions count through a rule of the hall, and wait where there is none."""

from pathlib import Path
from random import Random
from typing import Any, Literal

import pytest

from edge.clock import SystemClock
from edge.feeds.decisions import NO_RULE, Decisions, rule_named
from edge.feeds.following import Following
from edge.feeds.store import FeedStore
from edge.journal.keys import KeyRing
from edge.rules import decide
from edge.rules.command import Command
from edge.rules.moment import Moment
from edge.rules.records import Draft
from edge.rules.refusal import Refusal
from edge.rules.state import State
from sync.protocol import sealed_items
from tests.edge.engine.conftest import open_journal, running
from tests.edge.feeds.conftest import SITE, item, put

KEYS = KeyRing(b"\x07" * 32)


class TakeDecision(Command):
    do: Literal["test.take_decision"] = "test.take_decision"
    case: str
    text: str
    about: dict[str, Any]


def test_the_hook_finds_a_rule_by_its_word_only() -> None:
    found = rule_named("booking.mirror")
    assert found is not None
    assert found.__name__ == "MirrorBooking"
    assert rule_named("case.fly") is None


async def test_without_a_rule_it_is_kept_and_said(tmp_path: Path, store: FeedStore) -> None:
    journal = await open_journal(tmp_path)
    async with running(journal) as engine:
        await put(store, "decisions", item("d:1", case="case:1"))
        decisions = Decisions(engine, KEYS, site=SITE, rule="no.such.rule")
        await Following(store, (decisions,), (), clock=SystemClock())._once()
    await journal.close()
    assert [(one.id, one.why) for one in await store.refused()] == [("d:1", NO_RULE)]
    assert list(await store.items("decisions")) == ["d:1"]


async def test_a_rule_gets_the_body_with_its_sealed_members_once(
    tmp_path: Path, store: FeedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[TakeDecision] = []

    def take(state: State, command: TakeDecision, moment: Moment) -> list[Draft]:
        if command.case == "case:9":
            raise Refusal("case_unknown", who_can="clerk", instead="")
        taken.append(command)
        return []

    monkeypatch.setitem(decide.DECISIONS, TakeDecision, take)
    sealed = sealed_items.seal(
        {"text": "同意"}, feed="decisions", item="d:1", site=SITE, public=KEYS.exchange_public, to="x:1",
        random_bytes=Random(1).randbytes,
    )  # fmt: skip
    journal = await open_journal(tmp_path)
    async with running(journal) as engine:
        made = {**item("d:1", 3, case="case:1", unit="tax"), **sealed}
        await put(store, "decisions", made, item("d:2", case="case:1"), item("d:3", case="case:9", text="-"))
        decisions = Decisions(engine, KEYS, site=SITE, rule="test.take_decision")
        await Following(store, (decisions,), (), clock=SystemClock())._once()
    await journal.close()
    about = {"feed": "decisions", "id": "d:1", "rev": 3}
    assert taken == [TakeDecision(case="case:1", text="同意", about=about)]
    assert {one.id: one.why for one in await store.refused()} == {"d:2": "form", "d:3": "case_unknown"}
