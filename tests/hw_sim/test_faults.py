from random import Random

import pytest

from hw_sim.faults import Fault, FaultBox, FaultWord
from hw_sim.wires.mangle import ANOTHER_PROTOCOL, Mangler

ANSWER = bytes(range(1, 41))


def deliver(fault: Fault, seed: int = 1) -> list[tuple[bytes, float]]:
    box = FaultBox()
    box.set(fault)
    return [(packet.data, packet.wait) for packet in Mangler(box, Random(seed)).deliver(ANSWER).packets]


def test_a_fault_strikes_as_often_as_it_says_and_then_is_gone() -> None:
    box = FaultBox()
    box.set(Fault(FaultWord.SILENT, times=2))
    assert [box.strike(FaultWord.SILENT) is not None for _ in range(3)] == [True, True, False]
    assert box.active() == ()


def test_a_fault_without_times_strikes_until_cleared() -> None:
    box = FaultBox()
    box.set(Fault(FaultWord.HANG, amount=3.0))
    assert all(box.strike(FaultWord.HANG) for _ in range(10))
    box.clear()
    assert box.strike(FaultWord.HANG) is None


def test_no_fault_changes_nothing() -> None:
    assert Mangler(FaultBox(), Random(1)).deliver(ANSWER).packets[0].data == ANSWER


def test_silent_sends_nothing() -> None:
    assert deliver(Fault(FaultWord.SILENT)) == []


def test_hang_waits_first() -> None:
    assert deliver(Fault(FaultWord.HANG, amount=2.5)) == [(ANSWER, 2.5)]


def test_slow_waits_between_bytes() -> None:
    packets = deliver(Fault(FaultWord.SLOW, amount=0.5))
    assert b"".join(data for data, _ in packets) == ANSWER
    assert [wait for _, wait in packets] == [0.0] + [0.5] * (len(ANSWER) - 1)


def test_split_sends_byte_by_byte() -> None:
    assert [data for data, _ in deliver(Fault(FaultWord.SPLIT))] == [bytes([byte]) for byte in ANSWER]


def test_short_stops_early() -> None:
    ((data, _),) = deliver(Fault(FaultWord.SHORT))
    assert 0 < len(data) < len(ANSWER)
    assert ANSWER.startswith(data)


def test_long_has_wrong_bytes_behind_it() -> None:
    ((data, _),) = deliver(Fault(FaultWord.LONG, amount=5))
    assert data.startswith(ANSWER)
    assert len(data) == len(ANSWER) + 5


def test_stutter_repeats_the_first_byte() -> None:
    assert deliver(Fault(FaultWord.STUTTER, amount=4)) == [(ANSWER[:1] * 4 + ANSWER, 0.0)]


def test_noise_comes_between_the_right_bytes_and_is_the_same_for_the_same_seed() -> None:
    ((noisy, _),) = deliver(Fault(FaultWord.NOISE, amount=0.3))
    assert len(noisy) > len(ANSWER)
    rest = iter(noisy)
    assert all(byte in rest for byte in ANSWER)
    assert [(noisy, 0.0)] == deliver(Fault(FaultWord.NOISE, amount=0.3))
    assert [(noisy, 0.0)] != deliver(Fault(FaultWord.NOISE, amount=0.3), seed=2)


def test_merge_puts_two_answers_in_one_packet() -> None:
    box = FaultBox()
    box.set(Fault(FaultWord.MERGE))
    mangler = Mangler(box, Random(1))
    assert mangler.deliver(b"one").packets == ()
    assert [packet.data for packet in mangler.deliver(b"two").packets] == [b"onetwo"]


def test_an_answer_held_for_merging_still_comes_when_the_fault_is_cleared() -> None:
    box = FaultBox()
    box.set(Fault(FaultWord.MERGE))
    mangler = Mangler(box, Random(1))
    mangler.deliver(b"one")
    box.clear()
    assert [packet.data for packet in mangler.deliver(b"two").packets] == [b"onetwo"]


def test_drop_breaks_in_the_middle() -> None:
    box = FaultBox()
    box.set(Fault(FaultWord.DROP, times=1))
    delivery = Mangler(box, Random(1)).deliver(ANSWER)
    assert delivery.dropped
    assert delivery.packets[0].data == ANSWER[:20]


def test_a_wrong_device_speaks_another_protocol() -> None:
    assert deliver(Fault(FaultWord.WRONG_DEVICE)) == [(ANOTHER_PROTOCOL, 0.0)]


@pytest.mark.parametrize("times", [1, 3])
def test_setting_a_fault_again_starts_counting_anew(times: int) -> None:
    box = FaultBox()
    box.set(Fault(FaultWord.SILENT, times=times))
    box.strike(FaultWord.SILENT)
    box.set(Fault(FaultWord.SILENT, times=times))
    assert sum(box.strike(FaultWord.SILENT) is not None for _ in range(5)) == times
