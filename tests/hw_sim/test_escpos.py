import json
from pathlib import Path
from typing import Any

import pytest
from escpos.printer import Dummy
from PIL import Image

from hw_sim.escpos import EscPosSimulator
from hw_sim.escpos.graphics import QrStore
from hw_sim.faults import Fault, FaultWord
from tests.hw_sim.hosts import GOLDEN, Bench, ListWire

INIT, CHINESE, CUT = b"\x1b@", b"\x1c&", b"\x1dV\x00"
CENTRE, LEFT = b"\x1ba\x01", b"\x1ba\x00"


def size(across: int, down: int) -> bytes:
    return bytes([0x1D, 0x21, (across - 1) << 4 | (down - 1)])


def qr(data: bytes, dots: int = 6) -> bytes:
    def function(body: bytes) -> bytes:
        return b"\x1d(k" + len(body).to_bytes(2, "little") + body

    return b"".join(function(body) for body in (b"1A2\0", bytes([0x31, 0x43, dots]), b"1E1", b"1P0" + data, b"1Q0"))


def raster(rows: bytes, width: int, height: int) -> bytes:
    return b"\x1dv0\0" + width.to_bytes(2, "little") + height.to_bytes(2, "little") + rows


TICKET = b"".join(
    (
        INIT + CHINESE + CENTRE,
        "示例街道样本社区公共服务站\n".encode("gbk"),
        b"\x1bE\x01" + "综合业务\n".encode("gbk") + b"\x1bE\x00",
        size(4, 4) + b"A017\n" + size(1, 1),
        b"\x1c!\x0c\x1b!\x30" + "等候 3 人\n".encode("gbk") + b"\x1c!\x00\x1b!\x00",
        LEFT + "取号时间 2026-11-22 09:30\n".encode("gbk"),
        b"\x1b-\x01" + b"underlined" + b"\x1b-\x00" + b" plain\n",
        CENTRE + raster(bytes([0xF0] * 16 * 8), 16, 8),
        qr(b"https://hall.example/t/A017"),
        b"\n" + "请留意屏幕和广播，过号请到服务台。\n".encode("gbk"),
        b"\x1dVB\x10",
    )
)


def build(bench: Bench, folder: Path, **options: Any) -> EscPosSimulator:
    return EscPosSimulator("printer-1", *bench.parts(), folder=folder, **options)


@pytest.fixture
async def printer(bench: Bench, tmp_path: Path):
    device = build(bench, tmp_path / "printer-1")
    await device.start()
    yield device
    await device.stop()


class Asks:
    def __init__(self, printer: EscPosSimulator, bench: Bench) -> None:
        self.printer, self.wire, self.clock = printer, bench.wire, bench.clock

    async def __call__(self, sent: bytes, seconds: float = 0.0) -> bytes:
        self.printer.heard(sent)
        await self.clock.advance(seconds)
        assert isinstance(self.wire, ListWire)
        return self.wire.taken()


@pytest.fixture
def ask(printer: EscPosSimulator, bench: Bench) -> Asks:
    return Asks(printer, bench)


def tickets(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))]


def texts(ticket: dict[str, Any]) -> list[str]:
    return [line["text"] for line in ticket["lines"] if line["kind"] == "text"]


async def test_a_ticket_is_printed_as_it_reads(printer: EscPosSimulator, ask: Asks, tmp_path: Path) -> None:
    await ask(TICKET)
    (ticket,) = tickets(tmp_path / "printer-1")
    golden = GOLDEN / "ticket.json"
    assert ticket == json.loads(golden.read_text("utf-8"))
    image = Image.open(tmp_path / "printer-1/001.png")
    assert image.width == 576
    assert printer.picture() == (tmp_path / "printer-1/001.png").read_bytes()
    assert printer.view()["printed"] == 1
    assert printer.view()["errors"] == []


@pytest.mark.parametrize("step", [1, 2, 7])
async def test_any_cut_of_the_stream_prints_the_same(ask: Asks, tmp_path: Path, step: int) -> None:
    await ask(TICKET)
    for place in range(0, len(TICKET), step):
        await ask(TICKET[place : place + step])
    one, two = tickets(tmp_path / "printer-1")
    assert one | {"number": 2} == two
    assert (tmp_path / "printer-1/001.png").read_bytes() == (tmp_path / "printer-1/002.png").read_bytes()


