"""Calls that may block for long, each in a thread that never keeps the program alive."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

Result = TypeVar("Result")


def _nothing(_: object) -> None:
    pass


async def in_thread(work: Callable[[], Result], undo: Callable[[Result], None] = _nothing) -> Result:
    """What `work` returns or raises. Cancelled, the thread is left to end by itself and what it still made is undone.

    The default executor will not do: its threads are waited for at the end of the program, and one that hangs in
    native code would keep the worker alive.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Result] = loop.create_future()
    given_up = threading.Event()
    lock = threading.Lock()

    def deliver(result: Result | None, problem: BaseException | None) -> None:
        if done.done():
            return
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
        with lock:
            if not given_up.is_set():
                with suppress(RuntimeError):  # the loop is closed: nobody asks any more
                    loop.call_soon_threadsafe(deliver, result, problem)
                return
        if problem is None:
            undo(result)  # type: ignore[arg-type]

    threading.Thread(target=run, name="blocking call", daemon=True).start()
    try:
        return await done
    except asyncio.CancelledError:
        with lock:
            given_up.set()
        if done.done() and not done.cancelled() and done.exception() is None:
            undo(done.result())
        raise
