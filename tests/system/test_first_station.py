"""docs/first-station.md stays true: every command of it, in its order, on the workbench, until a citizen has rated."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from hw_sim.demo.screen import Screen
from tests.system.first_station import DOCUMENT, Technician, blocks, commands, technician, with_sections
from tests.system.workbench import Workbench, workbench

pytestmark = [
    pytest.mark.system,
    pytest.mark.screen,
    pytest.mark.timeout(240),
]  # some twenty programs, one after another

PIN, CLERKS_PIN = "1397", "2468"


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Technician]:
    async with technician(tmp_path) as made:
        yield made


def test_both_languages_say_the_same() -> None:
    english = DOCUMENT.with_name("first-station.md")
    for language in ("sh", "bash", "yaml"):
        assert blocks(english, language) == blocks(DOCUMENT, language), language


def test_the_document_is_read_in_ten_minutes() -> None:
    prose = re.sub(r"^```.*?^```$", "", DOCUMENT.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    assert len(re.findall(r"[\u4e00-\u9fff]", prose)) < 3000


async def test_from_discover_to_the_first_number(desk: Technician) -> None:
    lines = commands(DOCUMENT)
    todo = iter(lines)

    async def say(begins: str, **more: Any) -> str:
        """The document's next command: it has to be this one."""
        line = next(todo)
        assert line.startswith(begins), f"the document goes on with: {line}"
        return await desk.type(line.replace("--seconds 8", "--seconds 3"), **more)

    await _scene(desk, next(todo))
    await say("sim=")
    async with workbench(int(desk.ports["8600"])) as bench:
        await bench.until("printer-1", bool, 10, "the workbench is there")
        await _site_file(desk, bench, say)
        await _find_out_who_is_who(bench, say)
        told = await say("hallctl test-ticket")
        assert "printer-1" in told
        ticket = (await bench.until("printer-1", lambda view: view["last_ticket"], 5, "a test ticket"))["last_ticket"]
        assert ticket["errors"] == []
        assert ticket["lines"].count("测试 · 不排队") == 2
        await _pins(desk, say)
        await say("halld")
        await say("hall-devices")
        await _all_ready(desk)
        await _first_number(desk, bench, next(todo))
        assert "完好" in await say("hallctl journal verify")
    assert list(todo) == []


async def _scene(desk: Technician, line: str) -> None:
    """The document's workbench, on ports of this test."""
    assert line.startswith("hall-sim scene workbench ")
    await desk.type(line.replace(" workbench ", " workbench.yaml ").replace("&", f"--port {desk.ports['8600']} &"))
    async with asyncio.timeout(40), httpx.AsyncClient() as client:
        while True:
            try:
                await client.get(f"http://127.0.0.1:{desk.ports['8600']}/")
                return
            except httpx.TransportError:
                await asyncio.sleep(0.1)


Say = Callable[..., Awaitable[str]]


async def _site_file(desk: Technician, bench: Workbench, say: Say) -> None:
    offered = await say("hallctl discover")
    await say("cp ")
    (sections,) = blocks(DOCUMENT, "yaml")
    for link in re.findall(r'link: "((?:serial-at|tcp)[^"]+)"', desk.here(sections)):
        assert f'link: "{link}"' in offered, "the document's lines are those that discover offers"
    site = desk.folder / "site.yaml"
    site.write_text(desk.here(with_sections(site.read_text("utf-8"), sections)), "utf-8")
    assert "配置正确" in await say("hallctl check")
    found = await say("hallctl discover")
    assert found.count("站点文件中是") == 5
    assert "devices:" not in found


