"""Bus, keypad and pad on a real pty."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from drivers.contract import Context, Driver, Event, Identifiable, KeypadDevice, KeypadLine, Prompt, RatingDevice
from drivers.errors import Absent, Busy, Gone
from drivers.hall485.bus import BusConfig, Hall485Bus
from drivers.hall485.frame import Frame
from drivers.hall485.keypad import Keypad, KeypadConfig
from drivers.hall485.pad import PadConfig, RatingPad485
from drivers.links import make_link

pytestmark = pytest.mark.usefixtures("nothing_left")
OnWire = dict[str, bytes]


async def next_event(driver: Driver) -> Event:
    async with asyncio.timeout(20):
        return await anext(driver.events())


async def no_event(driver: Driver) -> None:
    """What was sent before has been taken: the acknowledgement of a later report is out."""
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.02):
            await anext(driver.events())


def key(name: str, digits: str = "") -> Event:
    return Event(name="key", data={"key": name, "digits": digits})


def rating_report(address: int, value: int) -> bytes:
    return Frame(address, 0x11, bytes([value])).encode()


def test_they_are_what_they_say(bus: Hall485Bus, keypad_a: Keypad, pad: RatingPad485) -> None:
    for driver in (bus, keypad_a, pad):
        assert isinstance(driver, Driver)
    assert isinstance(keypad_a, KeypadDevice)
    assert isinstance(keypad_a, Identifiable)
    assert isinstance(pad, RatingDevice)


async def test_a_key_is_acknowledged_and_told(keypad_a: Keypad, peer: Any, on_wire: OnWire) -> None:
    peer.send(on_wire["key_call"])
    assert await next_event(keypad_a) == key("next")
    await peer.until_heard(on_wire["key_call"])


async def test_the_acknowledgement_does_not_wait_for_anybody(keypad_a: Keypad, peer: Any, on_wire: OnWire) -> None:
    for name in ("key_call", "key_recall", "key_evaluate", "key_6_fn"):
        peer.send(on_wire[name])
        await peer.until_heard(on_wire[name])
        peer.forget()
    told = [(await next_event(keypad_a)).data["key"] for _ in range(4)]
    assert told == ["next", "recall", "finish", "miss"]


async def test_digits_of_dialect_b(keypad_b: Keypad, peer: Any, on_wire: OnWire) -> None:
    peer.send(on_wire["key_call_105"] + on_wire["key_login_1024"])
    assert await next_event(keypad_b) == key("number", "105")
    assert await next_event(keypad_b) == key("sign_in", "1024")


async def test_a_key_without_a_meaning_is_acknowledged_and_noted(
    keypad_a: Keypad, peer: Any, on_wire: OnWire, notes: Any
) -> None:
    metre = bytes.fromhex("ff 68 03 03 68 03 01 11 15 16")  # the one-metre line: no source uses it
    peer.send(metre + on_wire["key_call"])
    assert await next_event(keypad_a) == key("next")
    await peer.until_heard(metre + on_wire["key_call"])
    assert "key without a meaning" in [name for name, _ in notes]


async def test_a_keypad_shows_its_own_address(keypad_b: Keypad, peer: Any, on_wire: OnWire) -> None:
    peer.send(on_wire["key_8_fn"] + on_wire["key_call"])
    assert await next_event(keypad_b) == key("next")
    shown = Frame(3, 2, b"\x00\x00\x03").encode()
    await peer.until_heard(on_wire["key_8_fn"] + on_wire["key_call"] + shown)


async def test_display_and_beep(keypad_a: Keypad, peer: Any, on_wire: OnWire) -> None:
    await keypad_a.display(KeypadLine(ticket="A001"))
    await keypad_a.display(KeypadLine(waiting=12))
    await keypad_a.beep()
    await peer.until_heard(on_wire["show_ticket_001"] + on_wire["show_wait_012"] + on_wire["beep"])


async def test_a_repeat_is_the_same_press(keypad_a: Keypad, peer: Any, on_wire: OnWire, clock: Any) -> None:
    for seconds in (0, 0.5, 0.5):
        clock.now += seconds
        peer.send(on_wire["key_call"])
        await peer.until_heard(on_wire["key_call"])
        peer.forget()
    assert await next_event(keypad_a) == key("next")
    await no_event(keypad_a)
    clock.now += 0.3
    peer.send(on_wire["key_call"])
    assert await next_event(keypad_a) == key("next")


async def test_the_same_key_after_another_is_a_new_press(keypad_a: Keypad, peer: Any, on_wire: OnWire) -> None:
    peer.send(on_wire["key_call"] + on_wire["key_recall"] + on_wire["key_call"])
    assert [(await next_event(keypad_a)).data["key"] for _ in range(3)] == ["next", "recall", "next"]


async def test_another_keypad_in_between_makes_no_new_press(
    bus: Hall485Bus, keypad_a: Keypad, hall_ctx: Context, peer: Any, on_wire: OnWire
) -> None:
    other = Keypad(KeypadConfig(address=4, dialect="a"), bus, hall_ctx)
    await other.open()
    peer.send(on_wire["key_call"] + Frame(4, 1, b"\x0c").encode() + on_wire["key_call"])
    assert await next_event(other) == key("next")
    assert await next_event(keypad_a) == key("next")
    await no_event(keypad_a)
    await other.close()


async def test_a_bounced_call_key_is_dropped(keypad_a: Keypad, peer: Any, on_wire: OnWire) -> None:
    bounced = Frame(3, 1, b"\x0c\x0c").encode()
    peer.send(bounced + on_wire["key_recall"])
    assert await next_event(keypad_a) == key("recall")
    await peer.until_heard(bounced + on_wire["key_recall"])


@pytest.mark.parametrize("name", ["h_bad_sum", "h_len_differ", "h_no_tail", "h_len_2_key", "h_bad_const"])
async def test_damaged_reports_are_neither_told_nor_acknowledged(
    keypad_a: Keypad, peer: Any, on_wire: OnWire, notes: Any, name: str
) -> None:
    peer.send(on_wire[name] + on_wire["key_recall"])
    assert await next_event(keypad_a) == key("recall")
    await peer.until_heard(on_wire["key_recall"])
    assert "frame dropped" in [note for note, _ in notes]


async def test_a_frame_broken_off_does_not_swallow_the_next(keypad_a: Keypad, peer: Any, on_wire: OnWire) -> None:
    peer.send(bytes.fromhex("ff 68 12 12 68 03 01"))  # promises eighteen bytes, and stops
    peer.send(on_wire["key_call"])
    assert await next_event(keypad_a) == key("next")


async def test_one_byte_at_a_time(keypad_a: Keypad, peer: Any, on_wire: OnWire) -> None:
    for byte in on_wire["h_noise"]:
        peer.send(bytes([byte]))
        await asyncio.sleep(0)
    assert await next_event(keypad_a) == key("next")


async def test_an_unknown_address_is_not_acknowledged(keypad_a: Keypad, peer: Any, on_wire: OnWire, notes: Any) -> None:
    peer.send(Frame(9, 1, b"\x0c").encode() * 3 + on_wire["key_call"])
    assert await next_event(keypad_a) == key("next")
    await peer.until_heard(on_wire["key_call"])
    assert notes.count(("nobody at this address", {"address": 9, "function": 1})) == 1


@pytest.fixture
def patient_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine must not make half a frame look broken off."""
    monkeypatch.setattr("drivers.hall485.bus._BROKEN_OFF_SECONDS", 5.0)


