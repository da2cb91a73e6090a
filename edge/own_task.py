"""Work whose failure never hides that its caller was cancelled."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")


async def in_own_task(work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`, or what it raises. For whoever catches the failure of a task group and goes on.

    A group in which something fails just when its task is cancelled raises the failure alone (Python 3.11 and 3.12),
    and Debian 12's 3.11.2 leaves the task counted as cancelled after any failure: who goes on in that task goes on for
    ever, or ends in silence at the next time-out. Here the caller's task has no group of its own. Cancelled, it cancels
    `work`, waits for its end, and is cancelled whatever `work` says.
    """
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait({task})
    except asyncio.CancelledError:
        task.cancel()
        while not task.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait({task})
        if not task.cancelled():
            task.exception()
        raise
    return task.result()
