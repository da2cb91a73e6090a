import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hw_sim.sam.cards import Card, photo_block
from hw_sim.sam.frames import BadChecksum, BadLength, Request, RequestParser, answer
from hw_sim.sam.module import Reading, SamModule, sam_number_bytes
from tests.hw_sim.hosts import vectors

VECTORS = vectors("idcard")
RESPONSES = {response["name"]: bytes.fromhex(response["hex"]) for response in VECTORS["responses"]}
STREAMS = {stream["name"]: bytes.fromhex(stream["hex"]) for stream in VECTORS["streams"]}
PERSON = {
    "id": "card-1",
    "name": "张测试",
    "sex": "1",
    "nation": "01",
    "birth": "19900101",
    "address": "测试省样例市虚构区不存在路1号101室",
    "number": "119999199001010012",
    "issuer": "样例市公安局虚构分局",
    "from": "20200101",
    "to": "20400101",
}


def card(**changes: object) -> Card:
    return Card.model_validate(PERSON | changes)


def reply(module: SamModule, command: int, parameter: int, data: bytes = b"") -> bytes:
    got = module.request(Request(command, parameter, data))
    return module.finish(got) if isinstance(got, Reading) else got


def served(laid: Card | None = None, append_parameter: int = 3) -> SamModule:
    module = SamModule("05.01-20120101-0000000001-0123456789", append_parameter)
    if laid is not None:
        module.lay(laid)
        reply(module, 0x20, 0x01)
        reply(module, 0x20, 0x02)
    return module


@pytest.mark.parametrize("vector", VECTORS["requests"], ids=lambda vector: vector["name"])
def test_every_request_of_the_page_is_understood(vector: dict[str, str]) -> None:
    expected = Request(int(vector["cmd"], 16), int(vector["para"], 16), bytes.fromhex(vector["data"]))
    assert list(RequestParser().feed(bytes.fromhex(vector["hex"]))) == [expected]


def test_replies_equal_the_page() -> None:
    empty = served()
    assert reply(empty, 0x10, 0xFF) == RESPONSES["reset_ok"]
    assert reply(empty, 0x11, 0xFF) == RESPONSES["status_ok"]
    assert reply(empty, 0x12, 0xFF) == RESPONSES["sam_id_fake"]
    assert reply(empty, 0x20, 0x01) == RESPONSES["find_none"]
    assert reply(empty, 0x20, 0x02) == RESPONSES["select_failed"]
    assert reply(empty, 0x30, 0x01) == RESPONSES["read_failed"]
    assert reply(empty, 0x77, 0x01) == RESPONSES["reader_bad_command"]
    assert answer(0x10) == RESPONSES["reader_saw_bad_checksum"]
    assert answer(0x11) == RESPONSES["reader_saw_bad_length"]
    assert answer(0x81, card_words=0x6A82) == RESPONSES["select_failed_card_sw"]
    found = SamModule("05.01-20120101-0000000001-0123456789")
    found.lay(card())
    assert reply(found, 0x20, 0x01) == RESPONSES["find_ok"]
    assert reply(found, 0x20, 0x02) == RESPONSES["select_ok"]


def test_the_published_sam_number() -> None:
    module = SamModule("05.01-20101129-0001228293-0296863149")
    assert reply(module, 0x12, 0xFF) == RESPONSES["sam_id_published_specimen"]


@pytest.mark.parametrize("wrong", ["", "5.1-2012-1-1", "05.01-20120101-0000000001-9999999999"])
def test_a_sam_number_of_another_form_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="SAM number"):
        sam_number_bytes(wrong)


CARDS = {
    "read_base_resident": {},
    "read_base_resident_long_term": {
        "name": "欧阳样例",
        "sex": "2",
        "nation": "11",
        "birth": "20000229",
        "address": "测试省样例市虚构区不存在路2号",
        "number": "11999920000229004X",
        "from": "20190301",
        "to": "长期",
    },
    "read_base_hmt_J": {
        "layout": "residence_permit",
        "name": "陈样例",
        "sex": "2",
        "nation": "",
        "birth": "18500101",
        "address": "测试省样例市虚构区不存在路3号",
        "number": "810000185001010011",
        "from": "20200101",
        "to": "20250101",
        "pass_number": "H00000000",
        "issue_count": "02",
    },
    "read_base_foreign_2017_I": {
        "layout": "foreigner_2017",
        "name": "试样",
        "english_name": "TEST, SPECIMEN FOREIGNER",
        "sex": "2",
        "birth": "19900101",
        "number": "UTO110090010108",
        "country": "UTO",
        "from": "20180601",
        "to": "20280531",
        "version": "01",
        "agency": "1100",
    },
    "read_base_foreign_2023_Y": {
        "layout": "foreigner_2023",
        "name": "试样",
        "english_name": "SPECIMEN, TESTING ALPHABETICALLONGNAMESXYZ01",
        "sex": "1",
        "renewals": "01",
        "birth": "19900101",
        "number": "911999199001010014",
        "from": "20240101",
        "to": "20340101",
        "country": "UTO",
        "old_link": "000",
    },
}


@pytest.mark.parametrize("name", CARDS)
def test_a_card_read_equals_the_page_byte_for_byte(name: str) -> None:
    assert reply(served(card(**CARDS[name])), 0x30, 0x01) == RESPONSES[name]


