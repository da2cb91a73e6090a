import asyncio

import pytest

from edge.taken_back import forget_cancels_taken_back


async def test_time_outs_work_again_in_a_task_that_is_still_counted_as_cancelled():
    task = asyncio.current_task()
    assert task is not None
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.sleep(0)
    assert task.cancelling() == 1
    forget_cancels_taken_back()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await asyncio.Event().wait()
