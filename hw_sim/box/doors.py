"""Keeps strangers' web pages from pressing keys: exact Host, own Origin for everything that acts, small JSON bodies."""

from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_READS: Final = frozenset({"GET", "HEAD"})
_MOST_BODY: Final = 16 * 1024


class Denied(Exception):
    """Not let in; `status` is HTTP's."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


class Doors:
    """Wraps the application. `port`: the one it listens on, part of the only two names that it answers to."""

    def __init__(self, app: ASGIApp, *, port: int) -> None:
        self._app = app
        self._hosts = frozenset({f"127.0.0.1:{port}", f"localhost:{port}"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        host = ""
        try:
            host = self._check(scope)
        except Denied as denied:
            await _refuse(scope, send, denied)
            return

        async def sealed(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                _seal(message, host)
            await send(message)

        await self._app(scope, receive, sealed)

    def _check(self, scope: Scope) -> str:
        headers = Headers(scope=scope)
        hosts = [name.lower() for name in headers.getlist("host")]
        if len(hosts) != 1 or hosts[0] not in self._hosts:
            raise Denied(421, "this name is not served here")
        if not scope.get("raw_path", b"/").startswith(b"/"):
            raise Denied(400, "the target must be a path")
        acts = scope["type"] == "websocket" or scope["method"] not in _READS
        _own_origin(headers, f"http://{hosts[0]}", required=acts)
        if acts and scope["type"] == "http":
            _small_json(headers)
        return hosts[0]


def _own_origin(headers: Headers, own: str, *, required: bool) -> None:
    origins = headers.getlist("origin")
    if (required or origins) and origins != [own]:
        raise Denied(403, "this page is not the box's own")
    elsewhere = headers.get("sec-fetch-site", "none") not in ("none", "same-origin")
    if elsewhere and headers.get("sec-fetch-mode") != "navigate":
        raise Denied(403, "another site's page asked")


def _small_json(headers: Headers) -> None:
    if headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
        raise Denied(415, "only application/json")
    length = headers.get("content-length", "")
    if not length.isdigit():
        raise Denied(411, "the length must be said")
    if int(length) > _MOST_BODY:
        raise Denied(413, "too large")


def _seal(message: Message, host: str) -> None:
    headers = MutableHeaders(scope=message)
    headers["Content-Security-Policy"] = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
        f"connect-src 'self' ws://{host}; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    )
    headers["Cache-Control"] = "no-store"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Referrer-Policy"] = "no-referrer"
    headers["X-Content-Type-Options"] = "nosniff"


async def _refuse(scope: Scope, send: Send, denied: Denied) -> None:
    prefix = "websocket.http" if scope["type"] == "websocket" else "http"
    start: Message = {
        "type": f"{prefix}.response.start",
        "status": denied.status,
        "headers": [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")],
    }
    _seal(start, "")
    await send(start)
    await send({"type": f"{prefix}.response.body", "body": denied.why.encode()})
