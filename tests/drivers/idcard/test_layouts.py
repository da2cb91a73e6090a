import base64
import json
from pathlib import Path
from typing import Any

import pytest

from drivers.contract import IdRecord
from drivers.errors import CardUnreadable, Garbled
from drivers.idcard.codes import NATIONS, SEXES
from drivers.idcard.frame import FrameReader, Reply
from drivers.idcard.layouts import make_record, read_append, read_text, split_base
from drivers.idcard.numbers import check_digit, number_warnings, old_foreign_number, old_foreign_warnings

VECTORS = json.loads((Path(__file__).parent / "golden" / "vectors.json").read_text(encoding="utf-8"))
BASES = [vector for vector in VECTORS["responses"] if vector["for_request"] == "read_base" and vector["expect"]["ok"]]
LAYOUT_OF = {
    "resident": "resident",
    "foreign_pr_2017": "foreign_2017",
    "foreign_pr_2023": "foreign_2023",
    "hmt_residence": "hmt",
}
FIELD_OF = {
    "sex_code": "sex",
    "nation_code": "nation",
    "id_number": "number",
    "name_cn": "name",
    "agency_code": "agency",
}
NOT_FIELDS = {"card_type", "type_flag", "sex", "nation", "valid_long_term", "id_checksum_ok", "old_number"}


def data_of(name: str) -> bytes:
    vector = next(one for one in VECTORS["responses"] if one["name"] == name)
    [reply] = FrameReader().feed(bytes.fromhex(vector["hex"]))
    assert isinstance(reply, Reply)
    return reply.data


def record_of(name: str) -> IdRecord:
    text, photo = split_base(data_of(name))
    return make_record(read_text(text), photo)


def with_field(offset: int, value: str) -> bytes:
    text = bytearray(split_base(data_of("read_base_resident"))[0])
    encoded = value.encode("utf-16-le")
    text[offset : offset + len(encoded)] = encoded
    return bytes(text)


@pytest.mark.parametrize("vector", [pytest.param(vector, id=vector["name"]) for vector in BASES])
def test_fields(vector: dict[str, Any]) -> None:
    wanted = vector["expect"]["fields"]
    text_block, photo = split_base(data_of(vector["name"]))
    assert len(text_block) == vector["expect"]["text_len"]
    assert len(photo) == vector["expect"]["photo_len"]
    text = read_text(text_block)
    record = make_record(text, photo)
    assert record.layout == LAYOUT_OF[wanted["card_type"]]
    decoded = text.fields | {"name_en": text.fields.get("name_en", "") + text.fields.get("name_en_rest", "")}
    for name in wanted.keys() - NOT_FIELDS:
        assert decoded[FIELD_OF.get(name, name)] == wanted[name], name
    assert record.sex == wanted["sex"]
    assert record.nation == wanted.get("nation", wanted.get("country", ""))
    # The page's J card is female with an odd 17th digit: exactly what is to be warned of.
    assert record.warnings == (("number_sex",) if record.layout == "hmt" else ())
    assert base64.b64decode(record.photo_wlt) == photo


def test_the_worked_record() -> None:
    record = record_of("read_base_resident")
    assert record.name == "张测试"
    assert record.address == "测试省样例市虚构区不存在路1号101室"
    assert record.number == "119999199001010012"
    assert (record.birth, record.valid_from, record.valid_to) == ("19900101", "20200101", "20400101")
    assert record.issuer == "样例市公安局虚构分局"


def test_a_foreigners_name_is_the_chinese_one_when_there_is_one() -> None:
    assert record_of("read_base_foreign_2017_I").name == "试样"
    text = bytearray(split_base(data_of("read_base_foreign_2017_I"))[0])
    text[158:188] = " ".encode("utf-16-le") * 15
    assert make_record(read_text(bytes(text)), b"").name == "TEST, SPECIMEN FOREIGNER"


def test_an_appended_address_stands_beside_the_printed_one() -> None:
    text, photo = split_base(data_of("read_base_resident"))
    record = make_record(read_text(text), photo, read_append(data_of("append_one")))
    assert record.address == "测试省样例市虚构区不存在路1号101室"
    assert record.new_address == "测试省样例市虚构区新址路9号"


