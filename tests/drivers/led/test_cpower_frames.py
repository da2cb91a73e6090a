"""C-Power telegrams by the page's vectors, cut, corrupted and in any company."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from drivers.errors import Garbled, Refused, WrongDevice
from drivers.led.cpower import commands
from drivers.led.cpower.commands import Look
from drivers.led.cpower.frames import (
    NetworkFrames,
    SerialFrames,
    on_network,
    on_serial,
    parse_reply,
    parsed,
    telegram,
)

from .conftest import frames

VECTORS, MALFORMED = frames("vectors", "cpower"), frames("malformed", "cpower")
STILL = Look(16, align=0, stay=3)
RAIN = "前方积水 禁止通行".encode("gb2312")


def window(content: bytes, card: int = 1) -> bytes:
    (data,) = commands.packets(content)
    return telegram(commands.WINDOWS, data, card=card)


def dots(width: int, height: int, *lit: tuple[int, int]) -> np.ndarray:
    picture = np.zeros((height, width), dtype=np.bool_)
    for x, y in lit:
        picture[y, x] = True
    return picture


I1 = commands.simple_picture(dots(16, 2, (0, 0), (15, 0), (15, 1)))
NETWORK = bytes((192, 168, 1, 222)), bytes((192, 168, 1, 1)), bytes((255, 255, 255, 0)), 5200, 0xFFFFFFFF
BUILT = {
    "cp_text_pure": on_serial(window(commands.pure_text(0, b"abc\rcba", Look(16, align=1, stay=3)))),
    "cp_save": on_serial(window(commands.save())),
    "cp_power_on": on_serial(telegram(commands.POWER, commands.power(True))),
    "cp_power_off": on_serial(telegram(commands.POWER, commands.power(False))),
    "cp_set_net": on_serial(telegram(commands.NETWORK, commands.network(*NETWORK))),
    "cp_text_escape": on_serial(window(commands.pure_text(0, RAIN, Look(40, align=commands.CENTRED, stay=3)))),
    "cp_split_1win": on_serial(window(commands.split([(0, 0, 192, 48)]))),
    "cp_image_i1": on_serial(window(commands.picture(0, I1))),
    "cp_exit": on_serial(window(commands.leave())),
    "cpn_text_big5": on_network(
        window(
            commands.pure_text(
                0, "辨識中".encode("big5"), Look(16, (0, 255, 0), effect=commands.Effect.FLASH, speed=3, stay=3)
            ),
            card=0xFF,
        )
    ),
    "cpn_text_big5_2": on_network(
        window(
            commands.pure_text(
                1, "歡迎入場，請勿跟車。".encode("big5"), Look(16, effect=commands.Effect.SCROLL_LEFT, speed=2, stay=3)
            ),
            card=0xFF,
        )
    ),
    "cpn_window3": on_network(window(commands.pure_text(0, "3号窗口".encode("gb2312"), Look(24, speed=1)), card=0xFF)),
}
REPLIES = {"cp_set_net_reply", "cp_ack", "cp_err_checksum"}


def test_every_vector_is_used() -> None:
    assert BUILT.keys() | REPLIES == VECTORS.keys()


@pytest.mark.parametrize("name", sorted(BUILT))
def test_vectors(name: str) -> None:
    assert BUILT[name].hex(" ") == VECTORS[name].hex(" ")


@pytest.mark.parametrize("name", sorted(VECTORS))
def test_vectors_are_found_in_a_stream(name: str) -> None:
    cutter = NetworkFrames() if name.startswith("cpn") else SerialFrames()
    (content,) = cutter.feed(VECTORS[name])
    assert parsed(content).card_type == 0x32
    assert cutter.dropped == 0


def reply(name: str) -> bytes:
    (content,) = SerialFrames().feed(VECTORS[name])
    return content


def test_replies() -> None:
    ack = parse_reply(reply("cp_ack"))
    assert (ack.card, ack.cmd, ack.result, ack.data) == (1, 0x7B, 0, b"\x01\0\0\0\x12")
    assert ack.refusal is None
    assert ack.answers((0x7B, 0))
    assert not ack.answers((0x7B, 1))
    assert not ack.answers((0x01, 0))
    assert isinstance(parse_reply(reply("cp_err_checksum")).refusal, Garbled)
    assert parse_reply(reply("cp_set_net_reply")).data == b"\x01"


def as_reply(content: bytes) -> bytes:
    """A host's telegram turned into a card's, sum and all: malformed vectors are the host's."""
    body = b"\xe8" + content[1:-2]
    return body + (sum(body) & 0xFFFF).to_bytes(2, "little")


def test_packets_out_of_order() -> None:
    body = bytes.fromhex("e8 32 01 7b 02 01 00 00 00 12")
    refusal = parse_reply(body + (sum(body) & 0xFFFF).to_bytes(2, "little")).refusal
    assert isinstance(refusal, Refused)
    assert refusal.device_code == "2"


