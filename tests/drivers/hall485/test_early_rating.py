"""A pad that the clerk's key opened can be answered before the hall's question reaches it."""

import asyncio
from typing import Any

import pytest

from drivers.contract import Event, Prompt
from drivers.hall485.frame import Frame
from drivers.hall485.keypad import Keypad
from drivers.hall485.pad import EARLY_SECONDS, RatingPad485

EVALUATE = Frame(3, 1, b"\x0b").encode()
VERY_SATISFIED = Frame(3, 0x11, b"\x04").encode()
FAIR = Frame(3, 0x11, b"\x02").encode()
QUESTION = Prompt(nonce="n1", seconds=15)


async def next_event(pad: RatingPad485) -> Event:
    async with asyncio.timeout(30):
        return await anext(aiter(pad.events()))


@pytest.fixture
async def pressed(keypad_a: Keypad, pad: RatingPad485, peer: Any) -> RatingPad485:
    """The clerk pressed evaluate, the citizen a key, and no question was asked yet."""
    reading = asyncio.ensure_future(next_event(pad))
    peer.send(EVALUATE + VERY_SATISFIED)
    await peer.until_heard(EVALUATE + Frame(3, 1, b"\x04").encode())
    await asyncio.sleep(0)
    reading.cancel()
    return pad


async def test_the_early_answer_belongs_to_the_question_that_follows(pressed: RatingPad485, peer: Any) -> None:
    peer.forget()
    await pressed.ask(QUESTION)
    event = await next_event(pressed)
    assert event == Event(name="rating", data={"nonce": "n1", "level": "very_satisfied"})
    assert peer.heard == b""  # the pad said thanks already and is not opened a second time


async def test_it_is_not_kept_for_long(pressed: RatingPad485, clock: Any, peer: Any) -> None:
    clock.now += EARLY_SECONDS + 1
    await pressed.ask(QUESTION)
    peer.send(FAIR)
    assert (await next_event(pressed)).data == {"nonce": "n1", "level": "fairly_satisfied"}


async def test_it_answers_one_question_only(pressed: RatingPad485, clock: Any) -> None:
    await pressed.ask(QUESTION)
    assert (await next_event(pressed)).data["nonce"] == "n1"
    clock.now += 1
    await pressed.ask(Prompt(nonce="n2", seconds=15))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await anext(aiter(pressed.events()))


async def test_without_the_clerks_key_nobody_is_answered(pad: RatingPad485, peer: Any) -> None:
    peer.send(VERY_SATISFIED)
    assert (await next_event(pad)).name == "stray_rating"


async def test_a_second_key_after_an_answered_question_is_stray(
    keypad_a: Keypad, pad: RatingPad485, clock: Any, peer: Any
) -> None:
    peer.send(EVALUATE)
    await peer.until_heard(EVALUATE)
    clock.now += 0.1
    await pad.ask(QUESTION)
    peer.send(VERY_SATISFIED)
    assert (await next_event(pad)).name == "rating"
    clock.now += 0.1
    peer.send(FAIR)
    assert (await next_event(pad)).name == "stray_rating"