def frame_under_way(bus: Hall485Bus) -> bool:
    assert bus._line is not None
    return not bus._line.transmitter._idle.is_set()


@pytest.mark.usefixtures("patient_line")
async def test_nothing_is_sent_into_a_frame_under_way(
    bus: Hall485Bus, keypad_a: Keypad, peer: Any, on_wire: OnWire, until: Any
) -> None:
    peer.send(on_wire["key_call"][:6])
    await until(lambda: frame_under_way(bus))
    beeping = asyncio.ensure_future(keypad_a.beep())
    for _ in range(50):
        await asyncio.sleep(0)
    assert not peer.heard
    peer.send(on_wire["key_call"][6:])
    await beeping
    await peer.until_heard(on_wire["key_call"] + on_wire["beep"])


async def test_acknowledgements_go_before_displays(keypad_a: Keypad, peer: Any, on_wire: OnWire, until: Any) -> None:
    showing = [asyncio.ensure_future(keypad_a.display(KeypadLine(ticket="A001"))) for _ in range(12)]
    peer.send(on_wire["key_call"])
    await asyncio.gather(*showing)
    shown = on_wire["show_ticket_001"]
    await until(lambda: len(peer.heard) == 12 * len(shown) + len(on_wire["key_call"]))
    assert bytes(peer.heard).index(on_wire["key_call"]) <= 10 * len(shown)


