"""Serves the hall to browsers (TCP) and to kiosks and boards (unix socket) in the running event loop."""

import asyncio
import contextlib
import ipaddress
import logging
import os
import socket
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import uvicorn
from fastapi import FastAPI

from edge.api.app import create_app
from edge.api.live import Pace
from edge.api.port import HallPort
from edge.clock import Clock, SystemClock

LOCAL_MODE: Final = 0o660
_CONNECTIONS: Final = 512
_WAITING: Final = 128
_HEADER_BYTES: Final = 16 * 1024
_FRAME_BYTES: Final = 16 * 1024
_CLOSING_SECONDS: Final = 1


class CannotListen(OSError):
    """The address is taken, not ours, or would carry people's data unencrypted over the network."""


@dataclass(frozen=True, slots=True)
class Tls:
    certificate: Path
    key: Path


class _NoAlarm(logging.Filter):
    """uvicorn calls a live line that was turned away with a plain answer (401, 421) an error of the application."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.msg != "ASGI callable returned without completing handshake."


_NO_ALARM: Final = _NoAlarm()


class _Server(uvicorn.Server):
    """The daemon owns the signals."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(
    hall: HallPort,
    *,
    listen: str,
    local_socket: Path | str,
    tls: Tls | None = None,
    clock: Clock | None = None,
    random_bytes: Callable[[int], bytes] = os.urandom,
    pace: Pace = Pace(),  # noqa: B008 - frozen
    started: Callable[[str], None] = lambda address: None,
) -> None:
    """Serve until cancelled; `listen` is `host:port` (port 0: any), `started` hears the real one
    once both sockets take connections.

    Raises CannotListen at once when an address is taken, or when `listen` leaves this machine without `tls`.
    """
    logging.getLogger("uvicorn.error").addFilter(_NO_ALARM)
    clock = clock or SystemClock()
    scheme: Literal["http", "https"] = "https" if tls else "http"
    browser = create_app(hall, trust="browser", clock=clock, random_bytes=random_bytes, scheme=scheme, pace=pace)
    local = create_app(hall, trust="local", clock=clock, random_bytes=random_bytes, pace=pace)
    path = Path(local_socket)
    with _tcp(listen, encrypted=tls is not None) as front, _unix(path) as back:
        host, port = front.getsockname()[:2]
        started(f"{host}:{port}")
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(_run(_server(browser, tls), front))
                group.create_task(_run(_server(local, None), back))
        finally:
            local.state.cards.close()
            local.state.copies.close()


def _server(app: FastAPI, tls: Tls | None) -> _Server:
    return _Server(
        uvicorn.Config(
            app,
            http="h11",
            ws="websockets-sansio",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=_CONNECTIONS,
            h11_max_incomplete_event_size=_HEADER_BYTES,
            ws_max_size=_FRAME_BYTES,
            ws_ping_interval=5.0,
            ws_ping_timeout=10.0,
            timeout_keep_alive=30,
            timeout_graceful_shutdown=_CLOSING_SECONDS,
            ssl_certfile=str(tls.certificate) if tls else None,
            ssl_keyfile=str(tls.key) if tls else None,
        )
    )


async def _run(server: _Server, listener: socket.socket) -> None:
    """Cancelled: stop accepting, let open answers end for a second, then return."""
    running = asyncio.ensure_future(server.serve(sockets=[listener]))
    try:
        await asyncio.shield(running)
    finally:
        server.should_exit = True
        await running


@contextlib.contextmanager
def _tcp(listen: str, *, encrypted: bool) -> Iterator[socket.socket]:
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")
    if not encrypted and not _stays_here(host):
        raise CannotListen(f"{listen} leaves this machine: give it a certificate or use 127.0.0.1")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, int(port)))
            listener.listen(_WAITING)
        except (OSError, ValueError) as error:
            raise CannotListen(f"{listen}: {error}") from error
        yield listener
    finally:
        listener.close()


@contextlib.contextmanager
def _unix(path: Path) -> Iterator[socket.socket]:
    """A socket file that only owner and group may use; a dead one left by a crash is replaced, a live one is not."""
    _remove_dead(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        before = os.umask(0o777 & ~LOCAL_MODE)
        try:
            listener.bind(str(path))
            listener.listen(_WAITING)
        except OSError as error:
            raise CannotListen(f"{path}: {error}") from error
        finally:
            os.umask(before)
        ours = path.stat().st_ino
        try:
            yield listener
        finally:
            if path.exists() and path.stat().st_ino == ours:
                path.unlink()
    finally:
        listener.close()


def _remove_dead(path: Path) -> None:
    if not path.exists():
        return
    if not stat.S_ISSOCK(path.stat().st_mode):
        raise CannotListen(f"{path} is not a socket")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            path.unlink()
            return
    raise CannotListen(f"{path} is in use by another process")


def _stays_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
