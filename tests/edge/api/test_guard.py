"""Who is turned away before anything is asked: headers in every bad form, on raw sockets."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio

from tests.edge.api.bench import bench, free_port, serving, site
from tests.edge.api.conftest import Served

pytestmark = pytest.mark.asyncio(loop_scope="module")

WS = (
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
)
JSON = "Content-Type: application/json"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    """One hall for the whole table: nothing here changes it."""
    folder, port = tmp_path_factory.mktemp("guard"), free_port()
    async with (
        bench(folder / "journal", site(port)) as hall,
        serving(hall, folder) as socket,
        AsyncExitStack() as stack,
    ):
        yield Served(hall, socket, port, stack)


async def ask(port: int, line: str, *headers: str, body: str = "") -> tuple[int, str]:
    """Status and the whole answer to exactly these lines."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        length = (f"Content-Length: {len(body)}",) if body else ()
        closing = () if any(header in WS for header in headers) else ("Connection: close",)
        writer.write("\r\n".join([line, *headers, *length, *closing, "", body]).encode())
        async with asyncio.timeout(30):
            head = await reader.readuntil(b"\r\n\r\n")
            rest = b"" if head.startswith(b"HTTP/1.1 101") else await reader.read()
        return int(head.split(b" ")[1]), (head + rest).decode()
    finally:
        writer.close()


def known(served: Served) -> str:
    return f"Host: 127.0.0.1:{served.port}"


def own(served: Served) -> str:
    return f"Origin: {served.origin}"


HOSTS: list[tuple[tuple[str, ...], int]] = [
    (("Host: evil.example",), 421),
    (("Host: evil.example:{port}",), 421),
    (("Host: 127.0.0.1:{port}.evil.example",), 421),
    (("Host: 127.0.0.1.evil.example:{port}",), 421),
    (("Host: 127.0.0.1",), 421),
    (("Host: 127.0.0.1:1",), 421),
    (("Host: localhost.:{port}",), 421),
    (("Host: evil.example", "X-Forwarded-Host: 127.0.0.1:{port}"), 421),
    (("Host:",), 421),
    ((), 400),
    (("Host: 127.0.0.1:{port}", "Host: evil.example"), 400),
    (("Host: 127.0.0.1:{port}", "Host: 127.0.0.1:{port}"), 400),
    (("Host: 127.0.0.1:{port}",), 200),
    (("Host: LOCALHOST:{port}",), 200),
    (("Host: 127.0.0.1:{port}", "X-Forwarded-Host: evil.example"), 200),
]


async def test_host(served: Served) -> None:
    for hosts, status in HOSTS:
        lines = [host.format(port=served.port) for host in hosts]
        assert (await ask(served.port, "GET /api/catalogue HTTP/1.1", *lines))[0] == status, hosts


async def test_absolute_form_is_refused_though_host_is_good(served: Served) -> None:
    for target in ("http://evil.example/api/live", f"http://127.0.0.1:{served.port}/api/live"):
        assert (await ask(served.port, f"GET {target} HTTP/1.1", known(served)))[0] == 400
        assert (await ask(served.port, f"GET {target} HTTP/1.1", known(served), own(served), *WS))[0] == 400


BAD_ORIGINS = [
    ("Origin: http://evil.example",),
    ("Origin: null",),
    ("Origin: http://127.0.0.1:{port}.evil.example",),
    ("Origin: https://127.0.0.1:{port}",),
    ("Origin: http://127.0.0.1:1",),
    ("Origin: http://localhost:{port}",),  # ours, but not the page that was asked
    ("Origin: http://127.0.0.1:{port}", "Origin: http://evil.example"),
    ("Origin:",),
]


async def test_origin_of_writes_and_live_lines(served: Served) -> None:
    wrong = '{"window": "w1", "pin": "0000"}'
    for origins in (*BAD_ORIGINS, ()):
        lines = [origin.format(port=served.port) for origin in origins]
        post = await ask(served.port, "POST /api/session HTTP/1.1", known(served), JSON, *lines, body=wrong)
        live = await ask(served.port, "GET /api/live HTTP/1.1", known(served), *WS, *lines)
        turned_away = {403, 400} if len(lines) > 1 else {403}  # two Origins: the WebSocket parser says no first
        assert post[0] == 403, origins
        assert live[0] in turned_away, origins


async def test_foreign_origin_may_not_even_read(served: Served) -> None:
    for origins in BAD_ORIGINS:
        lines = [origin.format(port=served.port) for origin in origins]
        assert (await ask(served.port, "GET /api/catalogue HTTP/1.1", known(served), *lines))[0] == 403, origins


