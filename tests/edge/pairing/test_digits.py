"""What six digits prove, and to whom they do not."""

from hmac import compare_digest

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.pairing.errors import NotPaired
from edge.pairing.names import Holder
from edge.pairing.opening import MOST_TRIES, OPEN_SECONDS, Opening
from edge.pairing.pake import Exchange

HALL, MIDDLE = b"certificate of the hall", b"certificate of somebody between"


def proofs(digits_here: str, digits_there: str, shown: bytes = HALL, own: bytes = HALL):
    joiner, hall = Exchange.joiner(digits_here, shown), Exchange.hall(digits_there, own)
    return joiner.finish(hall.message), hall.finish(joiner.message)


def test_the_same_digits_prove_both_sides():
    here, there = proofs("012345", "012345")
    assert compare_digest(here.of_joiner(b"request"), there.of_joiner(b"request"))
    assert compare_digest(here.of_hall(b"certificate", b"authority"), there.of_hall(b"certificate", b"authority"))
    assert here.of_joiner(b"request") != there.of_joiner(b"another request")
    assert here.of_hall(b"c", b"a") != there.of_hall(b"a", b"c")
    assert here.of_joiner(b"x") != here.of_hall(b"x", b""), "one side's proof is never the other's"


def test_other_digits_prove_nothing():
    here, there = proofs("012345", "012346")
    assert here.of_joiner(b"request") != there.of_joiner(b"request")


def test_somebody_between_two_tls_connections_fails_even_with_the_right_digits_passing_through():
    here, there = proofs("012345", "012345", shown=MIDDLE, own=HALL)
    assert here.of_joiner(b"request") != there.of_joiner(b"request")


def test_what_is_sent_says_nothing_of_the_digits():
    """The message is a fresh random point each time: for any other digits there is a key that would have made it."""
    assert len({Exchange.joiner("012345", HALL).message for _ in range(20)}) == 20


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=40))
def test_any_bytes_are_refused_or_prove_nothing(data):
    joiner = Exchange.joiner("012345", HALL)
    try:
        proof = joiner.finish(data)
    except NotPaired:
        return
    assert proof.of_joiner(b"r") != Exchange.hall("012345", HALL).finish(joiner.message).of_joiner(b"r")


def test_ones_own_message_sent_back_is_refused():
    joiner = Exchange.joiner("012345", HALL)
    for back in (joiner.message, b"B" + joiner.message[1:]):
        with pytest.raises(NotPaired):
            Exchange.joiner("012345", HALL).finish(back) if back[:1] == b"A" else joiner.finish(back)


def opening(moments, number: int = 42) -> Opening:
    return Opening(Holder("LH-0042", "devices", "w3"), moments.clock, lambda n: number.to_bytes(n, "big"))


def test_digits_are_six_however_small_the_number(moments):
    assert opening(moments, 42).digits == "000042"
    assert opening(moments, 10**6 + 7).digits == "000007"


def test_they_end_after_five_minutes_after_use_and_after_three_wrong_ones(moments):
    one, two, three = (opening(moments) for _ in range(3))
    one.used()
    for left in range(MOST_TRIES - 1, -1, -1):
        two.wrong()
        assert two.left == left
    assert (one.state, two.state, three.state) == ("used", "tries", "open")
    moments.pass_(OPEN_SECONDS - 1)
    assert three.state == "open"
    moments.pass_(1)
    assert (one.state, two.state, three.state) == ("used", "tries", "expired")
    three.withdraw()
    assert three.state == "expired"
