"""A day of the real journal in small: what is asked of it, what its callers were told, and whether it kept that."""

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random
from typing import Any, Final

from edge.journal import Journal, JournalError, JournalFailed, KeyRing
from edge.journal.verify import verify
from edge.rules.case_records import PageCaptured
from edge.rules.records import Draft
from sync.protocol.record import Record, digest
from sync.source import Mark
from tests.campaign.storage.trace import Told, Trace
from tests.edge.journal.material import BOOT, SITE, ZONE, TurnedClock, called, issued

KEYS: Final = KeyRing(bytes(32))
Births = list[tuple[str, int, str]]


async def open_at(folder: Path, random: Random) -> Journal:
    return await Journal.open(
        folder,
        site=SITE,
        boot=BOOT,
        clock=TurnedClock(),
        zone=ZONE,
        random_bytes=random.randbytes,
        keys=KEYS,
        disk=lambda _: 0.0,
    )


class JournalScript:
    """`commits` appends and what goes on between them; promises are noted in the trace as they are made.

    An ordinary end, and one by JournalError, are both ends that callers were told of: `refused` says which.
    """

    def __init__(self, folder: Path, trace: Trace, *, seed: int, commits: int) -> None:
        self._folder = folder
        self._trace = trace
        self._random = Random(seed)
        self._commits = commits
        self._parts: list[str] = []
        self._n = 0
        self.refused = ""
        self.asked: list[str] = []
        self.broken: list[str] = []

    async def run(self) -> None:
        try:
            await self._life(self._commits // 2)
            await self._life(self._commits - self._commits // 2)
        except JournalError as error:
            self.refused = f"{type(error).__name__}: {error}"

    async def _life(self, commits: int) -> None:
        """Open, work, close: a start of the machine."""
        journal = await open_at(self._folder, self._random)
        self._trace.tell("epoch", journal.epoch, None)
        try:
            for n in range(commits):
                if n == commits // 2:
                    await journal.epochs.continue_above("fork", journal.next_seq - 3, [], complete=True)
                    self._trace.tell("epoch", journal.epoch, None)
                await self._step(journal)
        except JournalFailed:
            await self._stays_failed(journal)
            raise
        finally:
            await journal.close()

    async def _step(self, journal: Journal) -> None:
        dice = self._random.random()
        if dice < 0.5:
            await self._append(journal, [called(self._n)])
        elif dice < 0.75:
            made = await self._append(journal, [issued(self._n % 7, {"name": "样本"}), called(self._n)])
            self._parts += [h for one in made for h in one.parts]
        elif dice < 0.85:
            await asyncio.gather(*(self._append(journal, [called(lane)]) for lane in range(4)))
        elif dice < 0.90:
            await self._file(journal)
        elif dice < 0.94 and self._parts:
            await self._erase(journal)
        elif dice < 0.97:
            await journal.save_snapshot(journal.history.head, self._random.randbytes(3000))
        else:
            mark = Mark(journal.epoch, journal.next_seq - 1, "0" * 64, 0)
            await journal.save_mark(mark)

    async def _append(self, journal: Journal, drafts: Sequence[Draft]) -> tuple[Record, ...]:
        self._n += 1
        cmd = f"c:{self._n}"
        self.asked.append(cmd)
        made = await journal.append(drafts, cmd=cmd)
        self._trace.tell("stored", cmd, [one.birth for one in made])
        return made

    async def _file(self, journal: Journal) -> None:
        data = self._random.randbytes(5_000)
        stored = await journal.seal_file("t:file", data)
        body = PageCaptured(material="m1", page=1, width=1, height=1, blur=1, warnings=(), **stored._asdict())
        await self._append(journal, [Draft(kind="page.captured", subject="t:file", actor="clerk:c01", body=body)])
        self._trace.tell("file", stored.h, None)

    async def _erase(self, journal: Journal) -> None:
        h = self._parts.pop(self._random.randrange(len(self._parts)))
        self._n += 1
        await journal.erase([h], "law", actor="clerk:c01")
        self._trace.tell("erased", h, None)

    async def _stays_failed(self, journal: Journal) -> None:
        """After one failure nothing is accepted, whatever the disk says next."""
        try:
            await journal.append([called(1)], cmd="after:1")
        except JournalFailed:
            return
        self.broken.append("a journal that had failed took another record")


async def judge(folder: Path, told: Iterable[Told], asked: Iterable[str] = ()) -> list[str]:
    """Every promise that the disk in `folder` does not keep. It must open as it is and be fit for work."""
    try:
        journal = await open_at(folder, Random(1))
    except JournalError as error:
        return [f"it does not open: {error}"]
    try:
        found = [line for one in told for line in await _kept(journal, folder, one)]
        found += [line for cmd in asked for line in _once(cmd, await journal.answer_to(cmd))]
        await journal.append([called(1)], cmd="judge:1")
    finally:
        await journal.close()
    verdict = verify(folder / "journal.db")
    return found if verdict.good else [*found, f"the chain is broken: {verdict.first_bad}"]


async def _kept(journal: Journal, folder: Path, one: Told) -> list[str]:
    match one:
        case Told("stored", cmd, births):
            answer = await journal.answer_to(cmd)
            there = None if answer is None else [record.birth for record in answer]
            return [] if there == births else [f"{cmd} was stored as {births}, there is {there}"]
        case Told("epoch", epoch, _):
            known = await journal._read(lambda store: store.epochs())
            return [] if epoch in known else [f"epoch {epoch} is gone, {sorted(known)} is there"]
        case Told("erased", h, _):
            part = await journal._read(lambda store: store.part(h))
            return [] if part is None else [f"part {h[:12]} was erased and is there"]
        case Told("file", h, _):
            path = folder / "files" / h[:2] / h
            whole = path.exists() and digest(path.read_bytes()) == h
            return [] if whole else [f"file {h[:12]} was kept and is not whole"]
    raise ValueError(one)


def _once(cmd: str, answer: Any) -> list[str]:
    """What was refused may be there or not, but whole: all records of a command carry it."""
    return [] if answer is None or len(answer) <= 2 else [f"{cmd} is there {len(answer)} times"]
