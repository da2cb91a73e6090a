"""A disk whose fsync fails: nobody is told "committed", and the journal never works again in this process."""

import asyncio
import functools
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from edge.journal import JournalFailed
from edge.journal.verify import verify
from tests.edge.journal.material import Opener, called

VFS = "failing-fsync"


class Disk(apsw.VFS):
    """SQLite's own file system, but `broken` makes each fsync fail."""

    broken = False

    def __init__(self) -> None:
        super().__init__(VFS, "")

    def xOpen(self, name: object, flags: list[int]) -> apsw.VFSFile:
        return File(name, flags, self)


class File(apsw.VFSFile):
    def __init__(self, name: object, flags: list[int], disk: Disk) -> None:
        self._disk = disk
        super().__init__("", name, flags)

    def xSync(self, flags: int) -> None:
        if self._disk.broken:
            raise apsw.IOError("fsync failed")
        super().xSync(flags)


@pytest.fixture
def disk() -> Iterator[Disk]:
    disk = Disk()
    yield disk
    disk.unregister()


async def test_a_failed_fsync_reaches_every_waiter_and_ends_the_journal(
    disk: Disk, open_journal: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as during_open:
        during_open.setattr(apsw, "Connection", functools.partial(apsw.Connection, vfs=VFS))
        journal = await open_journal()
    acknowledged = await journal.append([called(1)], cmd="before-1")
    watcher = asyncio.create_task(journal.wait_beyond(2))
    disk.broken = True
    waiting = [asyncio.create_task(journal.append([called(n)], cmd=f"lost-{n:03d}")) for n in range(20)]
    refused = await asyncio.gather(*waiting, watcher, return_exceptions=True)
    assert {type(answer) for answer in refused} == {JournalFailed}
    disk.broken = False
    with pytest.raises(JournalFailed):
        journal.submit([called(2)])
    assert journal.next_seq == 3
    await journal.close()
    assert verify(tmp_path / "j" / "journal.db").good
    assert await (await open_journal()).answer_to("before-1") == acknowledged
