"""A process that closes and drops months is killed again and again; what it left is asked for every promise."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Final, NamedTuple

from edge.journal import JournalError
from edge.journal.backup import back_up, restore
from edge.journal.exporting import export
from edge.journal.forgetting import NOT_REACHED, is_behind
from edge.journal.schema import FILE
from edge.journal.sealing import PART_ERASED
from edge.journal.segments import ledger
from edge.journal.segments.dropping import told_in
from edge.journal.segments.ledger import Sealed
from edge.journal.store import Store, reading
from edge.journal.verify import verify
from tests.campaign.progress import Progress
from tests.campaign.storage.months_life import COPY, JOURNAL
from tests.campaign.storage.months_script import judge
from tests.campaign.storage.trace import Told

ROOT: Final = Path(__file__).resolve().parents[3]
LIVES: Final = 8  # of one folder: then the next begins with an empty one
_BETWEEN_COMMITS: Final = 0.3  # of the lives fall while rows are moved
AT_COPIES: Final = 0.25  # of them fall between an erasing and the end of forgetting in the copies
_STEPS: Final = 80  # of forgetting, in a life
_WHILE_CLOSING: Final = 0.85  # of the others die at any moment of a closing, the rest anywhere
_COMMITS: Final = 15  # about as many as move the rows of a month
_FIRST_S: Final = 0.3
_LONGEST_S: Final = 60.0


@dataclass
class Outcome:
    """`found`: in which state the kills left the closing. `dropped`: months, the most of one folder."""

    kills: int = 0
    closed: int = 0
    dropped: int = 0
    stored: int = 0
    erased: int = 0
    found: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)


class Killed:
    """One life after the other in one folder, each told to end by SIGKILL."""

    def __init__(self, folder: Path, random: Random, careless: str, at_copies: float) -> None:
        self._random, self._at_copies = random, at_copies
        self._words = [sys.executable, "-m", "tests.campaign.storage.months_life", str(folder), careless]
        self._closing_s = _FIRST_S  # how long it takes here, as it was seen lately

    @contextmanager
    def ready(self) -> Iterator["Killed"]:
        env = os.environ | {"PYTHONPATH": str(ROOT)}
        pipe = subprocess.PIPE
        quiet = subprocess.DEVNULL
        words = self._words
        with subprocess.Popen(words, stdin=pipe, stdout=pipe, stderr=quiet, env=env, cwd=ROOT) as self._process:
            try:
                yield self
            finally:
                self._process.stdin.close()  # type: ignore[union-attr] # then it ends by itself
                self._process.wait(_LONGEST_S)

    def live(self, n: int) -> tuple[list[Told], int, bool]:
        """Promises of life `n`, how many months it said it closed, and whether it was still alive to be killed."""
        assert self._process.stdin is not None
        dice = self._random.random()
        at_copies = self._random.randint(1, _STEPS) if dice > 1 - self._at_copies else 0
        moving = self._random.randint(1, _COMMITS) if dice < _BETWEEN_COMMITS and not at_copies else 0
        self._say(f"{n} {moving} {at_copies}")
        at_closing = self._random.random() < _WHILE_CLOSING
        wanted, seen = self._random.randrange(2) if at_closing else self._random.randrange(50), 0
        told, closed, began, pid = list[Told](), 0, 0.0, 0
        for what, *more in self._lines():
            match what:
                case "lives":
                    pid = more[0]
                case "ended":
                    self._say("heard")
                    return told, closed, more[0]
                case "closing":
                    began = time.monotonic()
                case "closed":
                    closed += 1
                    self._closing_s = (self._closing_s + time.monotonic() - began) / 2
                case "stored":
                    told.append(Told(what, more[0], [tuple(birth) for birth in more[1]]))
                case _:
                    told.append(Told(what, *more))
            if not (moving or at_copies) and (what == "closing") == at_closing:
                if seen == wanted:
                    time.sleep(self._random.random() * self._closing_s if at_closing else 0)
                    os.kill(pid, signal.SIGKILL)
                seen += 1
        raise RuntimeError("the lives ended by themselves")

    def _lines(self) -> Iterator[list[Any]]:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            yield json.loads(line)

    def _say(self, words: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{words}\n".encode())
        self._process.stdin.flush()


class Lines(NamedTuple):
    """An export: records from seq `first` on, without a gap."""

    first: int
    lines: list[bytes]

    def goes_on_as(self, newer: "Lines") -> bool:
        """Whether `newer` holds all of it, byte by byte, but for months that one of the two no longer has."""
        start = max(self.first, newer.first)
        mine = self.lines[start - self.first :]
        return mine == newer.lines[start - newer.first :][: len(mine)]


class Story:
    """What was promised in one folder, and everything that is asked of it after each kill."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._told: list[Told] = []
        self._sealed: dict[str, bytes] = {}
        self._clean = 0  # whatever was erased up to there, the copy had forgotten when a life began
        self._exported = Lines(1, [])

    def hear(self, told: list[Told]) -> None:
        for one in told:
            match one:
                case Told("sealed", h, blob):
                    self._sealed[h] = bytes.fromhex(blob)
                case Told("clean", _, upto):
                    self._clean = upto
                case _:
                    self._told.append(one)

    def dropped(self) -> int:
        """Months that are gone now."""
        file = self._folder / JOURNAL / FILE
        return len(told_in(file)) if file.exists() else 0

    def judge(self) -> list[str]:
        """Every promise that what lies there now does not keep."""
        try:
            return list(self._judged())
        except (JournalError, OSError) as error:
            return [f"it cannot be read: {error!r}"]

    def _judged(self) -> Iterator[str]:
        source, half, again, whole = (self._folder / name for name in (JOURNAL, "half", "again", "whole"))
        if not (source / FILE).exists():
            yield from [] if not self._told else ["there is no journal"]
            return
        if (bad := verify(source / FILE).first_bad) is not None:
            yield f"the chain is broken: {bad}"
            return
        yield from self._grew(source)
        yield from self._in_copy(self._folder / COPY)
        back_up(source, half)
        restore(half, again, "x")
        shutil.copytree(source, whole)
        for name, place in (("restored from a copy of it", again), ("closed to the end", whole)):
            yield from (f"{name}: {line}" for line in asyncio.run(judge(place, self._told)))
            if not self._exported.goes_on_as(self._read(place)):
                yield f"{name}: other records than before"
        yield from _leftovers(whole)
        for place in (half, again, whole):
            shutil.rmtree(place)

    def _grew(self, source: Path) -> Iterator[str]:
        """Byte by byte what was there before, and after it what is new; nothing of it twice."""
        now = self._read(source)
        if not self._exported.goes_on_as(now):
            yield "other records than before"
        seqs = [json.loads(line)["seq"] for line in now.lines]
        if seqs != list(range(now.first, now.first + len(seqs))):
            yield "records are missing, or there twice"
        self._exported = now

    def _in_copy(self, copy: Path) -> Iterator[str]:
        if not (copy / FILE).exists():
            return
        if (bad := verify(copy / FILE, a_copy=True).first_bad) is not None:
            yield f"the copy is broken: {bad}"
        elif not self._read(copy).goes_on_as(self._exported):
            yield "the copy holds other records"
        there = {path.name: path.read_bytes() for path in copy.glob("journal.db*")}
        with reading(copy / FILE) as store:
            rows = {str(h) for (h,) in store.db.execute("SELECT h FROM parts")}
        for h in sorted(self._erased() & self._sealed.keys()):
            found = [name for name, raw in there.items() if self._sealed[h] in raw]
            if found or h in rows:
                yield f"part {h[:12]} was erased and is in the copy: {found}, row: {h in rows}"

    def _erased(self) -> set[str]:
        """What was told to be gone from there, too, and all that was erased when the last life looked at its copies."""
        with reading(self._folder / JOURNAL / FILE) as store:
            rows = [json.loads(raw) for pos, raw in store.of_kinds(PART_ERASED) if pos <= self._clean]
        named = {h for one in rows if one["kind"] == PART_ERASED for h in one["body"]["h"]}
        return named | {one.key for one in self._told if one.what == "erased" and one.value}

    def _read(self, data: Path) -> Lines:
        target = self._folder / "exported"
        export(data / FILE, target)
        lines = target.read_bytes().splitlines()
        return Lines(json.loads(lines[0])["seq"] if lines else 1, lines)


