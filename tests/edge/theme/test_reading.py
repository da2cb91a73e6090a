"""Every mistake of a pack has its file, line and column; what is good is worn as it stands there."""

import base64
import io
import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from typer.testing import CliRunner

import config
from config.looks import Colours
from config.words import LANGUAGES, load
from edge.cli import app
from edge.site_check.mistakes import Mistake
from edge.theme.raster import MAX_SIDE, PAPER_ROWS, paper_faults, png_faults
from edge.theme.reading import LARGEST, read_pack, theme_of
from tests.edge.theme.packs import SHEET, SVG, make_pack, png

STATION = config.folder() / "sites" / "station.yaml"
SHIPPED = sorted(path.parent.name for path in (config.folder() / "themes").glob("*/theme.yaml"))


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return make_pack(tmp_path / "themes")


def found(pack: Path) -> list[tuple[str, int, int, str, str]]:
    theme, mistakes = read_pack(pack)
    assert (theme is None) == bool(mistakes)
    return [(each.file, each.line, each.column, each.code, each.meant) for each in mistakes]


def test_a_good_pack_is_worn_as_it_is_written(pack: Path) -> None:
    theme, mistakes = read_pack(pack)
    assert mistakes == []
    assert theme is not None
    assert theme.name["en"] == "Sample City"
    assert theme.colours == Colours("#0B5E4A", "#8A4B08", "#8FE3C0")
    assert theme.on_light.content == (pack / "logo.svg").read_bytes()
    assert theme.on_dark.type == "image/svg+xml"
    assert theme.on_dark.data_url.startswith("data:image/svg+xml;base64,")


@pytest.mark.parametrize("name", SHIPPED)
def test_the_packs_we_ship_are_good(name: str) -> None:
    theme, mistakes = read_pack(config.folder() / "themes" / name)
    assert mistakes == []
    assert theme is not None
    assert theme.paper


def test_a_stations_and_a_halls_pack_differ() -> None:
    worn = {name: read_pack(config.folder() / "themes" / name)[0] for name in SHIPPED}
    assert len(worn) >= 2
    assert len({theme.colours.main for theme in worn.values() if theme}) == len(worn)
    assert len({theme.on_light.content for theme in worn.values() if theme}) == len(worn)


@pytest.mark.parametrize(
    ("before", "after", "line", "column", "code", "meant"),
    [
        ('"logo.svg"', '"logoo.svg"', 3, 10, "theme.no_file", '"logo.svg"'),
        ('"logo.svg"', '"../logo.svg"', 3, 10, "form_logo", ""),
        ('"logo.svg"', '"/etc/passwd"', 3, 10, "form_logo", ""),
        ('"logo.svg"', '"logo.jpg"', 3, 10, "form_logo", ""),
        ('"paper.png"', '"logo.svg"', 5, 10, "form_paper_logo", ""),
        ('"#0B5E4A"', '"green"', 7, 9, "form_colour", ""),
        ('"#0B5E4A"', '"#0B5E4"', 7, 9, "form_colour", ""),
        ('"#0B5E4A"', "0B5E4A", 7, 9, "form_colour", ""),
        ('"#0B5E4A"', '"#3FA58A"', 7, 9, "theme.faint", '"#2F7A66"'),
        ('"#8A4B08"', '"#FFCC00"', 8, 11, "theme.faint", '"#856A00"'),
        ('"#8FE3C0"', '"#0B5E4A"', 9, 18, "theme.faint", '"#94B8AF"'),
        ("  accent:", '  warning: "#FF0000"\n  accent:', 8, 3, "theme.state", ""),
        ("  accent:", '  green: "#FF0000"\n  accent:', 8, 3, "theme.state", ""),
        ("  accent:", "  acent:", 8, 3, "unknown_key", "accent"),
        (', en: "Sample City"', "", 1, 7, "missing", ""),
        ('"樣本市公共服務"', '""', 1, 37, "empty", ""),
        ("logo:", "\tlogo:", 2, 1, "tab", ""),
    ],
)
def test_a_mistake_of_the_sheet_has_its_place(
    pack: Path, before: str, after: str, line: int, column: int, code: str, meant: str
) -> None:
    assert before in SHEET
    (pack / "theme.yaml").write_text(SHEET.replace(before, after, 1), "utf-8")
    assert found(pack) == [("themes/city/theme.yaml", line, column, code, meant)]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"GIF89a", "theme.no_png"),
        (b"", "theme.no_png"),
        (png()[:80], "theme.no_png"),
        (SVG.encode(), "theme.no_png"),
        (png((MAX_SIDE + 1, 600)), "theme.png_large"),
        (png((100, 60)), "theme.paper_small"),
        (png(ink=0), "theme.paper_blank"),
        (png(ink=0.005), "theme.paper_blank"),
        (png(ink=0.9), "theme.paper_black"),
        (png((1600, 100)), "theme.shape"),
        (b"\x89PNG" + b"x" * LARGEST, "theme.too_large"),
    ],
)
def test_dots_that_are_no_logo_are_told_at_the_line_that_names_them(pack: Path, content: bytes, code: str) -> None:
    (pack / "paper.png").write_bytes(content)
    assert found(pack) == [("themes/city/theme.yaml", 5, 10, code, "")]


