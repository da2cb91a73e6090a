"""views.db follows the real journal, also when it starts late or was thrown away."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from edge.journal.following import keep_views
from edge.journal.journal import Journal
from edge.journal.views import Views
from tests.edge.journal.material import Opener, issued


async def _follow_until(journal: Journal, path: Path, level: Callable[[], bool]) -> None:
    following = asyncio.create_task(keep_views(journal, path))
    async with asyncio.timeout(30):
        while not level():
            await asyncio.sleep(0.01)
    following.cancel()
    with suppress(asyncio.CancelledError):
        await following


def _level(path: Path, journal: Journal) -> Callable[[], bool]:
    """Looked at from outside, read-only: the follower alone opens and makes the file."""

    def look() -> bool:
        try:
            with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
                row = db.execute("SELECT seq FROM cursor").fetchone()
        except sqlite3.OperationalError:
            return False
        return row is not None and row[0] == journal.next_seq - 1

    return look


async def test_views_catch_up_and_are_rebuilt(tmp_path: Path, open_journal: Opener) -> None:
    journal, path = await open_journal(), tmp_path / "views.db"
    await journal.append([issued(n) for n in (1, 2, 3)])
    await _follow_until(journal, path, _level(path, journal))
    path.unlink()
    await journal.append([issued(4)])
    await _follow_until(journal, path, _level(path, journal))
    views = Views(path, epoch=journal.epoch)
    assert len(views.tickets("")) == 4  # no day was opened
    views.close()
