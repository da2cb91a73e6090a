from typing import get_args

import pytest

from edge.api import model as queue_words
from edge.rules import queue_records

NAMES = ("Klass", "Ground", "CallWhy", "OutOfTurnReason", "BackReason", "PauseReason")


@pytest.mark.parametrize("name", NAMES)
def test_clients_and_rules_say_the_same(name):
    assert get_args(getattr(queue_words, name)) == get_args(getattr(queue_records, name))
