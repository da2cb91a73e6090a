"""The route table: every route names who may use it, everybody else is turned away."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from starlette.routing import BaseRoute

from edge.api.access import GuardedRoute, allowed
from edge.api.app import create_app
from edge.api.client import HallClient, NotAllowed
from edge.api.station_schema import IsolationReport, IsolationSeen
from edge.clock import SystemClock
from tests.edge.api.bench import Bench, bench, site
from tests.edge.api.conftest import Served

LINES = {"/api/live", "/api/window/{window}/camera"}
ROLES = {"visitor", "lead", "guide", "clerk", "technician", "kiosk", "board"}


@pytest.fixture
async def apps(tmp_path: Path) -> tuple[FastAPI, FastAPI]:
    async with bench(tmp_path / "j", site()) as hall:
        return _app(hall, "browser"), _app(hall, "local")


def _app(hall: Bench, trust: str) -> FastAPI:
    return create_app(hall, trust=trust, clock=SystemClock())  # type: ignore[arg-type]


def routes(app: FastAPI) -> Iterator[BaseRoute]:
    yield from app.routes


def paths(app: FastAPI, roles_without: str) -> list[tuple[str, str]]:
    """(method, path) of routes that this role may not use, with places filled in."""
    fill = {
        "window": "w1",
        "verb": "next",
        "uid": "t:X",
        "place": "k1",
        "folder": "clerk",
        "name": "x",
        "language": "en",
        "what": "photo",
        "digest": "a" * 64,
        "device": "led-1",
        "date": "2026-11-23",
        "first": "2026-11-23",
        "last": "2026-11-23",
        "step": "accept",
    }
    return [
        (method, re.sub(r"\{(\w+)\}", lambda m: fill[m[1]], route.path))
        for route in routes(app)
        if isinstance(route, GuardedRoute) and roles_without not in route.roles
        for method in route.methods
    ]


async def test_every_route_names_its_roles(apps: tuple[FastAPI, FastAPI]) -> None:
    for app in apps:
        found = list(routes(app))
        assert len(found) > 8
        for route in found:
            assert allowed(route.endpoint) <= ROLES, route  # type: ignore[attr-defined]
            assert isinstance(route, GuardedRoute) or route.path in LINES  # type: ignore[attr-defined]


async def test_a_route_without_roles_cannot_be_built(apps: tuple[FastAPI, FastAPI]) -> None:
    async def forgotten() -> None: ...

    with pytest.raises(TypeError, match="names no roles"):
        apps[0].add_api_route("/api/forgotten", forgotten)


async def test_clerks_routes_do_not_exist_on_the_local_socket(apps: tuple[FastAPI, FastAPI]) -> None:
    browser, local = apps
    assert not [r for r in routes(local) if "window" in r.path or "session" in r.path]  # type: ignore[attr-defined]
    assert not [r for r in routes(browser) if "kiosk/" in r.path]  # type: ignore[attr-defined]


async def send(browser: httpx.AsyncClient, method: str, path: str) -> int:
    body = b'{"id": "12345678"}' if method == "POST" else b""
    return (await browser.request(method, path, content=body)).status_code


async def test_nobody_may_do_anything_but_read_what_hangs_on_the_wall(
    served: Served, apps: tuple[FastAPI, FastAPI]
) -> None:
    denied = paths(apps[0], "visitor")
    assert len(denied) >= 8
    visitor = served.browser()
    assert {(await send(visitor, *route)) for route in denied} == {401}
    assert served.hall.state.windows["w1"].ticket == ""


async def test_clerk_and_technician_keep_to_their_own(served: Served, apps: tuple[FastAPI, FastAPI]) -> None:
    clerk = await served.clerk()
    assert {(await send(clerk, *route)) for route in paths(apps[0], "clerk")} == {403}
    technician = served.browser()
    signed_in = await technician.post("/api/technician/session", json={"pin": "9090"})
    assert signed_in.json() == {"window": "", "clerk": "t01", "name": "运维一号", "role": "technician"}
    denied = paths(apps[0], "technician")
    assert ("POST", "/api/window/w1/next") in denied
    assert {(await send(technician, *route)) for route in denied} == {403}


@pytest.mark.parametrize("place", ["board", "technician"])
async def test_board_and_technician_at_the_local_socket(
    served: Served, apps: tuple[FastAPI, FastAPI], place: str
) -> None:
    client: HallClient = served.client(place)
    denied = paths(apps[1], place)
    assert ("POST", "/api/kiosk/k1/ticket") in denied
    for method, path in denied:
        with pytest.raises(NotAllowed) as no:
            await client._send(method, path)
        assert no.value.status == 403
    assert (await client.hall()).open


async def test_clerk_at_another_window_is_denied(served: Served) -> None:
    clerk = await served.clerk("w1")
    for method, path in (("GET", "/api/window/w2"), ("POST", "/api/window/w2/next"), ("GET", "/api/window/w2/holder")):
        assert await send(clerk, method, path) == 403


async def test_technician_sees_devices_in_his_words_and_a_kiosk_none(served: Served) -> None:
    served.hall.troubles["printer-1"] = ("fault", "paper_out")
    seen = {device.id: device for device in await served.client("technician").devices()}
    assert len(seen) == len(served.hall.site.devices)
    assert "纸传感器" in seen["printer-1"].text
    assert seen["printer-1"].detail == "port of printer-1"
    with pytest.raises(NotAllowed):
        await served.client("k1").devices()


async def test_a_technician_has_the_broker_tried(served: Served) -> None:
    seen = IsolationSeen(check="read", verdict="open", facts={"heard": "he/1/3f/LH-0042/u/j"})
    served.hall.isolation = IsolationReport(seen=(seen,))
    answer = await served.client("technician")._send("POST", "/api/technician/isolation")
    assert IsolationReport.model_validate_json(answer.content) == served.hall.isolation


async def test_site_without_technicians_denies_the_browser(tmp_path: Path) -> None:
    config = site().model_copy(update={"technicians": ()})
    async with bench(tmp_path / "j", config) as hall:
        transport = httpx.ASGITransport(_app(hall, "browser"))
        origin = "http://127.0.0.1:8680"
        async with httpx.AsyncClient(transport=transport, base_url=origin, headers={"Origin": origin}) as browser:
            assert (await browser.post("/api/technician/session", json={"pin": "9090"})).status_code == 403
