import asyncio

import pytest

from edge.own_task import in_own_task


class Pulled(Exception):
    pass


async def failing_group(pull: asyncio.Event, served: asyncio.Event) -> str:
    """Goes on after a failure, as a supervisor's try does."""

    async def pump() -> None:
        await pull.wait()
        raise Pulled

    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(pump())
            served.set()
    except ExceptionGroup:
        return "the device is gone"
    return "ended"


async def for_ever(rounds: list[str], pull: asyncio.Event, served: asyncio.Event) -> None:
    while True:
        rounds.append(await in_own_task(failing_group(pull, served)))
        pull.clear()
        await asyncio.sleep(0)


async def test_who_is_cancelled_while_a_group_fails_is_cancelled() -> None:
    rounds: list[str] = []
    pull, served = asyncio.Event(), asyncio.Event()
    task = asyncio.create_task(for_ever(rounds, pull, served))
    await served.wait()
    pull.set()  # everything is unplugged ...
    task.cancel()  # ... in the moment in which the program is told to end
    async with asyncio.timeout(30):
        with pytest.raises(asyncio.CancelledError):
            await task
    assert rounds == []


async def test_after_a_failure_time_outs_work() -> None:
    rounds: list[str] = []
    pull, served = asyncio.Event(), asyncio.Event()
    pull.set()
    task = asyncio.create_task(for_ever(rounds, pull, served))
    while not rounds:
        await asyncio.sleep(0)
    assert rounds[0] == "the device is gone"
    assert task.cancelling() == 0
    task.cancel()
    await asyncio.wait({task})
    assert task.cancelled()


async def test_the_caller_waits_for_the_end_of_the_work_however_often_it_is_cancelled() -> None:
    let_go, ended = asyncio.Event(), asyncio.Event()

    async def slow_end() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            await let_go.wait()
            ended.set()

    task = asyncio.create_task(in_own_task(slow_end()))
    for _ in range(3):
        await asyncio.sleep(0)
        task.cancel()
    await asyncio.sleep(0)
    assert not task.done()
    let_go.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()


async def test_the_result_and_what_is_raised_come_through() -> None:
    async def seven() -> int:
        return 7

    async def pulled() -> int:
        raise Pulled

    assert await in_own_task(seven()) == 7
    with pytest.raises(Pulled):
        await in_own_task(pulled())
