"""The window's camera, live, only while its panel is open: one picture for each `more` of the page."""

import asyncio
from contextlib import aclosing, suppress
from typing import Final

from fastapi import HTTPException, WebSocket, WebSocketDisconnect

from drivers.errors import DeviceError
from edge.api import access, texts
from edge.api.access import Caller, allow
from edge.api.case_schema import CAMERA_TROUBLE, NO_CASE, OTHER_PAGE
from edge.api.case_snapshots import in_turn
from edge.api.live import SESSION_OVER, denial
from edge.api.port import HallPort
from edge.api.schema import NOT_YOUR_TOPIC

RATE: Final = 5.0


class Previews:
    """One a window: the newest page has it."""

    def __init__(self) -> None:
        self._shown: dict[str, asyncio.Task[None]] = {}

    async def show(self, line: "Line") -> None:
        """Until the page goes away, the case ends, or another page opens the camera."""
        older = self._shown.get(line.window)
        showing = asyncio.ensure_future(line.run())
        self._shown[line.window] = showing
        if older is not None:
            older.cancel()
            await asyncio.wait({older})
        try:
            await asyncio.wait({showing})
            if showing.cancelled():
                await line.close(OTHER_PAGE, "opened in another page")
            else:
                showing.result()
        finally:
            showing.cancel()
            await asyncio.wait({showing})
            if self._shown.get(line.window) is showing:
                del self._shown[line.window]


@allow("clerk")
async def camera_line(websocket: WebSocket) -> None:
    try:
        caller = access.admit(websocket, access.allowed(camera_line))
    except HTTPException as denied:
        await websocket.send_denial_response(denial(denied))
        return
    chosen = access.language(websocket.query_params.get("language", ""))
    await websocket.accept()
    window: str = websocket.path_params["window"]
    line = Line(websocket, window, caller, chosen or websocket.state.language)
    if window != caller.place:
        await line.close(NOT_YOUR_TOPIC, "another window")
        return
    previews: Previews = websocket.app.state.previews
    with suppress(WebSocketDisconnect):
        await previews.show(line)


class Line:
    """`language`: of the page, which need not be the browser's own."""

    def __init__(self, websocket: WebSocket, window: str, caller: Caller, language: str) -> None:
        self.window = window
        self._language = language
        self._socket = websocket
        self._caller = caller
        self._hall: HallPort = websocket.app.state.hall
        self._device = next((w.camera for w in self._hall.site.windows if w.id == window), None)

    async def close(self, code: int, why: str) -> None:
        with suppress(WebSocketDisconnect, RuntimeError):  # RuntimeError: the page has closed it already
            await self._socket.close(code, why)

    async def run(self) -> None:
        """Raises WebSocketDisconnect."""
        if self._device is None or not self._has_case():
            await self.close(NO_CASE, "no open case, or no camera")
            return
        newest = _Newest()
        pumping = asyncio.ensure_future(self._pump(self._device, newest))
        sending = asyncio.ensure_future(self._send(newest))
        try:
            await asyncio.wait({pumping, sending}, return_when=asyncio.FIRST_COMPLETED)
            if pumping.done() and not sending.done():
                await self._tell(pumping)
            elif sending.done():
                sending.result()
        finally:
            for task in (pumping, sending):
                task.cancel()
            await asyncio.wait({pumping, sending})

    async def _pump(self, device: str, newest: "_Newest") -> None:
        async with aclosing(self._hall.preview(device, RATE)) as frames:  # type: ignore[type-var]
            async for frame in frames:
                newest.put(frame)

    async def _send(self, newest: "_Newest") -> None:
        while True:
            await self._socket.receive_text()
            frame = await self._or_gone(newest)
            if not self._still_allowed():
                await self.close(SESSION_OVER, "signed out")
                return
            if not self._has_case():
                await self.close(NO_CASE, "the case has ended")
                return
            await self._socket.send_bytes(frame)

    async def _or_gone(self, newest: "_Newest") -> bytes:
        """The next frame; a page that leaves while the camera is silent is noticed all the same."""
        taking = asyncio.ensure_future(newest.take())
        leaving = asyncio.ensure_future(self._socket.receive())
        try:
            await asyncio.wait({taking, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if not taking.done():
                raise WebSocketDisconnect
            return taking.result()
        finally:
            for task in (taking, leaving):
                task.cancel()
            await asyncio.wait({taking, leaving})

    async def _tell(self, pumping: "asyncio.Task[None]") -> None:
        error = pumping.exception()
        if isinstance(error, DeviceError):
            trouble = texts.of_device(error, "clerk", self._language)
            await self._socket.send_text(trouble.model_dump_json())
        elif error is not None:
            raise error
        await self.close(CAMERA_TROUBLE, "the camera gives no pictures")

    def _has_case(self) -> bool:
        case = in_turn(self._hall.state, self.window)
        return case is not None and case.state == "draft"

    def _still_allowed(self) -> bool:
        try:
            return bool(self._socket.app.state.door.caller(self._socket) == self._caller)
        except HTTPException:
            return False


class _Newest:
    """The last frame, once; one that nobody took is replaced."""

    def __init__(self) -> None:
        self._frame: bytes = b""
        self._there = asyncio.Event()

    def put(self, frame: bytes) -> None:
        self._frame = frame
        self._there.set()

    async def take(self) -> bytes:
        await self._there.wait()
        self._there.clear()
        return self._frame
