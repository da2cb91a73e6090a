"""What the box tells and takes, by raw requests and its live line."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from hw_sim.box.sights import lamps
from hw_sim.demo.line import Line
from hw_sim.faults import FaultWord
from hw_sim.hall import SimulatedHall
from hw_sim.onbon5k import Onbon5KCard
from hw_sim.onbon6e import Onbon6ECard
from hw_sim.scene import Scene
from tests.hw_sim.box.conftest import Served, Simulators, serving
from tests.hw_sim.box.screen_program import ScreenProgram

PRESS = {"device": "keypad-1", "action": "press", "values": {"key": "7"}}

IMPOSSIBLE: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("/act", {"device": "keypad-9", "action": "press"}, "no device 'keypad-9'"),
    ("/act", {"device": "keypad-1", "action": "fly"}, "cannot 'fly'"),
    ("/act", {"device": "keypad-1", "action": "press", "values": {"key": "x"}}, "no key 'x'"),
    ("/act", {"device": "keypad-1", "action": "press", "values": {"nose": 1}}, "press"),
    ("/act", {"device": "rs485-1", "action": "delay_frames", "values": {"seconds": "long"}}, ""),
    ("/act", {"device": "keypad-1"}, "action"),
    ("/act", {**PRESS, "more": 1}, "more"),
    ("/fault", {"device": "led-1", "word": "tired"}, "no trouble 'tired'"),
    ("/fault", {"device": "led-1", "word": "paper_out"}, "cannot have the fault"),
    ("/fault", {"device": "led-1", "word": "nak", "amount": 1e9}, "nak amount"),
    ("/fault", {"device": "led-1"}, "word is missing"),
    ("/fault", {"device": "led-1", "word": "nak", "times": -1}, "times"),
    ("/line", {"up": "perhaps"}, "up"),
    ("/program", {"name": "nobody", "do": "kill"}, "no program 'nobody'"),
    ("/program", {"name": "halld", "do": "praise"}, "do"),
    ("/tap", {"screen": "ceiling", "x": 1, "y": 1}, "no screen 'ceiling'"),
    ("/tap", {"screen": "kiosk", "x": 1, "y": 1}, "not running"),
    ("/tap", {"screen": "kiosk", "x": -1, "y": 1}, "x"),
)


@asynccontextmanager
async def live(box: Served) -> AsyncIterator[ClientConnection]:
    async with connect(f"ws://127.0.0.1:{box.port}/ws", origin=box.url, max_queue=None) as socket:  # type: ignore[arg-type]
        yield socket


async def until(socket: ClientConnection, **wanted: Any) -> dict[str, Any]:
    """The next message that says all of this."""
    while True:
        message: dict[str, Any] = json.loads(await socket.recv())
        if all(message.get(key) == value for key, value in wanted.items()):
            return message


async def test_a_newcomer_sees_the_whole_hall(box: Served) -> None:
    async with live(box) as socket:
        plan = await until(socket, **{"is": "plan"})
        assert [window["led"] for window in plan["windows"]] == ["led-1", "led-2"]
        assert plan["kiosks"] == [{"id": "k1", "reader": "sam-1", "printer": "printer-1"}]
        assert plan["lines"] == ["rs485-1"]
        assert plan["speakers"] == ["speaker-1"]
        seen = {(await until(socket, **{"is": "device"}))["id"] for _ in box.station.hall.simulators}
        assert seen == set(box.station.hall.simulators)


async def test_a_key_that_is_pressed_is_seen(box: Served) -> None:
    async with live(box) as socket, box.client() as client:
        assert (await client.post("/act", json=PRESS)).json() == {"ok": True}
        await until(socket, **{"is": "device", "id": "keypad-1", "typed": "7"})


async def test_everybody_hears_of_a_fault_and_its_end(box: Served) -> None:
    async with live(box) as one, live(box) as two, box.client() as client:
        await client.post("/fault", json={"device": "led-1", "word": "nak", "amount": 3, "times": 2})
        struck = [{"word": "nak", "amount": 3.0, "times": 2}]
        await until(one, **{"is": "device", "id": "led-1", "faults": struck})
        await until(two, **{"is": "device", "id": "led-1", "faults": struck})
        await client.post("/fault", json={"device": "led-1", "clear": True})
        await until(one, **{"is": "device", "id": "led-1", "faults": []})
        log = await until(one, **{"is": "log"})
        assert [(event["what"], event["about"]) for event in log["events"]] == [
            ("fault", "led-1"),
            ("fault_over", "led-1"),
        ]


async def test_one_of_two_faults_is_cleared(box: Served) -> None:
    async with box.client() as client:
        for word in ("silent", "drop"):
            await client.post("/fault", json={"device": "led-1", "word": word})
        await client.post("/fault", json={"device": "led-1", "word": "silent", "clear": True})
    left = box.station.hall.simulators["led-1"].faults.active()
    assert [fault.word for fault in left] == [FaultWord.DROP]


async def test_what_cannot_be_done_is_said(box: Served) -> None:
    async with box.client() as client:
        for path, body, text in IMPOSSIBLE:
            answer = await client.post(path, json=body)
            assert answer.status_code == 400, body
            assert text in answer.text, answer.text


async def test_the_line_is_cut_and_joined(box: Served) -> None:
    async with live(box) as socket, box.client() as client:
        await client.post("/line", json={"up": False})
        await until(socket, **{"is": "line", "up": False})
        assert not box.station.line.up
        await client.post("/line", json={"up": True})
        await until(socket, **{"is": "line", "up": True})


async def test_programs_are_killed_held_and_released(box: Served) -> None:
    async with live(box) as socket, box.client() as client:
        await client.post("/program", json={"name": "halld", "do": "kill"})
        await until(socket, **{"is": "program", "name": "halld", "restarts": 1})
        await client.post("/program", json={"name": "halld", "do": "hold"})
        await until(socket, **{"is": "program", "name": "halld", "held": True, "pid": None})
        await client.post("/program", json={"name": "halld", "do": "release"})
        await until(socket, **{"is": "program", "name": "halld", "held": False})


async def test_a_screen_comes_changes_is_tapped_and_goes(box: Served) -> None:
    program = ScreenProgram(box.station.screens["kiosk"].path)
    async with live(box) as socket, box.client() as client:
        await until(socket, **{"is": "screen", "there": False})
        await program.start()
        first = await until(socket, **{"is": "screen", "there": True})
        assert (first["n"], first["width"], first["height"]) == (1, 108, 192)
        assert (await client.get("/screen/kiosk.png")).headers["content-type"] == "image/png"
        assert (await client.post("/tap", json={"screen": "kiosk", "x": 50.5, "y": 20})).json() == {"ok": True}
        assert program.taps == [(50.5, 20)]
        await until(socket, **{"is": "screen", "n": 2})
        outside = await client.post("/tap", json={"screen": "kiosk", "x": 5000, "y": 20})
        assert (outside.status_code, outside.text) == (400, "kiosk: outside")
        await program.stop()
        await until(socket, **{"is": "screen", "there": False})


async def test_pictures_are_asked_for_only_while_somebody_looks_and_not_too_often(box: Served) -> None:
    program = ScreenProgram(box.station.screens["kiosk"].path)
    await program.start()
    async with live(box) as socket:
        await until(socket, **{"is": "screen", "n": 1})
        for _ in range(50):
            program.change()
            await asyncio.sleep(0)
        await until(socket, **{"is": "screen", "n": 51})
        assert program.pictures_asked <= 3
    await program.stop()


async def test_lamps_are_packed_row_by_row(box: Served) -> None:
    card = box.station.hall.simulators["led-1"]
    assert isinstance(card, Onbon6ECard)
    async with live(box) as socket:
        message = await until(socket, **{"is": "panel", "id": "led-1"})
    assert message == lamps(card)
    assert (message["width"], message["height"]) == (192, 64)


async def test_files_are_known_by_name_only(box: Served, tmp_path: Path) -> None:
    (tmp_path / "sound" / "secret.wav").write_bytes(b"RIFF")
    for path in (
        "/sound/secret.wav",
        "/sound/..%2f..%2fsecret.wav",
        "/ticket/printer-1/1.png",
        "/ticket/keypad-1/1.png",
        "/static/..%2fserver.py",
        "/static/nothing.js",
        "/screen/kiosk.png",
    ):
        async with box.client() as client:
            assert (await client.get(path)).status_code == 404, path


STRANGERS: tuple[tuple[dict[str, str], int], ...] = (
    ({"Host": "evil.example"}, 421),
    ({"Host": "127.0.0.1"}, 421),
    ({"Origin": "http://evil.example"}, 403),
    ({"Origin": "null"}, 403),
    ({"Origin": ""}, 403),
    ({"Sec-Fetch-Site": "cross-site"}, 403),
    ({"Content-Type": "text/plain"}, 415),
    ({"Content-Length": "20000"}, 413),
)


async def test_no_other_page_presses_keys(box: Served) -> None:
    own = {"Host": f"127.0.0.1:{box.port}", "Origin": box.url, "Content-Type": "application/json"}
    body = json.dumps(PRESS)
    for headers, status in STRANGERS:
        sent = {**own, "Content-Length": str(len(body)), **headers}
        assert await raw(box.port, "POST /act", sent, body) == status, headers
    assert box.station.hall.device("keypad-1").view()["typed"] == ""


async def test_the_page_itself_has_names_too(box: Served) -> None:
    assert await raw(box.port, "GET /", {"Host": f"localhost:{box.port}"}) == 200
    assert await raw(box.port, "GET /", {"Host": f"127.0.0.1:{box.port}"}) == 200
    assert await raw(box.port, "GET /", {"Host": f"box.example:{box.port}"}) == 421
    assert await raw(box.port, "GET http://evil.example/", {"Host": f"127.0.0.1:{box.port}"}) == 400
    elsewhere = {"Host": f"127.0.0.1:{box.port}", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
    assert await raw(box.port, "GET /screen/kiosk.png", elsewhere) == 403


async def raw(port: int, request: str, headers: dict[str, str], body: str = "") -> int:
    """Status of a request written by hand; a header with an empty value is left out."""
    lines = [f"{request} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items() if value), "", body]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write("\r\n".join(lines).encode())
    status = (await reader.readline()).split()[1]
    writer.close()
    return int(status)


@pytest.mark.parametrize("origin", ["http://evil.example", None])
async def test_no_other_page_listens(box: Served, origin: str | None) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with connect(f"ws://127.0.0.1:{box.port}/ws", origin=origin):  # type: ignore[arg-type]
            raise AssertionError("let in")
    assert refused.value.response.status_code == 403


DESK = {
    "scene": "desk",
    "devices": [{"id": "camera-1", "sim": "camera", "width": 320, "height": 180}],
    "pages": [{"id": "copy", "draw": "id_copy"}],
}


async def test_the_page_has_a_picture_of_what_lies_under_a_camera(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        hall = await stack.enter_async_context(SimulatedHall(Scene.model_validate(DESK), tmp_path))
        box = await stack.enter_async_context(serving(Simulators(hall, Line(9))))
        socket = await stack.enter_async_context(live(box))
        client = await stack.enter_async_context(box.client())
        assert (await until(socket, **{"is": "plan"}))["cameras"] == ["camera-1"]
        empty = (await client.get("/picture/camera-1.png")).content
        await client.post("/act", json={"device": "camera-1", "action": "lay_page", "values": {"page": "copy"}})
        await until(socket, **{"is": "device", "page": "copy"})
        assert (await client.get("/picture/camera-1.png")).content != empty
        assert (await client.get("/picture/nobody.png")).status_code == 404


async def test_both_colours_of_a_panel_are_told(tmp_path: Path) -> None:
    panel = {"id": "led-1", "sim": "onbon5k", "width": 64, "height": 32, "lamps": "dual", "place": "w1"}
    async with SimulatedHall(Scene.model_validate({"scene": "s", "devices": [panel]}), tmp_path) as hall:
        card = hall.simulators["led-1"]
        assert isinstance(card, Onbon5KCard)
        card.colours = lambda: bytes([1, 2, 3, 0] * 512)  # type: ignore[method-assign]
        told = lamps(card)
    assert base64.b64decode(told["red"]) == bytes([0b10101010] * 256)
    assert base64.b64decode(told["green"]) == bytes([0b01100110] * 256)