async def _find_out_who_is_who(bench: Workbench, say: Say) -> None:
    await say("hallctl identify led-1")
    beeps = bench.views["keypad-1"]["beeps"]
    await say("hallctl identify keypad-1")
    await bench.until("keypad-1", lambda view: view["beeps"] > beeps, 5, "the keypad beeps")
    await bench.act("sam-1", "lay_card", card="card-1")
    assert "119999********0012" in await say("hallctl try sam-1 read")
    await bench.act("sam-1", "lift_card")
    heard = await _while_pressing(
        say("hallctl try keypad-1 listen"), lambda: bench.act("keypad-1", "press", key="call")
    )
    assert '"key":"next"' in heard
    heard = await _while_pressing(
        say("hallctl try scanner-1 scan"), lambda: bench.act("scanner-1", "scan", text="HALL-1")
    )
    assert "HALL-1" in heard


async def _while_pressing(command: Awaitable[str], press: Callable[[], Awaitable[None]]) -> str:
    """Hands do it again until the command has heard it, as they do in life."""
    waiting = asyncio.ensure_future(command)
    while not waiting.done():
        await press()
        await asyncio.wait({waiting}, timeout=1.0)
    return waiting.result()


async def _pins(desk: Technician, say: Say) -> None:
    line = "hallctl pin"
    technicians = (await say(line, stdin=f"{PIN}\n")).strip()
    clerks = (await desk.type(line, stdin=f"{CLERKS_PIN}\n")).strip()
    site = desk.folder / "site.yaml"
    text = site.read_text("utf-8")
    lines = f'clerks:\n  - {{id: "c01", name: "张三", pin: "{clerks}", windows: ["w1", "w2", "w3", "w4"]}}\n'
    lines += f'technicians:\n  - {{id: "t01", name: "李四", pin: "{technicians}"}}\n'
    site.write_text(with_sections(text, lines), "utf-8")
    await desk.type("hallctl check site.yaml")


async def _all_ready(desk: Technician) -> None:
    """As the technician's page says it, to a browser that signed in."""
    address = f"http://127.0.0.1:{desk.ports['8680']}"
    async with httpx.AsyncClient(base_url=address, headers={"origin": address}) as browser, asyncio.timeout(60):
        while not await _signed_in(browser):
            await asyncio.sleep(0.1)
        while True:
            states = {each["id"]: each["state"] for each in (await browser.get("/api/technician/devices")).json()}
            if set(states.values()) <= {"ready", "busy"}:
                assert len(states) == 14, "twelve devices and the two lines that some of them share"
                return
            await asyncio.sleep(0.1)


async def _signed_in(browser: httpx.AsyncClient) -> bool:
    try:
        return (await browser.post("/api/technician/session", json={"pin": PIN})).status_code == 200
    except httpx.TransportError:
        return False


async def _first_number(desk: Technician, bench: Workbench, line: str) -> None:
    assert line.startswith("hall-kiosk")
    printed = bench.views["printer-1"]["printed"]
    link = desk.folder / "run" / "kiosk.screen"
    await desk.type(line.replace("&", f"--screen-link {link} &"))
    screen = Screen(str(link))
    try:
        async with asyncio.timeout(60):
            while not link.exists():
                await asyncio.sleep(0.1)
            await screen.page("service", seconds=30)
            await screen.tap("service_general")
            await screen.page("card")
            await screen.tap("no_card")
            await screen.page("number")
    except TimeoutError:
        raise AssertionError(f"the kiosk shows {await screen.look()}") from None
    finally:
        await screen.close()
    view = await bench.until("printer-1", lambda view: view["printed"] > printed, 10, "the ticket on paper")
    assert any("A001" in text for text in view["last_ticket"]["lines"])
    await bench.act("keypad-1", "press", key="call")
    wanted = ["请 A001 号", "到1号窗口办理"]
    await bench.until("led-1", lambda view: [area["shown"] for area in view["areas"]] == wanted, 10, "the call")
    await bench.until("speaker-1", lambda view: any("A001" in said["text"] for said in view["said"]), 10, "the voice")
    await bench.act("keypad-1", "press", key="evaluate")
    await bench.until("pad-1", lambda view: view["state"] == "rate", 10, "the pad asks")
    await bench.act("pad-1", "rate", value=4)
