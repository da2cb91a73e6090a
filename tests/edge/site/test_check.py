"""Each kind of mistake in the example site, one at a time and five at once: line, column, code, what was meant."""

from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.words import LANGUAGES, load
from edge.site_check import DriverBroken, InstalledDrivers, Mistake, SiteMistakes, check_site, load_site
from edge.site_check.drivers import GROUP
from tests.edge.site.shelf import Shelf

STATION = Path(__file__).resolve().parents[3] / "config" / "sites" / "station.yaml"
GOLDEN = Path(__file__).with_name("golden")


def mistakes_of(text: str | bytes) -> list[Mistake]:
    return check_site(text.encode() if isinstance(text, str) else text, Shelf())[1]


def with_change(old: str, new: str) -> tuple[str, int, int]:
    """The example with one change; `^` in `new` marks the place of the mistake, given back as line and column."""
    text = STATION.read_text("utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
    changed = text.replace(old, new)
    place = changed.index("^")
    before = changed[:place]
    return changed.replace("^", "", 1), before.count("\n") + 1, place - before.rfind("\n")


def test_the_example_is_without_mistakes() -> None:
    site = load_site(STATION, drivers=Shelf())
    assert (site.site, len(site.windows), len(site.devices)) == ("LH-0042", 2, 12)


KEYPAD_2 = 'id: "keypad-2", driver: "hall485.keypad", bus: "rs485-1", options: {address: 2, dialect: "a"}'
SPEAKER = '{id: "speaker-1", driver: "speaker.clips", link: "file:sound"}'
LED_2 = 'id: "led-2", driver: "led.onbon6e", link: "tcp://192.0.2.32:5005"'

# old, new with ^ at the place of the mistake, code, what was probably meant
KINDS = [
    ('phone: "0755-00000000"', '^fone: "0755-00000000"', "unknown_key", "phone"),
    ('  name: {zh-Hans: "示例街道', '  ^xame: {zh-Hans: "示例街道', "unknown_key", "name"),
    ('phone: "0755-00000000"', "phone: ^075500000000", "quote", '"075500000000"'),
    ('phone: "0755-00000000"', 'phone: "0755-00000000"\n  ^phone: "0755-00000001"', "twice", ""),
    ("centre: {url: null}", 'centre: {url: null}\nhosts: {listen: ^"8688"}', "form_address", ""),
    ("centre: {url: null}", 'centre: {url: null}\nhosts: {listen: ^"0.0.0.0:65535"}', "form_address", ""),
    ("centre: {url: null}", 'centre: {url: null}\nvideo: {url: ^"ftp://192.0.2.60/m"}', "form_web_address", ""),
    ("centre: {url: null}", 'centre: {url: null}\nvideo: {url: ^"http://u:p@192.0.2.60/m"}', "form_web_address", ""),
    ("centre: {url: null}", 'centre: {url: null}\nvideo: {url: "http://a/m", folder: ^"m"}', "video_twice", ""),
    ("centre: {url: null}", 'centre: {url: null}\nvideo: ^{kinds: ["bad_rating"]}', "video_nowhere", ""),
    (
        "centre: {url: null}",
        'centre: {url: null}\nvideo: {folder: "m", kinds: [^"bad_ratings"]}',
        "not_one_of",
        "bad_rating",
    ),
    (KEYPAD_2, f'{KEYPAD_2}, host: ^"window-3"', "bus_elsewhere", '"main"'),
    ("centre: {url: null}", "^center: {url: null}", "unknown_key", "centre"),
    ('id: "a"', 'id: "a"\n    ^colour: "red"', "unknown_key", ""),
    ('id: "a"', 'id: "a"\n    floor: ^first', "want_int", ""),
    ('id: "k1"', "id: ^K1", "form_id", ""),
    ('id: "k1"', "id: ^1", "quote", '"1"'),
    ('number: "1"', "number: ^01", "quote", '"01"'),
    ('number: "1"', 'number: ^"one"', "form_number", ""),
    ('number: "2"', 'number: ^"1"', "number_twice", ""),
    ('kind: {zh-Hans: "社保窗口"', 'kind: {^zh-hans: "社保窗口"', "unknown_key", "zh-Hans"),
    ('kind: {zh-Hans: "社保窗口", ', "kind: ^{", "no_own_text", ""),
    ('prefix: "B"', 'prefix: ^"b"', "form_prefix", ""),
    ('prefix: "B"', 'prefix: ^"A"', "prefix_twice", ""),
    ('prefix: "B"', "^prefix:", "empty", ""),
    ('site: "LH-0042"', 'site: ^"luohu"', "form_site", ""),
    ('id: "c02"', 'id: ^"c01"', "id_twice", ""),
    ('"social", "residence"]', '"social", ^"residense"]', "unknown_id", '"residence"'),
    ('["general", "social"]', '^"general"', "want_list", ""),
    ('display: "led-1"', 'display: ^"led1"', "unknown_id", '"led-1"'),
    ('display: "led-1"', 'display: ^"keypad-1"', "wrong_kind", '"led-1"'),
    ('display: "led-2"', 'display: ^"led-1"', "device_shared", ""),
    ('reader: "sam-1"', 'reader: ^"printer-1"', "wrong_kind", '"sam-1"'),
    ('pad: "pad-2"', 'pad: "pad-2"\n    reader: ^"led-2"', "wrong_kind", '"sam-1"'),
    ('pad: "pad-2"', 'pad: "pad-2"\n    reader: ^"sam-9"', "unknown_id", '"sam-1"'),
    ('pad: "pad-2"', 'pad: "pad-2"\n    printer: ^"sam-1"', "wrong_kind", '"printer-1"'),
    ('camera: "camera-2"', 'camera: ^"camera-9"', "unknown_id", '"camera-2"'),
    ('camera: "camera-2"', 'camera: ^"led-2"', "wrong_kind", ""),
    ('camera: "camera-2"', 'camera: ^"camera-1"', "device_shared", ""),
    ('speaker: "speaker-1"', 'speaker: ^"speaker-2"', "unknown_id", '"speaker-1"'),
    ('speaker: "speaker-1"', 'speaker: ^"led-1"', "wrong_kind", '"speaker-1"'),
    ('languages: ["zh"]', 'languages: [^"zhe"]', "not_one_of", "zh"),
    ("repeat: 2", "repeat: ^twice", "want_int", ""),
    ("gap: 1.5", "gap: ^long", "want_number", ""),
    ("centre: {url: null}", "centre: ^none", "want_section", ""),
    ("centre: {url: null}", "centre: {url: ^[a]}", "want_text", ""),
    ("centre: {url: null}", 'timezone: ^"Asia/Shenzhen"', "timezone", "Asia/Shanghai"),
    ('id: "c01", name: "窗口一号", pin: "scrypt:', 'id: "c01", name: "窗口一号", pin: ^"2468:', "pin_form", ""),
    ('driver: "speaker.clips"', 'driver: ^"speaker.clip"', "unknown_driver", '"speaker.clips"'),
    ('driver: "speaker.clips"', 'driver: ^"broken.one"', "driver_broken", ""),
    ('link: "file:sound"', 'link: "file:sound", bus: ^"rs485-1"', "link_and_bus", ""),
    (SPEAKER, SPEAKER.replace("{", "^{").replace(', link: "file:sound"', ""), "no_link", ""),
    ('link: "file:sound"', 'link: ^"http:sound"', "link_kind", ""),
    ('link: "tcp://192.0.2.21:9100"', 'link: ^"tpc://192.0.2.21:9100"', "link_kind", "tcp"),
    ('link: "tcp://192.0.2.21:9100"', 'link: ^"tcp:192.0.2.21"', "link_form", ""),
    (LED_2, LED_2.replace('"tcp://192.0.2.32', '^"tcp://192.0.2.31'), "link_twice", ""),
    (KEYPAD_2, KEYPAD_2.replace('"rs485-1"', '^"led-1"'), "wrong_kind", '"rs485-1"'),
    (KEYPAD_2, KEYPAD_2.replace('"rs485-1"', '^"rs485-2"'), "unknown_id", '"rs485-1"'),
    (KEYPAD_2, KEYPAD_2.replace('"a"', '^"z"'), "not_one_of", ""),
    (KEYPAD_2, KEYPAD_2.replace("address: 2", "address: ^1"), "address_twice", ""),
    (KEYPAD_2, KEYPAD_2.replace("dialect", "^dialekt"), "unknown_key", "dialect"),
    (KEYPAD_2, KEYPAD_2.replace("address: 2, ", "").replace("options: {", "options: ^{"), "missing", ""),
    ('charset: "gbk"', '^charsett: "gbk"', "unknown_key", "charset"),
    ("{width: 576,", "{width: ^wide,", "want_int", ""),
    ("{width: 576,", "{width: ^{a: 1},", "want_int", ""),
    (KEYPAD_2, KEYPAD_2.replace("address: 2", "address: ^300"), "too_big", ""),
    (KEYPAD_2, KEYPAD_2.replace("address: 2", "address: ^0"), "too_small", ""),
    ("areas:", "areas:\n^\t# a tab\n", "tab", ""),
    ("areas:", "areas: ^]", "syntax", ""),
    ("areas:", "queue: {grace_minutes: 20, late_minutes: ^15}\nareas:", "queue_times", ""),
    ("areas:", 'copies: ^{area: "a"}\nareas:', "copies_nowhere", ""),
    ('printer: "printer-1"', 'printer: "printer-1"\n    office: ^"printer-1"', "roll_printer", ""),
    ('printer: "printer-1"', 'printer: "printer-1"\n    camera: ^"camera-1"', "device_shared", ""),
    ('printer: "printer-1"', 'printer: "printer-1"\n    office: ^"led-1"', "wrong_kind", '"printer-1"'),
    ("areas:", "queue: {revive_bonus_minutes: ^31}\nareas:", "queue_times", ""),
    ("areas:", "queue: {green_minutes: ^-1}\nareas:", "too_small", ""),
    ("areas:", "queue: {policy: ^fair}\nareas:", "not_one_of", ""),
    ("areas:", "queue: {^grean_minutes: 40}\nareas:", "unknown_key", "green_minutes"),
    ("areas:", "queue: {weights: {green: ^0}}\nareas:", "too_small", ""),
    ("areas:", 'technicians: [{id: "t1", name: "运维", pin: ^"2468"}]\nareas:', "pin_form", ""),
    ('- {id: "g01"', '- {id: "g02", name: "引导员", pin: ^"5579"}\n  - {id: "g01"', "pin_form", ""),
    ('- {id: "g01"', '- {kiosk: ^"k9", id: "g01"', "unknown_id", ""),
    ("reminders: [7, 30, 90]", "reminders: [7, ^7, 90]", "rising", ""),
    ("reminders: [7, 30, 90]", "reminders: [^0, 30, 90]", "too_small", ""),
    ("yellow_days: 1", "^yelow_days: 1", "unknown_key", "yellow_days"),
    ('last: "2027-12-31"', 'last: ^"2025-12-31"', "dates_order", ""),
    ('last: "2027-12-31"', 'last: ^"2027-02-31"', "form_date", ""),
    ('number: "SAMPLE-2026-2"', 'number: ^"SAMPLE-2026-1"', "id_twice", ""),
    ('seal_name: {zh-Hans: "示例公安机关居住登记专用章（1）", ', "seal_name: ^{", "no_own_text", ""),
    ('number: "SAMPLE-2026-2"', 'number: ^"示例授〔2026〕2号"', "form_code", ""),
    ('{site: "LH-0001"', '{site: ^"LH-0042"', "own_site", ""),
    ('{site: "LH-0300"', '{site: ^"LH-0001"', "id_twice", ""),
    ('{id: "m02"', '{id: ^"m01"', "id_twice", ""),
    ('{id: "m02"', '{id: ^"c02"', "messenger_clerk", ""),
]


@pytest.mark.parametrize(("old", "new", "code", "meant"), KINDS)
def test_one_mistake_is_one_line_with_its_place(old: str, new: str, code: str, meant: str) -> None:
    text, line, column = with_change(old, new)
    found = [(mistake.line, mistake.column, mistake.code, mistake.meant) for mistake in mistakes_of(text)]
    assert found == [(line, column, code, meant)]


def with_readers(*, window: str, kiosk: str) -> tuple[str, list[Mistake]]:
    text = STATION.read_text("utf-8")
    sam = '  - {id: "sam-1", driver: "idcard.sam", link: "serial:///dev/ttyUSB0?baud=115200"}\n'
    text = text.replace(sam, sam + sam.replace("sam-1", "sam-2").replace("ttyUSB0", "ttyUSB9"))
    text = text.replace('pad: "pad-2"', f'pad: "pad-2"\n    reader: "{window}"').replace('"sam-1"\n', f'"{kiosk}"\n')
    return text, mistakes_of(text)


def test_a_reader_is_a_windows_or_a_kiosks_never_both() -> None:
    assert with_readers(window="sam-2", kiosk="sam-1")[1] == []
    text, found = with_readers(window="sam-1", kiosk="sam-1")
    line = text[: text.index("kiosks:")].count("\n") + 4
    assert [(mistake.line, mistake.code) for mistake in found] == [(line, "device_shared")]


def test_a_printer_may_serve_a_window_and_a_kiosk() -> None:
    text = STATION.read_text("utf-8").replace('pad: "pad-2"', 'pad: "pad-2"\n    printer: "printer-1"')
    assert mistakes_of(text) == []


def test_a_station_on_the_bus_of_another_protocol_is_named() -> None:
    text = STATION.read_text("utf-8").replace('"hall485.bus"', '"other.bus"')
    assert {mistake.code for mistake in mistakes_of(text)} == {"wrong_bus"}
    assert len(mistakes_of(text)) == 4


def test_every_kind_of_mistake_has_its_test() -> None:
    codes = {key.removeprefix("check.") for key in load("en", "technician") if key.startswith("check.")}
    frame = {"line", "line_meant", "count", "good", "no_file"}
    elsewhere = {"other", "not_utf8", "no_site", "too_deep", "wrong_bus", "want_bool"}
    elsewhere |= {code for code in codes if code.startswith("catalogue.")}  # tests/edge/catalogue
    elsewhere |= {code for code in codes if code.startswith("theme.")}  # tests/edge/theme
    elsewhere |= {"form_colour", "form_logo", "form_paper_logo"}  # tests/edge/theme
    elsewhere |= {"name_no_place", "name_not_ruled", "short_longer"}  # tests/edge/site/test_names.py
    elsewhere |= {"copies_share"}  # tests/edge/site/test_copies.py
    assert codes - frame - elsewhere == {code for _, _, code, _ in KINDS}


def test_tabs_are_all_named() -> None:
    found = mistakes_of('site: "LH-0042"\nhall:\n\tname: 1\n  \tshort: 2\n')
    assert [(mistake.line, mistake.column, mistake.code) for mistake in found] == [(3, 1, "tab"), (4, 3, "tab")]


@pytest.mark.parametrize(
    ("raw", "code", "line", "column"),
    [
        (b"", "no_site", 1, 1),
        (b"- a\n- b\n", "no_site", 1, 1),
        ('site: "LH-0042"\nhall: 中'.encode("gb18030"), "not_utf8", 2, 7),
        (b'site: "LH-0042\nhall: 1\n', "syntax", 3, 1),
        (b"a: &x [*x]\n", "too_deep", 1, 4),
        (b"a: " + b"[" * 60 + b"]" * 60, "too_deep", 1, 24),
    ],
)
def test_text_that_is_no_site_is_named_and_never_crashes(raw: bytes, code: str, line: int, column: int) -> None:
    assert (code, line, column) in [(mistake.code, mistake.line, mistake.column) for mistake in mistakes_of(raw)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_five_mistakes_are_five_sentences(language: str) -> None:
    found = mistakes_of((GOLDEN / "five.yaml").read_bytes())
    assert len(found) == 5
    said = "".join(f"five.yaml:{mistake.sentence(language)}\n" for mistake in found)
    assert said == (GOLDEN / f"five.{language}.txt").read_text("utf-8")


def test_loading_raises_with_every_mistake_in_order_of_lines() -> None:
    with pytest.raises(SiteMistakes) as raised:
        load_site(GOLDEN / "five.yaml", drivers=Shelf())
    assert len(raised.value.mistakes) == 5
    lines = [mistake.line for mistake in raised.value.mistakes]
    assert lines == sorted(lines)
    assert "probably meant" in str(raised.value)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_damaged_file_crashes_the_check(data: st.DataObject) -> None:
    raw = bytearray(STATION.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(raw) - 1))
        raw[start : start + data.draw(st.integers(0, 40))] = data.draw(st.sampled_from(SHREDS))
    site, mistakes = check_site(bytes(raw), Shelf())
    assert site is not None or mistakes
    for mistake in mistakes:
        assert mistake.line >= 1
        assert mistake.column >= 1
        assert mistake.sentence("zh-Hans")


SHREDS = [b"", b"\n", b"\t", b": ", b"- ", b"{", b"]", b'"', b"1", b"null", b"*a", b"&a ", b"<<: ", b"\xff", b"? "]
SHREDS += [b"!!set ", b"1e999", b"[]"]


def test_installed_drivers_are_found_by_name_and_a_broken_one_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    installed = InstalledDrivers()
    assert "idcard.sam" in installed.names()
    assert installed.load("idcard.sam").info.kind == "id_reader"
    points = (EntryPoint("gone", "no.such.module:Thing", GROUP), EntryPoint("wrong", "json:dumps", GROUP))
    monkeypatch.setattr("edge.site_check.drivers.entry_points", lambda group: EntryPoints(points))
    for name, why in (("gone", "ModuleNotFoundError"), ("wrong", "no info")):
        with pytest.raises(DriverBroken, match=why):
            InstalledDrivers().load(name)
