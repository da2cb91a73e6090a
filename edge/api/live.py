"""The live line: whole snapshots as they change, the newest wins. One slow screen never holds up another.

Each connection has its own task that looks at the state when it has been told that something changed and when the
line has room; what changed in between is one push.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Final

from fastapi import HTTPException, WebSocket, WebSocketDisconnect
from pydantic import ValidationError
from starlette.responses import PlainTextResponse

from edge.api import access, case_snapshots, screen_snapshots, snapshots
from edge.api.access import Caller, allow
from edge.api.case_persons import Persons
from edge.api.port import HallPort
from edge.api.schema import NOT_YOUR_TOPIC, Live, Watch

SESSION_OVER: Final = 4401
BAD_WATCH: Final = 4400
_GREETING_SECONDS: Final = 5.0
_MEMBERS: Final = frozenset({"hall", "window", "ticket", "devices", "link", "guide", "screen"})


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds. `gap`: least time between two rounds of pushes; `beat`: longest silence."""

    gap: float = 0.05
    beat: float = 3.0


@allow("clerk", "guide", "technician", "kiosk", "board")
async def live(websocket: WebSocket) -> None:
    try:
        caller = access.admit(websocket, access.allowed(live))
    except HTTPException as denied:
        await websocket.send_denial_response(denial(denied))
        return
    await websocket.accept()
    line = _Line(websocket, caller, websocket.state.language)
    try:
        await line.run()
    except* WebSocketDisconnect:
        pass


def may_watch(topic: str, caller: Caller) -> bool:
    match caller.role:
        case "board":
            return topic == "hall"
        case "kiosk":
            return topic in ("hall", "devices", "link") or topic.startswith("ticket:")
        case "clerk":
            return topic in ("hall", "devices", "link", f"window:{caller.place}", f"screen:{caller.place}")
        case "guide":
            return topic in ("hall", "guide", "link") or topic.startswith("ticket:")
        case "technician":
            return topic in ("hall", "devices", "link")
    return False


def picture(
    hall: HallPort, topic: str, caller: Caller, language: str, persons: Persons | None = None
) -> dict[str, Any]:
    """The member of Live that carries this topic, or nothing for a ticket that is not there any more.

    `persons`: of the listener for browsers, who alone may watch a window's second screen.
    """
    name, _, which = topic.partition(":")
    match name:
        case "hall":
            return {"hall": snapshots.hall(hall.state, hall.site, hall.wait_for, snapshots.urgent_notice(hall))}
        case "window" if which in hall.state.windows:
            own = snapshots.devices(hall.devices(), caller, language)
            case = case_snapshots.of_window(hall, which, language)
            return {
                "window": snapshots.window(hall.state, hall.site, which, own, hall.link(), case, now_ms=hall.now_ms())
            }
        case "screen" if persons is not None and which in hall.state.windows:
            return {"screen": screen_snapshots.screen(hall, persons, which, language)}
        case "ticket" if which in hall.state.tickets:
            return {"ticket": snapshots.ticket(hall.state, hall.site, hall.state.tickets[which], hall.now_ms())}
        case "guide":
            return {"guide": snapshots.guide(hall.state, hall.site, hall.now_ms())}
        case "devices":
            return {"devices": snapshots.all_devices(hall, caller, language)}
        case "link":
            return {"link": hall.link()}
    return {}


class _Line:
    def __init__(self, websocket: WebSocket, caller: Caller, language: str) -> None:
        self._socket = websocket
        self._caller = caller
        self._language = language
        self._hall: HallPort = websocket.app.state.hall
        self._pace: Pace = websocket.app.state.pace
        self._persons: Persons | None = getattr(websocket.app.state, "persons", None)
        self._topics: tuple[str, ...] = ()
        self._sent: dict[str, dict[str, Any]] = {}
        self._n = 0

    async def run(self) -> None:
        try:
            async with asyncio.timeout(_GREETING_SECONDS):
                watch = await self._watch()
        except TimeoutError:
            await self._socket.close(BAD_WATCH, "no topics")
            return
        if watch is None:
            return
        with self._hall.changes() as ticks, self._persons.watch(ticks) if self._persons else nullcontext():
            async with asyncio.TaskGroup() as group:
                while watch is not None:
                    pushing = group.create_task(self._push(ticks.wait))
                    watch = await self._watch()
                    pushing.cancel()

    async def _watch(self) -> Watch | None:
        """The next wish, or None after closing the line on a bad one. Raises WebSocketDisconnect."""
        try:
            watch = Watch.model_validate_json(await self._socket.receive_text())
        except (ValidationError, KeyError):
            await self._socket.close(BAD_WATCH, "not a Watch")
            return None
        if not all(may_watch(topic, self._caller) for topic in watch.topics):
            await self._socket.close(NOT_YOUR_TOPIC, "not your topic")
            return None
        self._topics = watch.topics
        self._language = access.language(watch.language) or self._language
        self._sent.clear()
        return watch

    async def _push(self, changed: Callable[[], Awaitable[None]]) -> None:
        clock = asyncio.get_running_loop().time
        quiet_since = clock()
        while True:
            if not self._still_allowed():
                await self._socket.close(SESSION_OVER, "signed out")
                return
            if await self._push_changed():
                quiet_since = clock()
                await asyncio.sleep(self._pace.gap)
            try:
                async with asyncio.timeout_at(quiet_since + self._pace.beat):
                    await changed()
            except TimeoutError:  # a notice may have begun or ended: the clock alone changes that
                if not await self._push_changed():
                    await self._send("beat", {})
                quiet_since = clock()

    async def _push_changed(self) -> bool:
        pushed = False
        for topic in self._topics:
            now = picture(self._hall, topic, self._caller, self._language, self._persons)
            if now and self._sent.get(topic) != now:
                self._sent[topic] = now
                await self._send(topic, now)
                pushed = True
        return pushed

    async def _send(self, topic: str, members: dict[str, Any]) -> None:
        self._n += 1
        live = Live(n=self._n, topic=topic, **members)
        await self._socket.send_text(live.model_dump_json(exclude=set(_MEMBERS - members.keys())))

    def _still_allowed(self) -> bool:
        """A clerk signed out elsewhere sees nothing more."""
        try:
            return bool(self._socket.app.state.door.caller(self._socket) == self._caller)
        except HTTPException:
            return False


def denial(denied: HTTPException) -> PlainTextResponse:
    return PlainTextResponse(denied.detail, status_code=denied.status_code)
