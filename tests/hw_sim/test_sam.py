import pytest

from hw_sim.faults import Fault, FaultWord
from hw_sim.sam import SamReader
from hw_sim.sam.frames import PREAMBLE, checksum
from tests.hw_sim.hosts import Bench, ListWire
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