async def test_cells_are_12_and_24_dots_and_sizes_repeat_them(ask: Asks, tmp_path: Path) -> None:
    await ask(INIT + CHINESE + size(8, 8) + "国".encode("gbk") + b"1" + b"\n" + CUT)
    image = Image.open(tmp_path / "printer-1/001.png").convert("L")
    inked = image.point(lambda grey: 255 - grey).getbbox()
    assert inked is not None
    assert 8 * 24 < inked[2] <= 8 * 36
    assert inked[3] <= 8 * 24
    for x in range(0, 8 * 36, 8):  # eight by eight blocks are of one colour
        darkest, brightest = image.crop((x, 96, x + 8, 104)).getextrema()
        assert darkest == brightest


async def test_a_full_line_goes_on_in_the_next(ask: Asks, tmp_path: Path) -> None:
    await ask(INIT + CHINESE + ("字" * 25).encode("gbk") + b"\n" + b"x" * 49 + b"\n" + CUT)
    assert texts(tickets(tmp_path / "printer-1")[0]) == ["字" * 24, "字", "x" * 48, "x"]


async def test_narrow_paper_has_32_columns(bench: Bench, tmp_path: Path) -> None:
    printer = build(bench, tmp_path, width=384)
    await printer.start()
    await Asks(printer, bench)(INIT + b"y" * 33 + b"\n" + CUT)
    assert texts(tickets(tmp_path)[0]) == ["y" * 32, "y"]
    await printer.stop()


@pytest.mark.parametrize(
    ("charset", "text", "printed"),
    [
        ("gb2312", "张", "张"),
        ("gb2312", "镕", "□"),
        ("gbk", "镕", "镕"),
        ("gbk", "䶮", "□"),
        ("gbk", "㐂", "□□"),
        ("gb18030", "䶮", "䶮"),
        ("gb18030", "𠮷", "𠮷"),
    ],
)
async def test_only_characters_of_the_printers_set_come_out(
    bench: Bench, tmp_path: Path, charset: str, text: str, printed: str
) -> None:
    printer = build(bench, tmp_path, charset=charset)
    await printer.start()
    await Asks(printer, bench)(INIT + CHINESE + text.encode("gb18030") + b"\n" + CUT)
    (ticket,) = tickets(tmp_path)
    assert texts(ticket) == [printed]
    assert bool(ticket["flags"]) == ("□" in printed)
    await printer.stop()


async def test_without_chinese_mode_chinese_is_rubbish(ask: Asks, tmp_path: Path) -> None:
    await ask(INIT + b"\x1c." + "请".encode("gbk") + b"\n" + CUT)
    assert texts(tickets(tmp_path / "printer-1")[0]) == ["請".encode("cp437", "ignore").decode() + "╟δ"]


async def test_half_a_character_is_flagged(ask: Asks, tmp_path: Path) -> None:
    await ask(INIT + CHINESE + "请".encode("gbk")[:1] + b"\n" + CUT)
    assert tickets(tmp_path / "printer-1")[0]["flags"] == ["half a character lost: c7"]


async def test_undefined_commands_are_named(printer: EscPosSimulator, ask: Asks, tmp_path: Path) -> None:
    await ask(INIT + b"\x1bZ" + b"\x1d\x99" + b"\x1bt\x77" + b"ok\n" + CUT)
    (ticket,) = tickets(tmp_path / "printer-1")
    assert ticket["errors"] == [
        "undefined command 1b 5a",
        "undefined command 1d 99",
        "undefined value of ESC t: 77",
    ]
    assert printer.view()["errors"] == ticket["errors"]
    assert texts(ticket) == ["ok"]


async def test_what_python_escpos_sends_is_understood(ask: Asks, printer: EscPosSimulator, tmp_path: Path) -> None:
    source = Dummy()
    source.hw("INIT")
    source.set(align="center", bold=True, double_height=True, double_width=True)
    source.text("A017\n")
    source.set(align="left")
    source.qr("https://hall.example/t/A017", native=True, size=5)
    picture = Image.new("1", (64, 10), 1)
    picture.paste(0, (0, 0, 8, 10))
    for way in ("bitImageRaster", "graphics", "bitImageColumn"):
        source.image(picture, impl=way)
    source.buzzer(2, 4)
    source.cashdraw(2)
    source.cut()
    await ask(source.output)
    (ticket,) = tickets(tmp_path / "printer-1")
    assert ticket["errors"] == []
    kinds = [line["kind"] for line in ticket["lines"]]
    assert kinds.count("qr") == 1
    assert kinds.count("raster") >= 3
    assert "A017" in texts(ticket)
    assert (printer.view()["beeps"], printer.view()["drawer"]) == (2, 1)


