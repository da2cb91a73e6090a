"""The judge itself must see each broken promise: a judge that cannot object proves nothing."""

import copy
from typing import Any

import pytest

from tests.campaign.judge import Told, judge


def record(seq: int, kind: str, subject: str, **body: Any) -> dict[str, Any]:
    return {"seq": seq, "kind": kind, "subject": subject, "cmd": f"c{seq}", "business_date": "2026-11-23", "body": body}


GOOD = [
    record(1, "ticket.issued", "t:1", number="A001"),
    record(2, "ticket.issued", "t:2", number="A002"),
    record(3, "ticket.called", "t:1", window="w1", call=1),
    record(4, "ticket.called", "t:1", window="w1", call=2),
    record(5, "service.finished", "t:1", window="w1"),
    record(6, "rating.asked", "s:1", nonce="n1", window="w1"),
    record(7, "rating.given", "s:1", nonce="n1"),
    record(8, "ticket.called", "t:2", window="w1", call=1),
]


def told() -> Told:
    made = Told()
    made.ticket("c1", "t:1", "A001")
    made.ticket("c2", "t:2", "A002")
    return made


def test_a_good_morning_is_accepted() -> None:
    assert judge(GOOD, told()) == []


def spoil(seq: int, **changes: Any) -> list[dict[str, Any]]:
    records = copy.deepcopy(GOOD)
    spoilt = records[seq - 1]
    spoilt["body"] |= {key: value for key, value in changes.items() if key not in spoilt}
    spoilt |= {key: value for key, value in changes.items() if key in spoilt}
    return records


@pytest.mark.parametrize(
    ("records", "words"),
    [
        (spoil(2, number="A001"), "number given twice"),
        (spoil(2, cmd="c1"), "one command id"),
        (GOOD[1:], "does not know it"),
        (spoil(4, window="w2"), "was called to w2"),
        ([*GOOD[:4], GOOD[7]], "window w1 has"),
        (spoil(3, subject="t:9"), "never issued"),
        (spoil(7, nonce="n2"), "answers a question of None"),
        ([*GOOD, record(9, "rating.given", "s:1", nonce="n1")], "rated twice"),
    ],
)
def test_each_broken_promise_is_named(records: list[dict[str, Any]], words: str) -> None:
    assert any(words in line for line in judge(records, told()))


def test_two_answers_to_one_wish_are_a_contradiction() -> None:
    made = told()
    made.ticket("c1", "t:5", "A005")
    assert any("first" in line for line in judge(GOOD, made))
