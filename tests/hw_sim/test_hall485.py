import pytest

from hw_sim.faults import Fault, FaultWord
from hw_sim.hall485 import Hall485Line, Keypad, RatingPad
from hw_sim.hall485.frames import Frame, FrameParser
from tests.hw_sim.hosts import Bench, vectors

VECTORS = vectors("led")["hall485"]
FRAMES = {vector["id"]: bytes.fromhex(vector["hex"]) for vector in VECTORS["vectors"]}
MALFORMED = {vector["id"]: bytes.fromhex(vector["hex"]) for vector in VECTORS["malformed"]}
KEYS_OF = {
    "key_call": ["call"],
    "key_recall": ["recall"],
    "key_evaluate": ["evaluate"],
    "key_cancel": ["cancel"],
    "key_pause": ["pause"],
    "key_transfer": ["transfer"],
    "key_6_fn": ["6", "ok"],
    "key_0_fn": ["0", "ok"],
    "key_3_fn": ["3", "ok"],
    "key_5_fn": ["5", "ok"],
    "key_4_fn": ["4", "ok"],
    "key_8_fn": ["8", "ok"],
    "key_login_1024": ["1", "0", "2", "4", "ok"],
    "key_call_105": ["1", "0", "5", "call"],
    "key_transfer_2": ["2", "start"],
}
# How long a good frame of nine bytes and its repetitions take.
REPEATS = 2.0


class Hall:
    def __init__(self, bench: Bench, **pad: object) -> None:
        self.bench, self.wire, self.clock = bench, bench.wire, bench.clock
        wire, faults, clock, random = bench.parts()
        self.keypad = Keypad("keypad-3", 3, clock, random)
        self.pad = RatingPad("pad-3", 3, clock, random, **pad)  # type: ignore[arg-type]
        self.other = Keypad("keypad-4", 4, clock, random, dialect="b")
        stations = [self.keypad, self.pad, self.other]
        self.line = Hall485Line("rs485-1", wire, faults, clock, random, stations=stations)

    async def host(self, *frames: bytes) -> None:
        for frame in frames:
            self.line.heard(frame)
            await self.clock.advance(0)

    async def sent(self, seconds: float = 0.0) -> list[bytes]:
        await self.clock.advance(seconds)
        said, self.wire.said = self.wire.said, []
        return said


@pytest.fixture
async def hall(bench: Bench):
    built = Hall(bench)
    await built.line.start()
    yield built
    await built.line.stop()


@pytest.mark.parametrize("vector", VECTORS["vectors"], ids=lambda vector: vector["id"])
def test_every_frame_of_the_page_reads_and_writes_the_same(vector: dict[str, str]) -> None:
    wire = bytes.fromhex(vector["hex"])
    (frame,) = FrameParser().feed(wire)
    assert frame.encode() == wire


@pytest.mark.parametrize("vector", VECTORS["malformed"], ids=lambda vector: vector["id"])
def test_malformed_frames_are_dropped(vector: dict[str, str]) -> None:
    frames = list(FrameParser().feed(bytes.fromhex(vector["hex"])))
    accepted = {"h_noise": [Frame(3, 1, b"\x0c")], "h_len_2_key": [Frame(3, 1)]}
    assert frames == accepted.get(vector["id"], [])


@pytest.mark.parametrize("name", KEYS_OF)
async def test_keys_go_out_as_the_page_has_them(hall: Hall, name: str) -> None:
    for key in KEYS_OF[name]:
        hall.keypad.act("press", key=key)
    assert await hall.sent() == [FRAMES[name]]


async def test_an_echo_ends_the_repetitions(hall: Hall) -> None:
    hall.keypad.act("press", key="call")
    assert hall.keypad.view()["waiting_for_echo"]
    await hall.host(FRAMES["key_call"])
    assert await hall.sent(REPEATS) == [FRAMES["key_call"]]
    assert hall.keypad.view()["unanswered"] == 0


async def test_without_an_echo_the_key_comes_twice_more_and_then_no_more(hall: Hall) -> None:
    hall.keypad.act("press", key="call")
    assert await hall.sent() == [FRAMES["key_call"]]
    assert await hall.sent(0.45) == []
    assert await hall.sent(0.10) == [FRAMES["key_call"]]
    assert await hall.sent(30) == [FRAMES["key_call"]]
    assert hall.keypad.view()["unanswered"] == 1


