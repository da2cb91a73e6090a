"""What the hall wears, over the wire: the right types, nothing that could run, no hole without a pack."""

from dataclasses import replace
from pathlib import Path

import httpx
import pytest

import config
from edge.api.client import HallClient
from edge.api.pages import WEB
from edge.theme.pack import Logo
from edge.theme.reading import read_pack, theme_of
from edge.theme.worn import Worn
from tests.edge.api.conftest import Served
from tests.edge.theme.packs import make_pack, png

STATIONS = read_pack(config.folder() / "themes" / "sample-stations")[0]


@pytest.fixture
def browser(served: Served) -> httpx.AsyncClient:
    return served.browser()


@pytest.fixture
def board(served: Served) -> HallClient:
    return served.client("board")


def dress(served: Served) -> None:
    served.hall.worn = Worn(STATIONS)


async def test_the_logo_is_served_as_what_it_is_and_can_run_nothing(served: Served, browser: httpx.AsyncClient) -> None:
    dress(served)
    assert STATIONS is not None
    answer = await browser.get("/theme/mark")
    assert answer.content == STATIONS.on_dark.content
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["x-content-type-options"] == "nosniff"
    rules = answer.headers["content-security-policy"]
    assert rules.startswith("default-src 'none'; script-src 'self'")
    assert "unsafe" not in rules


async def test_a_png_is_served_as_a_png(served: Served, browser: httpx.AsyncClient) -> None:
    assert STATIONS is not None
    served.hall.worn = Worn(replace(STATIONS, on_dark=Logo(png(), "image/png")))
    answer = await browser.get("/theme/mark")
    assert answer.headers["content-type"] == "image/png"
    assert answer.content == png()


async def test_pages_get_the_citys_colours_and_no_colour_of_a_state(served: Served, browser: httpx.AsyncClient) -> None:
    dress(served)
    answer = await browser.get("/theme/theme.css")
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert "--bar:#0B5E4A;" in answer.text
    states = ("red", "green", "amber", "blue", "ink", "paper", "ground")
    assert not any(f"--{each}" in answer.text for each in states)
    assert "url(" not in answer.text


async def test_without_a_pack_pages_have_the_own_mark_and_an_empty_sheet(browser: httpx.AsyncClient) -> None:
    mark = await browser.get("/theme/mark")
    assert mark.content == (WEB / "shared" / "mark.svg").read_bytes()
    assert mark.headers["content-type"] == "image/svg+xml"
    style = await browser.get("/theme/theme.css")
    assert (style.status_code, style.text) == (200, "")
    assert (await browser.get("/theme/other")).status_code == 404
    assert (await browser.get("/api/theme")).json()["main"] == ""
    assert (await browser.get("/api/catalogue")).json()["logo_name"] == {}


async def test_screens_get_it_over_their_own_socket(served: Served, board: HallClient) -> None:
    assert (await board.theme()).on_light == ""
    dress(served)
    sheet = await board.theme()
    assert (sheet.main, sheet.accent, sheet.high_contrast) == ("#0B5E4A", "#8A4B08", "#8FE3C0")
    assert sheet.on_light.startswith("data:image/svg+xml;base64,")
    assert sheet.on_light != sheet.on_dark
    assert (await board.catalogue()).logo_name["zh-Hant"] == "樣本市公共服務"


async def test_the_technician_alone_is_told_why_a_pack_is_not_worn(
    served: Served, browser: httpx.AsyncClient, tmp_path: Path
) -> None:
    folder = make_pack(tmp_path / "themes")
    (folder / "logo.svg").write_text("<svg", "utf-8")
    theme, mistakes = theme_of("city", b'theme: "city"\n', tmp_path / "site.yaml")
    served.hall.site = served.hall.site.model_copy(update={"theme": "city"})
    served.hall.worn = Worn(theme, tuple(mistakes))
    assert (await browser.get("/api/technician/theme")).status_code == 401
    assert (await browser.get("/api/theme")).json()["main"] == ""
    signed_in = await browser.post("/api/technician/session", json={"pin": "9090"})
    assert signed_in.status_code == 200
    told = (await browser.get("/api/technician/theme", headers={"Accept-Language": "zh-Hans"})).json()
    assert (told["wanted"], told["worn"]) == ("city", False)
    (sentence,) = told["mistakes"]
    assert sentence.startswith("themes/city/logo.svg:1:1")
    assert "这不是 SVG" in sentence


@pytest.mark.parametrize("page", ["clerk", "guide", "lead", "screen", "technician"])
async def test_every_page_wears_it_after_its_own_styles(browser: httpx.AsyncClient, page: str) -> None:
    text = (await browser.get(f"/{page}/")).text
    assert text.rindex('rel="stylesheet"') == text.index('rel="stylesheet" href="/theme/theme.css"')
    assert 'src="/theme/mark"' in text
