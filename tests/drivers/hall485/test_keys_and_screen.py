import json
from pathlib import Path

import pytest

from drivers.contract import KeypadLine
from drivers.hall485.frame import Frame, FrameReader
from drivers.hall485.functions import BEEP, DISPLAY
from drivers.hall485.keys import Dialect, Press, press_of
from drivers.hall485.screen import address_data, screen_data

VECTORS = json.loads((Path(__file__).parent / "golden" / "vectors.json").read_text(encoding="utf-8"))


def data_of(name: str) -> bytes:
    vector = next(one for one in VECTORS["vectors"] if one["id"] == name)
    [frame] = FrameReader().feed(bytes.fromhex(vector["hex"]))
    assert isinstance(frame, Frame)
    return frame.data


@pytest.mark.parametrize(
    ("name", "dialect", "press"),
    [
        ("key_call", "a", Press("next")),
        ("key_call", "b", Press("next")),
        ("key_recall", "a", Press("recall")),
        ("key_recall", "b", Press("recall")),
        ("key_evaluate", "a", Press("finish")),
        ("key_evaluate", "b", Press("finish")),
        ("key_cancel", "a", Press("undo")),
        ("key_cancel", "b", Press("undo")),
        ("key_pause", "a", Press("pause")),
        ("key_pause", "b", None),
        ("key_transfer", "a", Press("transfer")),
        ("key_6_fn", "a", Press("miss")),
        ("key_6_fn", "b", Press("guard")),
        ("key_0_fn", "a", Press("suspend")),
        ("key_0_fn", "b", Press("pause")),
        ("key_3_fn", "a", Press("resume")),
        ("key_5_fn", "b", Press("miss")),
        ("key_5_fn", "a", None),
        ("key_4_fn", "b", Press("sign_out")),
        ("key_8_fn", "b", Press("show_address")),
        ("key_login_1024", "b", Press("sign_in", "1024")),
        ("key_call_105", "b", Press("number", "105")),
        ("key_transfer_2", "b", Press("transfer", "2")),
    ],
)
def test_key(name: str, dialect: Dialect, press: Press | None) -> None:
    assert press_of(dialect, data_of(name)) == press


@pytest.mark.parametrize("data", [b"", b"\x05", b"\x0a\x0c", b"\x01\x0e", b"\xff", b"\x0c\x01\x0c"])
def test_keys_without_a_meaning(data: bytes) -> None:
    assert press_of("b", data) is None


def test_zero_and_evaluate_prepares_the_next() -> None:
    assert press_of("b", b"\x00\x0b") == Press("prepare")


@pytest.mark.parametrize(
    ("dialect", "line", "name"),
    [
        ("a", KeypadLine(ticket="A001"), "show_ticket_001"),
        ("a", KeypadLine(ticket="001", waiting=12), "show_ticket_001"),
        ("a", KeypadLine(waiting=12), "show_wait_012"),
        ("b", KeypadLine(ticket="105", waiting=12), "show_call_wait"),
    ],
)
def test_screen(dialect: Dialect, line: KeypadLine, name: str) -> None:
    assert screen_data(dialect, line) == data_of(name)


@pytest.mark.parametrize(
    ("dialect", "line", "shown"),
    [
        ("a", KeypadLine(), "0a 0a 0a 0a 0a 0a"),
        ("a", KeypadLine(ticket="B1234"), "0a 0a 0a 02 03 04"),
        ("a", KeypadLine(ticket="7"), "0a 0a 0a 00 00 07"),
        ("a", KeypadLine(waiting=4000), "09 09 09 0a 0a 0a"),
        ("a", KeypadLine(waiting=0), "00 00 00 0a 0a 0a"),
        ("b", KeypadLine(), "0a"),
        ("b", KeypadLine(ticket="1"), "00 00 01 0a"),
        ("b", KeypadLine(waiting=3), "0a 03"),
    ],
)
def test_screen_edges(dialect: Dialect, line: KeypadLine, shown: str) -> None:
    assert screen_data(dialect, line).hex(" ") == shown


def test_the_address_as_digits() -> None:
    assert address_data(12) == b"\x00\x01\x02"


def test_functions_as_in_the_vectors() -> None:
    for name, function in (("show_ok", DISPLAY), ("beep", BEEP)):
        vector = next(one for one in VECTORS["vectors"] if one["id"] == name)
        [frame] = FrameReader().feed(bytes.fromhex(vector["hex"]))
        assert isinstance(frame, Frame)
        assert frame.function == function
