import asyncio
from pathlib import Path
from random import Random
from typing import Any

import pytest

from hw_sim.clock import RealClock
from hw_sim.faults import Fault, FaultBox, FaultWord
from hw_sim.sam import SamReader
from hw_sim.sam.frames import PREAMBLE, checksum
from hw_sim.sam.simulator import SpeedAnswer
from hw_sim.wires import FolderBerth, PtyWire
from tests.hw_sim.hosts import Bench, ListWire, serial_host, vectors
from tests.hw_sim.test_sam_frames import RESPONSES, card

READ_SECONDS = 0.35


def request(command: int, parameter: int) -> bytes:
    counted = bytes([0, 3, command, parameter])
    return PREAMBLE + counted + bytes([checksum(counted)])


FIND, SELECT, READ, STATUS = request(0x20, 1), request(0x20, 2), request(0x30, 1), request(0x11, 0xFF)


@pytest.fixture
async def reader(bench: Bench):
    wire, faults, clock, random = bench.parts()
    cards = {"card-1": card(), "card-2": card(id="card-2", name="李样本")}
    device = SamReader("sam-1", wire, faults, clock, random, cards=cards)
    await device.start()
    yield device
    await device.stop()


class Asks:
    def __init__(self, reader: SamReader, bench: Bench) -> None:
        self.reader, self.wire, self.clock = reader, bench.wire, bench.clock

    async def __call__(self, asked: bytes, seconds: float = 0.0) -> bytes:
        self.reader.heard(asked)
        await self.clock.advance(seconds)
        assert isinstance(self.wire, ListWire)
        return self.wire.taken()


@pytest.fixture
def ask(reader: SamReader, bench: Bench) -> Asks:
    return Asks(reader, bench)


async def test_a_card_is_found_selected_and_read_once(reader: SamReader, ask: Asks) -> None:
    assert await ask(FIND) == RESPONSES["find_none"]
    reader.act("lay_card", card="card-1")
    assert await ask(FIND) == RESPONSES["find_ok"]
    assert await ask(SELECT) == RESPONSES["select_ok"]
    assert await ask(READ, READ_SECONDS) == RESPONSES["read_base_resident"]
    assert await ask(FIND) == RESPONSES["find_none"]
    assert reader.view()["card_state"] == "served"


async def test_cards_one_after_the_other(reader: SamReader, ask: Asks) -> None:
    texts = []
    for id in ("card-1", "card-2"):
        reader.act("lay_card", card=id)
        await ask(FIND)
        await ask(SELECT)
        texts.append((await ask(READ, READ_SECONDS))[14:270].decode("utf-16-le")[:3])
        reader.act("lift_card")
    assert texts == ["张测试", "李样本"]


async def test_a_card_lifted_while_it_is_read(reader: SamReader, ask: Asks) -> None:
    reader.act("lay_card", card="card-1")
    await ask(FIND)
    await ask(SELECT)
    assert await ask(READ, READ_SECONDS / 2) == b""
    reader.act("lift_card")
    assert await ask(b"", READ_SECONDS) == RESPONSES["read_failed"]


async def test_another_card_laid_while_the_first_is_read_is_not_given_for_it(reader: SamReader, ask: Asks) -> None:
    reader.act("lay_card", card="card-1")
    await ask(FIND)
    await ask(SELECT)
    await ask(READ, READ_SECONDS / 2)
    reader.act("lay_card", card="card-2")
    assert await ask(b"", READ_SECONDS) == RESPONSES["read_failed"]


async def test_a_request_during_a_read_is_not_heard(reader: SamReader, ask: Asks) -> None:
    reader.act("lay_card", card="card-1")
    await ask(FIND)
    await ask(SELECT)
    await ask(READ)
    assert await ask(STATUS) == b""
    assert await ask(b"", READ_SECONDS) == RESPONSES["read_base_resident"]


