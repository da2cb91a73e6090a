"""What a failed task group leaves behind on the Python of Debian 12."""

import asyncio


def forget_cancels_taken_back() -> None:
    """Call where the failure of a TaskGroup was caught and the task goes on.

    Python 3.11.2 leaves the task counted as cancelled, and its next `asyncio.timeout` then ends the task in silence
    instead of raising TimeoutError. Whoever was really cancelled never comes here: CancelledError passed by.
    """
    task = asyncio.current_task()
    while task is not None and task.cancelling():
        task.uncancel()
