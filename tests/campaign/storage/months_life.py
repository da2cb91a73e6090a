"""Processes, one after the other, for somebody who kills them: months of a journal are written, closed, dropped.

`python -m tests.campaign.storage.months_life FOLDER [MUTANT]`. On stdin three numbers a line: the life to live next;
after how many commits that move rows, and after how many steps of forgetting in copies, it falls to a SIGKILL of its
own (0, 0: others kill it); and a line when its end was heard. On stdout the lives' promises as JSON lines, `closing`
when one begins to close, and `ended`, with whether it was killed.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from random import Random
from typing import Any, Final
from unittest.mock import patch

import structlog

from edge.journal import Journal, forgetting
from edge.journal.backup import back_up
from edge.journal.retention import DAY_MS, erase_ripe
from edge.journal.schema import FILE
from edge.journal.segments import closing, keeping
from edge.journal.segments.keeping import close_due, drop_due
from edge.journal.store import Store
from edge.rules.records import Draft
from tests.campaign.mutants import mutant
from tests.campaign.storage.journal_script import open_at
from tests.campaign.storage.months_script import TERMS, kept_when
from tests.edge.journal.material import called, issued
from tests.edge.journal.segments.months import NOW, make_safe, opened

JOURNAL: Final = "station"
COPY: Final = "copy"
LIFE_MS: Final = 10 * DAY_MS
MONTHS: Final = 2  # of each life
_APPENDS: Final = 6
_MOVED_AT_ONCE: Final = 15  # in life 250: small months shall take many commits, too


class Life:
    """Number `n` of a folder: opens what the one before left, closes what may be, writes more, and closes that."""

    def __init__(self, folder: Path, n: int) -> None:
        self._folder = folder
        self._n = n
        self._random = Random(n)
        self._commands = 0
        self._parts: list[str] = []

    async def live(self) -> None:
        journal = await open_at(self._folder / JOURNAL, self._random)
        await self._look_at_copies(journal)
        now = NOW + self._n * LIFE_MS
        for month in range(self._n * MONTHS, (self._n + 1) * MONTHS):
            await self._month(journal, f"{2020 + month // 12}-{month % 12 + 1:02d}")
            if self._random.random() < 0.4:
                await asyncio.gather(asyncio.to_thread(self._back_up), self._beside(journal, copies=False))
            await make_safe(journal, now)
            say("closing")
            await asyncio.gather(self._close(journal, now + 4 * DAY_MS, month), self._beside(journal))
        await journal.close()

    async def _look_at_copies(self, journal: Journal) -> None:
        """As a hall does when it starts."""
        upto = journal.next_seq - 1
        unreached = await journal.forget_in_copies()
        if self._folder / COPY / FILE not in unreached:
            say("clean", "", upto)

    def _back_up(self) -> None:
        back_up(self._folder / JOURNAL, self._folder / COPY)

    async def _close(self, journal: Journal, now: int, month: int) -> None:
        data = self._folder / JOURNAL
        await close_due(journal, data, now, lambda _: 0.0)
        await erase_ripe(journal, data, TERMS, now)
        say("dropping", "", None)
        await drop_due(journal, data, now, kept_when(month - 2))
        say("dropped", "", journal.floor - 1)
        say("closed")

    async def _beside(self, journal: Journal, *, copies: bool = True) -> None:
        """The hall is not asleep: somebody is served, somebody is erased; from `copies`, too, by the time it is told.

        While a backup is made it goes from there when that is done, or when the next life begins.
        """
        for _ in range(4):
            await self._append(journal, [called(self._commands)])
            if self._parts and self._random.random() < 0.5:
                h = self._parts.pop(self._random.randrange(len(self._parts)))
                await journal.erase([h], "law", actor="clerk:c01")
                say("erased", h, copies)

    async def _month(self, journal: Journal, month: str) -> None:
        for day in ("02", "11", "20"):
            await self._append(journal, [opened(f"{month}-{day}")])
            for _ in range(_APPENDS):
                pairs = ((issued(lane, {"name": "样本"}), called(lane)) for lane in range(3))
                made = await self._append(journal, [draft for pair in pairs for draft in pair])
                self._parts += [h for one in made for h in one.parts]
                for h in self._parts[-3:]:
                    say("sealed", h, (await journal._read(lambda store, h=h: store.part(h) or b"")).hex())  # type: ignore[misc]
            await journal.history.save_snapshot(journal.history.head, self._random.randbytes(500))
        await self._append(journal, [called(self._commands)])

    async def _append(self, journal: Journal, drafts: list[Draft]) -> Any:
        self._commands += 1
        cmd = f"c:{self._n}:{self._commands}"
        made = await journal.append(drafts, cmd=cmd)
        say("stored", cmd, [one.birth for one in made])
        return made


def say(*words: Any) -> None:
    """A line at once, whole or not at all (pipe(7), PIPE_BUF)."""
    os.write(1, json.dumps(words).encode() + b"\n")


class Moving:
    """Moves few rows a commit; may fall to a SIGKILL of its own after some of them.

    Between two commits is a moment so short that whoever kills from outside seldom meets it.
    """

    def __init__(self, falls_after: int) -> None:
        self._falls_after = falls_after
        self._commits = 0

    def __call__(self, store: Store) -> int:
        if self._falls_after and self._commits == self._falls_after:
            os.kill(os.getpid(), signal.SIGKILL)  # the one before is committed, of this one nothing is there yet
        self._commits += 1
        return closing.move_some(store, _MOVED_AT_ONCE)


class Forgetting:
    """Steps of forgetting in copies are counted, each before it begins and when it is done; falls after some."""

    _STEPS: Final = ("forget_in_copies", "forget", "_forget", "_take_out", "empty_wal")

    def __init__(self, falls_after: int) -> None:
        self._left = falls_after

    @contextmanager
    def in_place(self) -> Iterator[None]:
        with ExitStack() as stack:
            for name in self._STEPS:
                stack.enter_context(patch.object(forgetting, name, self._counted(getattr(forgetting, name))))
            yield

    def _counted(self, step: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*what: Any, **named: Any) -> Any:
            self._count()
            found = step(*what, **named)
            self._count()
            return found

        return counted

    def _count(self) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def main(folder: Path, careless: str = "") -> None:
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))  # stdout is for the promises
    with mutant(careless):
        for line in sys.stdin:
            n, moving, at_copies = map(int, line.split())
            pid = os.fork()  # nothing runs beside: no thread was started here
            if pid == 0:
                say("lives", os.getpid())
                falling = Forgetting(at_copies).in_place()
                with patch.object(keeping, "_move_some", Moving(moving)), falling:
                    asyncio.run(Life(folder, n).live())
                os._exit(0)
            ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
            say("ended", ended is not None and ended.si_code == os.CLD_KILLED)
            sys.stdin.readline()  # whoever kills has heard it: until then the number is nobody else's
            os.waitpid(pid, 0)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        main(Path(sys.argv[1]), *sys.argv[2:])