async def test_rebound_name_with_agreeing_origin_is_misdirected(served: Served) -> None:
    """To the browser this is same-origin: only the list of names stops it."""
    evil = ("Host: evil.example", "Origin: http://evil.example", "Sec-Fetch-Site: same-origin")
    assert (await ask(served.port, "GET /api/live HTTP/1.1", *evil, *WS))[0] == 421
    assert (await ask(served.port, "GET /api/catalogue HTTP/1.1", *evil))[0] == 421
    assert (await ask(served.port, "POST /api/session HTTP/1.1", *evil, JSON, body="{}"))[0] == 421


async def test_reading_for_another_site(served: Served) -> None:
    for asker, status in (("cross-site", 403), ("same-site", 403), ("same-origin", 200), ("none", 200)):
        fetch = f"Sec-Fetch-Site: {asker}"
        assert (await ask(served.port, "GET /api/catalogue HTTP/1.1", known(served), fetch))[0] == status, asker


async def test_only_json_is_written(served: Served) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        lines = [f"Content-Type: {kind}"] if kind else []
        answer = await ask(served.port, "POST /api/session HTTP/1.1", known(served), own(served), *lines, body="{}")
        assert answer[0] == 415, kind


async def test_preflight_gets_nothing(served: Served) -> None:
    asked = (
        "Origin: http://evil.example",
        "Access-Control-Request-Method: POST",
        "Access-Control-Request-Private-Network: true",
    )
    status, text = await ask(served.port, "OPTIONS /api/session HTTP/1.1", known(served), *asked)
    assert status == 403
    assert "access-control-allow" not in text.lower()


async def test_right_origin_without_session_is_nobody(served: Served) -> None:
    assert (await ask(served.port, "GET /api/live HTTP/1.1", known(served), own(served), *WS))[0] == 401
    wanted = '{"id": "12345678"}'
    post = await ask(served.port, "POST /api/window/w1/next HTTP/1.1", known(served), own(served), JSON, body=wanted)
    assert post[0] == 401


async def test_right_host_origin_and_session_open_a_live_line(served: Served) -> None:
    clerk = await served.clerk()
    cookie = f"Cookie: hall_session={clerk.cookies['hall_session']}"
    assert (await ask(served.port, "GET /api/live HTTP/1.1", known(served), own(served), cookie, *WS))[0] == 101


async def test_large_body_is_refused(served: Served) -> None:
    large = '{"window": "' + "w" * 70_000 + '"}'
    answer = await ask(served.port, "POST /api/session HTTP/1.1", known(served), own(served), JSON, body=large)
    assert answer[0] == 413


async def test_every_answer_is_sealed(served: Served) -> None:
    for line, extra in (
        ("GET /clerk/ HTTP/1.1", ()),
        ("GET /api/catalogue HTTP/1.1", ()),
        ("GET /api/nothing HTTP/1.1", ()),
        ("GET /api/window/w1 HTTP/1.1", ()),
        ("GET /api/catalogue HTTP/1.1", ("Origin: null",)),
    ):
        _, text = await ask(served.port, line, known(served), *extra)
        low = text.lower()
        assert "cache-control: no-store" in low
        assert "default-src 'none'" in low
        assert "frame-ancestors 'none'" in low
        assert "x-content-type-options: nosniff" in low
        assert "server:" not in low


async def test_pages_name_no_path_outside(served: Served) -> None:
    for path in (
        "/../site.py",
        "/clerk/../../site.py",
        "/clerk/%2e%2e%2f%2e%2e%2fsite.py",
        "/clerk//etc/passwd",
        "/api/",
    ):
        assert (await ask(served.port, f"GET {path} HTTP/1.1", known(served)))[0] == 404


async def test_local_socket_turns_web_pages_away(served: Served) -> None:
    reader, writer = await asyncio.open_unix_connection(str(served.socket))
    lines = ("GET /api/catalogue HTTP/1.1", "Host: hall", "X-Hall-Place: k1", own(served), "Connection: close", "", "")
    writer.write("\r\n".join(lines).encode())
    assert (await reader.readline()).startswith(b"HTTP/1.1 403")
    writer.close()


async def test_local_socket_needs_exactly_one_place(served: Served) -> None:
    for places, status in (
        ((), b"401"),
        (("k1", "board"), b"401"),
        (("k7",), b"403"),
        (("c01",), b"403"),
        (("k1",), b"200"),
    ):
        reader, writer = await asyncio.open_unix_connection(str(served.socket))
        named = [f"X-Hall-Place: {place}" for place in places]
        lines = ("GET /api/catalogue HTTP/1.1", "Host: hall", *named, "Connection: close", "", "")
        writer.write("\r\n".join(lines).encode())
        assert (await reader.readline()).split()[1] == status
        writer.close()