def test_a_mistake_in_a_logo_has_the_place_in_its_own_file(pack: Path) -> None:
    spoilt = SVG.replace("</svg>", '  <script>x</script>\n  <g onload="x"/>\n</svg>')
    (pack / "logo-dark.svg").write_text(spoilt, "utf-8")
    assert [each[:4] for each in found(pack)] == [
        ("themes/city/logo-dark.svg", 3, 3, "theme.svg_element"),
        ("themes/city/logo-dark.svg", 4, 3, "theme.svg_script"),
    ]


def test_all_mistakes_are_told_at_once(pack: Path) -> None:
    (pack / "theme.yaml").write_text(SHEET.replace("#0B5E4A", "green").replace('"paper', '"pappe'), "utf-8")
    (pack / "logo.svg").write_text(SVG.replace("<path", "<text"), "utf-8")
    assert {each[3] for each in found(pack)} == {"form_colour", "theme.no_file", "theme.svg_element"}


def test_one_file_for_both_grounds_is_told_of_once(pack: Path) -> None:
    (pack / "theme.yaml").write_text(SHEET.replace("logo-dark.svg", "logo.svg"), "utf-8")
    (pack / "logo.svg").write_text(SVG.replace("path", "text"), "utf-8")
    assert len(found(pack)) == 1


def test_links_pipes_and_folders_are_not_followed(pack: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(png())
    paper = pack / "paper.png"
    for make in (lambda: paper.symlink_to(secret), lambda: os.mkfifo(paper), paper.mkdir):
        paper.unlink()
        make()
        assert [each[3] for each in found(pack)] == ["theme.no_file"]
        if paper.is_dir() and not paper.is_symlink():
            paper.rmdir()
            paper.touch()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda folder: (folder / "theme.yaml").write_bytes(b"\xff\xfe"),
        lambda folder: (folder / "theme.yaml").write_bytes(b""),
        lambda folder: (folder / "theme.yaml").write_bytes(b"a" * 100_000),
        lambda folder: (folder / "theme.yaml").write_bytes(b"logo: []\nname: 3\n"),
        lambda folder: (folder / "theme.yaml").unlink(),
    ],
)
def test_no_sheet_is_too_broken(pack: Path, spoil: object) -> None:
    spoil(pack)  # type: ignore[operator]
    assert found(pack)


def test_every_kind_of_mistake_has_words_in_three_languages() -> None:
    for language in LANGUAGES:
        kinds = {key for key in load(language, "technician") if key.startswith("check.theme.")}
        assert kinds == {key for key in load("en", "technician") if key.startswith("check.theme.")}
        assert load(language, "technician")["theme.not_worn"]


# --- what goes to printers ---