async def test_a_display_cut_off_is_whole_or_not_at_all(
    keypad_a: Keypad, peer: Any, on_wire: OnWire, until: Any
) -> None:
    for turns in range(6):
        showing = asyncio.ensure_future(keypad_a.display(KeypadLine(ticket="A001")))
        for _ in range(turns):
            await asyncio.sleep(0)
        showing.cancel()
        await asyncio.wait([showing])
    await keypad_a.beep()
    await until(lambda: bytes(peer.heard).endswith(on_wire["beep"]))
    whole, rest = divmod(len(peer.heard) - len(on_wire["beep"]), len(on_wire["show_ticket_001"]))
    assert rest == 0
    assert bytes(peer.heard) == on_wire["show_ticket_001"] * whole + on_wire["beep"]


async def test_events_cut_off_lose_no_press(keypad_a: Keypad, peer: Any, on_wire: OnWire) -> None:
    told: list[str] = []
    names = ["key_call", "key_recall"] * 10
    for turn, name in enumerate(names):
        listening = asyncio.ensure_future(anext(keypad_a.events()))
        peer.send(on_wire[name])
        for _ in range(turn % 5):
            await asyncio.sleep(0)
        listening.cancel()
        await asyncio.wait([listening])
        told += [] if listening.cancelled() else [listening.result().data["key"]]
    while len(told) < len(names):
        told.append((await next_event(keypad_a)).data["key"])
    assert told == ["next", "recall"] * 10


async def test_a_rating_answers_its_question_once(pad: RatingPad485, peer: Any, on_wire: OnWire) -> None:
    await pad.ask(Prompt(nonce="n1", seconds=15))
    await peer.until_heard(on_wire["pad_start"])
    peer.forget()
    peer.send(on_wire["pad_rate_3"] + on_wire["pad_rate_2"])
    assert await next_event(pad) == Event(name="rating", data={"nonce": "n1", "level": "satisfied"})
    assert await next_event(pad) == Event(name="stray_rating", data={"value": 2})
    await peer.until_heard(on_wire["pad_rate_3_ack"] + on_wire["pad_rate_2_ack"])


@pytest.mark.parametrize(
    ("keys", "levels"),
    [
        (4, ["dissatisfied", "fairly_satisfied", "satisfied", "very_satisfied"]),
        (5, ["very_dissatisfied", "dissatisfied", "fairly_satisfied", "satisfied", "very_satisfied"]),
    ],
)
async def test_levels_by_the_number_of_keys(
    bus: Hall485Bus, hall_ctx: Context, peer: Any, keys: int, levels: list[str]
) -> None:
    pad = RatingPad485(PadConfig.model_validate({"address": 3, "dialect": "a", "keys": keys}), bus, hall_ctx)
    await pad.open()
    told = []
    for value in range(keys):
        await pad.ask(Prompt(nonce="n", seconds=15))
        peer.send(rating_report(3, value))
        told.append((await next_event(pad)).data["level"])
    assert told == levels
    await pad.ask(Prompt(nonce="n", seconds=15))
    peer.send(rating_report(3, keys))
    assert await next_event(pad) == Event(name="stray_rating", data={"value": keys})
    await pad.close()


async def test_a_value_out_of_range_is_acknowledged_and_leaves_the_question_open(
    pad: RatingPad485, peer: Any, on_wire: OnWire, notes: Any
) -> None:
    await pad.ask(Prompt(nonce="n1", seconds=15))
    await peer.until_heard(on_wire["pad_start"])
    peer.forget()
    peer.send(rating_report(3, 7))
    assert await next_event(pad) == Event(name="stray_rating", data={"value": 7})
    await peer.until_heard(Frame(3, 1, b"\x07").encode())
    assert "rating out of range" in [name for name, _ in notes]
    peer.send(on_wire["pad_rate_4"])
    assert (await next_event(pad)).data == {"nonce": "n1", "level": "very_satisfied"}


async def test_no_question_no_rating(pad: RatingPad485, peer: Any, on_wire: OnWire, clock: Any) -> None:
    peer.send(on_wire["pad_rate_3"])
    assert (await next_event(pad)).name == "stray_rating"
    await pad.ask(Prompt(nonce="n1", seconds=15))
    clock.now += 15.1
    peer.send(on_wire["pad_rate_3"])
    assert (await next_event(pad)).name == "stray_rating"
    await pad.ask(Prompt(nonce="n2", seconds=15))
    await pad.withdraw()
    clock.now += 2
    peer.send(on_wire["pad_rate_3"])
    assert (await next_event(pad)).name == "stray_rating"


async def test_a_late_press_never_answers_the_next_persons_question(
    pad: RatingPad485, peer: Any, on_wire: OnWire, clock: Any
) -> None:
    peer.send(on_wire["pad_rate_0"])
    await peer.until_heard(on_wire["pad_rate_0_ack"])  # pressed, and nobody has read it yet
    clock.now += 5
    await pad.ask(Prompt(nonce="next-person", seconds=15))
    assert await next_event(pad) == Event(name="stray_rating", data={"value": 0})


