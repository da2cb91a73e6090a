"""The host's side of one worker process: start, ask, watch, kill. What a driver in it does can harm nobody else."""

import asyncio
import itertools
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from drivers.contract import Context
from drivers.errors import Busy, DeviceError, DriverFault, OutcomeUnknown, Refused, by_code
from edge.devices.worker_wire import OUT_OF_MEMORY, Wire

WATCH_SECONDS: Final = 1.0
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Limits:
    """`memory` bytes, resident. `silent`, `starting`: looks, one a second, without any word from the worker."""

    memory: int = 400 * 1024 * 1024
    silent: int = 8
    starting: int = 30


@dataclass(slots=True, eq=False)
class _Call:
    effect: bool
    answer: asyncio.Future[dict[str, Any]]


@dataclass(slots=True, eq=False)
class _Stream:
    """Items on their way; `newest_only`: a picture nobody took yet is replaced by the next."""

    newest_only: bool
    queue: asyncio.Queue[tuple[dict[str, Any], bytes] | DeviceError | None]

    def put(self, item: tuple[dict[str, Any], bytes] | DeviceError | None) -> None:
        if self.newest_only and item is not None:
            while not self.queue.empty():
                self.queue.get_nowait()
        self.queue.put_nowait(item)


class WorkerProcess:
    """From `start` to the end of `run`. `name` is for the log."""

    def __init__(self, name: str, ctx: Context, limits: Limits) -> None:
        self.name = name
        self.pid = 0
        self.why = ""  # why it ended
        self._ended = False
        self._ctx = ctx
        self._limits = limits
        self._numbers = itertools.count(1)
        self._calls: dict[int, _Call] = {}
        self._streams: dict[int, _Stream] = {}
        self._overdue: dict[int, asyncio.TimerHandle] = {}
        self._heard = 0
        self._process: asyncio.subprocess.Process
        self._wire: Wire

    @property
    def alive(self) -> bool:
        return not self._ended

    async def start(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            limits = (self._limits.memory, self._ctx.grace)
            facts = (theirs.fileno(), os.getpid(), *limits, self._ctx.runtime, self._ctx.root)
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", "edge.devices.worker", *map(str, facts)),
                pass_fds=(theirs.fileno(),),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                start_new_session=True,
            )
        self.pid = self._process.pid
        self._handle = os.pidfd_open(self.pid)
        try:
            self._wire = Wire(*await asyncio.open_unix_connection(sock=ours))
        except BaseException:
            self.kill("not started")
            os.close(self._handle)
            ours.close()
            raise

    async def run(self) -> None:
        """Returns when the process has ended, by itself or killed; kills it when cancelled."""
        watch = asyncio.create_task(self._watch())
        try:
            while (found := await self._wire.read()) is not None:
                self._heard += 1
                self._hear(*found)
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            self.kill(f"it sends rubbish: {type(error).__name__}")
        except asyncio.CancelledError:
            self.kill("the device host ends")
            raise
        finally:
            watch.cancel()
            # Also when it closed its socket and lives on: nothing can be asked of it any more.
            self._end_process()
            await asyncio.shield(self._bury())

    async def _bury(self) -> None:
        status = await self._process.wait()
        self.why = self.why or f"ended by {_ending(status)}"
        os.close(self._handle)
        await self._wire.close()
        for timer in self._overdue.values():
            timer.cancel()
        for call in self._calls.values():
            if not call.answer.done():
                call.answer.set_exception(self._cut_off(call.effect))
        for stream in self._streams.values():
            stream.put(self._cut_off(effect=False))
        self._ctx.note("worker ended", worker=self.name, why=self.why)

    def kill(self, why: str) -> None:
        self.why = self.why or why
        self._end_process()

    def _end_process(self) -> None:
        self._ended = True
        if self._process.returncode is None:
            # By handle, not by asyncio: its kill may take the exit status away from its own waiter.
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)

    async def make(self, device: int, recipe: Mapping[str, Any]) -> None:
        """Build a driver there; `device` is its number from now on. Raises as `call`."""
        await self._ask({"m": "make", "d": device, **recipe}, effect=False)

    async def call(
        self, device: int, verb: str, argument: dict[str, Any] | None = None, *, effect: bool = False
    ) -> dict[str, Any]:
        """One verb. Raises what the driver raised, and when the worker ended DriverFault, after an `effect`
        OutcomeUnknown.

        Cancelled, it returns at once; a worker that has not let go after the grace is killed.
        """
        return await self._ask({"m": "call", "d": device, "verb": verb, "argument": argument}, effect)

    async def _ask(self, message: dict[str, Any], effect: bool) -> dict[str, Any]:
        if not self.alive:
            raise self._cut_off(effect=False)
        number = next(self._numbers)
        call = self._calls[number] = _Call(effect, asyncio.get_running_loop().create_future())
        self._wire.send(message | {"id": number})
        try:
            return await call.answer
        except asyncio.CancelledError:
            self._withdraw(number)
            raise

    async def stream(self, device: int, what: str, **more: Any) -> AsyncIterator[tuple[dict[str, Any], bytes]]:
        """What a driver sends by itself. Raises as `call`; close it (aclosing) to stop the driver."""
        if not self.alive:
            raise self._cut_off(effect=False)
        number = next(self._numbers)
        stream = self._streams[number] = _Stream(what == "preview", asyncio.Queue())
        self._wire.send({"m": "stream", "id": number, "d": device, "what": what, **more})
        try:
            while (item := await stream.queue.get()) is not None:
                if isinstance(item, DeviceError):
                    raise item
                yield item
        finally:
            if self._streams.pop(number, None) is not None:
                self._withdraw(number)

    def drop(self, device: int) -> None:
        if self.alive:
            self._wire.send({"m": "drop", "d": device})

    def _withdraw(self, number: int) -> None:
        if self.alive:
            self._wire.send({"m": "cancel", "id": number})
            self._overdue[number] = asyncio.get_running_loop().call_later(
                self._ctx.grace, self.kill, "it hangs: a call that was withdrawn did not end"
            )

    def _hear(self, message: dict[str, Any], data: bytes) -> None:
        match message:
            case {"m": "item", "id": number} if number in self._streams:
                self._streams[number].put((message, data))
            case {"m": "kept"}:
                self._keep(data)
            case {"m": "note", "text": text, "facts": facts}:
                self._ctx.note(str(text), worker=self.name, facts=facts)
            case {"m": "result" | "error", "id": number}:
                self._settle(number, message)

    def _keep(self, picture: bytes) -> None:
        try:
            self._ctx.keep(picture)
        except DeviceError as error:
            self._ctx.note("picture not kept", worker=self.name, code=error.code)

    def _settle(self, number: int, message: dict[str, Any]) -> None:
        if (timer := self._overdue.pop(number, None)) is not None:
            timer.cancel()
        error = _error_of(message) if message["m"] == "error" else None
        call = self._calls.pop(number, None)
        if call is not None and not call.answer.done():
            if error is None:
                call.answer.set_result(message["value"])
            else:
                call.answer.set_exception(error)
        if (stream := self._streams.pop(number, None)) is not None:
            stream.put(error)
        if message.get("which") == OUT_OF_MEMORY:
            self.kill("it ran out of memory")

    def _cut_off(self, effect: bool) -> DeviceError:
        detail = f"its worker ended: {self.why}"
        return OutcomeUnknown(detail) if effect else DriverFault(detail)

    async def _watch(self) -> None:
        """Counts looks, not seconds: after a pause of the whole machine nobody is blamed."""
        silent, heard = 0, 0
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            silent = silent + 1 if heard == self._heard else 0
            heard = self._heard
            if silent >= (self._limits.silent if heard else self._limits.starting):
                self.kill("it hangs: no sign of life")
            if (resident := resident_bytes(self.pid)) > self._limits.memory:
                self.kill(f"it used {resident >> 20} MiB of memory")


def resident_bytes(pid: int) -> int:
    """0 when the process is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0


def _error_of(message: dict[str, Any]) -> DeviceError:
    code, detail, which = message["code"], message["detail"], message["which"]
    if code == Busy.code:
        return Busy(which, detail)
    if code == Refused.code:
        return Refused(which, detail)
    return by_code(code, detail)


def _ending(status: int) -> str:
    if status >= 0:
        return f"exit code {status}"
    try:
        return signal.Signals(-status).name
    except ValueError:
        return f"signal {-status}"