async def test_a_lost_echo_is_repaired_by_the_repetition(hall: Hall) -> None:
    hall.line.act("lose_frames", count=1)
    hall.keypad.act("press", key="call")
    await hall.host(FRAMES["key_call"])
    assert await hall.sent(0.6) == [FRAMES["key_call"]] * 2
    await hall.host(FRAMES["key_call"])
    assert await hall.sent(REPEATS) == []
    assert hall.line.view()["lost_frames"] == 1


async def test_a_late_echo(hall: Hall) -> None:
    hall.line.act("delay_frames", seconds=0.3)
    hall.keypad.act("press", key="call")
    await hall.host(FRAMES["key_call"])
    await hall.sent(0.2)
    assert hall.keypad.view()["waiting_for_echo"]
    await hall.sent(0.2)
    assert not hall.keypad.view()["waiting_for_echo"]


async def test_the_display_holds_six_digits(hall: Hall) -> None:
    await hall.host(FRAMES["show_ticket_001"])
    assert hall.keypad.view()["display"] == "   001"
    await hall.host(FRAMES["show_wait_012"])
    assert hall.keypad.view()["display"] == "012   "
    await hall.host(FRAMES["show_ok"], Frame(3, 2, bytes([0x0B] * 6)).encode())
    assert hall.keypad.view()["display"] == "012   "


async def test_dialect_b_shows_fewer_digits_and_an_underscore(hall: Hall) -> None:
    await hall.host(Frame(4, 2, bytes([1, 0, 5, 0x0A, 1, 2])).encode())
    assert hall.other.view()["display"] == "105_12"
    await hall.host(Frame(4, 2, b"\x01").encode())
    assert hall.other.view()["display"] == "1     "


async def test_beeps_are_counted_at_the_right_address_only(hall: Hall) -> None:
    await hall.host(FRAMES["beep"], FRAMES["beep"])
    assert (hall.keypad.view()["beeps"], hall.other.view()["beeps"]) == (2, 0)


async def test_bad_frames_are_dropped_without_a_word(hall: Hall) -> None:
    bad = bytearray(FRAMES["beep"])
    bad[-2] ^= 1
    await hall.host(bytes(bad), FRAMES["beep"])
    assert hall.keypad.view()["beeps"] == 1
    assert hall.line.view()["bad_frames"] == 1
    assert await hall.sent(REPEATS) == []


async def test_a_frame_cut_off_does_not_swallow_the_next(hall: Hall) -> None:
    await hall.host(MALFORMED["h_short"])
    await hall.clock.advance(0.3)
    await hall.host(FRAMES["beep"])
    assert hall.keypad.view()["beeps"] == 1


async def test_two_keys_at_once_ruin_each_other_and_come_through_by_repetition(hall: Hall) -> None:
    hall.keypad.act("press", key="call")
    hall.other.act("press", key="recall")
    garbled = b"".join(await hall.sent())
    assert list(FrameParser().feed(garbled)) == []
    assert hall.line.view()["collisions"] == 1
    heard = [frame for sent in await hall.sent(0.6) for frame in FrameParser().feed(sent)]
    assert heard == [Frame(3, 1, b"\x0c"), Frame(4, 1, b"\x0d")]


async def test_evaluate_opens_the_pad_of_the_same_address_for_15_seconds(hall: Hall) -> None:
    hall.keypad.act("press", key="evaluate")
    await hall.sent()
    assert hall.pad.view()["state"] == "rate"
    await hall.host(FRAMES["key_evaluate"])
    await hall.sent(14.9)
    assert hall.pad.view()["state"] == "rate"
    await hall.sent(0.2)
    assert hall.pad.view()["state"] == "welcome"
    hall.pad.act("rate", value=3)
    assert await hall.sent() == []


@pytest.mark.parametrize("value", range(5))
async def test_a_rating_is_reported_answered_and_thanked_for(hall: Hall, value: int) -> None:
    await hall.host(FRAMES["pad_start"])
    hall.pad.act("rate", value=value)
    assert await hall.sent() == [FRAMES[f"pad_rate_{value}"]]
    await hall.host(FRAMES[f"pad_rate_{value}_ack"])
    assert hall.pad.view()["state"] == "thanks"
    assert await hall.sent(2) == []
    await hall.sent(2)
    assert hall.pad.view()["state"] == "welcome"


