"""The reader against a scripted module on a real pty."""

import asyncio
import base64
import logging
from collections.abc import Callable
from typing import Any

import pytest

from drivers.contract import Context, Driver, IdReader, IdRecord, Kind
from drivers.errors import Busy, CardMoved, CardUnreadable, DeviceError, Garbled, Gone, Late, Refused, WrongDevice
from drivers.idcard import exchange
from drivers.idcard.sam import SamReader
from drivers.links.stream import StreamLink

pytestmark = pytest.mark.usefixtures("nothing_left")
MakeReader = Callable[..., SamReader]


@pytest.fixture
async def reader(make_reader: MakeReader, sam: Any) -> Any:
    reading = make_reader()
    await reading.open()
    yield reading
    await reading.close()


async def read(reader: SamReader) -> IdRecord:
    async with asyncio.timeout(30):
        return await reader.read()


async def test_it_is_what_it_says(make_reader: MakeReader) -> None:
    reader = make_reader()
    assert isinstance(reader, Driver)
    assert isinstance(reader, IdReader)
    assert reader.info.kind is Kind.ID_READER


async def test_open_asks_for_the_sam_number(make_reader: MakeReader, sam: Any) -> None:
    reader = make_reader()
    identity = await reader.open()
    assert identity.serial == "05.01-20120101-0000000001-0123456789"
    assert await reader.open() == identity
    assert sam.asked == ["sam_status", "sam_id"]
    assert (await reader.check()).state == "ready"
    await reader.close()


async def test_a_first_bad_answer_is_forgiven(make_reader: MakeReader, sam: Any) -> None:
    sam.play("sam_status", sam.reply("status_ok")[:-1] + b"\x00", "status_ok")
    reader = make_reader()
    assert (await reader.open()).serial.startswith("05.01-")
    await reader.close()


@pytest.mark.parametrize(("reply", "code"), [("status_selftest_failed", "60"), ("status_unauthorised", "66")])
async def test_a_module_that_will_never_read(make_reader: MakeReader, sam: Any, reply: str, code: str) -> None:
    sam.play("sam_status", reply)
    reader = make_reader()
    with pytest.raises(Refused) as refusal:
        await reader.open()
    assert refusal.value.device_code == code
    await reader.close()


async def test_nobody_answers(make_reader: MakeReader, sam: Any) -> None:
    sam.play("sam_status", None)
    reader = make_reader(patience=0.1)
    with pytest.raises(Late):
        await reader.open()
    assert not reader._link.is_open


async def test_another_device_answers(make_reader: MakeReader, sam: Any) -> None:
    sam.play("sam_status", b"OK READY\r\n")
    reader = make_reader(patience=0.1)
    with pytest.raises(WrongDevice):
        await reader.open()
    assert not reader._link.is_open


async def test_a_card_is_read(reader: SamReader, sam: Any) -> None:
    sam.lay_card()
    record = await read(reader)
    assert (record.layout, record.name, record.number) == ("resident", "张测试", "119999199001010012")
    assert record.address == "测试省样例市虚构区不存在路1号101室"
    assert len(record.photo_wlt) == 1368
    assert sam.asked[2:] == ["find_card", "select_card", "read_append", "read_base"]


@pytest.mark.parametrize(
    ("base", "layout"),
    [
        ("read_base_resident_long_term", "resident"),
        ("read_base_foreign_2017_I", "foreign_2017"),
        ("read_base_foreign_2023_Y", "foreign_2023"),
        ("read_base_hmt_J", "hmt"),
    ],
)
async def test_every_kind_of_card(reader: SamReader, sam: Any, base: str, layout: str) -> None:
    sam.lay_card(base)
    record = await read(reader)
    assert record.layout == layout
    assert record.new_address == ""


async def test_it_waits_for_the_card(reader: SamReader, sam: Any) -> None:
    sam.lay_card()
    sam.play("find_card", "find_none", "find_none", "find_none", "find_ok")
    assert (await read(reader)).name == "张测试"
    assert sam.asked.count("find_card") == 4


