"""Strip screens beside keypads and pads on one line (led.md 4)."""

from functools import reduce
from operator import xor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hw_sim.clock import VirtualClock
from hw_sim.faults import Fault, FaultWord
from hw_sim.hall485 import Hall485Line, Keypad, RatingPad, Strip
from hw_sim.hall485.frames import Frame, FrameParser, StripFrame
from tests.hw_sim.hosts import Bench, vectors

VECTORS = {v["id"]: bytes.fromhex(v["hex"]) for v in vectors("led")["hall485"]["strip"]}
KEYS = {v["id"]: bytes.fromhex(v["hex"]) for v in vectors("led")["hall485"]["vectors"]}


def frame(command: int, data: bytes = b"", address: int = 3) -> bytes:
    body = bytes([address, command, 0, len(data)]) + data
    return b"\xa0\x90" + body + bytes([reduce(xor, body)])


def letters(text: str, colour: int = 0) -> bytes:
    return b"".join(letter.encode("gbk") + bytes([colour]) for letter in text)


class Hall:
    def __init__(self) -> None:
        self.bench = Bench(VirtualClock())
        wire, faults, clock, random = self.bench.parts()
        self.keypad, self.pad = Keypad("keypad-3", 3, clock, random), RatingPad("pad-3", 3, clock, random)
        self.strip, self.other = Strip("strip-3", 3, clock, random), Strip("strip-4", 4, clock, random)
        stations = [self.keypad, self.pad, self.strip, self.other]
        self.line = Hall485Line("rs485-1", wire, faults, clock, random, stations=stations)

    async def __aenter__(self) -> "Hall":
        await self.line.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.line.stop()

    async def host(self, sent: bytes) -> bytes:
        self.line.heard(sent)
        await self.bench.clock.advance(1.0)
        return self.bench.wire.taken()


async def test_the_frames_of_the_page() -> None:
    async with Hall() as hall:
        assert await hall.host(VECTORS["strip_A001"]) == VECTORS["strip_ack"]
        view = hall.strip.view()
        assert (view["text"], set(view["colours"]), view["cut"]) == ("A001号", {"red"}, False)
        assert set(hall.strip.colours()) == {0, 1}
        assert await hall.host(VECTORS["strip_rom"]) == VECTORS["strip_ack"]
        assert (hall.strip.view()["text"], hall.other.view()["text"]) == ("", "")


async def test_colours_and_what_does_not_fit() -> None:
    async with Hall() as hall:
        await hall.host(frame(0xA5, letters("红", 0) + letters("绿", 1) + letters("黄", 2)))
        assert [set(hall.strip.colours()[x::128]) - {0} for x in (7, 23, 39)] == [{1}, {2}, {3}]
        await hall.host(frame(0xA5, letters("字" * 9)))
        assert hall.strip.view()["cut"] is True


async def test_the_rom_text_survives_a_power_cut_and_the_shown_one_does_not() -> None:
    async with Hall() as hall:
        assert await hall.host(frame(0xA2, letters("欢迎"))) == VECTORS["strip_ack"]
        assert hall.strip.view()["text"] == ""
        await hall.host(frame(0xA5, letters("A017")))
        hall.strip.set_fault(Fault(FaultWord.POWER_CUT))
        assert not any(hall.strip.colours())
        assert await hall.host(frame(0xA5, letters("A018"))) == b""
        hall.strip.clear_faults()
        assert hall.strip.view()["text"] == "欢迎"


@pytest.mark.parametrize(
    "wrong",
    [
        frame(0xA5, letters("A"))[:-1] + b"\x00",
        frame(0xA5, b"A"),
        frame(0xA5, b"A\x03"),
        frame(0xA5, b"\xba\x00"),
        frame(0xA5, b"\xff\xff\x00"),
        frame(0xA5, b"\x07\x00"),
        frame(0xA1, b"A\x00"),
        frame(0xA9, b""),
        frame(0xA5, letters("A"), address=9),
        b"\xa0\x90\x03\xa5\x01\x02A\x00",
        b"\xa0\x90\x03\xa5\x00\xfb",
    ],
)
async def test_wrong_frames_are_dropped_and_the_next_one_is_heard(wrong: bytes) -> None:
    async with Hall() as hall:
        assert await hall.host(wrong) == b""
        assert hall.strip.view()["updates"] == 0
        assert await hall.host(frame(0xA5, letters("A"))) == VECTORS["strip_ack"]


async def test_both_families_follow_each_other_on_the_line() -> None:
    async with Hall() as hall:
        mixed = KEYS["show_ticket_001"] + frame(0xA5, letters("A001")) + KEYS["beep"]
        assert await hall.host(mixed) == VECTORS["strip_ack"]
        assert (hall.keypad.view()["display"], hall.keypad.view()["beeps"]) == ("   001", 1)
        assert hall.strip.view()["text"] == "A001"
        assert hall.strip.view()["updates"] == 1, "a keypad's frame says nothing to a strip at its address"


@given(st.lists(st.one_of(st.binary(max_size=20), st.sampled_from(list(VECTORS.values()))), max_size=6))
@settings(max_examples=80, deadline=None)
def test_after_any_noise_and_a_pause_both_families_are_understood(noise: list[bytes]) -> None:
    parser = FrameParser()
    for piece in noise:
        list(parser.feed(piece))
    parser.forget()
    assert list(parser.feed(VECTORS["strip_A001"] + KEYS["beep"])) == [
        StripFrame(3, 0xA5, VECTORS["strip_A001"][6:-1]),
        Frame(3, 3),
    ]


def test_every_cut_of_a_strip_frame_is_waited_for_and_every_wrong_byte_is_dropped() -> None:
    good = VECTORS["strip_A001"]
    for end in range(len(good)):
        parser = FrameParser()
        assert list(parser.feed(good[:end])) == []
        assert len(list(parser.feed(good[end:]))) == 1
    for place in range(len(good)):
        parser = FrameParser()
        spoilt = good[:place] + bytes([good[place] ^ 0x01]) + good[place + 1 :]
        assert [one for one in parser.feed(spoilt + bytes(300)) if isinstance(one, StripFrame)] == []


@pytest.mark.parametrize("word", sorted(Strip.troubles - {FaultWord.UNPLUG, FaultWord.POWER_CUT}))
async def test_troubles_of_one_strip_change_its_answer_only(word: FaultWord) -> None:
    async with Hall() as hall:
        hall.strip.set_fault(Fault(word, 3.0 if word is FaultWord.HANG else 0.0))
        assert await hall.host(frame(0xA5, letters("A"))) != VECTORS["strip_ack"]
        await hall.bench.clock.advance(5.0)
        hall.bench.wire.taken()
        assert await hall.host(frame(0xA5, letters("A"), address=4)) == b"\xa0\x90\x04\xa5\xaa"
