"""A slice of the simulated weeks, and that their judge sees each mistake that is put into the rules."""

import ast
from contextlib import suppress
from pathlib import Path

import pytest

from tests.campaign.weeks.mutants import MUTANTS, SHOWS_LATE, WITHIN, spoiled
from tests.campaign.weeks.week import World, simulate_weeks

JUDGE = ("wall", "trail", "voices", "before", "held", "matters", "waits", "referee")


@pytest.mark.parametrize("seed", [7, 11, 13])
def test_a_week_of_four_halls_and_the_centre_keeps_every_promise(seed: int) -> None:
    verdict = simulate_weeks(1, seed)
    assert verdict["broken"] == []
    for what in (
        "delivered", "closed", "differences", "ratings", "tasks", "disputes", "restarts", "asked_again",
        "looked_through", "parcels", "parcels_matched", "parcels_differing", "guidances",
        "orders_followed", "offered", "reused", "declined", "waits", "waits_told",
    ):  # fmt: skip
        assert verdict[what] > 0, f"nothing of {what} happened"


def test_a_seed_is_a_life() -> None:
    first, second = World(5), World(5)
    first.live(2)
    second.live(2)
    assert [line.body for hall in first.halls.values() for line in hall.lines] == [
        line.body for hall in second.halls.values() for line in hall.lines
    ]


def test_the_judge_shares_no_code_with_the_rules() -> None:
    for name in JUDGE:
        tree = ast.parse((Path(__file__).parent / "weeks" / f"{name}.py").read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                assert str(node.module).split(".")[0] not in ("edge", "sync", "config"), f"{name}: {node.module}"


@pytest.mark.parametrize("name", MUTANTS)
def test_each_mistake_is_seen_within_few_seeds(name: str) -> None:
    for seed in range(1, WITHIN + 1):
        world = World(seed, 400 if name in SHOWS_LATE else 1_200)
        with spoiled(name), suppress(ValueError):  # a mistake may end a rule as well
            world.live(21 if name in SHOWS_LATE else 6, until_broken=True)
        if world.referee.broken:
            return
    pytest.fail("not seen")
