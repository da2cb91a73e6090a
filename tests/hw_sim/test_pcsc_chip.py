"""What the chip in a card answers, and the vpcd wire, without a pcscd."""

import asyncio
from collections.abc import AsyncIterator
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hw_sim.clock import RealClock
from hw_sim.faults import Fault, FaultWord
from hw_sim.pcsc import ChipCard, PcscReader
from hw_sim.pcsc.chip import Chip
from tests.hw_sim.hosts import vectors

PAGE = vectors("idcard")
SELECT_SSSE = "00A404000F7378312E73682EC9E7BBE1B1A3D5CF"
PERSON = {
    "name": "张测试",
    "number": "119999199001010012",
    "sex": "1",
    "nation": "01",
    "birthplace": "119999",
    "birth": "19900101",
    "card_number": "TEST00001",
    "issued": "20200101",
    "valid_to": "20300101",
}


def chip(**values: object) -> Chip:
    return Chip(ChipCard.model_validate({"id": "ssc-1", **PERSON, **values}))


def ask(card: Chip, *commands: str) -> str:
    """The last answer."""
    return [card.command(bytes.fromhex(command)).hex().upper() for command in commands][-1]


def test_every_exchange_of_the_page() -> None:
    plain = {"t0": False}
    for vector in PAGE["ssc_apdu"]:
        card = chip(**plain)
        if vector["recv"] == "611E":
            card = chip()
        elif vector["recv"] == "6A82":
            card = chip(kind="bank", account="6200000000000000001")
        elif vector["recv"] == "6C0B":
            card = chip(exact_le=True)
        if vector["send"] != SELECT_SSSE:
            ask(card, SELECT_SSSE)
        if vector["send"].startswith("00B20A00"):
            ask(card, "00A4020002EF06")
        assert ask(card, vector["send"]) == vector["recv"], vector


