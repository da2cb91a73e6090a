"""A worker: drivers that may block, hang or crash, in a process that may be killed at any moment.

`python -m edge.devices.worker <socket fd> <parent pid> <memory, bytes> <grace, seconds> <runtime folder> <root>`,
started by edge.devices.worker_process. The main thread only moves messages and beats; each driver has a thread and a
loop of its own, so a driver that blocks stops neither the beat nor the drivers beside it.
"""

import asyncio
import ctypes
import faulthandler
import hashlib
import importlib
import os
import resource
import signal
import socket
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import aclosing
from functools import partial
from random import SystemRandom
from typing import Any, Final

from pydantic import BaseModel

from drivers.contract import Context, Driver, Event
from drivers.errors import Busy, DeviceError, DriverFault, Gone, Refused
from edge.devices import verbs
from edge.devices.worker_wire import BEAT_SECONDS, OUT_OF_MEMORY, Wire

_PR_SET_PDEATHSIG: Final = 1
_MOST_UNSENT: Final = 4 * 1024 * 1024  # a preview that nobody takes off is not piled up


class Room:
    """One driver, its thread, its loop. A call is answered when it has really ended, not when it was told to end."""

    def __init__(self, name: str, answer: Callable[[int, dict[str, Any]], None]) -> None:
        self.driver: Driver | None = None
        self._answer = answer
        self._loop = asyncio.new_event_loop()
        self._tasks: dict[int, asyncio.Task[dict[str, Any]]] = {}
        threading.Thread(target=self._live, name=name, daemon=True).start()

    def start(self, number: int, work: Coroutine[Any, Any, dict[str, Any]]) -> None:
        self._loop.call_soon_threadsafe(self._begin, number, work)

    def cancel(self, number: int) -> None:
        self._loop.call_soon_threadsafe(self._cancel, number)

    def end(self) -> None:
        self._loop.call_soon_threadsafe(lambda: self._loop.create_task(self._empty()))

    def _live(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        self._loop.close()

    def _begin(self, number: int, work: Coroutine[Any, Any, dict[str, Any]]) -> None:
        task = self._tasks[number] = self._loop.create_task(_settled(work))
        task.add_done_callback(partial(self._done, number, work))

    def _cancel(self, number: int) -> None:
        if number in self._tasks:
            self._tasks[number].cancel()

    def _done(self, number: int, work: Coroutine[Any, Any, dict[str, Any]], task: asyncio.Task[dict[str, Any]]) -> None:
        del self._tasks[number]
        work.close()  # one that was withdrawn before it began
        withdrawn = {"m": "error", "code": "late", "detail": "withdrawn", "which": ""}
        self._answer(number, withdrawn if task.cancelled() else task.result())

    async def _empty(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._loop.call_soon(self._loop.stop)


class Worker:
    """Runs until the host closes the socket; then the process ends, whatever its drivers do."""

    def __init__(self, wire: Wire, grace: float, runtime: str, root: str) -> None:
        self._wire = wire
        self._grace = grace
        self._runtime = runtime
        self._root = root
        self._main = asyncio.get_running_loop()
        self._rooms: dict[int, Room] = {}

    async def serve(self) -> None:
        beat = asyncio.create_task(self._beat())
        try:
            while (found := await self._wire.read()) is not None:
                self._obey(found[0])
        finally:
            beat.cancel()

    async def _beat(self) -> None:
        while True:
            self._wire.send({"m": "beat"})
            await asyncio.sleep(BEAT_SECONDS)

    def _obey(self, message: dict[str, Any]) -> None:
        match message:
            case {"m": "make", "id": number, "d": device}:
                room = self._rooms[device] = Room(f"driver {device}", partial(self._from_thread, self._answer))
                room.start(number, self._make(room, message))
            case {"m": "call", "id": number, "d": device} if device in self._rooms:
                room = self._rooms[device]
                room.start(number, _call(room, message["verb"], message["argument"]))
            case {"m": "stream", "id": number, "d": device} if device in self._rooms:
                room = self._rooms[device]
                room.start(number, self._stream(room, number, message))
            case {"m": "cancel", "id": number}:
                for room in self._rooms.values():
                    room.cancel(number)
            case {"m": "drop", "d": device} if device in self._rooms:
                self._rooms.pop(device).end()

    def _answer(self, number: int, answer: dict[str, Any]) -> None:
        self._wire.send(answer | {"id": number})

    async def _make(self, room: Room, message: dict[str, Any]) -> dict[str, Any]:
        """Importing a driver may run native code, so it happens in the driver's thread."""
        from drivers.links import make_link

        module, _, name = message["driver"].partition(":")
        cls: Any = importlib.import_module(module)
        for step in name.split("."):
            cls = getattr(cls, step)
        ctx = Context(
            clock=time.monotonic,
            random=SystemRandom(),
            note=self._note,
            grace=self._grace,
            runtime=self._runtime,
            root=self._root,
            keep=self._keep,
        )
        room.driver = cls(cls.Config.model_validate(message["config"]), make_link(message["link"], ctx), ctx)
        return {}

    async def _stream(self, room: Room, number: int, message: dict[str, Any]) -> dict[str, Any]:
        driver: Any = _driver_of(room)
        source: AsyncIterator[Event | bytes] = (
            driver.events() if message["what"] == "events" else driver.preview(message["rate"])
        )
        async with aclosing(source) as items:  # type: ignore[type-var]
            async for item in items:
                self._from_thread(self._item, number, item)
        return {}

    def _item(self, number: int, item: Event | bytes) -> None:
        if isinstance(item, Event):
            self._wire.send({"m": "item", "id": number, "event": item.model_dump(mode="json")})
        elif self._wire.unsent < _MOST_UNSENT:
            self._wire.send({"m": "item", "id": number}, item)

    def _keep(self, picture: bytes) -> str:
        digest = hashlib.sha256(picture).hexdigest()
        self._from_thread(self._wire.send, {"m": "kept"}, picture)
        return digest

    def _note(self, text: str, /, **facts: Any) -> None:
        simple = {key: value if isinstance(value, str | int | float) else str(value) for key, value in facts.items()}
        self._from_thread(self._wire.send, {"m": "note", "text": text, "facts": simple})

    def _from_thread(self, what: Callable[..., None], *arguments: Any) -> None:
        """In the order of the calls, and before the answer of the verb that called."""
        self._main.call_soon_threadsafe(what, *arguments)


def _driver_of(room: Room) -> Driver:
    if room.driver is None:
        raise Gone("never made")
    return room.driver


async def _call(room: Room, verb: str, argument: dict[str, Any] | None) -> dict[str, Any]:
    driver = _driver_of(room)
    if verb not in ("open", "check", "close"):
        return await verbs.perform(driver, verb, argument)
    answer = await getattr(driver, verb)()
    return answer.model_dump(mode="json") if isinstance(answer, BaseModel) else {}


async def _settled(work: Coroutine[Any, Any, dict[str, Any]]) -> dict[str, Any]:
    """The answer to send. A mistake in the driver is a fault with its place in the code and never its text."""
    try:
        return {"m": "result", "value": await work}
    except DeviceError as error:
        return _error(error)
    except MemoryError:
        return _error(DriverFault("out of memory")) | {"which": OUT_OF_MEMORY}
    except Exception as error:  # noqa: BLE001 - this is the edge of foreign code; the host must get an answer
        return _error(DriverFault(f"{type(error).__name__} at {_place(error)}"))


def _error(error: DeviceError) -> dict[str, Any]:
    which = error.holder if isinstance(error, Busy) else error.device_code if isinstance(error, Refused) else ""
    return {"m": "error", "code": error.code, "detail": error.detail, "which": which}


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "?" if trace is None else f"{os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}"


def _tie_to(parent: int) -> None:
    """Die with the host, even when it is killed; be the first to go when memory is short."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with open("/proc/self/oom_score_adj", "w", encoding="ascii") as score:
            score.write("800")
    except OSError:
        return


def _limit_memory(most: int) -> None:
    """Anonymous memory only: libraries and their tables are not counted. The host watches the resident size besides,
    because a service unit may forbid this call."""
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    except (OSError, ValueError):
        return


async def _serve(descriptor: int, grace: float, runtime: str, root: str) -> None:
    reader, writer = await asyncio.open_unix_connection(sock=socket.socket(fileno=descriptor))
    await Worker(Wire(reader, writer), grace, runtime, root).serve()


def main() -> None:
    descriptor, parent, memory, grace, runtime, root = sys.argv[1:]
    faulthandler.enable()
    _tie_to(int(parent))
    _limit_memory(int(memory))
    asyncio.run(_serve(int(descriptor), float(grace), runtime, root))
    os._exit(0)  # threads of hanging drivers are not waited for


if __name__ == "__main__":
    main()
