"""The hall in a box: one page on which every simulated device is seen and touched, live."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Final

import uvicorn
from fastapi import FastAPI, HTTPException, Request, Response, WebSocket, WebSocketDisconnect
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, PlainTextResponse
from starlette.exceptions import HTTPException as AnyHttpError

from hw_sim.box import sights
from hw_sim.box.doors import Doors
from hw_sim.box.hands import hands
from hw_sim.box.mailbox import Mailbox
from hw_sim.box.stage import Stage
from hw_sim.box.station import Box
from hw_sim.device import Chores

STATIC: Final = Path(__file__).parent / "static"
_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}


def create_box(station: Box, *, port: int) -> FastAPI:
    """`port`: the one it will be asked under. The page is kept up to date while the application's lifespan lasts."""
    stage = Stage(station)

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        chores = Chores("box")
        chores.spawn(stage.run())
        try:
            yield
        finally:
            await chores.stop()

    app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(Doors, port=port)
    app.add_exception_handler(AnyHttpError, _plain)
    app.add_exception_handler(RequestValidationError, _not_understood)
    app.include_router(hands(stage))
    _add_sights(app, stage)
    _add_pages(app)
    return app


async def serve_box(station: Box, port: int, *, started: Callable[[int], None] = lambda port: None) -> None:
    """Serve on loopback until cancelled; port 0: any, `started` hears the real one. OSError: the port is taken."""
    with socket.create_server(("127.0.0.1", port)) as listener:
        real = int(listener.getsockname()[1])
        server = _Server(
            uvicorn.Config(
                create_box(station, port=real),
                http="h11",
                ws="websockets-sansio",
                lifespan="on",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=1,
            )
        )
        running = asyncio.ensure_future(server.serve(sockets=[listener]))
        started(real)
        try:
            await asyncio.shield(running)
        finally:
            server.should_exit = True
            await running


class _Server(uvicorn.Server):
    """The demo owns the signals."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _add_sights(app: FastAPI, stage: Stage) -> None:
    @app.websocket("/ws")
    async def news(socket: WebSocket) -> None:
        await socket.accept()
        mailbox = stage.board.open()
        try:
            async with asyncio.TaskGroup() as group:
                telling = group.create_task(_tell(socket, mailbox))
                await _until_gone(socket)
                telling.cancel()
        finally:
            stage.board.close(mailbox)

    @app.get("/ticket/{printer}/{number}.png")
    async def ticket(printer: str, number: int) -> Response:
        return _file(sights.ticket_file(stage.box.hall, printer, number))

    @app.get("/screen/{name}.png")
    async def screen(name: str) -> Response:
        found = stage.screens.get(name)
        if found is None or found.png is None:
            raise HTTPException(404, "no such picture")
        return Response(found.png, media_type="image/png")

    @app.get("/picture/{device}.png")
    async def picture(device: str) -> Response:
        found = stage.box.hall.simulators.get(device)
        png = None if found is None else await asyncio.to_thread(found.picture)
        if png is None:
            raise HTTPException(404, "no such picture")
        return Response(png, media_type="image/png")

    @app.get("/sound/{name}.wav")
    async def sound(name: str) -> Response:
        return _file(sights.sound_file(stage.box.hall, f"{name}.wav"))


async def _tell(socket: WebSocket, mailbox: Mailbox) -> None:
    with contextlib.suppress(WebSocketDisconnect):
        while True:
            for message in await mailbox.take():
                await socket.send_json(message)


async def _until_gone(socket: WebSocket) -> None:
    with contextlib.suppress(WebSocketDisconnect):
        while True:
            await socket.receive_text()


def _add_pages(app: FastAPI) -> None:
    pages = {path.name: path for path in STATIC.iterdir() if path.suffix in _TYPES}

    @app.get("/")
    async def home() -> Response:
        return _page(pages["index.html"])

    @app.get("/static/{name}")
    async def static(name: str) -> Response:
        if name not in pages:
            raise HTTPException(404, "no such file")
        return _page(pages[name])


def _page(path: Path) -> Response:
    return Response(path.read_bytes(), media_type=_TYPES[path.suffix])


def _file(path: Path | None) -> Response:
    if path is None:
        raise HTTPException(404, "no such file")
    return FileResponse(path)


async def _plain(request: Request, error: Exception) -> Response:
    assert isinstance(error, AnyHttpError)
    return PlainTextResponse(str(error.detail), error.status_code)


async def _not_understood(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    wrong = error.errors()[0]
    place = ".".join(str(step) for step in wrong["loc"][1:])
    return PlainTextResponse(f"{place or 'request'}: {wrong['msg']}", 400)
