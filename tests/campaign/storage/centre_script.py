"""The centre's database in small: batches, erasures, files, copies; what sites were told, and whether it was kept."""

import json
from base64 import b64encode
from collections.abc import Iterable
from pathlib import Path
from random import Random
from typing import Any, Final

import apsw

from sync.centre import database
from sync.centre.centre import Centre
from sync.centre.report import report
from sync.centre.sql import NotKept
from sync.centre.store import Store, open_store
from sync.centre.verdict import Verdict
from sync.protocol import canonical, chunks, frames, names, record
from sync.wire import Letter
from tests.campaign.storage.trace import Told, Trace
from tests.sync.memory_journal import EPOCH, SITE, MemoryJournal

DB: Final = "centre.db"
COPY: Final = "copy.db"
STARTS: Final = 4  # more than one failure needs
ERASABLE: Final = frozenset({"ticket.called"})


class TurnedClock:
    up = 0

    def now_ms(self) -> int:
        return 1_795_396_447_900 + self.up

    def up_ms(self) -> int:
        self.up += 40_000  # no credit ends between two questions
        return self.up


class CentreScript:
    """`commits` batches of one site; a centre that fails is started again, as its process would be."""

    def __init__(self, folder: Path, trace: Trace, *, seed: int, commits: int) -> None:
        self._folder = folder
        self._trace = trace
        self._random = Random(seed)
        self._commits = commits
        self._journal = MemoryJournal().grow(1)
        self._upto = 0
        self._parts: list[str] = []
        self._starts = 0
        self.broken: list[str] = []

    async def run(self) -> None:
        store = None
        batches = 0
        for _ in range(STARTS):
            try:
                if store is None:
                    store, centre = self._start()
                while batches < self._commits:
                    batches += 1
                    if batches == self._commits // 2:
                        store.close()
                        store, centre = self._start()
                    self._step(centre, store)
                store.close()
                return
            except (apsw.Error, NotKept, OSError, MemoryError):
                store = self._gone(store)

    def _start(self) -> tuple[Store, Centre]:
        self._starts += 1
        store = open_store(self._folder / DB, f"{self._starts:016x}")
        self._trace.tell("centre", store.id, None)
        centre = Centre(
            store, clock=TurnedClock(), region="luohu", free=lambda: 10**12, verdict=Verdict(), erasable=ERASABLE
        )
        return store, centre

    def _gone(self, store: Store | None) -> None:
        if store is not None:
            try:
                store.close()
            except apsw.Error:
                pass

    def _step(self, centre: Centre, store: Store) -> None:
        dice = self._random.random()
        for _ in range(self._random.choice((1, 1, 3, 8))):
            self._grow(dice)
        welcome = self._say(centre, self._hello(), "u/h")
        if welcome is None:
            return
        self._upto = welcome["upto"]
        ack = self._say(centre, self._batch(), "u/j")
        if ack is not None:
            self._promise(ack)
        if dice < 0.1:
            self._file(centre)
        elif dice < 0.15:
            store.back_up(self._folder / COPY)
            self._trace.tell("copied", EPOCH, self._upto)

    def _grow(self, dice: float) -> None:
        if dice < 0.7 or not self._parts:
            built = self._journal.append(part=self._random.randbytes(self._random.choice((100, 2_000))))
            self._parts += built.parts
        else:
            h = self._parts.pop(0)
            self._journal.append(kind="part.erased", body={"h": [h], "why": "law"})

    def _hello(self) -> dict[str, Any]:
        head = self._journal.next_seq - 1
        heads = [[seq, self._hash(seq)] for seq in sorted({head, self._upto, 0}, reverse=True)]
        return {
            "m": "hello", "cid": "5b0e6f1a2c3d4e5f", "site": SITE, "epoch": EPOCH, "next": head + 1, "floor": 1,
            "feeds": {}, "heads": heads, "free": 1, "now": 1, "up": 812345, "boot": "77aa01c2d3e4f506",
            "version": "1.4.0",
        }  # fmt: skip

    def _hash(self, seq: int) -> str:
        return record.ZERO if seq == 0 else str(self._journal.records[seq].record.hash)

    def _batch(self) -> dict[str, Any]:
        stored = [self._journal.records[seq] for seq in range(self._upto + 1, self._journal.next_seq)][:64]
        parts = {h: b64encode(part).decode() for one in stored for h, part in one.parts.items()}
        found: dict[str, Any] = {"m": "batch", "cid": "5b0e6f1a2c3d4e5f"}
        return found | {"records": [json.loads(one.record.raw) for one in stored], "parts": parts}

    def _promise(self, ack: dict[str, Any]) -> None:
        upto = ack["upto"]
        for seq in range(self._upto + 1, upto + 1):
            made = self._journal.records[seq].record
            self._trace.tell("taken", made.hash, seq)
            if made.kind == "part.erased":
                self._trace.tell("erased", made.body["h"][0], None)
        self._upto = upto

    def _file(self, centre: Centre) -> None:
        data = self._random.randbytes(40_000)
        h = record.digest(data)
        offer = {"m": "offer", "cid": "5b0e6f1a2c3d4e5f", "hash": h, "size": len(data), "chunk": 16_384}
        self._say(centre, offer, "u/h")
        for index in range(chunks.count(len(data), 16_384)):
            payload = chunks.pack(chunks.Chunk(h, index, data[index * 16_384 : (index + 1) * 16_384]))
            for answer in centre.handle(Letter(self._topic("u/f"), payload)):
                if frames.unpack(answer.payload, frames.MAX_OTHER)["m"] == "have":
                    self._trace.tell("file", h, len(data))

    def _say(self, centre: Centre, message: dict[str, Any], tail: str) -> dict[str, Any] | None:
        answers = centre.handle(Letter(self._topic(tail), canonical.encode(message)))
        found = [frames.unpack(one.payload, frames.MAX_OTHER) for one in answers]
        return dict(found[0]) if found and found[0]["m"] in ("welcome", "ack", "nack") else None

    @staticmethod
    def _topic(tail: str) -> str:
        return f"he/1/{names.shard(SITE)}/{SITE}/{tail}"


