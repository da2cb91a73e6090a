"""The enrolment desk over HTTPS, with a certificate of the centre's own authority. Nothing else is served here."""

import asyncio
import socket
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Final, TypeVar

import structlog
import uvicorn
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from fastapi import FastAPI, Request, Response
from pydantic import ValidationError

from sync import enrolment
from sync.centre.enrolment_desk import EnrolmentDesk, NotEnrolled
from sync.certificates import Issuer, pem_of, renewal_of
from sync.certificates import Request as NewKey
from sync.tls import CENTRE_NAME, load_own

SERVER_DAYS: Final = 90
LOOK_SECONDS: Final = 3600.0
log = structlog.get_logger("hall-centre")
M = TypeVar("M", bound=enrolment.Line)


def server_pem(issuer: Issuer, now: datetime) -> tuple[bytes, datetime]:
    """A new key with its certificate for this listener (never written anywhere), and when to renew."""
    key = NewKey(CENTRE_NAME)
    names = [x509.DNSName(CENTRE_NAME)]
    uses = [ExtendedKeyUsageOID.SERVER_AUTH]
    made = issuer.issue(CENTRE_NAME, key.public_key, names, uses, now=now, days=SERVER_DAYS)
    return key.key_pem() + pem_of(made).encode(), renewal_of(made)


def app_of(desk: EnrolmentDesk, issuer: Issuer, keys: enrolment.CentreKeys) -> FastAPI:
    """The desk's database belongs to one thread, so calls follow one another."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    thread = ThreadPoolExecutor(1, thread_name_prefix="enrolment")

    async def _answer(request: Request, form: type[M], act: Callable[[M], enrolment.Enrolled]) -> Response:
        try:
            asked = form.model_validate_json(await _body(request))
            found = await asyncio.get_running_loop().run_in_executor(thread, act, asked)
        except (ValidationError, UnicodeDecodeError):
            return _line(enrolment.Refused(why="request"), 400)
        except NotEnrolled as refused:
            log.warning("not enrolled", why=refused.why)
            return _line(enrolment.Refused(why=refused.why), 403)
        return _line(found, 200)

    @app.get(enrolment.AUTHORITY_PATH)
    async def authority() -> Response:
        return _line(enrolment.Authority(authority=issuer.pem), 200)

    @app.get(enrolment.CENTRE_PATH)
    async def centre() -> Response:
        return _line(keys, 200)

    @app.post(enrolment.ENROL_PATH)
    async def enrol(request: Request) -> Response:
        return await _answer(request, enrolment.Ask, desk.enrol)

    @app.post(enrolment.RENEW_PATH)
    async def renew(request: Request) -> Response:
        return await _answer(request, enrolment.Renew, desk.renew)

    return app


async def serve(
    app: FastAPI, issuer: Issuer, host: str, port: int, *, now: Callable[[], datetime], ready: Callable[[int], None]
) -> None:
    """Until SIGTERM or cancelled. `ready` gets the port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    own, renew_at = server_pem(issuer, now())
    load_own(context, own)
    config = uvicorn.Config(app, host=host, port=port, log_config=None, access_log=False, server_header=False)
    config.load()
    config.ssl = context
    server = _Server(config, ready)
    serving = asyncio.ensure_future(server.serve())  # ends at SIGTERM and SIGINT by itself
    try:
        while not serving.done():
            await asyncio.wait({serving}, timeout=LOOK_SECONDS)
            if now() >= renew_at:
                own, renew_at = server_pem(issuer, now())
                load_own(context, own)
        serving.result()
    finally:
        server.should_exit = True
        await serving


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: Callable[[int], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready(self.servers[0].sockets[0].getsockname()[1])


async def _body(request: Request) -> bytes:
    """At most MAX_BODY; more is cut off and then is no message."""
    found = b""
    async for piece in request.stream():
        found += piece
        if len(found) > enrolment.MAX_BODY:
            return b""
    return found


def _line(line: enrolment.Line, status: int) -> Response:
    return Response(line.model_dump_json(), status, media_type="application/json")