async def test_a_press_in_time_counts_when_it_is_read_late(
    pad: RatingPad485, peer: Any, on_wire: OnWire, clock: Any
) -> None:
    await pad.ask(Prompt(nonce="n1", seconds=15))
    await peer.until_heard(on_wire["pad_start"])
    peer.forget()
    clock.now += 10
    peer.send(on_wire["pad_rate_0"])
    await peer.until_heard(on_wire["pad_rate_0_ack"])
    clock.now += 10
    assert (await next_event(pad)).data == {"nonce": "n1", "level": "very_dissatisfied"}


async def test_a_new_question_withdraws_the_old(pad: RatingPad485, peer: Any, on_wire: OnWire) -> None:
    await pad.ask(Prompt(nonce="n1", seconds=15))
    await pad.ask(Prompt(nonce="n2", seconds=15))
    peer.send(on_wire["pad_rate_4"])
    assert (await next_event(pad)).data["nonce"] == "n2"


async def test_keypad_and_pad_share_an_address(keypad_a: Keypad, pad: RatingPad485, peer: Any, on_wire: OnWire) -> None:
    peer.send(on_wire["key_evaluate"])
    assert await next_event(keypad_a) == key("finish")
    await pad.ask(Prompt(nonce="n", seconds=15))
    peer.send(on_wire["pad_rate_1"])
    assert (await next_event(pad)).data["level"] == "dissatisfied"


async def test_a_pad_of_dialect_b_answers_above_its_keypad(bus: Hall485Bus, hall_ctx: Context, peer: Any) -> None:
    pad = RatingPad485(PadConfig(address=3, dialect="b", keys=4), bus, hall_ctx)
    await pad.open()
    await pad.ask(Prompt(nonce="n", seconds=15))
    await peer.until_heard(Frame(0x83, 1, b"\x0b").encode())
    peer.send(rating_report(0x83, 3))
    assert (await next_event(pad)).data["level"] == "very_satisfied"
    await pad.close()


async def test_an_address_has_one_holder(bus: Hall485Bus, keypad_a: Keypad, hall_ctx: Context) -> None:
    other = Keypad(KeypadConfig(address=3, dialect="b"), bus, hall_ctx)
    with pytest.raises(Busy):
        await other.open()
    await keypad_a.open()
    await keypad_a.close()
    await other.open()
    await other.close()


async def test_health(bus: Hall485Bus, keypad_a: Keypad, peer: Any, on_wire: OnWire, clock: Any) -> None:
    assert (await bus.check()).state == "ready"
    assert (await keypad_a.check()).detail == "not heard yet"
    peer.send(on_wire["key_call"])
    await next_event(keypad_a)
    clock.now += 12
    assert (await keypad_a.check()).detail == "heard 12 s ago"
    peer.send(on_wire["h_bad_sum"] * 10 + on_wire["key_recall"])
    await next_event(keypad_a)
    health = await bus.check()
    assert (health.state, health.code) == ("warning", "garbled")
    clock.now += 61
    assert (await bus.check()).state == "ready"


async def test_a_line_on_which_no_frame_ever_begins_is_no_quiet_line(
    bus: Hall485Bus, keypad_a: Keypad, peer: Any, on_wire: OnWire, clock: Any, notes: Any
) -> None:
    for count in range(1, 11):  # as with both wires swapped: each press is some bytes, none of them a start
        assert (await bus.check()).state == "ready"
        peer.send(bytes(255 - byte for byte in on_wire["key_call"]))
        async with asyncio.timeout(30):
            while len(notes) < count:
                await asyncio.sleep(0)
        clock.now += 1
    assert (await bus.check()).code == "garbled"


async def test_unplugged_everybody_knows(bus: Hall485Bus, keypad_a: Keypad, pad: RatingPad485, peer: Any) -> None:
    waiting = [asyncio.ensure_future(anext(driver.events())) for driver in (bus, keypad_a, pad)]
    await asyncio.sleep(0)
    peer.unplug()
    async with asyncio.timeout(30):
        for one in waiting:
            with pytest.raises(Gone):
                await one
    for driver in (bus, keypad_a, pad):
        with pytest.raises(Gone):
            await driver.check()
    with pytest.raises(Gone):
        await keypad_a.beep()
    with pytest.raises(Gone):
        await pad.ask(Prompt(nonce="n", seconds=1))


