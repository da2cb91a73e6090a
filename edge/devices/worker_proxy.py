"""Drivers that run in a worker, seen from the host: the same Driver and capabilities, so nobody else need know.

One worker a camera, else one a kind of device. A worker that ended is started again when a driver in it is opened next.
When one that several devices share fails twice within two minutes, each of them gets its own: whose driver it was
shows, and the others have peace.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress
from functools import lru_cache
from types import TracebackType
from typing import Any, ClassVar, Final, Self, TypeVar, get_type_hints

from pydantic import BaseModel, ValidationError

from drivers.contract import Context, DocCamera, Driver, Event, Health, Identity, Info, Kind
from drivers.errors import DeviceError, DriverFault, Gone, Late
from edge.devices.quarantine import WITHIN_SECONDS
from edge.devices.verbs import VERBS, Seconds, VerbSpec
from edge.devices.worker_process import Limits, WorkerProcess

Model = TypeVar("Model", bound=BaseModel)
OPEN_SECONDS: Final = 20.0
_device_numbers = itertools.count(1)


class Workers:
    """The worker processes of one host; none is left when the context is over."""

    def __init__(self, ctx: Context, limits: Limits | None = None) -> None:
        self._ctx = ctx
        self._limits = limits or Limits()
        self._running: dict[str, WorkerProcess] = {}
        self._faults: dict[str, list[float]] = {}
        self._apart: set[str] = set()
        self._starting = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self._running.values():
            worker.kill("the device host ends")
        await asyncio.gather(*self._tasks)

    @property
    def grace(self) -> float:
        return self._ctx.grace

    def driver(self, cls: type[Driver], config: BaseModel, link: str, device: str) -> Driver:
        """A driver object in the host for the real one in a worker. No I/O."""
        room = f"camera {device}" if cls.info.kind is Kind.CAMERA else cls.info.kind.value
        driver: Driver = proxy_class(cls)(self, room, device, cls, config, link)
        return driver

    async def worker(self, room: str, device: str) -> WorkerProcess:
        """The living worker of that room, or of that device when the room is given up; started when there is none."""
        async with self._starting:
            if room in self._apart:
                room = f"{room} {device}"
            worker = self._running.get(room)
            if worker is None or not worker.alive:
                worker = WorkerProcess(room, self._ctx, self._limits)
                await worker.start()
                self._running[room] = worker
                task = asyncio.create_task(worker.run())
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
                task.add_done_callback(lambda _: self._ended(room))
            return worker

    def _ended(self, room: str) -> None:
        now = self._ctx.clock()
        faults = self._faults[room] = [at for at in self._faults.get(room, ()) if now - at <= WITHIN_SECONDS] + [now]
        if len(faults) > 1:
            self._apart.add(room)

    def pids(self) -> dict[str, int]:
        return {room: worker.pid for room, worker in self._running.items() if worker.alive}


class IsolatedDriver:
    """The life of a driver in a worker; proxy_class adds what the driver can do."""

    info: ClassVar[Info]
    Config: ClassVar[type[BaseModel]]

    def __init__(
        self, workers: Workers, room: str, device: str, cls: type[Driver], config: BaseModel, link: str
    ) -> None:
        self.fault = ""  # why its worker ended, known after close; "" while that is well
        self._workers = workers
        self._room = room
        self._name = device
        self._recipe = {
            "driver": f"{cls.__module__}:{cls.__qualname__}",
            "config": config.model_dump(mode="json"),
            "link": link,
        }
        self._grace = workers.grace
        self._device = 0
        self._home: WorkerProcess | None = None
        self._worker: WorkerProcess | None = None

    async def open(self) -> Identity:
        """Raises what the driver's own open raises; Late when it does not end; DriverFault when its worker does."""
        try:
            async with asyncio.timeout(OPEN_SECONDS):
                if self._worker is None:
                    worker = self._home = await self._workers.worker(self._room, self._name)
                    self._device = next(_device_numbers)
                    await worker.make(self._device, self._recipe)
                    self._worker = worker
                return checked(Identity, await self._asked("open"))
        except TimeoutError:
            raise Late(f"not open within {OPEN_SECONDS:g} s") from None

    async def check(self) -> Health:
        return checked(Health, await self._asked("check"))

    async def close(self) -> None:
        """A driver that does not let go within the grace is killed with its worker."""
        worker, self._worker = self._worker, None
        if worker is not None and worker.alive:
            with suppress(DeviceError, TimeoutError):
                async with asyncio.timeout(self._grace):
                    await worker.call(self._device, "close")
            worker.drop(self._device)
        if self._home is not None and not self._home.alive:
            self.fault = f"its worker ended: {self._home.why}"

    async def events(self) -> AsyncIterator[Event]:
        async with aclosing(self._opened().stream(self._device, "events")) as items:  # type: ignore[type-var]
            async for message, _ in items:
                yield checked(Event, message.get("event"))

    def _opened(self) -> WorkerProcess:
        if self._worker is None:
            raise Gone("not open")
        return self._worker

    async def _asked(self, verb: str, argument: dict[str, Any] | None = None, effect: bool = False) -> dict[str, Any]:
        return await self._opened().call(self._device, verb, argument, effect=effect)


@lru_cache
def proxy_class(cls: type[Driver]) -> Any:
    """A class with the life and exactly the capabilities of `cls`."""
    members: dict[str, Any] = {"info": cls.info, "Config": cls.Config}
    for verb, spec in VERBS.items():
        if issubclass(cls, spec.capability):
            members[spec.method] = _method(verb, spec)
    if issubclass(cls, DocCamera):
        members["preview"] = _preview
    return type(f"Isolated{cls.__name__}", (IsolatedDriver,), members)


def _method(verb: str, spec: VerbSpec) -> Any:
    answer = get_type_hints(getattr(spec.capability, spec.method)).get("return")

    async def ask(self: IsolatedDriver, value: Any = None) -> Any:
        argument = Seconds(seconds=value).model_dump() if spec.argument is Seconds else _dumped(value)
        found = await self._asked(verb, argument, spec.effect)
        if not (isinstance(answer, type) and issubclass(answer, BaseModel)):
            return None
        return checked(answer, found)

    return ask


def checked(model: type[Model], found: Any) -> Model:
    """What a worker says is believed only in its form. Raises DriverFault."""
    try:
        return model.model_validate(found)
    except ValidationError as error:
        raise DriverFault(f"{error.error_count()} mistakes in a worker's {model.__name__}") from error


def _dumped(value: BaseModel | None) -> dict[str, Any] | None:
    return None if value is None else value.model_dump(mode="json")


async def _preview(self: IsolatedDriver, rate: float) -> AsyncIterator[bytes]:
    async with aclosing(self._opened().stream(self._device, "preview", rate=rate)) as items:  # type: ignore[type-var]
        async for _, picture in items:
            yield picture
