"""A window's devices on another machine: moved by one line, over TLS, and every stranger stays outside."""

import asyncio
import json
import ssl
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from edge.pairing.identity import Identity
from edge.pairing.names import SERVER_NAME
from edge.pairing.tls import joining_context
from tests.support.certificates import Authority
from tests.system.evidence import records, seen
from tests.system.people import at_place, devices, press, signed_in, take_ticket
from tests.system.second_machine import MOVED, PLACE, TwoMachines, hallctl, joined, move_to, opened, two_machines

pytestmark = [pytest.mark.system, pytest.mark.kill, pytest.mark.asyncio(loop_scope="module")]
PAUSED = "暂停服务"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def two(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[TwoMachines]:
    async with two_machines(tmp_path_factory.mktemp("two")) as made:
        yield made


async def _waiting(two: TwoMachines, wish: str) -> str:
    async with at_place(two.hall, "k1") as kiosk:
        number: str = (await take_ticket(kiosk, f"second-machine-{wish}"))["number"]
    return number


def _calls(two: TwoMachines) -> list[dict[str, Any]]:
    return [call for call in records(two.hall, "ticket.called") if call["actor"] == "keypad:keypad-1"]


async def _state(two: TwoMachines, device: str) -> str:
    async with at_place(two.hall, "technician") as technician:
        state: str = (await devices(technician))[device]["state"]
    return state


async def _ready(two: TwoMachines, seconds: float = 60) -> None:
    async def all_ready() -> bool:
        try:
            return {await _state(two, device) for device in (*MOVED, "keypad-1", "pad-1")} == {"ready"}
        except httpx.TransportError:
            return False  # the daemon starts just now

    try:
        await seen(all_ready, seconds, "the devices there are ready")
    except AssertionError as error:
        raise AssertionError(f"{error}; its host says: {two.said()[-1500:]}") from None


async def test_wrong_digits_are_told_and_the_right_ones_work_once(two: TwoMachines) -> None:
    async with opened(two, PLACE) as (digits, at):
        code, said = await joined(two, f"{(int(digits) + 1) % 10**6:06d}", at, two.identity)
        assert (code, "2 more tries" in said) == (1, True), said
        assert not two.identity.exists()
        code, said = await joined(two, digits, at, two.identity)
        assert (code, PLACE in said) == (0, True), said
        code, said = await joined(two, digits, at, two.folder / "second")
        assert (code, "used already" in said) == (1, True), said
    code, said = await hallctl("pair", "list", "--runtime", str(two.hall.folder), "--json")
    assert [(one["place"], one["state"]) for one in json.loads(said)["certificates"]] == [(PLACE, "good")]


async def test_moved_by_one_line_each_the_display_and_the_keypad_work_over_there(two: TwoMachines) -> None:
    before = (two.hall.folder / "site.yaml").read_text("utf-8").splitlines()
    for device in MOVED:
        move_to(two.hall.folder, device, PLACE)
    after = (two.hall.folder / "site.yaml").read_text("utf-8").splitlines()
    assert len(before) == len(after)
    assert sum(one != other for one, other in zip(before, after, strict=True)) == len(MOVED)
    for name in ("halld", "devices"):
        two.hall.programs[name].kill()
    two.start_devices()
    await _ready(two)
    number = await _waiting(two, "first")
    await press(two.keypad, "call", lambda: len(_calls(two)) == 1, "the key over there calls")
    await seen(lambda: two.on_panel(f"请{number}号"), 40, f"{number} on the display over there")
    kept = json.loads((two.folder / "devices.last-good.json").read_bytes())
    assert {device["id"] for device in kept["devices"]} == {
        "led-1",
        "rs485-1",
        "keypad-1",
        "keypad-2",
        "pad-1",
        "pad-2",
    }
    assert "pin" not in (two.folder / "devices.last-good.json").read_text()


async def test_that_machine_is_killed_and_shows_what_was_called_meanwhile(two: TwoMachines) -> None:
    number = await _waiting(two, "second")
    two.devices.held = True
    two.devices.kill()
    await seen(lambda: two.devices.pid is None, 20, "it is dead")
    async with signed_in(two.hall, "w1") as clerk:
        for verb in ("finish", "next"):
            answer = await clerk.post(f"/api/window/w1/{verb}", json={"id": f"killed-{verb}"})
            assert answer.status_code == 200, answer.text
    assert not two.on_panel(f"请{number}号")
    two.devices.hold(False)
    await seen(lambda: two.devices.pid is not None, 20, "it starts again")
    started = time.monotonic()
    await seen(lambda: two.on_panel(f"请{number}号"), 40, f"{number} on the display over there")
    took = time.monotonic() - started
    print(f"\nfrom the start of the device host there to the wanted page on its display: {took:.2f} s")
    await _ready(two)


async def test_the_cable_is_pulled_displays_say_so_and_a_press_is_kept_through_a_kill(two: TwoMachines) -> None:
    number = await _waiting(two, "third")
    async with signed_in(two.hall, "w1") as clerk:
        assert (await clerk.post("/api/window/w1/finish", json={"id": "before-the-cut"})).status_code == 200
    calls = len(_calls(two))
    two.net.pull_cable()
    pulled = time.monotonic()
    await seen(lambda: two.on_panel(PAUSED), 20, "the display over there says so by itself")
    silent = time.monotonic() - pulled
    assert await _state(two, "led-1") == "absent", "and the hall knows"
    two.press("call")
    spool = two.folder / "events.spool"
    await seen(lambda: b'"key"' in spool.read_bytes(), 20, "the press is on the disk there")
    two.devices.kill()
    await seen(lambda: two.devices.restarts == 2, 20, "the host there starts again")
    await asyncio.sleep(1)
    assert len(_calls(two)) == calls
    two.net.plug_cable()
    plugged = time.monotonic()
    await seen(lambda: two.on_panel(f"请{number}号"), 40, f"{number} on the display over there")
    print(f"\ncable pulled: {PAUSED} after {silent:.1f} s; plugged: the kept press is called and shown after", end=" ")
    print(f"{time.monotonic() - plugged:.2f} s")
    await _ready(two)
    assert len(_calls(two)) == calls + 1, "once"
    await seen(lambda: spool.stat().st_size == 0, 20, "nothing is kept that was settled")


# --- strangers -------------------------------------------------------------------------------------------------------


async def _hello(two: TwoMachines, context: ssl.SSLContext, host: str = PLACE) -> list[dict[str, Any]]:
    """What the hall says to this hello until it hangs up, or welcomes. Raises OSError."""
    async with asyncio.timeout(30):
        reader, writer = await asyncio.open_connection(
            two.net.here, two.port, ssl=context, server_hostname=SERVER_NAME, ssl_shutdown_timeout=1.0
        )
        try:
            hello = {"m": "hello", "protocol": 1, "host": host, "boot": "00", "devices": []}
            writer.write(json.dumps(hello).encode() + b"\n")
            said: list[dict[str, Any]] = []
            while (line := await reader.readline()) and (not said or said[-1]["m"] != "welcome"):
                said.append(json.loads(line))
            return said
        finally:
            writer.transport.abort()


async def _is_shut_out(two: TwoMachines, context: ssl.SSLContext) -> None:
    """By an alert, a reset or a bare end: TLS 1.3 tells a client late."""
    try:
        said = await _hello(two, context)
    except OSError:
        said = []
    assert said == []
    assert await _state(two, "led-1") == "ready", "and nobody was disturbed"


async def test_a_certificate_of_another_authority_is_refused(two: TwoMachines, tmp_path: Path) -> None:
    files = Authority(tmp_path).issue("window-3")
    context = joining_context()
    context.load_cert_chain(files.certificate, files.key)
    await _is_shut_out(two, context)


async def test_no_certificate_is_refused(two: TwoMachines) -> None:
    await _is_shut_out(two, joining_context())


async def test_tls_of_yesterday_is_refused(two: TwoMachines) -> None:
    context = Identity.load(two.identity).context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    await _is_shut_out(two, context)


async def test_a_machine_speaks_for_its_own_place_only_and_not_at_all_once_revoked(two: TwoMachines) -> None:
    identity = two.folder / "fourth"
    async with opened(two, "window-4") as (digits, at):
        assert (await joined(two, digits, at, identity))[0] == 0
    context = Identity.load(identity).context()
    assert await _hello(two, context) == [{"m": "refused", "why": "other_place"}]
    assert [line["m"] for line in await _hello(two, context, "window-4")] == ["welcome"]

    reader, writer = await asyncio.open_connection(two.net.here, two.port, ssl=context, server_hostname=SERVER_NAME)
    writer.write(b'{"m":"hello","protocol":1,"host":"window-4","boot":"00","devices":[]}\n')
    assert json.loads(await reader.readline())["m"] == "welcome"
    code, said = await hallctl("pair", "revoke", "window-4", "--runtime", str(two.hall.folder))
    assert code == 0, said
    async with asyncio.timeout(30):
        while await _more(reader):
            pass
    writer.close()
    assert await _hello(two, context, "window-4") == [{"m": "refused", "why": "revoked"}]
    assert await _state(two, "led-1") == "ready"


async def _more(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read(4096)
    except ConnectionError:
        return b""


async def test_the_hall_says_whom_it_refused(two: TwoMachines) -> None:
    log = (two.hall.folder / "logs" / "halld.log").read_text()
    assert log.count("a stranger was refused") >= 3
    assert "why=revoked" in log
    assert "said hello as another host" in log