async def test_damage_is_answered_with_its_status(ask: Asks) -> None:
    assert await ask(FIND[:-1] + b"\0") == RESPONSES["reader_saw_bad_checksum"]
    assert await ask(PREAMBLE + b"\xff\xff") == RESPONSES["reader_saw_bad_length"]


async def test_a_request_cut_off_does_not_swallow_the_next_one(ask: Asks) -> None:
    assert await ask(PREAMBLE + b"\x05\x08\x30", seconds=0.6) == b""
    assert await ask(STATUS) == RESPONSES["status_ok"]


async def test_a_new_speed_holds_after_the_answer(reader: SamReader, ask: Asks) -> None:
    assert await ask(request(0x60, 0x04)) == RESPONSES["status_ok"]
    assert reader.view()["baud"] == 9600


async def test_an_unknown_speed_is_refused(reader: SamReader, ask: Asks) -> None:
    assert await ask(request(0x60, 0x05)) == RESPONSES["reader_bad_command"]


async def test_nak_says_its_status(reader: SamReader, ask: Asks) -> None:
    reader.set_fault(Fault(FaultWord.NAK, amount=0x60, times=1))
    assert await ask(STATUS) == RESPONSES["status_selftest_failed"]
    assert await ask(STATUS) == RESPONSES["status_ok"]


async def test_a_wrong_checksum_is_wrong(reader: SamReader, ask: Asks) -> None:
    reader.set_fault(Fault(FaultWord.BAD_CHECKSUM, times=1))
    wrong = await ask(STATUS)
    assert wrong != RESPONSES["status_ok"]
    assert wrong[:-1] == RESPONSES["status_ok"][:-1]


async def test_silent_hears_but_never_answers(reader: SamReader, ask: Asks) -> None:
    reader.set_fault(Fault(FaultWord.SILENT))
    assert await ask(STATUS, 60) == b""
    assert reader.view()["requests"] == 1
    reader.clear_faults()
    assert await ask(STATUS) == RESPONSES["status_ok"]


async def test_a_power_cut_in_a_read_ends_it(reader: SamReader, ask: Asks) -> None:
    reader.act("lay_card", card="card-1")
    await ask(FIND)
    await ask(SELECT)
    await ask(READ)
    reader.set_fault(Fault(FaultWord.POWER_CUT))
    assert reader.view()["plugged"]
    assert not reader.view()["powered"]
    reader.clear_faults()
    assert await ask(b"", 5) == b""
    assert await ask(FIND) == RESPONSES["find_ok"]


ITEMS = [request(0x30, 3), request(0x30, 5)]


@pytest.mark.parametrize("item", ITEMS, ids=["30 03", "30 05"])
async def test_whether_the_served_card_still_lies_there_is_asked_by_a_cheap_read(
    reader: SamReader, ask: Asks, item: bytes
) -> None:
    reader.act("lay_card", card="card-1")
    for asked in (FIND, SELECT, READ):
        await ask(asked, READ_SECONDS)
    assert await ask(FIND) == RESPONSES["find_none"]
    assert (await ask(item, 0.05))[9] in (0x90, 0x91)
    reader.act("lift_card")
    assert await ask(item, 0.05) == RESPONSES["read_failed"]


STATUSES = [int(code, 16) for code in vectors("idcard")["meta"]["status_errors"]]


@pytest.mark.parametrize("status", STATUSES, ids=lambda status: f"{status:02X}")
async def test_every_status_can_be_had_from_the_command_that_is_meant(
    reader: SamReader, ask: Asks, status: int
) -> None:
    reader.act("refuse", command="30 01", status=status, card_words=0x6A82, times=2)
    reader.act("lay_card", card="card-1")
    assert await ask(FIND) == RESPONSES["find_ok"]
    assert await ask(SELECT) == RESPONSES["select_ok"]
    for _ in range(2):
        assert (await ask(READ, READ_SECONDS))[7:10] == bytes([0x6A, 0x82, status])
    assert await ask(READ, READ_SECONDS) == RESPONSES["read_base_resident"]


