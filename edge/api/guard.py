"""Keeps every web page out that the hall did not serve itself: Host, Origin, Sec-Fetch-Site, content type, size.

The order of the rules is fixed, because each relies on the one before: a name that is not ours must not reach the
comparison of origins (DNS rebinding makes Host and Origin agree). The peer's address is never trusted.
"""

import asyncio
from collections.abc import Iterable
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY: Final = 64 * 1024
BODY_SECONDS: Final = 10.0
_SAFE: Final = frozenset({"GET", "HEAD"})
_OWN_SITE: Final = frozenset({"same-origin", "none"})


class Denied(Exception):
    """Not let in; `status` is HTTP's."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


class Guard:
    """Wraps the application on a listener that browsers can reach. `names`: `host:port`; `scheme`: of the listener."""

    def __init__(self, app: ASGIApp, *, names: Iterable[str], scheme: str = "http") -> None:
        self._app = app
        self._names = frozenset(name.lower() for name in names)
        self._scheme = scheme

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        host = ""
        try:
            host = self._check(scope)
            if scope["type"] == "http":
                receive = await limited(receive)
        except Denied as denied:
            await refuse(scope, send, denied)
            return
        await self._app(scope, receive, self._sealed(send, host))

    def _check(self, scope: Scope) -> str:
        headers = Headers(scope=scope)
        host = _own_host(headers, self._names)
        own_path(scope)
        writes = scope["type"] == "websocket" or scope["method"] not in _SAFE
        _own_origin(headers, f"{self._scheme}://{host}", required=writes)
        if scope["type"] == "http" and writes:
            json_only(headers)
        return host

    def _sealed(self, send: Send, host: str) -> Send:
        sockets = f"{'wss' if self._scheme == 'https' else 'ws'}://{host}"

        async def sealed(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                seal(message, sockets)
            await send(message)

        return sealed


class LocalGuard:
    """For the unix socket: no browser can be there, so anything that smells of one is turned away."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            headers = Headers(scope=scope)
            try:
                own_path(scope)
                if headers.getlist("origin") or headers.getlist("sec-fetch-site"):
                    raise Denied(403, "no web page may use this socket")
                if scope["type"] == "http":
                    if scope["method"] not in _SAFE:
                        json_only(headers)
                    receive = await limited(receive)
            except Denied as denied:
                await refuse(scope, send, denied)
                return
        await self._app(scope, receive, send)


def _own_host(headers: Headers, names: frozenset[str]) -> str:
    hosts = headers.getlist("host")
    if len(hosts) != 1:
        raise Denied(400, "exactly one Host is needed")
    host = hosts[0].lower()
    if host not in names:
        raise Denied(421, "this name is not served here")
    return host


def own_path(scope: Scope) -> None:
    """A target in absolute form (`GET http://evil/ …`) would bypass the check of Host."""
    if not scope.get("raw_path", b"/").startswith(b"/") or not scope["path"].startswith("/"):
        raise Denied(400, "the target must be a path")


def _own_origin(headers: Headers, own: str, *, required: bool) -> None:
    origins = headers.getlist("origin")
    if len(origins) > 1 or (origins and origins[0] != own):
        raise Denied(403, "this page is not the hall's")
    if not origins:
        if required:
            raise Denied(403, "an Origin is needed")
        if headers.get("sec-fetch-site", "none") not in _OWN_SITE:
            raise Denied(403, "another site's page asked")


def json_only(headers: Headers) -> None:
    if headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
        raise Denied(415, "only application/json")


async def limited(receive: Receive) -> Receive:
    """Read the whole body, small and soon, and hand it on; what comes after it is the disconnect."""
    parts, size = [], 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    raise Denied(400, "gone before the body was here")
                parts.append(message.get("body", b""))
                size += len(parts[-1])
                if size > MAX_BODY:
                    raise Denied(413, "too large")
                if not message.get("more_body", False):
                    break
    except TimeoutError:
        raise Denied(408, "too slow") from None
    whole: list[Message] = [{"type": "http.request", "body": b"".join(parts), "more_body": False}]

    async def replay() -> Message:
        return whole.pop() if whole else await receive()

    return replay


def seal(message: Message, sockets: str) -> None:
    """Headers of every answer: nothing is kept, framed, sniffed or loaded from elsewhere."""
    headers = MutableHeaders(scope=message)
    headers["Cache-Control"] = "no-store"
    headers["Content-Security-Policy"] = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        f"connect-src 'self' {sockets}; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    )
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Referrer-Policy"] = "no-referrer"
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    headers["Vary"] = "Origin, Accept-Language"


async def refuse(scope: Scope, send: Send, denied: Denied) -> None:
    prefix = "websocket.http" if scope["type"] == "websocket" else "http"
    start: Message = {
        "type": f"{prefix}.response.start",
        "status": denied.status,
        "headers": [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")],
    }
    seal(start, "")
    await send(start)
    await send({"type": f"{prefix}.response.body", "body": denied.why.encode()})