async def test_one_byte_at_a_time(reader: SamReader, sam: Any, peer: Any) -> None:
    sam.lay_card()
    whole = peer.send

    def drip(data: bytes) -> None:
        for at in range(len(data)):
            whole(data[at : at + 1])

    peer.send = drip
    assert (await read(reader)).name == "张测试"


async def test_an_appended_address(reader: SamReader, sam: Any) -> None:
    sam.lay_card(append="append_one")
    record = await read(reader)
    assert record.new_address == "测试省样例市虚构区新址路9号"
    assert record.address == "测试省样例市虚构区不存在路1号101室"
    # Extra items before the base text, and the numbers that tell two cards apart around it.
    assert sam.asked[3:] == ["select_card", "read_append", "read_iin_sn_dn", "read_base", "read_iin_sn_dn"]


async def test_two_cards_never_make_one_record(reader: SamReader, sam: Any) -> None:
    sam.lay_card(append="append_one")
    other = bytearray(sam.reply("iin_sn_dn"))
    other[14] ^= 0x40
    other[-1] ^= 0x40
    sam.play("read_iin_sn_dn", "iin_sn_dn", bytes(other))
    with pytest.raises(CardMoved):
        await read(reader)


@pytest.mark.parametrize("second", ["reader_bad_command", None])
async def test_a_module_that_gives_no_card_numbers_is_believed(reader: SamReader, sam: Any, second: str | None) -> None:
    sam.lay_card(append="append_one")
    sam.play("read_iin_sn_dn", second)
    assert (await read(reader)).new_address == "测试省样例市虚构区新址路9号"


async def test_the_module_is_reset_before_the_last_try(reader: SamReader, sam: Any) -> None:
    sam.lay_card()
    sam.play("read_base", "read_failed", "read_failed", "read_base_resident")
    assert (await read(reader)).name == "张测试"
    assert sam.asked.count("reset_sam") == 1
    assert sam.asked.index("reset_sam") > sam.asked.index("read_base") + 1


async def test_an_older_module_has_the_appended_address_elsewhere(reader: SamReader, sam: Any) -> None:
    sam.lay_card(append="reader_bad_command")
    sam.play("read_append_02", "append_one")
    assert (await read(reader)).new_address == "测试省样例市虚构区新址路9号"


async def test_trouble_with_the_appended_address_is_a_warning(reader: SamReader, sam: Any) -> None:
    sam.lay_card(append="read_failed")
    record = await read(reader)
    assert record.name == "张测试"
    assert record.warnings == ("append_unread",)


async def test_no_appended_address_when_not_wanted(make_reader: MakeReader, sam: Any) -> None:
    reader = make_reader(append_address=False)
    await reader.open()
    sam.lay_card()
    await read(reader)
    assert "read_append" not in sam.asked
    await reader.close()


async def test_a_request_heard_badly_is_sent_once_more(reader: SamReader, sam: Any) -> None:
    sam.lay_card()
    sam.play("find_card", "reader_saw_bad_checksum", "find_ok")
    sam.play("read_base", "reader_saw_bad_length", "read_base_resident")
    await read(reader)
    assert sam.asked.count("find_card") == 2
    assert sam.asked.count("read_base") == 2
    assert sam.asked.count("select_card") == 1


@pytest.mark.parametrize("trouble", ["read_failed", "sam_rejects_card", "reader_saw_bad_checksum"])
async def test_trouble_in_mid_read_starts_again_at_find(reader: SamReader, sam: Any, trouble: str) -> None:
    sam.lay_card()
    sam.play("read_base", trouble, trouble, "read_base_resident")
    assert (await read(reader)).name == "张测试"
    assert sam.asked.count("find_card") >= 2


@pytest.mark.parametrize("trouble", ["select_failed", "select_failed_card_sw"])
async def test_a_card_moving_in_is_selected_later(reader: SamReader, sam: Any, trouble: str) -> None:
    sam.lay_card()
    sam.play("select_card", trouble, trouble, "select_ok")
    assert (await read(reader)).name == "张测试"