def _leftovers(data: Path) -> Iterator[str]:
    """Once all is closed, the folder holds the files that the journal names and no other."""
    with reading(data / FILE) as store:
        named = {month.name for month in store.closed.months}
    there = {path.name for path in (data / ledger.FOLDER).glob("*")}
    if there != named:
        yield f"files of months: {sorted(there ^ named)} are there or not, against what the journal says"


def state_of(data: Path) -> str:
    """How far the closing had come that a kill has ended here."""
    if not (data / FILE).exists():
        return "before the first record"
    there = {path.name for path in (data / ledger.FOLDER).glob("*")}
    with reading(data / FILE) as store:
        named = {month.name for month in store.closed.months}
        dropped = {one.sealed.name for one in store.closed.dropped}
        left = _left(store, store.closed.months)
    if _is_behind(data):
        return "erased, and still in the copy"
    if there & dropped:
        return "file of a dropped month still there"
    if any(not name.endswith(ledger.SUFFIX) for name in there):
        return "file half written"
    if there - named:
        return "file not named"
    return "rows half moved" if left else "nothing half done"


def _is_behind(data: Path) -> bool:
    copy = data.with_name(COPY)
    with suppress(*NOT_REACHED):
        return (copy / FILE).exists() and is_behind(data, copy)
    return False