async def test_a_refusal_that_cannot_be_meant_is_refused(reader: SamReader) -> None:
    for wrong in ({"command": "30", "status": 1}, {"command": "zz", "status": 1}, {"command": "3001", "status": 256}):
        with pytest.raises(ValueError):
            reader.act("refuse", **wrong)


async def a_reader(bench: Bench, **options: Any) -> SamReader:
    wire, faults, clock, random = bench.parts()
    reader = SamReader("sam-1", wire, faults, clock, random, **{"cards": {"card-1": card()}, **options})
    await reader.start()
    return reader


async def test_a_module_is_deaf_until_it_has_started(bench: Bench) -> None:
    reader = await a_reader(bench, power_up_seconds=1.5)
    ask = Asks(reader, bench)
    assert await ask(STATUS) == RESPONSES["status_ok"]
    reader.act("power", on=False)
    reader.act("power", on=True)
    assert await ask(STATUS, 1.4) == b""
    assert await ask(b"", 0.2) == b""
    assert await ask(STATUS) == RESPONSES["status_ok"]
    await reader.stop()


async def test_some_modules_give_the_cards_numbers(bench: Bench) -> None:
    rich = card(iin="0A0B0C0D", chip="0102030405060708", body="A0" * 16)
    reader = await a_reader(bench, cards={"card-1": rich}, gives_numbers=True)
    ask = Asks(reader, bench)
    reader.act("lay_card", card="card-1")
    assert (await ask(FIND))[10:14].hex() == "0a0b0c0d"
    assert (await ask(SELECT))[10:18].hex() == "0102030405060708"
    assert (await ask(ITEMS[1], 0.05))[10:22].hex() == "0a0b0c0d0102030405060708"
    await reader.stop()


async def test_some_modules_give_the_other_items_only_before_the_text(bench: Bench) -> None:
    reader = await a_reader(bench, items_after_read=False)
    ask = Asks(reader, bench)
    reader.act("lay_card", card="card-1")
    for asked in (FIND, SELECT):
        await ask(asked)
    assert await ask(ITEMS[0], 0.05) == RESPONSES["append_none"]
    await ask(READ, READ_SECONDS)
    assert (await ask(ITEMS[0], 0.05))[9] == 0x23
    await reader.stop()


@pytest.mark.parametrize(("when", "speed"), [("old", 115200), ("new", 38400)])
async def test_the_answer_to_a_new_speed_comes_at_the_old_or_the_new_one(
    tmp_path: Path, when: SpeedAnswer, speed: int
) -> None:
    faults = FaultBox()
    wire = PtyWire(FolderBerth(tmp_path, "sam-1"), RealClock(), faults, Random(1), baud=115200)
    reader = SamReader("sam-1", wire, faults, RealClock(), Random(2), cards={}, speed_answer=when)
    await reader.start()
    with serial_host(tmp_path / "dev/sam-1") as host:
        host.write(request(0x60, 2))
        async with asyncio.timeout(30):
            await reader.changed.until(lambda: reader.wire.baud == 38400)
        answer = RESPONSES["status_ok"]
        if speed == 115200:
            assert await host.read(len(answer)) == answer
        else:
            assert await host.read(len(answer)) != answer
    await reader.stop()


async def test_wrong_actions_are_refused_in_clear_words(reader: SamReader) -> None:
    with pytest.raises(ValueError, match="no card 'nobody' in the scene; there are: card-1, card-2"):
        reader.act("lay_card", card="nobody")
    with pytest.raises(ValueError, match=r"cannot 'open_cover'; it can: .*lay_card"):
        reader.act("open_cover")
    with pytest.raises(ValueError, match="lay_card"):
        reader.act("lay_card", cards="card-1")
    with pytest.raises(ValueError, match="cannot have the fault paper_out"):
        reader.set_fault(Fault(FaultWord.PAPER_OUT))
    with pytest.raises(ValueError, match=r"0\.\.255"):
        reader.set_fault(Fault(FaultWord.NAK, amount=300))
    assert reader.view()["faults"] == []
