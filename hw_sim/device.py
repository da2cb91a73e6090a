"""What every simulated device has in common, and the face the hall-in-a-box page and the tests see."""

import asyncio
import inspect
from collections.abc import Callable, Coroutine
from random import Random
from typing import Any, Protocol

from hw_sim.clock import Clock
from hw_sim.faults import Fault, FaultBox, FaultWord


class Changes:
    """Counts what changed; callbacks run at once, waiters wake."""

    def __init__(self) -> None:
        self.version = 0
        self.callbacks: list[Callable[[], None]] = []
        self._waiting: list[asyncio.Future[None]] = []

    def tell(self) -> None:
        self.version += 1
        waiting, self._waiting = self._waiting, []
        for waiter in waiting:
            if not waiter.done():
                waiter.set_result(None)
        for callback in list(self.callbacks):
            callback()

    async def after(self, version: int) -> int:
        """Returns the present version as soon as it is later than `version`."""
        while self.version <= version:
            waiter = asyncio.get_running_loop().create_future()
            self._waiting.append(waiter)
            await waiter
        return self.version

    async def until(self, true: Callable[[], bool]) -> None:
        """Returns when `true()` holds; looked at once at the start and after every change."""
        while not true():
            await self.after(self.version)


class Chores:
    """Background work of one owner. A crash in it is reported by the loop, never swallowed."""

    def __init__(self, owner: str) -> None:
        self._owner = owner
        self._tasks: set[asyncio.Task[None]] = set()

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    async def stop(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (crash := task.exception()):
            asyncio.get_running_loop().call_exception_handler(
                {"message": f"simulator {self._owner} crashed", "exception": crash, "task": task}
            )


class Simulator(Protocol):
    id: str
    kind: str
    changed: Changes

    @property
    def link(self) -> str: ...

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    def view(self) -> dict[str, Any]:
        """Everything a bystander can see, as JSON."""

    def picture(self) -> bytes | None:
        """PNG, where there is something to look at."""

    def act(self, action: str, **values: Any) -> None:
        """What a hand can do. ValueError: no such action or value."""

    def actions(self) -> dict[str, Callable[..., None]]: ...

    def set_fault(self, fault: Fault) -> None:
        """ValueError: this device cannot have that trouble."""

    def clear_faults(self) -> None: ...

    def clear_fault(self, word: FaultWord) -> None: ...


class Device:
    """A simulator without its wire: faults, actions, changes, background tasks."""

    kind: str = ""
    troubles: frozenset[FaultWord]

    def __init__(self, id: str, clock: Clock, random: Random) -> None:
        self.id = id
        self.clock = clock
        self.random = random
        self.faults = FaultBox()
        self.changed = Changes()
        self.plugged = True
        self.powered = True
        self._chores = Chores(id)

    @property
    def link(self) -> str:
        raise AttributeError(f"{self.id} has no link of its own")

    async def start(self) -> None: ...

    async def stop(self) -> None:
        await self._chores.stop()

    def actions(self) -> dict[str, Callable[..., None]]:
        return {"plug": self.plug, "unplug": self.unplug, "power": self.power}

    def act(self, action: str, **values: Any) -> None:
        known = self.actions()
        if action not in known:
            raise ValueError(f"{self.id} ({self.kind}) cannot {action!r}; it can: {', '.join(sorted(known))}")
        method = known[action]
        try:
            inspect.signature(method).bind(**values)
        except TypeError as wrong:
            raise ValueError(f"{self.id}: {action}: {wrong}") from wrong
        method(**values)
        self.changed.tell()

    def set_fault(self, fault: Fault) -> None:
        if fault.word not in self.troubles:
            possible = ", ".join(sorted(self.troubles))
            raise ValueError(f"{self.id} ({self.kind}) cannot have the fault {fault.word!s}; possible: {possible}")
        self.faults.set(fault)
        self._fault_came(fault)
        self.changed.tell()

    def clear_faults(self) -> None:
        gone = self.faults.active()
        self.faults.clear()
        for fault in gone:
            self._fault_went(fault)
        self.changed.tell()

    def clear_fault(self, word: FaultWord) -> None:
        gone = [fault for fault in self.faults.active() if fault.word is word]
        self.faults.clear(word)
        for fault in gone:
            self._fault_went(fault)
        self.changed.tell()

    def view(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "kind": self.kind,
            "plugged": self.plugged,
            "powered": self.powered,
            "faults": [{"word": f.word.value, "amount": f.amount, "times": f.times} for f in self.faults.active()],
            **self.look(),
        }

    def look(self) -> dict[str, Any]:
        """What only this kind of device shows."""
        return {}

    def picture(self) -> bytes | None:
        return None

    def plug(self) -> None:
        self.plugged = True

    def unplug(self) -> None:
        self.plugged = False

    def power(self, on: bool) -> None:
        if not isinstance(on, bool):
            raise ValueError(f"{self.id}: power: on must be true or false, not {on!r}")
        if self.powered and not on:
            self.forget()
        self.powered = on

    def forget(self) -> None:
        """Loses what is held in RAM."""

    def _fault_came(self, fault: Fault) -> None:
        if fault.word is FaultWord.UNPLUG:
            self.unplug()
        elif fault.word is FaultWord.POWER_CUT:
            self.power(False)
        elif fault.word is FaultWord.ELSEWHERE:
            self._move()

    def _fault_went(self, fault: Fault) -> None:
        if fault.word is FaultWord.UNPLUG:
            self.plug()
        elif fault.word is FaultWord.POWER_CUT:
            self.power(True)
        elif fault.word is FaultWord.ELSEWHERE:
            self._move()

    def _move(self) -> None:
        """Gone, and back under the name or address that it has now; of a device that can have that trouble."""
