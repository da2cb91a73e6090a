"""Calls that may block for long, each in a thread that never keeps the program alive."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Final, TypeVar

Result = TypeVar("Result")
_NAME: Final = "blocking call"


def _nothing(_: object) -> None:
    pass


async def in_thread(work: Callable[[], Result], undo: Callable[[Result], None] = _nothing) -> Result:
    """What `work` returns or raises. Cancelled, it still waits for the end of `work`, then undoes what that made.

    A call that hangs in native code must look like one: then the host kills the worker (decision 0133). The default
    executor will not do, since a program waits at its end for the executor's threads.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Result] = loop.create_future()

    def deliver(result: Result | None, problem: BaseException | None) -> None:
        if problem is not None:
            done.set_exception(problem)
        else:
            done.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result: Result | None = None
        problem: BaseException | None = None
        try:
            result = work()
        except BaseException as raised:  # noqa: BLE001 - it is raised again where it was asked for
            problem = raised
        with suppress(RuntimeError):  # the loop is closed: nobody asks any more
            loop.call_soon_threadsafe(deliver, result, problem)

    threading.Thread(target=run, name=_NAME, daemon=True).start()
    try:
        await asyncio.wait([done])
    except asyncio.CancelledError:
        await _at_last(done)
        if done.exception() is None:
            undo(done.result())
        raise
    return done.result()


def under_way() -> bool:
    """Whether any such call has not ended yet. One that has ended has told its loop before."""
    return any(thread.name == _NAME for thread in threading.enumerate())


async def _at_last(done: "asyncio.Future[Result]") -> None:
    """However often the waiting is cancelled again."""
    while not done.done():
        with suppress(asyncio.CancelledError):
            await asyncio.wait([done])
