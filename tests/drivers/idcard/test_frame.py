import json
from functools import reduce
from itertools import pairwise
from operator import xor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.errors import Garbled
from drivers.idcard import commands, status
from drivers.idcard.frame import Damage, Found, FrameReader, Reply, Skipped, encode_request
from drivers.idcard.layouts import read_text, split_base
from drivers.idcard.sam import sam_number

VECTORS = json.loads((Path(__file__).parent / "golden" / "vectors.json").read_text(encoding="utf-8"))


def named(section: str) -> list[Any]:
    return [pytest.param(vector, id=vector["name"]) for vector in VECTORS[section]]


def frame(content: bytes) -> bytes:
    counted = (len(content) + 1).to_bytes(2, "big") + content
    return bytes.fromhex("AAAAAA9669") + counted + bytes([reduce(xor, counted)])


def read_all(stream: bytes, cuts: list[int] | None = None) -> list[Found]:
    reader = FrameReader()
    edges = [0, *sorted(cut % (len(stream) + 1) for cut in cuts or []), len(stream)]
    found = [item for start, end in pairwise(edges) for item in reader.feed(stream[start:end])]
    return [*found, *reader.finish()]


@pytest.mark.parametrize("vector", named("requests"))
def test_request(vector: dict[str, str]) -> None:
    made = encode_request(int(vector["cmd"], 16), int(vector["para"], 16), bytes.fromhex(vector["data"]))
    assert made.hex().upper() == vector["hex"]


@pytest.mark.parametrize("command", [c for c in vars(commands).values() if isinstance(c, commands.Command)])
def test_the_driver_sends_the_pages_requests(command: commands.Command) -> None:
    published = {vector["name"]: vector["hex"] for vector in VECTORS["requests"]}
    assert command.request.hex().upper() == published[command.name]


@pytest.mark.parametrize("vector", named("responses"))
def test_response(vector: dict[str, Any]) -> None:
    [reply] = read_all(bytes.fromhex(vector["hex"]))
    assert isinstance(reply, Reply)
    assert reply.sw.hex().upper() == vector["sw"]
    if "error" in vector["expect"]:
        assert status.name(reply) == vector["expect"]["error"]
    if "sam_number" in vector["expect"]:
        assert sam_number(reply.data) == vector["expect"]["sam_number"]


@pytest.mark.parametrize("vector", named("responses"))
def test_a_reply_answers_its_own_command(vector: dict[str, Any]) -> None:
    ours = {c.name: c for c in vars(commands).values() if isinstance(c, commands.Command)}
    if vector["for_request"] in ours:
        [reply] = read_all(bytes.fromhex(vector["hex"]))
        assert isinstance(reply, Reply)
        assert ours[vector["for_request"]].is_answered_by(reply)


def check_stream(items: list[Found], expected: list[dict[str, Any]]) -> None:
    assert len(items) == len(expected)
    for item, wanted in zip(items, expected, strict=True):
        match item:
            case Skipped(count):
                assert wanted == {"skipped": count}
            case Damage(kind):
                assert wanted == {"error": kind}
            case Reply():
                assert item.sw.hex().upper() == wanted["sw"]
                if wanted.get("error") == "unknown_status":
                    assert status.name(item) == "unknown_status"
                if "id_number" in wanted:
                    assert read_text(split_base(item.data)[0]).fields["number"] == wanted["id_number"]


@pytest.mark.parametrize("vector", named("streams"))
def test_stream(vector: dict[str, Any]) -> None:
    stream = bytes.fromhex(vector["hex"])
    if vector["name"].startswith("bad_length_inner"):
        [reply] = read_all(stream)
        assert isinstance(reply, Reply)
        with pytest.raises(Garbled, match="bad_length"):
            split_base(reply.data)
        return
    check_stream(read_all(stream), vector["expect"])


@pytest.mark.parametrize("vector", named("streams"))
def test_stream_byte_by_byte(vector: dict[str, Any]) -> None:
    stream = bytes.fromhex(vector["hex"])
    assert read_all(stream, list(range(len(stream)))) == read_all(stream)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=600), st.lists(st.integers(0, 700), max_size=12))
def test_cuts_change_nothing(noise: bytes, cuts: list[int]) -> None:
    stream = noise[: len(noise) // 2] + frame(b"\0\0\x9f\0\0\0\0") + noise[len(noise) // 2 :]
    assert read_all(stream, cuts) == read_all(stream)


# The damaged-length case is left out on purpose: noise that is itself a preamble with a plausible length swallows
# what follows, as the page demands ("never look for a preamble inside").
quiet_noise = st.binary(max_size=80).filter(lambda noise: b"\x96\x69" not in noise)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(quiet_noise, st.binary(max_size=300)), min_size=1, max_size=5),
    st.lists(st.integers(0, 2500), max_size=15),
)
def test_every_frame_between_noise_is_found(parts: list[tuple[bytes, bytes]], cuts: list[int]) -> None:
    stream = b"".join(noise + frame(b"\0\0\x90" + data) for noise, data in parts)
    replies = [item for item in read_all(stream, cuts) if isinstance(item, Reply)]
    assert [reply.data for reply in replies] == [data for _, data in parts]


@settings(max_examples=80, deadline=None)
@given(st.binary(min_size=1, max_size=200), st.data())
def test_one_wrong_byte_never_passes(data: bytes, draw: st.DataObject) -> None:
    good = frame(b"\0\0\x90" + data)
    at = draw.draw(st.integers(7, len(good) - 1))
    bad = bytearray(good)
    bad[at] ^= draw.draw(st.integers(1, 255))
    items = read_all(bytes(bad) + frame(b"\0\0\x80"))
    assert items[0] == Damage("bad_checksum")
    assert items[-1] == Reply(b"\0\0\x80", b"")


def test_a_reply_shows_no_data() -> None:
    assert "SECRET" not in repr(Reply(b"\0\0\x90", b"SECRET"))


def test_missing_counts_down() -> None:
    reader = FrameReader()
    whole = frame(b"\0\0\x90" + bytes(10))
    reader.feed(whole[:6])
    assert reader.missing is None
    reader.feed(whole[6:9])
    assert reader.missing == len(whole) - 9