async def test_a_raster_dot_is_where_it_belongs(ask: Asks, tmp_path: Path) -> None:
    await ask(INIT + bytes.fromhex("1d763000020004008000000000000000") + CUT)
    image = Image.open(tmp_path / "printer-1/001.png").convert("L")
    black = [(x, y) for x in range(20) for y in range(image.height) if image.getpixel((x, y)) == 0]
    assert black == [(0, 0)]


@pytest.mark.parametrize(
    ("does", "answers"),
    [
        ({}, "12 12 12 12"),
        ({"action": "paper", "state": "near"}, "12 12 12 1e"),
        ({"action": "paper", "state": "out"}, "1a 32 12 72"),
        ({"action": "open_cover"}, "1a 16 12 12"),
        ({"action": "jam_cutter"}, "1a 52 1a 12"),
        ({"action": "online", "on": False}, "1a 12 12 12"),
    ],
)
async def test_realtime_status(printer: EscPosSimulator, ask: Asks, does: dict[str, Any], answers: str) -> None:
    if does:
        printer.act(**does)
    got = b"".join([await ask(bytes([0x10, 0x04, which])) for which in (1, 2, 3, 4)])
    assert got.hex(" ") == answers


async def test_status_is_answered_in_the_middle_of_a_picture(ask: Asks, tmp_path: Path) -> None:
    half = raster(bytes(16 * 100), 16, 100)[:500]
    assert await ask(INIT + half) == b""
    assert await ask(b"\x10\x04\x01") == b"\x12"
    await ask(bytes(16 * 100 + 8 - 500 - 3) + b"after\n" + CUT)
    assert texts(tickets(tmp_path / "printer-1")[0]) == ["after"]


async def test_automatic_status_comes_at_once_and_at_every_change_asked_for(
    printer: EscPosSimulator, ask: Asks
) -> None:
    assert await ask(b"\x1da\x0e") == bytes.fromhex("1000000f")
    printer.act("paper", state="near")
    assert await ask(b"") == bytes.fromhex("1000030f")
    printer.act("open_cover")
    assert await ask(b"") == bytes.fromhex("3800030f")
    printer.act("close_cover")
    assert await ask(b"") == bytes.fromhex("1000030f")
    printer.act("paper", state="near")
    assert await ask(b"") == b""
    await ask(b"\x1da\x00")
    printer.act("paper", state="ok")
    assert await ask(b"") == b""


async def test_only_the_groups_asked_for_are_told(printer: EscPosSimulator, ask: Asks) -> None:
    await ask(b"\x1da\x02")
    printer.act("paper", state="near")
    assert await ask(b"") == b""
    printer.act("paper", state="out")
    assert await ask(b"") == bytes.fromhex("18000c0f")


@pytest.mark.parametrize(("state", "answer"), [("ok", b"\x00"), ("near", b"\x03")])
async def test_the_paper_sensor_in_line(printer: EscPosSimulator, ask: Asks, state: str, answer: bytes) -> None:
    printer.act("paper", state=state)
    assert await ask(b"\x1dr\x01") == answer


@pytest.mark.parametrize("word", [FaultWord.PAPER_OUT, FaultWord.COVER_OPEN])
async def test_what_cannot_be_printed_now_is_printed_later(
    printer: EscPosSimulator, ask: Asks, tmp_path: Path, word: FaultWord
) -> None:
    printer.set_fault(Fault(word))
    await ask(TICKET)
    assert tickets(tmp_path / "printer-1") == []
    assert printer.view()["waiting"] > 0
    assert await ask(b"\x10\x04\x01") == b"\x1a"
    printer.clear_faults()
    await ask(b"")
    assert len(tickets(tmp_path / "printer-1")) == 1


async def test_a_jammed_cutter_keeps_the_ticket_until_it_is_free(
    printer: EscPosSimulator, ask: Asks, tmp_path: Path
) -> None:
    printer.set_fault(Fault(FaultWord.CUTTER_JAM))
    assert await ask(b"\x10\x04\x03") == b"\x12"
    await ask(TICKET)
    assert await ask(b"\x10\x04\x03") == b"\x1a"
    assert tickets(tmp_path / "printer-1") == []
    printer.clear_faults()
    await ask(b"")
    assert len(tickets(tmp_path / "printer-1")) == 1


async def test_paper_near_its_end_still_prints(printer: EscPosSimulator, ask: Asks, tmp_path: Path) -> None:
    printer.set_fault(Fault(FaultWord.PAPER_LOW))
    await ask(TICKET)
    assert len(tickets(tmp_path / "printer-1")) == 1


