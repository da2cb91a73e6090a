"""A pad that knows our own functions 20 to 24 (rating_pad.md section 5), and how pads are found by a person."""

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.contract import Context, Driver, Identifiable, Prompt, RatingDevice
from drivers.errors import Garbled, WrongDevice
from drivers.hall485 import padextras
from drivers.hall485.bus import Hall485Bus
from drivers.hall485.frame import Frame
from drivers.hall485.keypad import Keypad
from drivers.hall485.pad import PadConfig, RatingPad485

pytestmark = pytest.mark.usefixtures("nothing_left")


def on_wire(function: int, data: bytes = b"") -> bytes:
    return Frame(3, function, data).encode()


IDENTITY = on_wire(0xA0, b"HALLPAD1\x01\x02\x05")
OPEN_15 = on_wire(0x22, b"\x02") + on_wire(0x24, b"\x01\x0f")


class Answering:
    """Answers what is prepared for a whole frame; nothing for others."""

    def __init__(self, peer: Any) -> None:
        self._peer = peer
        self.to: dict[bytes, bytes] = {on_wire(0x20): IDENTITY}
        peer.answer = self._heard

    def _heard(self, data: bytes) -> None:
        """Words for people are confirmed with an empty answer, unless everything was taken away."""
        for asked, answer in self.to.items():
            if data.endswith(asked):
                self._peer.send(answer)
        if self.to and data[6] in (0x22, 0x23, 0x24):
            self._peer.send(on_wire(data[6] | 0x80))


@pytest.fixture
def answering(peer: Any) -> Answering:
    return Answering(peer)


@pytest.fixture
async def extended(bus: Hall485Bus, hall_ctx: Context, answering: Answering) -> Any:
    async def no_time(seconds: float) -> None:
        await asyncio.sleep(0)

    hall_ctx.extra["sleep"] = no_time
    pad = RatingPad485(PadConfig(address=3, dialect="a", keys=5, extended=True), bus, hall_ctx)
    yield pad
    await pad.close()


async def test_it_says_what_it_is(extended: RatingPad485, keypad_a: Keypad, peer: Any) -> None:
    identity = await extended.open()
    assert (identity.model, identity.firmware) == ("HALLPAD1", "1.2")
    for capability in (Driver, RatingDevice, Identifiable):
        assert isinstance(extended, capability)
    assert peer.heard == on_wire(0x20)  # an answer is no report: it is not acknowledged


async def test_the_wrong_number_of_keys(extended: RatingPad485, answering: Answering) -> None:
    answering.to[on_wire(0x20)] = on_wire(0xA0, b"HALLPAD1\x01\x02\x04")
    with pytest.raises(WrongDevice):
        await extended.open()


async def test_silent_at_first_it_is_used_all_the_same(
    extended: RatingPad485, answering: Answering, peer: Any, notes: Any
) -> None:
    answering.to.clear()
    assert (await extended.open()).model == "5 keys"
    assert peer.heard == on_wire(0x20) * 2
    assert "pad does not answer" in [name for name, _ in notes]


async def test_a_question_opens_the_keys_for_its_time_and_closes_them(
    extended: RatingPad485, peer: Any, clock: Any
) -> None:
    await extended.open()
    peer.forget()
    await extended.ask(Prompt(nonce="n1", seconds=14.2))
    await peer.until_heard(OPEN_15)
    peer.send(on_wire(0x11, b"\x04"))
    async with asyncio.timeout(30):
        assert (await anext(extended.events())).data == {"nonce": "n1", "level": "very_satisfied"}
    await peer.until_heard(OPEN_15 + on_wire(0x01, b"\x04"))
    peer.forget()
    await extended.withdraw()
    assert peer.heard == b""  # nothing is open any more
    await extended.ask(Prompt(nonce="n2", seconds=14.2))
    await extended.withdraw()
    await peer.until_heard(OPEN_15 + on_wire(0x24, b"\x00\x00") + on_wire(0x22, b"\x01"))


async def test_its_state_is_asked_only_when_it_was_not_heard(
    extended: RatingPad485, answering: Answering, peer: Any, clock: Any
) -> None:
    await extended.open()
    assert (await extended.check()).state == "ready"
    assert peer.heard == on_wire(0x20)
    for said, state in ((b"\x00\x04\x00", "ready"), (b"\x01\x00\x02", "warning")):
        clock.now += 61
        answering.to[on_wire(0x21)] = on_wire(0xA1, said)
        assert (await extended.check()).state == state
    clock.now += 61
    answering.to.clear()
    health = await extended.check()
    assert (health.state, health.code) == ("warning", "late")


async def test_a_person_finds_it(extended: RatingPad485, peer: Any) -> None:
    await extended.open()
    peer.forget()
    await extended.identify(2)
    await peer.until_heard(
        on_wire(0x23, b"\x00" + "★ 003 ★".encode("gbk")) + on_wire(0x23, b"\x00") + on_wire(0x22, b"\x01")
    )


async def test_a_simple_pad_shows_stars(pad: RatingPad485, peer: Any, hall_ctx: Context) -> None:
    assert isinstance(pad, Identifiable)
    await pad.identify(1)
    await peer.until_heard(on_wire(0x02, b"\x05") + on_wire(0x02, b"\x00"))


async def test_a_pad_that_confirms_nothing_is_asked_all_the_same(
    extended: RatingPad485, answering: Answering, peer: Any, notes: Any
) -> None:
    await extended.open()
    answering.to.clear()
    await extended.ask(Prompt(nonce="n1", seconds=15))
    peer.send(on_wire(0x11, b"\x03"))
    async with asyncio.timeout(30):
        assert (await anext(extended.events())).data["level"] == "satisfied"


async def test_the_line_ends_while_it_is_asked(extended: RatingPad485, bus: Hall485Bus, answering: Answering) -> None:
    from drivers.errors import Gone

    answering.to.clear()
    opening = asyncio.ensure_future(extended.open())
    await asyncio.sleep(0.01)
    await bus.close()
    with pytest.raises(Gone):
        await opening


def test_what_it_says_cut_and_corrupted() -> None:
    identity = b"HALLPAD1\x01\x02\x05"
    for at in range(len(identity)):
        with pytest.raises(Garbled):
            padextras.parse_identity(identity[:at])
    for at in range(8):
        damaged = bytearray(identity)
        damaged[at] |= 0x80
        with pytest.raises(Garbled):
            padextras.parse_identity(bytes(damaged))
    for wrong in (b"", b"\x00\x00", b"\x03\x00\x00", b"\x00\x00\x00\x00"):
        with pytest.raises(Garbled):
            padextras.parse_status(wrong)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80), st.floats(0, 1e6))
def test_any_text_and_any_time(words: str, seconds: float) -> None:
    data = padextras.text(words, 1)
    assert len(Frame(3, 0x23, data).encode()) <= 2 + 3 + 2 + 49 + 2
    data[1:].decode("gbk")
    assert padextras.keys(True, seconds)[1] == min(255, -int(-seconds // 1))