def test_a_longer_append_counts_as_seventy_bytes_and_half_a_character_is_dropped() -> None:
    seventy = "新".encode("utf-16-le") * 35
    assert read_append(seventy + "旧".encode("utf-16-le") * 35) == "新" * 35
    assert read_append(seventy[:9]) == "新" * 4
    assert read_append("  ".encode("utf-16-le")) == ""


def test_what_only_foreigners_and_neighbours_cards_hold() -> None:
    new = record_of("read_base_foreign_2023_Y")
    assert new.old_number == "UTO110090010108"
    assert new.name_en
    assert record_of("read_base_foreign_2017_I").old_number == ""
    assert record_of("read_base_hmt_J").pass_number
    resident = record_of("read_base_resident")
    assert (resident.name_en, resident.old_number, resident.pass_number) == ("", "", "")


@pytest.mark.parametrize("link", ["", "   ", "00", "字00"])
def test_no_old_number_without_its_parts(link: str) -> None:
    assert old_foreign_number("911999199001010014", "UTO", link) == ""


def test_doubts_are_warnings() -> None:
    wrong_check = make_record(read_text(with_field(122, "119999199001010010")), b"")
    assert wrong_check.warnings == ("number_check_digit", "photo_head")
    wrong_sex = make_record(read_text(with_field(30, "2")), b"")
    assert wrong_sex.warnings == ("number_sex", "photo_head")
    wrong_birth = make_record(read_text(with_field(36, "19900102")), b"")
    assert wrong_birth.warnings == ("number_birth", "photo_head")


def test_half_a_surrogate_is_shown_and_warned_of() -> None:
    text = bytearray(split_base(data_of("read_base_resident"))[0])
    text[0:2] = b"\x40\xd8"
    record = make_record(read_text(bytes(text)), b"")
    assert record.name == "�测试"
    assert "text_damaged" in record.warnings
    record.model_dump_json().encode("utf-8")


def test_a_rare_character_outside_the_first_plane() -> None:
    assert make_record(read_text(with_field(0, "\U00020bb7测试")), b"").name == "\U00020bb7测试"


def test_an_unknown_layout_is_unreadable() -> None:
    with pytest.raises(CardUnreadable):
        read_text(with_field(248, "Z"))


def test_lengths_that_do_not_fit() -> None:
    with pytest.raises(Garbled):
        split_base(bytes(4))
    with pytest.raises(Garbled):
        split_base(b"")


def test_a_record_never_shows_itself() -> None:
    record = record_of("read_base_resident")
    text = read_text(split_base(data_of("read_base_resident"))[0])
    for shown in (repr(record), str(record), f"{record}", repr(text), str(text)):
        assert "张" not in shown
        assert "1199" not in shown


@pytest.mark.parametrize("vector", VECTORS["id_numbers"], ids=str)
def test_id_number(vector: dict[str, Any]) -> None:
    if "id17" in vector:
        assert check_digit(vector["id17"]) == vector["check"]
        return
    assert (number_warnings(vector["id18"]) == ()) == vector["valid"]


@pytest.mark.parametrize(
    "number", ["", "119999", "１１９９９９１９９００１０１００１２", "11999919900101001", "x" * 18]
)
def test_numbers_of_another_form(number: str) -> None:
    assert number_warnings(number) != ()


def test_old_foreign_number() -> None:
    assert old_foreign_warnings("UTO110090010108") == ()
    assert old_foreign_warnings("UTO110090010107") == ("number_check_digit",)
    assert old_foreign_warnings("UTO1100900101") == ("number_form",)


def test_code_tables() -> None:
    assert len(NATIONS) == 58
    assert (NATIONS["01"], NATIONS["36"], NATIONS["46"], NATIONS["56"]) == ("汉", "毛南", "德昂", "基诺")
    assert "57" not in NATIONS
    assert SEXES == {"0": "未知", "1": "男", "2": "女", "9": "未说明"}