async def test_a_rating_is_repeated_until_its_own_value_comes_back(hall: Hall) -> None:
    await hall.host(FRAMES["pad_start"])
    hall.pad.act("rate", value=2)
    await hall.host(FRAMES["pad_rate_1_ack"])
    assert await hall.sent(REPEATS) == [FRAMES["pad_rate_2"]] * 3
    assert hall.pad.view()["unanswered"] == 1


async def test_a_pad_takes_one_key_only(hall: Hall) -> None:
    await hall.host(FRAMES["pad_start"])
    hall.pad.act("rate", value=4)
    hall.pad.act("rate", value=1)
    assert hall.pad.view()["given"] == [4]


async def test_a_late_echo_of_evaluate_does_not_take_a_rating_back(hall: Hall) -> None:
    hall.keypad.act("press", key="evaluate")
    await hall.sent()
    hall.pad.act("rate", value=4)
    await hall.host(FRAMES["key_evaluate"])
    assert hall.pad.view()["state"] == "sent"
    await hall.host(FRAMES["pad_rate_4_ack"])
    assert hall.pad.view()["state"] == "thanks"


async def test_stars(hall: Hall) -> None:
    await hall.host(FRAMES["pad_stars_5"])
    assert hall.pad.view()["stars"] == 5
    assert hall.keypad.view()["display"] == " " * 6


async def test_troubles_of_a_pad(hall: Hall) -> None:
    hall.pad.act("send_value", value=7)
    assert await hall.sent() == [Frame(3, 0x11, b"\x07").encode()]
    await hall.host(Frame(3, 0x01, b"\x07").encode(), FRAMES["pad_start"])
    hall.pad.act("rate_twice", first=4, second=3)
    assert await hall.sent() == [FRAMES["pad_rate_4"], FRAMES["pad_rate_3"]]
    await hall.host(FRAMES["pad_rate_3_ack"])
    hall.pad.set_fault(Fault(FaultWord.BAD_CHECKSUM, times=1))
    await hall.host(FRAMES["pad_start"])
    hall.pad.act("rate", value=0)
    (wrong,) = await hall.sent()
    assert list(FrameParser().feed(wrong)) == []


async def test_a_four_key_pad_has_no_fifth_key(bench: Bench) -> None:
    hall = Hall(bench, keys=4)
    with pytest.raises(ValueError, match="keys 0 to 3, not 4"):
        hall.pad.act("rate", value=4)
    with pytest.raises(ValueError, match="no key 'enter'"):
        hall.keypad.act("press", key="enter")


async def test_a_station_without_power_or_plug_says_and_hears_nothing(hall: Hall) -> None:
    hall.keypad.set_fault(Fault(FaultWord.UNPLUG))
    hall.keypad.act("press", key="call")
    await hall.host(FRAMES["beep"])
    assert await hall.sent(REPEATS) == []
    assert hall.keypad.view()["beeps"] == 0
    hall.keypad.clear_faults()
    hall.line.set_fault(Fault(FaultWord.POWER_CUT))
    hall.other.act("press", key="call")
    assert await hall.sent(REPEATS) == []
    assert hall.wire.plugged


async def test_a_power_cut_clears_the_display(hall: Hall) -> None:
    await hall.host(FRAMES["show_ticket_001"])
    hall.line.set_fault(Fault(FaultWord.POWER_CUT))
    hall.line.clear_faults()
    assert hall.keypad.view()["display"] == " " * 6
    await hall.host(FRAMES["beep"])
    assert hall.keypad.view()["beeps"] == 1


async def test_our_extension_answers_only_where_it_is_switched_on(bench: Bench) -> None:
    hall = Hall(bench, extended=True)
    await hall.line.start()
    await hall.host(Frame(3, 0x20).encode(), Frame(3, 0x22, b"\x04").encode(), Frame(3, 0x24, b"\x01\x05").encode())
    sent = [frame for said in await hall.sent() for frame in FrameParser().feed(said)]
    assert [frame.function for frame in sent] == [0xA0, 0xA2, 0xA4]
    assert len(sent[0].data) == 11
    assert hall.pad.view()["state"] == "rate"
    await hall.sent(5.1)
    assert hall.pad.view()["state"] == "welcome"
    await hall.host(Frame(3, 0x23, b"\x01" + "请稍候".encode("gbk")).encode())
    assert hall.pad.view()["text"] == "请稍候"
    await hall.line.stop()


async def test_without_the_extension_its_functions_are_silent(hall: Hall) -> None:
    await hall.host(Frame(3, 0x20).encode())
    assert await hall.sent(1) == []