def test_t0_gives_what_lies_ready_by_get_response() -> None:
    card = chip()
    assert ask(card, SELECT_SSSE) == "611E"
    answer = ask(card, "00C000001E")
    assert (len(answer) // 2, answer[-4:]) == (32, "9000")
    assert ask(card, "00C000001E") == "6986"
    assert ask(card, SELECT_SSSE, "00C00000FF") == "6C1E"
    assert ask(card, SELECT_SSSE, "00C0000010").endswith("610E")


def tags(card: Chip, short: int) -> list[int | str]:
    ask(card, SELECT_SSSE)
    found: list[int | str] = []
    for number in range(1, 12):
        answer = ask(card, f"00B2{number:02X}{short:02X}00")
        if answer == "6A83":
            break
        found.append(int(answer[:2], 16) if len(answer) > 4 else answer)
    return found


def test_the_order_of_the_records_by_generation() -> None:
    assert tags(chip(generation=1), 0x34) == [0x08, 0x09, 0x0A, 0x0B, 0x0C, 0x0D]
    assert tags(chip(generation=2), 0x34) == [0x08, 0x09, 0x4E, 0x0A, 0x0B, 0x0C, 0x0D]
    assert tags(chip(generation=3), 0x34) == ["6982"] * 7
    for generation in (1, 2, 3):
        assert tags(chip(generation=generation), 0x2C) == [1, 2, 3, 4, 5, 6, 7]
    empty = chip(generation=3, locked="empty")
    assert ask(empty, SELECT_SSSE, "00B2013400") == "08009000"


def test_values_are_packed_and_padded() -> None:
    card = chip(padding="spaces", nation="")
    ask(card, SELECT_SSSE)
    assert ask(card, "00B2012C12") == "0110119999FFFFFFFFFFFFFFFFFFFFFFFFFF9000"
    assert ask(card, "00B2052C06") == "0504202001019000"
    assert ask(card, "00B2023420") == "091E" + "张测试".encode("gbk").hex().upper() + "20" * 24 + "9000"
    assert ask(card, "00B2053400") == "0B01FF9000"


def test_files_only_inside_the_social_security_environment() -> None:
    card = chip(t0=False)
    assert ask(card, "00B2012C12") == "6A82"
    assert ask(card, "00A4020002EF05") == "6A82"
    assert ask(card, SELECT_SSSE, "00B2010400") == "6986"
    assert ask(card, "00A4000002EF06", "00B2010414") == "0812" + PERSON["number"].encode().hex() + "9000"
    assert ask(card, "00A40400085F00000000000000") == "6A82"
    assert ask(card, "00A4040007D1560000050002") == "9000"


def test_a_guessed_pin_costs_a_try_for_good() -> None:
    card = chip()
    assert [ask(card, "0020000003123456") for _ in range(4)] == ["63C2", "63C1", "6983", "6983"]
    card.reset()
    assert card.pin_tries == 0


def test_a_bank_card_and_another_card_know_nothing_of_social_security() -> None:
    bank = chip(kind="bank", account="620000000000000001", contactless=True, t0=False)
    assert ask(bank, SELECT_SSSE) == "6A82"
    assert ask(bank, "00A404000E325041592E5359532E444446303100").endswith("9000")
    assert ask(bank, "00A404000E315041592E5359532E444446303100") == "6A82"
    assert ask(bank, "00A4040008A000000333010101", "00B2010C00")[:24] == "70115A096200000000000000"[:24]
    both = chip(bank=True, account="620000000000000001")
    assert ask(both, "00A404000E315041592E5359532E4444463031").startswith("61")
    assert ask(both, SELECT_SSSE) == "611E"
    assert ask(chip(kind="other"), SELECT_SSSE) == "6A82"


@pytest.mark.parametrize(
    ("apdu", "words"),
    [
        ("00A4", "6700"),
        ("80A4040000", "6E00"),
        ("00A4040005AA", "6700"),
        ("00FF000000", "6D00"),
        ("00A40300020000", "6A86"),
    ],
)
def test_wrong_commands(apdu: str, words: str) -> None:
    assert ask(chip(), apdu) == words


_commands = st.one_of(
    st.binary(max_size=300),
    st.builds(
        lambda head, ins, rest: bytes([0, ins]) + head + rest,
        st.binary(min_size=2, max_size=2),
        st.sampled_from([0xA4, 0xB2, 0xC0, 0x20, 0x84]),
        st.binary(max_size=30),
    ),
    st.sampled_from([bytes.fromhex(vector["send"]) for vector in PAGE["ssc_apdu"]]),
)


@given(st.sampled_from(["social", "bank", "other"]), st.integers(1, 3), st.booleans(), st.lists(_commands, max_size=12))
@settings(max_examples=80, deadline=None)
def test_whatever_is_asked_a_card_answers_with_status_words(
    kind: str, generation: int, t0: bool, commands: list[bytes]
) -> None:
    card = chip(kind=kind, generation=generation, t0=t0, account="620000000000000001", bank=True)
    for command in commands:
        answer = card.command(command)
        assert 2 <= len(answer) <= 258
        assert answer[-2] >> 4 in (6, 9)
    card.reset()
    assert card.command(bytes.fromhex(SELECT_SSSE)) != b""


class Vpcd:
    """The reader's end: a TCP server that sends what pcscd would."""

    def __init__(self) -> None:
        self.cards: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
        self.writers: list[asyncio.StreamWriter] = []
        self.port = 0

    async def open(self) -> None:
        self.server = await asyncio.start_server(self._came, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]

    async def _came(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        await self.cards.put((reader, writer))

    async def card(self) -> None:
        async with asyncio.timeout(30):
            self.reader, self.writer = await self.cards.get()

    async def ask(self, message: str, *, answered: bool = True) -> str:
        self.writer.write(bytes.fromhex(message))
        if not answered:
            return ""
        async with asyncio.timeout(30):
            count = int.from_bytes(await self.reader.readexactly(2), "big")
            return (await self.reader.readexactly(count)).hex().upper()

    async def ended(self) -> bool:
        async with asyncio.timeout(30):
            return await self.reader.read(1) == b""

    async def close(self) -> None:
        self.server.close()
        for writer in self.writers:
            writer.close()


@pytest.fixture
async def vpcd() -> AsyncIterator[Vpcd]:
    vpcd = Vpcd()
    await vpcd.open()
    yield vpcd
    await vpcd.close()


@pytest.fixture
async def reader(vpcd: Vpcd) -> AsyncIterator[PcscReader]:
    cards = {
        "ssc-1": ChipCard.model_validate({"id": "ssc-1", **PERSON, "contactless": True, "t0": False}),
        "bank-1": ChipCard(id="bank-1", kind="bank", account="620000000000000001"),
    }
    reader = PcscReader("pcsc-1", RealClock(), Random(1), cards=cards, port=vpcd.port)
    await reader.start()
    yield reader
    await reader.stop()


async def test_the_vpcd_messages_of_the_page(vpcd: Vpcd, reader: PcscReader) -> None:
    reader.act("insert", card="ssc-1")
    await vpcd.card()
    for message in PAGE["vpcd"]["from_reader"]:
        expected = message.get("answer", "")
        assert await vpcd.ask(message["hex"], answered=bool(expected)) == expected[4:]
    assert reader.view()["card_powered"]
    reader.act("remove")
    assert await vpcd.ended()
    assert reader.view()["card"] is None


async def test_power_forgets_what_was_selected(vpcd: Vpcd, reader: PcscReader) -> None:
    reader.act("insert", card="ssc-1")
    await vpcd.card()
    select = "0014" + SELECT_SSSE
    assert await vpcd.ask(select) == "9000"
    assert len(await vpcd.ask("000500B2032C06")) == 16
    await vpcd.ask("000102", answered=False)
    assert await vpcd.ask("000500B2032C06") == "6A82"


async def test_a_card_waits_for_a_reader_that_is_not_there_yet(reader: PcscReader, vpcd: Vpcd) -> None:
    vpcd.server.close()
    await vpcd.server.wait_closed()
    reader.act("insert", card="ssc-1")
    vpcd.server = await asyncio.start_server(vpcd._came, "127.0.0.1", vpcd.port)
    await vpcd.card()
    assert await vpcd.ask("000104") == "3B888001000000000000000009"
    vpcd.writer.close()
    await vpcd.card()
    assert await vpcd.ask("000104") == "3B888001000000000000000009"


async def test_troubles(vpcd: Vpcd, reader: PcscReader) -> None:
    reader.act("insert", card="ssc-1")
    await vpcd.card()
    select = "0014" + SELECT_SSSE
    reader.set_fault(Fault(FaultWord.NAK, amount=0x6F00, times=1))
    assert await vpcd.ask(select) == "6F00"
    reader.set_fault(Fault(FaultWord.SHORT, times=1))
    assert await vpcd.ask(select) == "90"
    reader.set_fault(Fault(FaultWord.SLOW, amount=0.001, times=1))
    assert await vpcd.ask(select) == "9000"
    reader.set_fault(Fault(FaultWord.SILENT))
    assert await vpcd.ask("000104") == ""
    reader.clear_faults()
    reader.set_fault(Fault(FaultWord.DROP, times=1))
    await vpcd.ask(select, answered=False)
    assert await vpcd.ended()
    assert reader.view()["card"] is None
    with pytest.raises(ValueError, match="status bytes"):
        reader.set_fault(Fault(FaultWord.NAK, amount=-1))
    with pytest.raises(ValueError, match="no card 'x' in the scene; there are: ssc-1, bank-1"):
        reader.act("insert", card="x")


async def test_a_pulled_plug_keeps_the_card_for_later(vpcd: Vpcd, reader: PcscReader) -> None:
    reader.act("insert", card="ssc-1")
    await vpcd.card()
    reader.set_fault(Fault(FaultWord.UNPLUG))
    assert await vpcd.ended()
    reader.clear_faults()
    await vpcd.card()
    assert reader.view()["card"] == "ssc-1"
