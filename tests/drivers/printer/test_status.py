import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.errors import CoverOpen, Jam, NeedsHelp, PaperOut
from drivers.printer.status import Automatic, Condition, Other, Reply, StatusStream, ask, from_asb, from_replies

FINE = bytes.fromhex("10 00 00 0F")


def test_questions() -> None:
    assert [ask(n) for n in (1, 4)] == [b"\x10\x04\x01", b"\x10\x04\x04"]


@pytest.mark.parametrize(
    ("replies", "paper", "fault"),
    [
        ({1: 0x12, 2: 0x12, 4: 0x12}, "ok", None),
        ({1: 0x12, 2: 0x12, 4: 0x1E}, "near_end", None),
        ({1: 0x1A, 2: 0x32, 4: 0x72}, "out", PaperOut),
        ({1: 0x1A, 2: 0x32, 4: 0x7E}, "out", PaperOut),
        ({1: 0x1A, 2: 0x16, 4: 0x12}, "ok", CoverOpen),
        ({3: 0x1A, 4: 0x12}, "ok", Jam),
        ({1: 0x1A, 2: 0x12, 4: 0x12}, "ok", NeedsHelp),
        ({1: 0x1A, 2: 0x52, 4: 0x12}, "ok", NeedsHelp),
        ({3: 0x32}, "unknown", NeedsHelp),
        ({}, "unknown", None),
    ],
)
def test_values_of_the_page(replies: dict[int, int], paper: str, fault: type | None) -> None:
    condition = from_replies(replies)
    assert condition.paper == paper
    assert type(condition.fault) is (fault or type(None))


@pytest.mark.parametrize(
    ("asb", "condition"),
    [
        ("10 00 00 0F", Condition(paper="ok")),
        ("18 00 0F 0F", Condition(paper="out", offline=True)),
        ("38 00 00 0F", Condition(paper="ok", offline=True, cover_open=True)),
        ("18 08 00 0F", Condition(paper="ok", offline=True, cutter_error=True)),
        ("10 00 03 0F", Condition(paper="near_end")),
        ("18 40 00 0F", Condition(paper="ok", offline=True, passing=True)),
        ("18 20 00 0F", Condition(paper="ok", offline=True, error=True)),
        ("58 00 00 0F", Condition(paper="ok", offline=True, passing=True)),
        ("18 02 00 0F", Condition(paper="ok", offline=True, passing=True)),
    ],
)
def test_automatic_status(asb: str, condition: Condition) -> None:
    assert from_asb(bytes.fromhex(asb)) == condition


def test_a_reply_in_the_middle_of_an_automatic_message() -> None:
    stream = bytes((*FINE[:2], 0x1E, *FINE[2:]))
    assert StatusStream().feed(stream) == [Reply(0x1E), Automatic(Condition(paper="ok"))]


def test_the_answer_to_gs_r_and_the_zero_asb_of_an_emulator() -> None:
    assert StatusStream().feed(bytes(4)) == [Other(0)] * 4


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.sampled_from([b"\x12", b"\x1e", b"\x72", b"\x16", FINE, bytes.fromhex("18 08 0F 0F")]), max_size=12),
    st.integers(1, 7),
)
def test_any_mixture_in_any_chunks(messages: list[bytes], step: int) -> None:
    data = b"".join(messages)
    stream, got = StatusStream(), []
    for start in range(0, len(data), step):
        got += stream.feed(data[start : start + step])
    assert got == [Reply(m[0]) if len(m) == 1 else Automatic(from_asb(m)) for m in messages]


STREAM = (b"\x12", FINE, b"\x1e", bytes.fromhex("18 08 0F 0F"), FINE, b"\x72")


@pytest.mark.parametrize("value", range(256))
def test_one_wrong_byte_at_every_place(value: int) -> None:
    """Every reply is still found, and every automatic message that the wrong byte does not stand in."""
    data = b"".join(STREAM)
    for place in range(len(data) + 1):
        got = StatusStream().feed(data[:place] + bytes((value,)) + data[place:])
        replies = [message.value for message in got if isinstance(message, Reply)]
        assert sorted(replies) == sorted([0x12, 0x1E, 0x72] + [value] * (value & 0x93 == 0x12))
        whole = [message.condition for message in got if isinstance(message, Automatic)]
        untouched = [one for one, start in _automatic() if not start <= place <= start + 4]
        for condition in untouched:
            assert whole.count(condition) >= untouched.count(condition)


@pytest.mark.parametrize("length", range(len(b"".join(STREAM)) + 1))
def test_cut_off_at_every_place(length: int) -> None:
    data = b"".join(STREAM)[:length]
    got = StatusStream().feed(data)
    assert sum(isinstance(message, Automatic) for message in got) == sum(s + 4 <= length for _, s in _automatic())


def _automatic() -> list[tuple[Condition, int]]:
    found, start = [], 0
    for message in STREAM:
        if len(message) == 4:
            found.append((from_asb(message), start))
        start += len(message)
    return found