@pytest.mark.usefixtures("patient_line")
async def test_senders_waiting_at_the_end_are_told(bus: Hall485Bus, keypad_a: Keypad, peer: Any, until: Any) -> None:
    peer.send(b"\xff\x68\x03")  # holds every sender back
    await until(lambda: frame_under_way(bus))
    waiting = [asyncio.ensure_future(keypad_a.beep()) for _ in range(3)]
    await asyncio.sleep(0)
    peer.unplug()
    for one in waiting:
        with pytest.raises(Gone):
            await one


async def test_the_line_comes_back(new_peer: Any, hall_ctx: Context, on_wire: OnWire) -> None:
    port = Path(hall_ctx.runtime, "port")
    first, second = new_peer(), new_peer()
    port.symlink_to(first.path)
    bus = Hall485Bus(BusConfig(), make_link("serial:port?baud=115200", hall_ctx), hall_ctx)
    keypad = Keypad(KeypadConfig(address=3, dialect="a"), bus, hall_ctx)
    with pytest.raises(Absent):
        await keypad.open()
    await bus.open()
    await keypad.open()
    first.unplug()
    with pytest.raises(Gone):
        await next_event(keypad)
    port.unlink()
    port.symlink_to(second.path)
    await bus.open()
    await keypad.open()
    second.send(on_wire["key_call"])
    assert await next_event(keypad) == key("next")
    await keypad.close()
    await bus.close()
    await bus.close()


async def test_bus_opened_and_closed_at_once(peer: Any, hall_ctx: Context, on_wire: OnWire) -> None:
    bus = Hall485Bus(BusConfig(), make_link(f"serial://{peer.path}?baud=9600", hall_ctx), hall_ctx)
    keypad = Keypad(KeypadConfig(address=3, dialect="a"), bus, hall_ctx)
    await bus.open()
    await keypad.open()
    beeping = asyncio.ensure_future(keypad.beep())
    await bus.close()
    with pytest.raises(Gone):
        await beeping
    assert not bus.is_open
    with pytest.raises(Gone):
        await keypad.check()
    await bus.open()
    await keypad.open()
    peer.send(on_wire["key_call"])
    assert await next_event(keypad) == key("next")
    await bus.close()


async def test_bus_opened_and_cut_off_anywhere(peer: Any, hall_ctx: Context) -> None:
    for turns in range(0, 12, 2):
        bus = Hall485Bus(BusConfig(), make_link(f"serial://{peer.path}?baud=9600", hall_ctx), hall_ctx)
        opening = asyncio.ensure_future(bus.open())
        for _ in range(turns):
            await asyncio.sleep(0)
        opening.cancel()
        await asyncio.wait([opening])
        await bus.close()
        assert not bus.is_open


async def test_an_adapter_that_hears_itself(peer: Any, hall_ctx: Context, on_wire: OnWire) -> None:
    link = make_link(f"serial://{peer.path}?baud=115200", hall_ctx)
    bus = Hall485Bus(BusConfig(turnaround=0, hears_itself=True), link, hall_ctx)
    await bus.open()
    keypad = Keypad(KeypadConfig(address=3, dialect="a"), bus, hall_ctx)
    await keypad.open()
    peer.answer = peer.send
    peer.send(on_wire["key_call"])
    assert await next_event(keypad) == key("next")
    await keypad.display(KeypadLine(ticket="A001"))
    peer.send(on_wire["key_recall"])
    assert await next_event(keypad) == key("recall")
    await peer.until_heard(on_wire["key_call"] + on_wire["show_ticket_001"] + on_wire["key_recall"])
    await keypad.close()
    await bus.close()


async def test_the_line_keeps_its_pace(peer: Any, hall_ctx: Context) -> None:
    """Twenty frames of 13 bytes at 9600 are 271 ms on the wire."""
    bus = Hall485Bus(BusConfig(turnaround=0), make_link(f"serial://{peer.path}?baud=9600", hall_ctx), hall_ctx)
    await bus.open()
    keypad = Keypad(KeypadConfig(address=3, dialect="a"), bus, hall_ctx)
    await keypad.open()
    loop = asyncio.get_running_loop()
    began = loop.time()
    for number in range(11):
        await keypad.display(KeypadLine(ticket=f"A{number:03d}"))
    assert loop.time() - began >= 10 * 13 * 10 / 9600
    await keypad.close()
    await bus.close()


@pytest.mark.parametrize(
    "settings",
    [
        {"address": 0, "dialect": "a", "keys": 5},
        {"address": 128, "dialect": "a", "keys": 5},
        {"address": 1, "dialect": "c", "keys": 5},
        {"address": 1, "dialect": "a", "keys": 6},
        {"address": 1, "dialect": "a"},
    ],
)
def test_settings_that_make_no_sense(settings: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        PadConfig.model_validate(settings)
