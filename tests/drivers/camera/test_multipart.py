from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.camera.http import Dechunker, Head, boundary_of, split_head
from drivers.camera.multipart import Frame, FrameReader, stamp_of
from drivers.errors import Denied, DeviceError, Garbled, ServiceDown, WrongDevice
from tests.drivers.camera.server import BOUNDARY, HEAD, PICTURES, part

LINE = b"--" + BOUNDARY


def read(data: bytes, pieces: list[int] | None = None) -> list[Frame]:
    reader = FrameReader(LINE)
    found: list[Frame] = []
    start = 0
    for end in [*sorted(pieces or []), len(data)]:
        found += reader.feed(data[start:end])
        start = end
    return found


GOOD = b"".join(part(PICTURES[n], stamp=float(n)) for n in range(4))
BAD = (
    part(PICTURES[0], stamp=0.0)
    + part(PICTURES[1][:300], stamp=1.0)
    + part(PICTURES[2][:300], length=len(PICTURES[2]), stamp=2.0)
    + part(PICTURES[3], length=100, stamp=3.0)
    + part(PICTURES[4], length=None, stamp=4.0)
    + part(b"")
    + part(PICTURES[5], length=10_000_000, stamp=5.0)
    + part(PICTURES[6], stamp=6.0)
    + LINE
    + b"\r\n"
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, len(GOOD)), max_size=30))
def test_pieces_of_any_size_give_the_same_pictures(pieces: list[int]) -> None:
    assert read(GOOD, pieces) == [Frame(PICTURES[n], float(n)) for n in range(4)]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, len(BAD)), max_size=30))
def test_half_pictures_and_false_lengths_never_come_out_and_the_next_whole_one_does(pieces: list[int]) -> None:
    assert read(BAD, pieces) == [Frame(PICTURES[n], float(n)) for n in (0, 4, 5, 6)]


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=400), st.binary(max_size=400))
def test_rubbish_gives_no_picture_and_no_other_error(before: bytes, after: bytes) -> None:
    for frame in read(before + b"\r\n" + GOOD[:3000] + after):
        assert frame.jpeg in PICTURES


def test_a_byte_at_a_time_costs_no_picture() -> None:
    assert [frame.stamp for frame in read(GOOD, list(range(0, len(GOOD), 1)))] == [0.0, 1.0, 2.0, 3.0]


def test_a_stream_that_is_none_is_given_up() -> None:
    with pytest.raises(Garbled, match="boundary"):
        read(bytes(20_000))


@pytest.mark.parametrize(
    ("headers", "stamp"),
    [
        ({"x-timestamp": "12.5"}, 12.5),
        ({"x-frame-number": "7", "x-timestamp": "12.5"}, 7.0),
        ({"x-sequence": "9"}, 9.0),
        ({"x-framerate": "15", "content-length": "77"}, None),
        ({"x-timestamp": "today"}, None),
    ],
)
def test_time_or_count_of_a_picture_under_its_usual_names(headers: dict[str, str], stamp: float | None) -> None:
    assert stamp_of(headers) == stamp


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", WrongDevice),
        (b"HTTP/1.1 200 OK\r\n\r\n", WrongDevice),
        (b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace\r\n\r\n", WrongDevice),
        (b"HTTP/1.1 404 Not Found\r\n\r\n", WrongDevice),
        (b"HTTP/1.1 401 Unauthorized\r\n\r\n", Denied),
        (b"HTTP/1.0 503 Busy\r\n\r\n", ServiceDown),
        (b"SSH-2.0-OpenSSH\r\n", Garbled),
        (b"HTTP/1.1 nothing\r\n\r\n", Garbled),
    ],
)
def test_an_answer_that_is_no_picture_stream_says_what_it_is(answer: bytes, error: type[DeviceError]) -> None:
    with pytest.raises(error):
        boundary_of(must_split(answer))


def must_split(answer: bytes) -> Head:
    found = split_head(answer)
    assert found is not None
    return found[0]


@pytest.mark.parametrize("written", [b"frameboundary", b'"frameboundary"', b"--frameboundary"])
def test_the_boundary_however_a_camera_writes_it(written: bytes) -> None:
    assert boundary_of(must_split(HEAD % written)) == LINE


@settings(max_examples=50, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=50), max_size=6), st.lists(st.integers(0, 400), max_size=8))
def test_chunks_in_any_pieces_give_the_body(bodies: list[bytes], cuts: list[int]) -> None:
    wire = b"".join(b"%x;note=1\r\n" % len(body) + body + b"\r\n" for body in bodies)
    unchunk = Dechunker()
    bounds = [0, *sorted(min(cut, len(wire)) for cut in cuts), len(wire)]
    assert b"".join(unchunk.feed(wire[a:b]) for a, b in pairwise(bounds)) == b"".join(bodies)


def test_a_chunk_without_a_size_is_garbled() -> None:
    with pytest.raises(Garbled):
        Dechunker().feed(b"zz\r\n")