@pytest.mark.parametrize("name", sorted(MALFORMED))
def test_malformed(name: str) -> None:
    """Each is either not found, or found and refused, or shows what we never build."""
    cutter = NetworkFrames(0xFFFFFFFF if name == "cpn_len" else 0x0A0B0C0D) if name[:3] == "cpn" else SerialFrames()
    found = cutter.feed(MALFORMED[name])
    match name:
        case "cp_bad_sum":
            with pytest.raises(Garbled):
                parsed(found[0])
        case "cp_bad_escape":
            assert found == []
            assert cutter.dropped
        case "cp_no_end" | "cpn_len" | "cpn_idcode":
            assert found == []
        case "cp_len":
            with pytest.raises(Garbled):
                parse_reply(as_reply(found[0]))
        case "cp_card_type":
            with pytest.raises(WrongDevice):
                parse_reply(as_reply(found[0]))
        case "cp_text_no_nul":
            assert window(commands.pure_text(0, b"abc", STILL)) != found[0]
            with pytest.raises(ValueError, match="ends"):
                commands.pure_text(0, b"a\0b", STILL)
        case "cp_bad_window":
            with pytest.raises(ValueError, match="window 9"):
                commands.pure_text(9, b"abc", STILL)
        case _:
            pytest.fail(f"{name} is not looked at")


@pytest.mark.parametrize("name", sorted(VECTORS))
def test_cut_and_corrupted_at_every_offset(name: str) -> None:
    """Never a telegram other than the one sent, and the next whole one is always found."""
    networked = name.startswith("cpn")
    whole, original = VECTORS[name], None
    make = NetworkFrames if networked else SerialFrames
    (original,) = make().feed(whole)
    for at in range(1, len(whole)):
        cutter = make()
        assert cutter.feed(whole[:at]) == []
        if not networked:
            assert good(cutter.feed(whole)) == [original]
    for at in range(len(whole)):
        damaged = bytearray(whole)
        damaged[at] ^= 0x04
        cutter = make()
        found = good(cutter.feed(bytes(damaged) + whole * 3))
        assert found
        assert found[-1] == original
        assert all(one == original for one in found)


def good(contents: list[bytes]) -> list[bytes]:
    """Those a driver would take."""
    taken = []
    for content in contents:
        try:
            parsed(content)
        except Garbled:
            continue
        taken.append(content)
    return taken


@settings(max_examples=80, deadline=None)
@given(data=st.binary(max_size=300), code=st.integers(0, 0xFFFFFFFF), noise=st.binary(max_size=12))
def test_any_data_survives_both_wrappings(data: bytes, code: int, noise: bytes) -> None:
    content = telegram(0x01, data, card=7)
    wrapped = on_serial(content)
    assert wrapped.count(0xA5) == 1
    assert wrapped.count(0xAE) == 1
    assert good(SerialFrames().feed(noise + b"\xae" + wrapped)) == [content]
    cutter = NetworkFrames(code)
    assert [found for byte in on_network(content, code) for found in cutter.feed(bytes((byte,)))] == [content]


@settings(max_examples=60, deadline=None)
@given(noise=st.binary(max_size=40).filter(lambda data: b"\xe8" not in data and b"\x68" not in data))
def test_network_noise_is_passed_over(noise: bytes) -> None:
    content = telegram(0x01, b"hall")
    cutter = NetworkFrames(0x01020304)
    assert cutter.feed(noise + on_network(content, 0x01020304)) == [content]
    assert cutter.dropped == len(noise)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_picture_comes_back(data: st.DataObject) -> None:
    picture = data.draw(arrays(np.bool_, (data.draw(st.integers(1, 9)), data.draw(st.integers(1, 70)))))
    planes = data.draw(st.lists(st.sampled_from(["red", "green", "blue"]), min_size=1, max_size=3, unique=True))
    back = commands.dots_of(commands.simple_picture(picture, planes))
    assert set(back) == set(planes)
    assert all(np.array_equal(plane, picture) for plane in back.values())


def test_pictures_that_are_none() -> None:
    for damaged in (I1[:-1], b"I2" + I1[2:], I1[:6] + b"\x71" + I1[7:], b"I1"):
        with pytest.raises(ValueError, match=r"picture|fit"):
            commands.dots_of(damaged)


def test_long_contents_are_cut_into_packets() -> None:
    content = commands.picture(0, commands.simple_picture(np.ones((64, 192), dtype=np.bool_)))
    packets = commands.packets(content)
    assert b"".join(packet[4:] for packet in packets) == content
    assert [(packet[2], packet[3]) for packet in packets] == [(number, len(packets) - 1) for number in range(8)]
    assert all(int.from_bytes(packet[:2], "little") == len(packet) - 4 <= 200 for packet in packets)


def test_contents_without_a_vector() -> None:
    """By the page's table; no published bytes exist for these."""
    coloured = commands.characters([b"A", "号".encode("gb2312")], 16, 1)
    assert coloured.hex(" ") == "12 00 41 12 ba c5"
    assert commands.text(1, coloured, effect=0, align=5, speed=1, stay=3).hex(" ") == (
        "02 01 00 05 01 00 03 12 00 41 12 ba c5"
    )
    boxed = commands.static_text(0, (0, 16, 192, 32), b"A", Look(32))
    assert boxed.hex(" ") == "04 00 01 05 00 00 00 10 00 c0 00 20 04 ff 00 00 41 00"
    assert commands.clock(2, b"", Look(16, stay=10), content=7).hex(" ") == "05 02 00 0a 00 00 07 02 ff 00 00 00"
    assert commands.forget_saved().hex(" ") == "07 01 00 00"
    assert commands.id_and_baud(7, 9600).hex(" ") == "00 07 04"
    for windows in ([], [(0, 0, 8, 8)] * 9):
        with pytest.raises(ValueError, match="windows"):
            commands.split(windows)