def _left(store: Store, months: tuple[Sealed, ...]) -> bool:
    upto = months[-1].title.last if months else 0
    return bool(store.db.execute("SELECT EXISTS (SELECT 1 FROM records WHERE pos <= ?)", (upto,)).get)


def kill_lives(
    kills: int, seed: int, progress: Progress, *, careless: str = "", enough: int = 0, at_copies: float = AT_COPIES
) -> Outcome:
    """`careless`: a mistake of tests.campaign.mutants. `enough`: stop after so many broken promises. `at_copies`: share
    of the lives that fall between an erasing and the end of forgetting in the copies."""
    outcome, random = Outcome(), Random(seed)
    while outcome.kills < kills and not (enough and len(outcome.broken) >= enough):
        folder = Path(tempfile.mkdtemp(prefix="hall-months-"))
        try:
            with Killed(folder, random, careless, at_copies).ready() as lives:
                story = Story(folder)
                for n in range(LIVES):
                    if outcome.kills < kills and not (enough and len(outcome.broken) >= enough):
                        _one(lives, story, folder, n, outcome, f"seed {seed}")
                        progress.at(outcome.kills, kills, "kills while months are closed", outcome.broken)
        finally:
            shutil.rmtree(folder)
    return outcome


def _one(lives: Killed, story: Story, folder: Path, n: int, outcome: Outcome, words: str) -> None:
    told, closed, was_killed = lives.live(n)
    story.hear(told)
    outcome.closed += closed
    outcome.dropped = max(outcome.dropped, story.dropped())
    outcome.stored += sum(one.what == "stored" for one in told)
    outcome.erased += sum(one.what == "erased" for one in told)
    if not was_killed:
        outcome.found["ended before its kill"] += 1
    else:
        outcome.kills += 1
        outcome.found[state_of(folder / JOURNAL)] += 1
    outcome.broken += [f"{words}, kill {outcome.kills}, life {n}: {line}" for line in story.judge()]


def campaign(kills: int, seed: int, progress: Progress) -> dict[str, Any]:
    outcome = kill_lives(kills, seed, progress)
    counts = {"closed": outcome.closed, "dropped": outcome.dropped, "stored": outcome.stored, "erased": outcome.erased}
    return {
        "seed": seed,
        "kills": outcome.kills,
        **counts,
        "left": dict(sorted(outcome.found.items())),
        "broken": outcome.broken,
    }
