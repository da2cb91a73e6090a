"""One table for every command, and a refusal that says who can."""

import pytest

from edge.rules import commands as c
from edge.rules.decide import DECISIONS
from edge.rules.refusal import Refusal
from edge.rules.roles import PERMITTED, require, who_can

KNOWN = {"system", "job", "clerk", "guide", "lead", "technician", "kiosk", "keypad", "pad", "gateway", "centre"}


def test_every_command_stands_in_the_table_once():
    assert set(PERMITTED) == set(DECISIONS)
    for command, roles in PERMITTED.items():
        assert roles, command
        assert roles <= KNOWN, command


def test_citizens_alone_rate_and_nobody_of_the_hall_rates_for_them():
    for command in (c.GiveRating, c.AddRating):
        assert not PERMITTED[command] & {"clerk", "guide", "lead", "technician", "system", "job"}


@pytest.mark.parametrize("command", PERMITTED)
def test_a_refusal_names_one_who_can(command):
    named = {"clerk": "clerk", "guide": "guide", "manager": "lead", "citizen": "kiosk", "technician": "technician"}
    named["centre"] = "centre"
    who = who_can(command)
    assert who == "nobody" or named[who] in PERMITTED[command]
    assert (who == "nobody") == (not PERMITTED[command] & set(named.values()))


@pytest.mark.parametrize("actor", ["", "stranger:1", "clerkx:c01", ":clerk"])
def test_an_unknown_actor_may_nothing(actor):
    with pytest.raises(Refusal) as refused:
        require(c.OpenDay(date="2026-11-23"), actor)
    assert (refused.value.code, refused.value.who_can, refused.value.instead) == (
        "not_your_role",
        "manager",
        "day.open",
    )
