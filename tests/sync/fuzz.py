"""Frames as nobody should send them, from a seed; and both real ends under them, with what must hold all the same."""

import json
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Final

import zstandard

from sync.centre.centre import Centre
from sync.centre.report import report
from sync.centre.store import open_store
from sync.centre.verdict import Verdict
from sync.protocol import canonical, chunks, frames, names, record
from sync.wire import Letter
from tests.sync.memory_journal import EPOCH, SITE, MemoryJournal

UP: Final = ("u/j", "u/h", "u/f", "u/t", "s")
DOWN: Final = ("d/a", "d/x", "d/f")
KNOWN: Final = {"ticket.called": 1}
MOST_BYTES: Final = 16 << 20  # what all of it may hold at once: a file that an OFFER names is not kept in memory
_STRANGE: Final[tuple[Any, ...]] = (
    None, True, -1, 0, 2**53 - 1, 2**53, 10**30, 1.5, "", "0" * 16, "0" * 64, "\ud800", "\0", [], {}, [[]], ["x"] * 65,
    {"h": 1}, "x" * 70_000,
)  # fmt: skip


_BOMB: Final = zstandard.compress(b'{"m":"' + b" " * 40_000_000)


def topic(tail: str, site: str = SITE) -> str:
    return f"he/1/{names.shard(site)}/{site}/{tail}"