async def test_three_failures_are_enough(reader: SamReader, sam: Any) -> None:
    sam.lay_card()
    sam.play("read_base", "read_failed")
    with pytest.raises(CardUnreadable, match="read_failed"):
        await read(reader)
    assert sam.asked.count("read_base") == 3
    sam.lay_card()
    assert (await read(reader)).name == "张测试"


async def test_a_card_lifted_in_mid_read_has_moved(reader: SamReader, sam: Any) -> None:
    sam.lay_card()
    sam.play("find_card", "find_ok", "find_none")
    sam.play("read_base", "read_failed")
    with pytest.raises(CardMoved):
        await read(reader)
    sam.lay_card()
    assert (await read(reader)).name == "张测试"


async def test_a_card_missed_once_has_not_moved(reader: SamReader, sam: Any) -> None:
    sam.lay_card()
    sam.play("find_card", "find_ok", "find_none", "find_ok")
    sam.play("read_base", "read_failed", "read_base_resident")
    assert (await read(reader)).name == "张测试"


async def test_a_module_that_stops_reading_is_refused(reader: SamReader, sam: Any) -> None:
    sam.play("find_card", "status_unauthorised")
    with pytest.raises(Refused) as refusal:
        await read(reader)
    assert refusal.value.device_code == "66"


async def test_an_unknown_status_keeps_its_bytes(reader: SamReader, sam: Any, vectors: Any) -> None:
    stream = next(one for one in vectors["streams"] if one["name"] == "unknown_status")
    sam.play("find_card", bytes.fromhex(stream["hex"]))
    with pytest.raises(Refused, match="00 00 55"):
        await read(reader)


async def test_lengths_that_do_not_fit_are_garbled(reader: SamReader, sam: Any, vectors: Any) -> None:
    sam.lay_card()
    stream = next(one for one in vectors["streams"] if one["name"] == "bad_length_inner")
    sam.play("read_base", bytes.fromhex(stream["hex"]))
    with pytest.raises(Garbled, match="bad_length"):
        await read(reader)


@pytest.mark.parametrize("name", ["bad_checksum_large", "truncated_body", "truncated_vendor_timeout"])
async def test_a_damaged_answer_is_read_again(reader: SamReader, sam: Any, vectors: Any, name: str) -> None:
    sam.lay_card()
    stream = next(one for one in vectors["streams"] if one["name"] == name)
    sam.play("read_base", bytes.fromhex(stream["hex"]), "read_base_resident")
    assert (await read(reader)).name == "张测试"


async def test_a_silent_module_is_late(make_reader: MakeReader, sam: Any) -> None:
    reader = make_reader(patience=0.1)
    await reader.open()
    sam.play("find_card", None)
    with pytest.raises(Late):
        await read(reader)
    assert sam.asked.count("find_card") == 3
    await reader.close()


async def test_a_late_answer_is_not_taken_for_the_next(make_reader: MakeReader, sam: Any, peer: Any) -> None:
    reader = make_reader(patience=0.1)
    await reader.open()
    sam.lay_card()
    sam.play("find_card", None, "find_ok")
    late = asyncio.get_running_loop().call_later(0.075, peer.send, sam.reply("find_ok"))
    assert (await read(reader)).name == "张测试"
    late.cancel()
    assert sam.asked.count("find_card") == 2
    await reader.close()


async def test_a_stale_answer_of_another_command_is_passed_over(reader: SamReader, sam: Any) -> None:
    sam.lay_card()
    sam.play("select_card", sam.reply("find_none") + sam.reply("select_ok"))
    sam.play("read_base", sam.reply("status_ok") + sam.reply("read_base_resident"))
    assert (await read(reader)).name == "张测试"
    assert sam.asked.count("find_card") == 1


