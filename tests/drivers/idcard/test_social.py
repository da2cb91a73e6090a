"""What is read of a social-security card (idcard.md section 8), without a reader."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.contract import SocialCard
from drivers.errors import CardUnreadable, DeviceError, Garbled, Refused
from drivers.idcard.social import SELECT_SSSE, converse, read_social_card
from tests.drivers.idcard.social_card import EF05, EF06, social_card

PAGE: dict[str, Any] = json.loads((Path(__file__).parent / "golden" / "social.json").read_text(encoding="utf-8"))
WHOLE = SocialCard(
    number="119999199001010012",
    name="张测试",
    sex="男",
    nation="汉",
    birth="19900101",
    card_id="119999D15600000500119999",
    card_number="TEST00001",
    area="119999",
    version="2.00",
    issued="20200101",
    expires="20400101",
)


@pytest.mark.parametrize(
    "how", [{}, {"t0": True}, {"exact": True}, {"by_file": True}, {"by_file": True, "t0": True}], ids=str
)
def test_every_way_of_asking_gives_the_same(how: dict[str, bool]) -> None:
    card = social_card(**how)  # type: ignore[arg-type]
    assert read_social_card(card).model_dump() == WHOLE.model_dump()


def test_a_first_generation_card_has_its_records_elsewhere() -> None:
    older = tuple(record for record in EF06 if record[0] != 0x4E)
    version = (*EF05[:2], b"\x03\x041.00", *EF05[3:])
    card = read_social_card(social_card(version, older))
    assert card.model_dump() == WHOLE.model_copy(update={"version": "1.00"}).model_dump()


def test_the_pages_apdus() -> None:
    """Every answer of the page, asked for in the page's words; 61xx and 6Cxx lead to a second question."""
    assert SELECT_SSSE.hex().upper() == PAGE["ssc_apdu"][0]["send"]
    for one in PAGE["ssc_apdu"]:
        asked: list[str] = []
        answers = iter([bytes.fromhex(one["recv"]), bytes.fromhex("9000")])

        def transmit(apdu: bytes, asked: list[str] = asked, answers: Any = answers) -> bytes:
            asked.append(apdu.hex().upper())
            return next(answers)

        data, status = converse(transmit, bytes.fromhex(one["send"]))
        if one["recv"] == "611E":
            assert asked[1] == "00C000001E"
        elif one["recv"] == "6C0B":
            assert asked[1] == "00B2072C0B"
        else:
            assert (data + status.to_bytes(2, "big")).hex().upper() == one["recv"]


@pytest.mark.parametrize("status", ["6A82", "6A81", "6D00", "6E00", "6999"])
def test_another_card_is_refused_in_so_many_words(status: str) -> None:
    with pytest.raises(Refused) as caught:
        read_social_card(lambda apdu: bytes.fromhex(status))
    assert caught.value.device_code == status
    assert "not a social-security card" in caught.value.detail


def test_what_the_card_keeps_back_is_empty_and_said() -> None:
    card = read_social_card(social_card(withheld=frozenset({0x09, 0x0D})))
    assert (card.name, card.birth, card.number) == ("", "", "119999199001010012")
    assert "withheld" in card.warnings
    with pytest.raises(CardUnreadable):
        read_social_card(social_card(withheld=frozenset(range(256))))


def test_long_names() -> None:
    first, more = "测试" * 7 + "甲", "乙丙"
    records = (EF06[0], b"\x09\x1e" + first.encode("gbk"), b"\x4e\x04" + more.encode("gbk"), *EF06[3:])
    card = read_social_card(social_card(ef06=records))
    assert card.name == first + more
    assert "name_extension" in card.warnings


def test_doubts_are_warnings() -> None:
    wrong = (b"\x08\x12119999199001010010", *EF06[1:])
    assert read_social_card(social_card(ef06=wrong)).warnings == ("number_check_digit",)
    assert "number_missing" in read_social_card(social_card(ef06=EF06[1:])).warnings
    odd = (EF06[0], b"\x09\x02\xff\xff", *EF06[2:])
    assert "text_damaged" in read_social_card(social_card(ef06=odd)).warnings


def test_it_never_shows_itself() -> None:
    assert "张" not in f"{read_social_card(social_card())!r} {read_social_card(social_card())}"


def test_every_record_cut_at_every_offset() -> None:
    """Cut short, an answer is never taken for a whole one."""
    whole = read_social_card(social_card()).model_dump()
    for file, records in ((5, EF05), (6, EF06)):
        for number, record in enumerate(records):
            for end in range(len(record)):
                cut = (*records[:number], record[:end], *records[number + 1 :])
                with pytest.raises((Garbled, CardUnreadable)):
                    read_social_card(social_card(**{f"ef0{file}": cut}))  # type: ignore[arg-type]
    assert read_social_card(social_card()).model_dump() == whole


def test_every_byte_of_every_record_damaged() -> None:
    """Nothing but an error of ours or a record comes of it."""
    for file, records in ((5, EF05), (6, EF06)):
        for number, record in enumerate(records):
            for at in range(len(record)):
                for change in (0x01, 0x80, 0xFF):
                    bad = bytearray(record)
                    bad[at] ^= change
                    spoilt = (*records[:number], bytes(bad), *records[number + 1 :])
                    try:
                        card = read_social_card(social_card(**{f"ef0{file}": spoilt}))  # type: ignore[arg-type]
                    except (Garbled, CardUnreadable):
                        continue
                    card.model_dump_json().encode("utf-8")


@settings(max_examples=100, deadline=None)
@given(st.lists(st.binary(max_size=40), max_size=40))
def test_any_answers_end_in_a_card_or_an_error(answers: list[bytes]) -> None:
    waiting = iter([b"\x90\x00", *answers])
    try:
        read_social_card(lambda apdu: next(waiting, b"\x6a\x83"))
    except DeviceError:
        return


def test_an_answer_without_end() -> None:
    with pytest.raises(Garbled):
        read_social_card(lambda apdu: b"\x61\x10")
    with pytest.raises(Garbled):
        read_social_card(lambda apdu: b"\x90")
