"""A host that is told to end ends, whatever its devices do at that moment."""

import asyncio
from pathlib import Path

import pytest

from drivers.errors import DeviceError, Gone, Late
from tests.edge.devices.rig import Rig, rig, until
from tests.support import virtual_time


@pytest.mark.parametrize("turns", range(6))
@pytest.mark.parametrize("trouble", [Gone("pulled"), Late("no answer")])
def test_pulled_out_in_the_moment_of_the_end(tmp_path: Path, trouble: DeviceError, turns: int) -> None:
    """The power of a hall goes: every device is gone as its computer is told to stop."""

    async def main() -> None:
        async with rig(tmp_path) as made:
            await until(lambda: {status.state for status in made.registry.statuses()} == {"ready"})
            queues = {name: made.bench.queue(name) for name in made.bench.opened}
            assert len(queues) == 4
            for queue in queues.values():
                queue.put_nowait(trouble)
            for _ in range(turns):
                await asyncio.sleep(0)
            await ends(made)

    virtual_time.run_virtual(main())


async def ends(made: Rig) -> None:
    made.machine.cancel()
    done, _ = await asyncio.wait({made.machine}, timeout=60)
    assert done, [str(task.get_coro()) for task in asyncio.all_tasks()]
