"""Whether a card still lies on the reader (idcard.md section 9.1)."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from drivers.contract import CardSensor
from drivers.errors import Gone, Late
from drivers.idcard.sam import SamReader

pytestmark = pytest.mark.usefixtures("nothing_left")


@pytest.fixture
async def reader(make_reader: Callable[..., SamReader], sam: Any) -> Any:
    reading = make_reader()
    await reading.open()
    yield reading
    await reading.close()


async def present(reader: SamReader) -> bool:
    async with asyncio.timeout(30):
        return (await reader.card_present()).present


def test_it_is_a_sensor(make_reader: Callable[..., SamReader]) -> None:
    assert isinstance(make_reader(), CardSensor)


@pytest.mark.parametrize("answer", ["append_none", "append_one"])
async def test_a_served_card_is_not_found_again_and_still_lies_there(reader: SamReader, sam: Any, answer: str) -> None:
    sam.play("read_append", answer)
    assert await present(reader)
    assert "find_card" not in sam.asked


async def test_nothing_lies_there(reader: SamReader, sam: Any) -> None:
    sam.play("read_append", "read_failed")
    assert not await present(reader)


async def test_a_card_nobody_has_read_lies_there(reader: SamReader, sam: Any) -> None:
    sam.play("read_append", "read_failed")
    sam.play("find_card", "find_ok")
    assert await present(reader)


async def test_a_moments_lost_contact_is_not_a_card_that_left(reader: SamReader, sam: Any) -> None:
    sam.play("read_append", "read_failed", "append_none")
    assert await present(reader)


async def test_a_module_without_appended_addresses_is_asked_for_the_cards_numbers(reader: SamReader, sam: Any) -> None:
    sam.play("read_append", "reader_bad_command")
    assert await present(reader)
    sam.play("read_iin_sn_dn", "read_failed")
    assert not await present(reader)


async def test_silence_is_not_taken_for_an_empty_reader(reader: SamReader, sam: Any) -> None:
    sam.play("read_append", None)
    with pytest.raises(Late):
        await present(reader)


async def test_nothing_personal_stays_in_the_tap(reader: SamReader, sam: Any) -> None:
    sam.play("read_append", "append_one")
    assert await present(reader)
    kept = b"".join(chunk.data for chunk in reader._link.tap.recent())  # type: ignore[attr-defined]
    assert "新址".encode("utf-16-le") not in kept


async def test_unplugged_while_it_is_asked(reader: SamReader, sam: Any, peer: Any) -> None:
    sam.before_reply = lambda name: peer.unplug() if name == "read_append" else None
    with pytest.raises(Gone):
        await present(reader)