@pytest.mark.parametrize(("name", "fingers"), [("none", ()), ("one", (11,)), ("two", (11, 16))])
def test_a_read_with_fingers(name: str, fingers: tuple[int, ...]) -> None:
    assert reply(served(card(fingers=fingers)), 0x30, 0x10) == RESPONSES[f"read_fp_{name}"]


def test_the_other_items_of_a_card() -> None:
    rich = card(
        append=["测试省样例市虚构区新址路9号"],
        chip="0102030405060708",
        body="A0A1A2A3A4A5A6A7A8A9AAABACADAEAF",
    )
    assert reply(served(rich), 0x30, 0x03) == RESPONSES["append_one"]
    assert reply(served(rich), 0x30, 0x05) == RESPONSES["iin_sn_dn"]
    assert reply(served(card()), 0x30, 0x03) == RESPONSES["append_none"]


def test_a_module_of_the_other_kind_gives_the_added_address_by_30_02_only() -> None:
    module = served(card(append=["新址"]), append_parameter=2)
    assert reply(module, 0x30, 0x03) == RESPONSES["reader_bad_command"]
    assert len(reply(module, 0x30, 0x02)) == 81


def test_a_served_card_is_not_found_again_until_it_is_lifted() -> None:
    module = served(card())
    reply(module, 0x30, 0x01)
    assert reply(module, 0x20, 0x01) == RESPONSES["find_none"]
    module.lift()
    module.lay(card())
    assert reply(module, 0x20, 0x01) == RESPONSES["find_ok"]


def test_a_read_before_the_card_is_selected_is_refused() -> None:
    module = SamModule("05.01-20120101-0000000001-0123456789")
    module.lay(card())
    assert reply(module, 0x30, 0x01)[9] == 0x34
    reply(module, 0x20, 0x01)
    assert reply(module, 0x30, 0x01)[9] == 0x34


@pytest.mark.parametrize(("data", "status"), [(b"\x50", 0x90), (b"\x10", 0x21), (b"", 0x11), (b"\x50\x50", 0x11)])
def test_radio_frame_size_is_24_to_255(data: bytes, status: int) -> None:
    assert reply(served(), 0x61, 0xFF, data)[9] == status


def test_data_where_none_belongs_is_a_wrong_length() -> None:
    assert reply(served(), 0x20, 0x01, b"\0") == RESPONSES["reader_saw_bad_length"]


def parsed(data: bytes) -> list[object]:
    return list(RequestParser().feed(data))


def test_damaged_streams_are_told_apart() -> None:
    assert parsed(STREAMS["bad_checksum_small"]) == [BadChecksum()]
    assert parsed(STREAMS["bad_checksum_large"]) == [BadChecksum()]
    assert parsed(STREAMS["bad_length_zero"]) == [BadLength()]
    assert parsed(STREAMS["bad_length_too_big"]) == [BadLength()]
    assert parsed(STREAMS["bad_preamble"]) == []
    assert parsed(STREAMS["no_preamble"]) == []
    for name in ("truncated_header", "truncated_preamble", "truncated_body", "truncated_vendor_timeout"):
        parser = RequestParser()
        assert list(parser.feed(STREAMS[name])) == []
        assert parser.waiting == len(STREAMS[name])


@pytest.mark.parametrize(
    ("name", "commands"),
    [
        ("garbage_then_frame", 1),
        ("extra_aa_then_frame", 1),
        ("many_aa_then_frame", 1),
        ("two_frames_back_to_back", 2),
        ("frame_then_partial", 1),
        ("preamble_inside_photo", 1),
    ],
)
def test_frames_are_found_behind_noise_and_never_inside_frames(name: str, commands: int) -> None:
    assert [type(heard) for heard in parsed(STREAMS[name])] == [Request] * commands


def test_a_good_frame_right_behind_a_bad_one() -> None:
    assert [type(heard) for heard in parsed(STREAMS["bad_checksum_then_good"])] == [BadChecksum, Request]


@given(st.lists(st.sampled_from([bytes.fromhex(v["hex"]) for v in VECTORS["requests"]]), max_size=6), st.data())
@settings(max_examples=60, deadline=None)
def test_any_cut_of_the_stream_gives_the_same_requests(frames: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(frames)
    parser, got, place = RequestParser(), [], 0
    while place < len(stream):
        count = data.draw(st.integers(1, 9))
        got += list(parser.feed(stream[place : place + count]))
        place += count
    assert got == parsed(stream)
    assert len(got) == len(frames)


def test_the_photo_has_the_head_of_every_shipped_card() -> None:
    assert len(photo_block()) == 1024
    assert photo_block().startswith(bytes.fromhex("574C66007E00320000FF85"))


@pytest.mark.parametrize("layout", ["resident", "residence_permit", "foreigner_2017", "foreigner_2023"])
def test_every_layout_fills_256_bytes(layout: str) -> None:
    number = "U" * 15 if layout == "foreigner_2017" else "1" * 18
    assert len(card(layout=layout, number=number).text_block()) == 256


def test_what_does_not_fit_on_a_card_is_refused() -> None:
    with pytest.raises(ValueError, match="name is longer"):
        card(name="一" * 16)
