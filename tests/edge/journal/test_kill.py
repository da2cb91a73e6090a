import asyncio
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from edge.journal import JournalFailed
from edge.journal.verify import verify
from tests.edge.journal.material import Opener, called

ROOT = Path(__file__).resolve().parents[3]
LOOPS = 20


def run_until_killed(folder: Path, acknowledgements: int) -> dict[str, tuple[int, str]]:
    """cmd -> seq and hash of its last record, for everything the process acknowledged before kill -9."""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    argv = [sys.executable, str(Path(__file__).with_name("appender.py")), str(folder)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, env=env, cwd=ROOT) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        lines = [child.stdout.readline() for _ in range(acknowledgements)]
        child.send_signal(signal.SIGKILL)
        lines += child.stdout.read().splitlines(keepends=True)
        child.wait(10)
    acknowledged = (line.decode().split() for line in lines if line.endswith(b"\n"))
    return {cmd: (int(seq), digest) for cmd, seq, digest in acknowledged}


@pytest.mark.kill
async def test_nothing_acknowledged_is_lost_when_killed_at_any_moment(open_journal: Opener, tmp_path: Path) -> None:
    random = Random(20261123)
    acknowledged: dict[str, tuple[int, str]] = {}
    for _ in range(LOOPS):
        acknowledged |= run_until_killed(tmp_path / "j", random.randrange(1, 120))
    verdict = verify(tmp_path / "j" / "journal.db")
    assert verdict.first_bad is None
    assert verdict.records >= 2 * len(acknowledged)
    journal = await open_journal()
    for cmd, (seq, digest) in acknowledged.items():
        answer = await journal.answer_to(cmd)
        assert answer is not None, cmd
        assert len(answer) == 2
        assert (answer[-1].seq, answer[-1].hash) == (seq, digest)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MiB; where mounting is not allowed, the limit of one file's size does the same to SQLite."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode == 0:
        yield folder
        subprocess.run(["umount", "-l", folder], check=True)
    else:
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, before[1]))
        yield folder
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


async def test_a_full_disk_refuses_everything_and_loses_nothing(small_disk: Path, open_journal: Opener) -> None:
    journal = await open_journal(small_disk / "j")
    acknowledged: list[str] = []

    async def fill() -> None:
        for n in range(10_000):
            await journal.append([called(n)], cmd=f"cmd-{n:05d}")
            acknowledged.append(f"cmd-{n:05d}")

    with pytest.raises(JournalFailed, match="could not write"):
        await fill()
    for refused in (journal.append([called(1)]), journal.read(0), journal.answer_to("cmd-00000")):
        with pytest.raises(JournalFailed):
            await refused
    await journal.close()
    assert acknowledged
    if os.path.ismount(small_disk):
        enlarge = await asyncio.create_subprocess_exec("mount", "-o", "remount,size=8m", str(small_disk))
        assert await enlarge.wait() == 0
    verdict = verify(small_disk / "j" / "journal.db")
    assert verdict.good
    reopened = await open_journal(small_disk / "j")
    for cmd in acknowledged:
        assert await reopened.answer_to(cmd) is not None