async def test_bytes_lying_about_are_flushed_before_asking(reader: SamReader, sam: Any, peer: Any, until: Any) -> None:
    sam.lay_card()
    stale = sam.reply("select_ok") + b"\xaa\xaa\xaa\x96\x69\x05"
    peer.send(stale)
    await until(lambda: len(reader._link._wire.unread) == len(stale))  # type: ignore[attr-defined]
    assert (await read(reader)).name == "张测试"
    assert sam.asked.count("find_card") == 1


async def test_a_reader_that_never_says_found(make_reader: MakeReader, sam: Any) -> None:
    reader = make_reader(ignore_find_result=True)
    await reader.open()
    sam.lay_card()
    sam.play("find_card", "find_none")
    sam.play("select_card", "select_failed", "select_failed", "select_failed", "select_failed", "select_ok")
    assert (await read(reader)).name == "张测试"
    await reader.close()


async def test_only_one_read_waits(reader: SamReader) -> None:
    first = asyncio.ensure_future(reader.read())
    await asyncio.sleep(0)
    with pytest.raises(Busy):
        await reader.read()
    first.cancel()
    await asyncio.wait([first])


async def test_check_between_looks_and_while_reading(reader: SamReader, sam: Any) -> None:
    reading = asyncio.ensure_future(reader.read())
    for _ in range(3):
        assert (await reader.check()).state == "ready"
    during: list[str] = []

    def ask_health(name: str) -> None:
        if name == "read_base":
            health = asyncio.ensure_future(reader.check())
            health.add_done_callback(lambda done: during.append(done.result().state))

    sam.before_reply = ask_health
    sam.lay_card()
    assert (await reading).name == "张测试"
    assert during == ["busy"]


async def test_check_says_what_is_wrong(reader: SamReader, sam: Any) -> None:
    sam.play("sam_status", "status_selftest_failed")
    health = await reader.check()
    assert (health.state, health.code) == ("fault", "refused")
    sam.play("sam_status", None)
    health = await reader.check()
    assert (health.state, health.code) == ("fault", "late")
    sam.play("sam_status", "status_ok")
    assert (await reader.check()).state == "ready"


async def test_cut_off_anywhere_the_next_read_works(make_reader: MakeReader, sam: Any) -> None:
    """Cuts at loop turns spread over a read, from the first to the last."""
    reader = make_reader(patience=0.1)
    await reader.open()
    reads_whole = 0
    turn = 0
    while reads_whole < 1:
        sam.lay_card()
        reading = asyncio.ensure_future(reader.read())
        for _ in range(turn):
            if reading.done():
                break
            await asyncio.sleep(0)
        reads_whole += reading.done()
        reading.cancel()
        await asyncio.wait([reading])
        turn += 31
    assert turn > 10
    assert (await read(reader)).name == "张测试"
    await reader.close()


@pytest.mark.parametrize("request_name", ["find_card", "select_card", "read_base", "read_append"])
async def test_cut_off_with_an_answer_on_its_way(reader: SamReader, sam: Any, request_name: str) -> None:
    sam.lay_card()
    reading = asyncio.ensure_future(reader.read())
    sam.before_reply = lambda name: reading.cancel() if name == request_name else None
    await asyncio.wait([reading])
    assert reading.cancelled()
    sam.before_reply = lambda name: None
    asked = len(sam.asked)
    assert (await read(reader)).name == "张测试"
    assert sam.asked[asked:] == ["find_card", "select_card", "read_append", "read_base"]


@pytest.mark.parametrize(
    "request_name", ["sam_status", "sam_id", "find_card", "select_card", "read_base", "read_append"]
)
async def test_unplugged_at_every_question(make_reader: MakeReader, sam: Any, peer: Any, request_name: str) -> None:
    reader = make_reader()
    sam.lay_card()
    sam.before_reply = lambda name: peer.unplug() if name == request_name else None

    async def use() -> None:
        await reader.open()
        await read(reader)

    with pytest.raises(Gone):
        await use()
    with pytest.raises(DeviceError):
        await reader.open()
    await reader.close()


