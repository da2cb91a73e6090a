"""The PC/SC driver on a real pcscd with a virtual card, and what becomes of it when the service goes and comes."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from drivers.contract import CardSensor, Context, Driver, Identity, SocialCardReader
from drivers.errors import (
    Absent,
    BadConfig,
    Busy,
    CardMoved,
    CardUnreadable,
    Denied,
    DeviceError,
    Gone,
    Late,
    Refused,
    ServiceDown,
    WrongDevice,
)
from drivers.idcard.pcsc import PcscConfig, PcscReader
from drivers.idcard.pcsc_session import choose_reader
from drivers.idcard.pcsc_trouble import must, trouble
from drivers.links import make_link
from tests.drivers.idcard.social_card import social_card
from tests.support.pcscd import Card, Pcscd

pytestmark = pytest.mark.kill


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pcscd]:
    made = Pcscd(tmp_path_factory.mktemp("pcscd"))
    made.start()
    before = os.environ.get("PCSCLITE_CSOCK_NAME")
    os.environ["PCSCLITE_CSOCK_NAME"] = made.socket_name
    yield made
    made.stop()
    if before is None:
        del os.environ["PCSCLITE_CSOCK_NAME"]
    else:
        os.environ["PCSCLITE_CSOCK_NAME"] = before


@pytest.fixture
def lay(service: Pcscd) -> Iterator[Callable[..., Card]]:
    laid: list[Card] = []

    def make(answer: Callable[[bytes], bytes] | None = None) -> Card:
        laid.append(Card(answer or social_card()))
        service.insert(laid[-1])
        return laid[-1]

    yield make
    for card in laid:
        card.pull()


def make_reader(ctx: Context, url: str = "pcsc:Virtual%20PCD") -> PcscReader:
    return PcscReader(PcscConfig(again=0.05), make_link(url, ctx), ctx)  # type: ignore[arg-type]


@pytest.fixture
async def reader(service: Pcscd, ctx: Context, nothing_left: None) -> AsyncIterator[PcscReader]:
    made = make_reader(ctx)
    await made.open()
    yield made
    await made.close()


async def read(reader: PcscReader) -> Any:
    async with asyncio.timeout(30):
        return await reader.read_social()


async def until_present(reader: PcscReader, wanted: bool) -> None:
    async with asyncio.timeout(30):
        while (await reader.card_present()).present != wanted:
            await asyncio.sleep(0.02)


async def test_it_is_what_it_says(reader: PcscReader) -> None:
    assert isinstance(reader, Driver)
    assert isinstance(reader, SocialCardReader)
    assert isinstance(reader, CardSensor)
    assert (await reader.open()).model == "Virtual PCD 00 00"
    assert (await reader.check()).state == "ready"


async def test_a_card_laid_before_and_one_laid_while_waiting(reader: PcscReader, lay: Callable[..., Card]) -> None:
    card = lay()
    assert (await read(reader)).name == "张测试"
    assert (await reader.card_present()).present
    card.pull()
    await until_present(reader, False)
    waiting = asyncio.ensure_future(read(reader))
    await asyncio.sleep(0)
    assert (await reader.check()).state == "ready"
    lay(social_card(t0=True))
    assert (await waiting).number == "119999199001010012"


async def test_another_card_is_refused(reader: PcscReader, lay: Callable[..., Card]) -> None:
    lay(lambda apdu: b"\x6a\x82")
    with pytest.raises(Refused, match="not a social-security card"):
        await read(reader)


async def test_pulled_in_the_middle(reader: PcscReader, lay: Callable[..., Card]) -> None:
    answer = social_card()
    card: Card | None = None

    def pull_at_the_name(apdu: bytes) -> bytes:
        if apdu[:4] == bytes.fromhex("00B20234") and card is not None:
            card.pull()
        return answer(apdu)

    card = lay(pull_at_the_name)
    with pytest.raises((CardMoved, CardUnreadable)):
        await read(reader)
    await until_present(reader, False)
    lay()
    assert (await read(reader)).name == "张测试"


async def test_a_waiting_read_can_be_cancelled_and_another_has_to_wait(reader: PcscReader) -> None:
    waiting = asyncio.ensure_future(reader.read_social())
    await asyncio.sleep(0.05)
    with pytest.raises(Busy):
        await reader.read_social()
    waiting.cancel()
    await asyncio.wait([waiting], timeout=30)
    assert waiting.cancelled()


async def test_waiting_costs_next_to_nothing(reader: PcscReader) -> None:
    began = os.times()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1.0):
            await reader.read_social()
    ended = os.times()
    assert ended.user + ended.system - began.user - began.system < 0.3


async def test_two_programs_share_the_reader(reader: PcscReader, ctx: Context, lay: Callable[..., Card]) -> None:
    other = make_reader(ctx, "pcsc:")
    await other.open()
    lay()
    first, second = await asyncio.gather(read(reader), read(other))
    assert first.number == second.number
    await other.close()


async def test_no_such_reader(service: Pcscd, ctx: Context) -> None:
    with pytest.raises(Absent):
        await make_reader(ctx, "pcsc:Another").open()
    with pytest.raises(Absent):
        await make_reader(ctx, "pcsc:Virtual%20PCD?slot=7").open()


async def test_the_service_dies_and_comes_back(service: Pcscd, reader: PcscReader, lay: Callable[..., Card]) -> None:
    """F06: a waiting read ends with an error, never hangs; the driver opens again when the service is back."""
    waiting = asyncio.ensure_future(read(reader))
    await asyncio.sleep(0.1)
    service.stop(signal.SIGKILL)
    try:
        with pytest.raises(Gone):
            await waiting
        with pytest.raises(Gone):
            await reader.check()
        await reader.close()
        with pytest.raises(ServiceDown):
            await reader.open()
    finally:
        service.start()
    assert (await opened_again(reader)).model == "Virtual PCD 00 00"
    lay()
    assert (await read(reader)).name == "张测试"


async def opened_again(reader: PcscReader) -> Identity:
    """A service that was just started answers a moment later: as the supervisor does, it is tried again."""
    async with asyncio.timeout(20):
        while True:
            try:
                return await reader.open()
            except ServiceDown:
                await reader.close()
                await asyncio.sleep(0.05)


def test_readers_by_name_whatever_the_service_counts() -> None:
    names = ["ACS ACR38U 00 00", "Generic CCID [main] (1) 01 00", "Generic CCID [main] (1) 01 01"]
    assert choose_reader(names, "ACS ACR38U", 0) == names[0]
    assert choose_reader(names, "Generic CCID [main] (1)", 1) == names[2]
    assert choose_reader(["ACS ACR38U 03 00"], "ACS ACR38U", 0) == "ACS ACR38U 03 00"
    assert choose_reader(["ACS ACR38U 03 00"], "", 0) == "ACS ACR38U 03 00"
    assert choose_reader(["odd"], "odd", 0) == "odd"
    with pytest.raises(Absent):
        choose_reader([], "", 0)
    with pytest.raises(WrongDevice):
        choose_reader(["ACS 00 00", "ACS 01 00"], "ACS", 0)
    with pytest.raises(WrongDevice):
        choose_reader(["ACS 00 00", "Other 01 00"], "", 0)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (0x8010001D, ServiceDown),
        (0x80100009, Gone),
        (0x8010002E, Absent),
        (0x80100069, CardMoved),
        (0x80100016, CardMoved),
        (0x8010000B, Busy),
        (0x8010006A, Denied),
        (0x80100066, CardUnreadable),
        (0x8010000A, Late),
        (0x8010FFFF, Gone),
    ],
)
def test_what_the_service_answers(code: int, error: type[DeviceError]) -> None:
    assert type(trouble(code, "asking")) is error
    with pytest.raises(error):
        must(code - (1 << 32), "asking")
    must(0, "asking")


@pytest.mark.parametrize("url", ["pcsc:x?slot=a", "pcsc:x?other=1"])
def test_urls(url: str, ctx: Context) -> None:
    with pytest.raises(BadConfig):
        make_link(url, ctx)