async def judge(folder: Path, told: Iterable[Told]) -> list[str]:
    """Every promise that the disk in `folder` does not keep; it must open as it is."""
    told = list(told)
    try:
        store = open_store(folder / DB, "f" * 16)
    except (apsw.Error, database.ForeignDatabase) as error:
        return [f"it does not open: {error}"]
    try:
        found = [line for one in told for line in _kept(store, folder, one)]
    finally:
        store.close()
    db = apsw.Connection(str(folder / DB))
    if (said := db.execute("PRAGMA integrity_check").get) != "ok":
        found.append(f"integrity: {said}")
    db.close()
    counted = report(folder / DB, SITE)
    wrong = {name: getattr(counted, name) for name in ("missing", "duplicates", "broken")}
    return found + [f"{name}: {number}" for name, number in wrong.items() if number]


def _kept(store: Store, folder: Path, one: Told) -> list[str]:
    match one:
        case Told("centre", name, _):
            return [] if store.id == name or name != f"{1:016x}" else [f"centre {name} is gone, {store.id} is there"]
        case Told("taken", digest, seq):
            there = store.hash_at(SITE, EPOCH, seq)
            return [] if there == digest else [f"record {seq} was acknowledged, there is {there}"]
        case Told("erased", h, _):
            return [f"part {h[:12]} was erased and is there"] if store.parts(SITE, [h]) else []
        case Told("file", h, size):
            path = next((folder / "files").glob(f"**/{h}"), None)
            whole = path is not None and path.stat().st_size == size and record.digest(path.read_bytes()) == h
            return [] if whole and store.has_file(SITE, h) else [f"file {h[:12]} was said to be here and is not whole"]
        case Told("copied", epoch, upto):
            return _in_copy(folder / COPY, epoch, upto)
    raise ValueError(one)


def _in_copy(path: Path, epoch: str, upto: int) -> list[str]:
    try:
        db = database.open_for_reading(path)
    except (apsw.Error, database.ForeignDatabase) as error:
        return [f"the copy cannot be read: {error}"]
    count = db.execute("SELECT count(*) FROM records WHERE epoch = ? AND seq <= ?", (epoch, upto)).get
    db.close()
    return [] if count == upto else [f"the copy has {count} of {upto} durable records"]
