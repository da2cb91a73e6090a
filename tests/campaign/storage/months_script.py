"""Months of a journal in small, closed and dropped while the power may go: what was stored stays found, whichever file
holds it, until its month was dropped."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Final

from edge.journal import Journal, JournalError
from edge.journal.retention import DAY_MS, Terms, erase_ripe
from edge.journal.segments import dropping
from edge.journal.segments.dropping import Kept
from edge.journal.segments.keeping import close_due, drop_due
from edge.journal.store import Store
from edge.journal.verify import verify
from edge.rules.records import Draft
from sync.protocol.record import Record
from tests.campaign.storage.journal_script import judge as judge_journal
from tests.campaign.storage.journal_script import open_at
from tests.campaign.storage.trace import Told, Trace
from tests.edge.journal.material import ZONE, called, issued
from tests.edge.journal.segments.months import NOW, make_safe, opened

_LIFE_MS: Final = 10 * DAY_MS
_MOST_LIVES: Final = 9
TERMS: Final = Terms(3 * DAY_MS, 3 * DAY_MS, 3 * DAY_MS, 3 * DAY_MS, ZONE)
_SINCE_2020: Final = 6 * 12 + 10  # months, to NOW
_A_MONTH: Final = 5  # commits


class MonthsScript:
    """`commits` appends over two lives; each life closes what may be closed. Fits power.Script."""

    def __init__(self, folder: Path, trace: Trace, *, seed: int, commits: int) -> None:
        self._folder = folder
        self._trace = trace
        self._random = Random(seed)
        self._months = max(commits // 2 // _A_MONTH, 2)
        self._n = 0
        self.refused = ""
        self.broken: list[str] = []
        self.closed = 0

    async def run(self) -> None:
        try:
            await self._life(0)
            await self._life(1)
        except JournalError as error:
            self.refused = f"{type(error).__name__}: {error}"

    async def _life(self, life: int) -> None:
        journal = await open_at(self._folder, self._random)
        try:
            for month in range(life * self._months, (life + 1) * self._months):
                await self._month(journal, f"{2020 + month // 12}-{month % 12 + 1:02d}")
            await self._append(journal, [called(0)])
            await make_safe(journal, NOW + life * _LIFE_MS)
            now = NOW + life * _LIFE_MS + 4 * DAY_MS
            self.closed += await close_due(journal, self._folder, now, lambda _: 0.0)
            await self._append(journal, [called(1)])
            await erase_ripe(journal, self._folder, TERMS, now)
            for _ in range(2):  # the files go at the second look
                await self._drop(journal, now, kept_when((life + 1) * self._months - 2))
            await self._append(journal, [called(1)])
        finally:
            await journal.close()

    async def _drop(self, journal: Journal, now: int, kept: Kept) -> None:
        self._trace.tell("dropping", "", None)
        await drop_due(journal, self._folder, now, kept)
        self._trace.tell("dropped", "", journal.floor - 1)

    async def _month(self, journal: Journal, month: str) -> None:
        await self._append(journal, [opened(f"{month}-02")])
        made = await self._append(journal, [issued(self._n % 7, {"name": "样本"}), called(self._n)])
        await self._append(journal, [opened(f"{month}-20")])
        if self._random.random() < 0.5:
            h = made[0].parts[0]
            await journal.erase([h], "law", actor="clerk:c01")
            self._trace.tell("erased", h, None)
        await journal.history.save_snapshot(journal.history.head, self._random.randbytes(500))
        await self._append(journal, [called(self._n)])

    async def _append(self, journal: Journal, drafts: Sequence[Draft]) -> tuple[Record, ...]:
        self._n += 1
        made = await journal.append(drafts, cmd=f"c:{self._n}")
        self._trace.tell("stored", f"c:{self._n}", [one.birth for one in made])
        return made


def kept_when(month: int) -> Kept:
    """So long that months before number `month`, counted from January 2020, may go now."""
    return Kept(_SINCE_2020 - month, ZONE)


async def judge(folder: Path, told: Iterable[Told]) -> list[str]:
    """As the journal's; then the closing is finished, and every promise still holds."""
    told = list(told)
    found = await _judge(folder, told)
    if found or not (folder / "journal.db").exists():
        return found
    journal = await open_at(folder, Random(2))
    try:
        later = NOW + _MOST_LIVES * _LIFE_MS  # a centre's clock does not go back
        await make_safe(journal, later)
        await close_due(journal, folder, later + 4 * DAY_MS, lambda _: 0.0)
        if any(one.what == "dropping" for one in told):
            await erase_ripe(journal, folder, TERMS, later + 4 * DAY_MS)
            await drop_due(journal, folder, later + 4 * DAY_MS, kept_when(2))
            await drop_due(journal, folder, later + 4 * DAY_MS, kept_when(2))
        left = await journal.note(_left)
    finally:
        await journal.close()
    verdict = verify(folder / "journal.db")
    found += [f"{left} rows of closed months are left"] if left else []
    found += [] if verdict.good else [f"the chain is broken once months are closed: {verdict.first_bad}"]
    return found + await _judge(folder, told)


async def _judge(folder: Path, told: list[Told]) -> list[str]:
    if not (folder / "journal.db").exists():
        return await judge_journal(folder, [one for one in told if one.what not in ("dropping", "dropped")])
    gone = max((one.last for one in dropping.told_in(folder / "journal.db")), default=0)
    said = max((one.value for one in told if one.what == "dropped"), default=0)
    found = [f"records up to {said} were dropped, and {gone} is the last that is"] if gone < said else []
    if gone and not any(one.what == "dropping" for one in told):
        found.append(f"records up to {gone} were dropped, and nobody had asked for it")
    return found + await judge_journal(folder, _still_due(told, gone))


def _still_due(told: list[Told], gone: int) -> Iterator[Told]:
    """What was promised of records ends with their month; what was erased stays erased."""
    for one in told:
        if (one.what == "stored" and one.value[-1][1] > gone) or one.what not in ("stored", "dropping", "dropped"):
            yield one


def _left(store: Store) -> int:
    return int(store.db.execute("SELECT count(*) FROM records WHERE pos <= ?", (store.closed.upto,)).get)