async def test_low_paper_stays_low_when_the_end_was_mended(printer: EscPosSimulator) -> None:
    printer.set_fault(Fault(FaultWord.PAPER_LOW))
    printer.set_fault(Fault(FaultWord.PAPER_OUT))
    assert printer.view()["paper"] == "out"
    printer.clear_fault(FaultWord.PAPER_OUT)
    assert printer.view()["paper"] == "near"
    printer.clear_faults()
    assert printer.view()["paper"] == "ok"


async def test_a_power_cut_leaves_the_half_ticket_before_the_next_one(
    printer: EscPosSimulator, ask: Asks, tmp_path: Path
) -> None:
    await ask(INIT + b"half a ticket\nnot on paper yet")
    printer.set_fault(Fault(FaultWord.POWER_CUT))
    printer.clear_faults()
    await ask(INIT + b"the next\n" + CUT)
    assert texts(tickets(tmp_path / "printer-1")[0]) == ["half a ticket", "the next"]


@pytest.mark.parametrize(("keeps", "printed"), [(False, 0), (True, 1)])
async def test_a_print_server_prints_after_the_power_cut_what_it_kept(
    bench: Bench, tmp_path: Path, keeps: bool, printed: int
) -> None:
    printer = build(bench, tmp_path, keeps_buffer=keeps)
    await printer.start()
    ask = Asks(printer, bench)
    printer.act("paper", state="out")
    await ask(TICKET)
    printer.act("power", on=False)
    printer.act("power", on=True)
    printer.act("paper", state="ok")
    await ask(b"")
    assert len(tickets(tmp_path)) == printed
    await printer.stop()


async def test_printing_takes_its_time(bench: Bench, tmp_path: Path) -> None:
    printer = build(bench, tmp_path, speed=100.0)
    await printer.start()
    ask = Asks(printer, bench)
    await ask(TICKET, seconds=0.3)
    assert tickets(tmp_path) == []
    assert await ask(b"\x10\x04\x01") == b"\x12"
    printer.act("paper", state="out")
    await ask(b"", seconds=10)
    assert tickets(tmp_path) == []
    assert printer.view()["half_a_ticket"]
    printer.act("paper", state="ok")
    await ask(b"", seconds=10)
    assert len(tickets(tmp_path)) == 1
    await printer.stop()


async def test_tickets_go_on_being_counted(bench: Bench, tmp_path: Path) -> None:
    for _ in range(2):
        printer = build(bench, tmp_path)
        await printer.start()
        await Asks(printer, bench)(TICKET)
        await printer.stop()
    assert [ticket["number"] for ticket in tickets(tmp_path)] == [1, 2]


async def test_wrong_hands_are_told(printer: EscPosSimulator) -> None:
    with pytest.raises(ValueError, match="ok, near or out, not 'some'"):
        printer.act("paper", state="some")
    with pytest.raises(ValueError, match="cannot have the fault nak"):
        printer.set_fault(Fault(FaultWord.NAK))


def test_a_qr_of_the_wanted_dot_size() -> None:
    image = QrStore(dots=4, level=0x31, data=b"https://hall.example/t/A017").image()
    assert image is not None
    assert image.size == (29 * 4, 29 * 4)  # version 3
    assert QrStore(data=b"x" * 5000).image() is None
    assert QrStore().image() is None


CLEAR = bytes.fromhex("10 14 08 01 03 14 01 06 02 08")


@pytest.mark.parametrize("step", [1, 3, 100])
async def test_a_clear_in_real_time_forgets_what_is_not_on_paper(bench: Bench, tmp_path: Path, step: int) -> None:
    device = build(bench, tmp_path / "clears", clears=True)
    await device.start()
    ask = Asks(device, bench)
    device.paper("out")
    data = INIT + CHINESE + b"A017\n" + CUT + b"half a li" + CLEAR
    told = b"".join([await ask(data[place : place + step]) for place in range(0, len(data), step)])
    assert told == b"\x37\x25\x00"
    device.paper("ok")
    await ask(b"A018\n" + CUT)
    assert [texts(ticket) for ticket in tickets(tmp_path / "clears")] == [["A018"]]
    assert device.view()["errors"] == []
    await device.stop()


async def test_a_printer_without_the_clear_takes_it_for_damage(ask: Asks, tmp_path: Path) -> None:
    await ask(b"A017\n" + CLEAR + CUT)
    (ticket,) = tickets(tmp_path / "printer-1")
    assert texts(ticket) == ["A017"]
    assert ticket["errors"] == ["undefined command 10 14 08 01 03 14 01 06 02 08"]
