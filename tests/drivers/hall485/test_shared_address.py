"""Keypad and pad under one address: the frame that starts a rating acknowledges the evaluate key as well."""

import asyncio
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

from drivers.contract import Context, Prompt
from drivers.hall485.bus import BusConfig, Hall485Bus
from drivers.hall485.frame import Frame
from drivers.hall485.keypad import Keypad, KeypadConfig
from drivers.hall485.pad import PadConfig, RatingPad485
from tests.drivers.hall485.test_meetings import in_virtual_time

EVALUATE = START = Frame(3, 1, b"\x0b").encode()
COUNT = Frame(5, 2, bytes(6)).encode()
QUESTION = Prompt(nonce="n1", seconds=15)
REPEATS_AFTER = 0.5  # caller.md section 1
QUIET, MOST = 0.7, 3.0


class Wires:
    """A Link that notes when what was written, and reads what the test puts in."""

    name = "wires"
    is_open = False
    baud = 9600

    def __init__(self) -> None:
        self.written: list[tuple[float, bytes]] = []
        self.coming: asyncio.Queue[bytes] = asyncio.Queue()

    async def open(self) -> None:
        self.is_open = True

    async def close(self) -> None:
        self.is_open = False

    async def read(self, most: int = 4096) -> bytes:
        return await self.coming.get()

    async def write(self, data: bytes) -> None:
        self.written.append((_now(), data))

    def starts(self) -> list[float]:
        return [at for at, data in self.written if data == START]


def _now() -> float:
    return asyncio.get_running_loop().time()


CTX = Context(clock=_now, random=Random(1), note=lambda text, **facts: None)


def on_a_line(act: Callable[[Wires, Hall485Bus, RatingPad485], Awaitable[None]], dialect: Any = "a") -> Wires:
    async def run() -> Wires:
        wires = Wires()
        ctx = CTX
        bus = Hall485Bus(BusConfig(), wires, ctx)  # type: ignore[arg-type]
        await bus.open()
        keypad = Keypad(KeypadConfig(address=3, dialect=dialect), bus, ctx)
        pad = RatingPad485(PadConfig(address=3, dialect=dialect, keys=5), bus, ctx)
        await keypad.open()
        await pad.open()
        await asyncio.sleep(10)
        await act(wires, bus, pad)
        await bus.close()
        return wires

    found = in_virtual_time(run)
    assert isinstance(found, Wires)
    return found


async def say(bus: Hall485Bus, frame: bytes) -> None:
    """Another frame of the host, that a press may meet."""
    assert bus._line is not None
    await bus._line.transmitter.send(Frame(frame[5], frame[6], frame[7:-2]))


async def opened_anew(bus: Hall485Bus, pad: RatingPad485) -> None:
    """The converter was pulled and is back; what the hall asked before is asked again."""
    await bus.close()
    await bus.open()
    await pad.open()


def test_a_question_just_asked_opens_the_pad_at_once_also_on_a_busy_line() -> None:
    async def act(wires: Wires, bus: Hall485Bus, pad: RatingPad485) -> None:
        wires.coming.put_nowait(b"\x35\x80\x11")
        await say(bus, COUNT)
        await pad.ask(QUESTION)

    (at,) = on_a_line(act).starts()
    assert at - 10 < 0.1


def test_a_press_that_met_our_frame_is_heard_again_before_anything_looks_like_its_acknowledgement() -> None:
    async def act(wires: Wires, bus: Hall485Bus, pad: RatingPad485) -> None:
        await opened_anew(bus, pad)
        await say(bus, COUNT)  # the keypad's report met this, and nobody heard it
        keypad = Keypad(KeypadConfig(address=3, dialect="a"), bus, CTX)
        await keypad.open()
        asking = asyncio.create_task(pad.ask(QUESTION))
        await asyncio.sleep(REPEATS_AFTER)
        assert wires.starts() == []
        wires.coming.put_nowait(EVALUATE)
        await asking
        await asyncio.sleep(5)

    wires = on_a_line(act)
    assert len(wires.starts()) == 1, "the acknowledgement; the key opened the pad"
    assert wires.starts()[0] - 10 - REPEATS_AFTER < 0.05


def test_what_was_noise_to_us_may_have_been_a_press() -> None:
    async def act(wires: Wires, bus: Hall485Bus, pad: RatingPad485) -> None:
        await opened_anew(bus, pad)
        asking = asyncio.create_task(pad.ask(QUESTION))
        await asyncio.sleep(0.5)
        wires.coming.put_nowait(b"\x35\x80\x11")
        await asking

    (at,) = on_a_line(act).starts()
    assert at >= 10.5 + QUIET


def test_a_line_that_comes_back_and_is_never_silent_starts_no_rating() -> None:
    async def act(wires: Wires, bus: Hall485Bus, pad: RatingPad485) -> None:
        await opened_anew(bus, pad)
        asking = asyncio.create_task(pad.ask(QUESTION))
        while not asking.done():
            await say(bus, COUNT)
            await asyncio.sleep(0.4)
        assert MOST <= _now() - 10 < MOST + 0.5
        await asyncio.sleep(5)

    assert on_a_line(act).starts() == []


def test_a_line_that_was_just_opened_counts_as_spoken_on() -> None:
    async def act(wires: Wires, bus: Hall485Bus, pad: RatingPad485) -> None:
        await opened_anew(bus, pad)
        await pad.ask(QUESTION)

    (at,) = on_a_line(act).starts()
    assert at >= 10 + QUIET


RATED = Frame(3, 0x11, b"\x04").encode()


async def answered(wires: Wires, pad: RatingPad485, next_question: Prompt | None) -> dict[str, Any]:
    """A second evaluate key while a question is open, an answer at once, and perhaps the question that follows."""
    await pad.ask(QUESTION)
    await asyncio.sleep(2)
    event = asyncio.ensure_future(anext(aiter(pad.events())))
    wires.coming.put_nowait(EVALUATE)
    await asyncio.sleep(0.05)
    wires.coming.put_nowait(RATED)
    await asyncio.sleep(0.1)
    if next_question is not None:
        await pad.ask(next_question)
    async with asyncio.timeout(5):
        return (await event).data


def test_an_answer_after_the_key_belongs_to_the_question_that_the_key_makes() -> None:
    async def act(wires: Wires, bus: Hall485Bus, pad: RatingPad485) -> None:
        data = await answered(wires, pad, Prompt(nonce="n2", seconds=15))
        assert data == {"nonce": "n2", "level": "very_satisfied"}

    on_a_line(act)


def test_a_key_that_makes_no_question_leaves_the_answer_to_the_open_one() -> None:
    async def act(wires: Wires, bus: Hall485Bus, pad: RatingPad485) -> None:
        data = await answered(wires, pad, None)
        assert data == {"nonce": "n1", "level": "very_satisfied"}

    on_a_line(act)


def test_a_pad_with_an_address_of_its_own_is_not_kept_waiting() -> None:
    async def act(wires: Wires, bus: Hall485Bus, pad: RatingPad485) -> None:
        await say(bus, COUNT)
        await pad.ask(QUESTION)

    wires = on_a_line(act, dialect="b")
    assert wires.written[-1][1] == Frame(0x83, 1, b"\x0b").encode()
    assert wires.written[-1][0] - 10 < 0.1