class Spoiler:
    """One good payload in, a bad one out."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._ways: tuple[Callable[[bytes], bytes], ...] = (
            self._flip, self._cut, self._grow, self._swap, self._member, self._fold, self._bomb, self._noise,
            self._deep,
        )  # fmt: skip

    def __call__(self, payload: bytes) -> bytes:
        return self._random.choice(self._ways)(payload)

    def _flip(self, payload: bytes) -> bytes:
        found = bytearray(payload or b"\0")
        for _ in range(self._random.choice((1, 1, 3, 20))):
            found[self._random.randrange(len(found))] ^= 1 << self._random.randrange(8)
        return bytes(found)

    def _cut(self, payload: bytes) -> bytes:
        return payload[: self._random.randrange(len(payload) + 1)]

    def _grow(self, payload: bytes) -> bytes:
        return payload + self._random.choice((b"\0", b"{}", payload, self._random.randbytes(300_000)))

    def _swap(self, payload: bytes) -> bytes:
        place = self._random.randrange(len(payload) + 1)
        return payload[place:] + payload[:place]

    def _member(self, payload: bytes) -> bytes:
        """Some member of the object, however deep, becomes something strange, or goes."""
        try:
            data = json.loads(_plain(payload))
        except ValueError:
            return self._flip(payload)
        inner = self._random.choice(list(_objects(data)))
        if not inner:
            return payload
        name = self._random.choice(list(inner))
        if self._random.random() < 0.3:
            del inner[name]
        else:
            inner[name] = self._random.choice(_STRANGE)
        return json.dumps(data).encode()

    def _fold(self, payload: bytes) -> bytes:
        folded = zstandard.compress(_plain(payload))
        return self._random.choice((folded + b"\0", folded + folded, folded[:-1], self._flip(folded)))

    def _bomb(self, payload: bytes) -> bytes:
        return _BOMB

    def _noise(self, payload: bytes) -> bytes:
        return self._random.randbytes(self._random.choice((0, 1, 39, 41, 1_000)))

    def _deep(self, payload: bytes) -> bytes:
        return b'{"m":' + b"[" * 60_000


def _plain(payload: bytes) -> bytes:
    return zstandard.decompress(payload, 1 << 20) if payload.startswith(frames.ZSTD_MAGIC) else payload


def _objects(data: Any) -> Iterator[dict[str, Any]]:
    if isinstance(data, dict):
        yield data
    for inner in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from _objects(inner)


@dataclass
class CentreUnderFire:
    """A centre on SQLite that gets the frames of a good site between any others. Everything from the seed."""

    folder: Path
    seed: int
    records: int = 40
    frames: int = 0
    broken: list[str] = field(default_factory=list)

    def run(self, count: int) -> list[str]:
        random = self._random = Random(f"fuzz {self.seed}")
        self._spoil = Spoiler(random)
        self._journal = MemoryJournal().grow(self.records, part=b"sealed").grow(3, kind="from.the.future")
        self._store = open_store(self.folder / "centre.db", "d00dfeed01234567")
        self._centre = Centre(self._store, clock=_Clock(), region="luohu", free=lambda: 10**12, verdict=Verdict(KNOWN))
        good = list(self._good("5b0e6f1a2c3d4e5f"))
        tracemalloc.start()
        try:
            for _ in range(count):
                self._shoot(random.choice(good))
            self._judge_memory()
        finally:
            tracemalloc.stop()
        for letter in self._good("ffffffffffffffff"):  # whatever it met, a good site goes on
            self._handle(letter)
        self._judge()
        self._store.close()
        return self.broken

    def _shoot(self, letter: Letter) -> None:
        dice = self._random.random()
        if dice < 0.2:
            self._handle(letter)  # replayed, and in any order
        elif dice < 0.3:
            self._handle(letter._replace(topic=topic(self._random.choice(UP))))
        elif dice < 0.35:
            self._handle(letter._replace(topic=self._random.choice(_ELSEWHERE)))
        else:
            self._handle(letter._replace(payload=self._spoil(letter.payload)))

    def _handle(self, letter: Letter) -> None:
        self.frames += 1
        try:
            for answer in self._centre.handle(letter):
                frames.unpack(answer.payload, frames.MAX_OTHER)
        except Exception as error:  # noqa: BLE001  this is what is looked for
            self.broken.append(f"{letter.topic} {letter.payload[:80]!r}: {error!r}")

    def _good(self, cid: str) -> Iterator[Letter]:
        hello = {
            "m": "hello", "cid": cid, "site": SITE, "epoch": EPOCH, "next": self._journal.next_seq, "floor": 1,
            "feeds": {}, "heads": [[0, record.ZERO]], "free": 1, "now": 1, "up": 1, "boot": "77aa01c2d3e4f506",
            "version": "1",
        }  # fmt: skip
        yield Letter(topic("u/h"), canonical.encode(hello))
        stored = list(self._journal.records.values())
        for start in range(0, len(stored), 7):
            some = stored[start : start + 7]
            told = {h: "c2VhbGVk" for one in some for h in one.parts}
            batch = {"m": "batch", "cid": cid, "records": [one.record.data for one in some], "parts": told}
            yield Letter(topic("u/j"), frames.pack(canonical.encode(batch)))
        data = b"a page" * 9_000
        h = record.digest(data)
        yield Letter(
            topic("u/h"), canonical.encode({"m": "offer", "cid": cid, "hash": h, "size": len(data), "chunk": 16_384})
        )
        for index in range(chunks.count(len(data), 16_384)):
            yield Letter(topic("u/f"), chunks.pack(chunks.Chunk(h, index, data[index * 16_384 : (index + 1) * 16_384])))
        yield Letter(
            topic("u/h"), canonical.encode({"m": "marks", "cid": cid, "feeds": {"bookings": {"ver": 1, "digest": h}}})
        )
        told_off = {"m": "birth", "cid": cid, "online": True, "epoch": EPOCH, "version": "1"}
        yield Letter(topic("s"), canonical.encode(told_off))

    def _judge(self) -> None:
        """Exactly what the site has, nothing else; what nobody knows is counted and kept apart."""
        truth = {one.record.raw for one in self._journal.records.values()}
        held = [bytes(raw) for (raw,) in self._store.db.rows("SELECT raw FROM records")]
        self.broken += [f"{len(held)} records, {len(truth)} are true"] if sorted(held) != sorted(truth) else []
        for h, part in self._store.db.rows("SELECT h, bytes FROM parts"):
            if part is not None and record.digest(bytes(part)) != h:
                self.broken.append("a part is not the one it is called")
        found = report(self.folder / "centre.db", SITE)
        if (found.held, found.missing, found.duplicates, found.broken) != (3, 0, 0, 0):
            self.broken.append(f"in the end {found}")
        for path in (self.folder / "files").rglob("*"):
            if path.is_file() and path.suffix != ".part" and record.digest(path.read_bytes()) != path.name:
                self.broken.append(f"the file {path.name[:8]} is not the one it is called")

    def _judge_memory(self) -> None:
        size, peak = tracemalloc.get_traced_memory()
        if peak > MOST_BYTES or size > MOST_BYTES // 8:
            self.broken.append(f"{peak >> 20} MiB were held at once, {size >> 20} in the end")


_ELSEWHERE: Final = (
    topic("u/j", "SZ-0001"), f"he/1/00/{SITE}/u/j", f"he/1/{names.shard(SITE)}/{SITE}", "", "he/1/all/d/x/y",
    topic("d/a"), topic("u/j/x"), f"he/2/{names.shard(SITE)}/{SITE}/u/j", "\ud800", "he/1/" + "x" * 60_000,
)  # fmt: skip


class _Clock:
    def now_ms(self) -> int:
        return 1_795_396_447_900

    def up_ms(self) -> int:
        return 1