async def test_unplugged_while_nobody_reads(reader: SamReader, peer: Any) -> None:
    events = asyncio.ensure_future(anext(reader.events()))
    await asyncio.sleep(0)
    peer.unplug()
    async with asyncio.timeout(30):
        with pytest.raises(Gone):
            await events
        with pytest.raises(Gone):
            await reader.check()


async def test_open_cut_off_anywhere(make_reader: MakeReader, sam: Any) -> None:
    for turn in range(0, 40, 3):
        reader = make_reader()
        opening = asyncio.ensure_future(reader.open())
        for _ in range(turn):
            await asyncio.sleep(0)
        opening.cancel()
        await asyncio.wait([opening])
        await reader.close()
        assert not reader._link.is_open
    reader = make_reader()
    assert (await reader.open()).serial
    await reader.close()


async def test_a_card_leaves_no_trace(
    make_reader: MakeReader, ctx: Context, notes: Any, sam: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    reader = make_reader()
    await reader.open()
    sam.lay_card()
    sam.play("read_base", sam.reply("read_base_resident")[:-1] + b"\0", "read_base_resident")
    record = await read(reader)
    await reader.close()
    link = reader._link
    assert isinstance(link, StreamLink)
    kept = b"".join(chunk.data for chunk in link.tap.recent())
    for secret in (record.name, record.number, record.address[:5]):
        assert secret.encode("utf-16-le") not in kept
        assert secret not in str(list(notes)) + caplog.text
    assert sum(chunk.size for chunk in link.tap.recent()) > 2000


async def test_a_cut_off_card_leaves_no_trace(reader: SamReader, sam: Any) -> None:
    """The answer comes when nobody waits for it any more."""
    sam.lay_card()
    reading = asyncio.ensure_future(reader.read())
    sam.before_reply = lambda name: reading.cancel() if name == "read_base" else None
    await asyncio.wait([reading])
    sam.before_reply = lambda name: None
    assert (await reader.check()).state == "ready"
    link = reader._link
    assert isinstance(link, StreamLink)
    kept = b"".join(chunk.data for chunk in link.tap.recent())
    assert "张测试".encode("utf-16-le") not in kept
    # The card's answer may still come late: until it cannot any more, nothing is kept but sizes.
    assert (link.tap.recent()[-1].size, link.tap.recent()[-1].data) == (11, b"")


def shifted(answer: bytes) -> bytes:
    """One byte comes twice, and the frame's own XOR does not see it: that byte equals the sum at the end."""
    at = answer.index(answer[-1:], 300)
    return answer[: at + 1] + answer[at:]


@pytest.mark.parametrize("apart", [False, True])
async def test_a_shifted_card_is_not_believed(
    reader: SamReader, sam: Any, peer: Any, apart: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "_LOOK_BEHIND_SECONDS", 0.3)  # the last byte's real delay is this machine's mood
    good = sam.reply("read_base_resident")
    bad = shifted(good)
    assert good[:-1] != bad[: len(good) - 1]
    sam.lay_card()
    sam.play("read_base", bad[: len(good)] if apart else bad, "read_base_resident")
    if apart:
        sam.before_reply = lambda name: (
            asyncio.get_running_loop().call_later(0.001, peer.send, bad[len(good) :])
            if name == "read_base" and sam.asked.count(name) == 1
            else None
        )
    record = await read(reader)
    assert sam.asked.count("read_base") == 2
    assert "photo_head" not in record.warnings
    assert base64.b64decode(record.photo_wlt) == good[-1025:-1]


async def test_a_late_filler_behind_a_card_says_nothing_against_it(reader: SamReader, sam: Any) -> None:
    filler = bytes.fromhex("AAAAAA96690005050505")
    for size in (len(filler), 7):
        sam.asked.clear()
        sam.lay_card()
        sam.play("read_base", sam.reply("read_base_resident") + filler[:size])
        assert (await read(reader)).name
        assert sam.asked.count("read_base") == 1