def test_the_logo_for_papers_loses_its_white_edge_and_stays_sharp(pack: Path) -> None:
    wide = Image.new("RGBA", (1200, 900), (0, 0, 0, 0))
    wide.paste(Image.open(io.BytesIO(png((800, 600)))).convert("RGBA"), (200, 150))
    out = io.BytesIO()
    wide.save(out, "PNG")
    (pack / "paper.png").write_bytes(out.getvalue())
    theme, mistakes = read_pack(pack)
    assert mistakes == []
    assert theme is not None
    picture = Image.open(io.BytesIO(base64.b64decode(theme.paper)))
    assert picture.size == (round(800 * PAPER_ROWS / 600), PAPER_ROWS)
    assert picture.mode == "L"


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_damaged_picture_crashes_the_check(data: st.DataObject) -> None:
    raw = bytearray(png((300, 90)))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(raw) - 1))
        raw[start : start + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))
    for judge in (png_faults, paper_faults):
        assert isinstance(judge(bytes(raw)), list)


# --- which pack a site wears ---


def site_file(folder: Path, wanted: str) -> tuple[Path, bytes]:
    path = folder / "site.yaml"
    path.write_text(f'# a station\ntheme: "{wanted}"\n' + _without_theme(), "utf-8")
    return path, path.read_bytes()


def _without_theme() -> str:
    return "".join(line for line in STATION.read_text("utf-8").splitlines(True) if not line.startswith("theme:"))


def test_a_pack_beside_the_site_file_comes_before_one_of_ours(tmp_path: Path) -> None:
    make_pack(tmp_path / "themes", SHIPPED[0])
    theme, mistakes = theme_of(SHIPPED[0], *reversed(site_file(tmp_path, SHIPPED[0])))
    assert mistakes == []
    assert theme is not None
    assert theme.name["en"] == "Sample City"


def test_a_name_that_leads_nowhere_is_a_mistake_of_its_line(tmp_path: Path) -> None:
    make_pack(tmp_path / "themes", "north-city")
    path, raw = site_file(tmp_path, "nort-city")
    theme, mistakes = theme_of("nort-city", raw, path)
    assert theme is None
    assert mistakes == [Mistake(2, 8, "theme", "theme.unknown", {"value": "nort-city"}, '"north-city"')]


@pytest.mark.parametrize("wanted", ["../secret", "/etc", ".", "city/..", "*", "名"])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, wanted: str) -> None:
    make_pack(tmp_path, "secret")
    make_pack(tmp_path / "themes", "city")
    path, raw = site_file(tmp_path, wanted)
    assert [each.code for each in theme_of(wanted, raw, path)[1]] == ["theme.unknown"]


def test_a_site_that_names_nothing_wears_its_own_look(tmp_path: Path) -> None:
    assert theme_of("", b"", tmp_path / "site.yaml") == (None, [])


# --- hallctl check ---


def check(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["check", *arguments])
    return result.exit_code, result.output


def test_check_tells_the_packs_mistakes_after_the_sites_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    folder = make_pack(tmp_path / "themes")
    (folder / "theme.yaml").write_text(SHEET.replace("#0B5E4A", "#3FA58A"), "utf-8")
    path, _ = site_file(tmp_path, "city")
    code, said = check(str(path))
    assert code == 2
    assert "themes/city/theme.yaml:7:9 colours.main：" in said or "themes/city/theme.yaml:7:9 colours.main:" in said
    assert "#2F7A66" in said
    code, said = check(str(path), "--json")
    (mistake,) = json.loads(said)
    assert (mistake["file"], mistake["line"], mistake["path"]) == ("themes/city/theme.yaml", 7, "colours.main")


def test_a_city_checks_its_pack_before_any_site_names_it(tmp_path: Path) -> None:
    folder = make_pack(tmp_path)
    assert check(str(folder))[0] == 0
    assert check(str(folder / "theme.yaml"))[0] == 0
    (folder / "logo.svg").unlink()
    code, said = check(str(folder))
    assert code == 2
    assert "logo.svg" in said
