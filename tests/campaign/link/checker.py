"""Judges a campaign from outside: what users were told, and the raw bytes at both ends. Uses no code of the product."""

import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final

Birth = tuple[str, int, str]
ZERO: Final = "0" * 64
MOST_LINES: Final = 20
NOT_NOW: Final = (sqlite3.OperationalError,)  # its program is being born, or has it for itself at this moment
_HASHES: Final = {"sha256": hashlib.sha256, "sm3": lambda data: hashlib.new("sm3", data)}


@dataclass
class Row:
    """A record as one end holds it. `counts`: it had the effects of its birth."""

    raw: bytes
    counts: bool = True
    data: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.data = json.loads(self.raw)

    @property
    def birth(self) -> Birth:
        epoch, seq, digest = self.data.get("was") or (self.data["epoch"], self.data["seq"], self.data["hash"])
        return epoch, seq, digest

    @property
    def is_of_people(self) -> bool:
        return self.data["kind"] != "epoch.opened"


def read_told(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def station_rows(journal: Path) -> list[Row]:
    return [Row(bytes(raw)) for (raw,) in _query(journal, "SELECT raw FROM records ORDER BY pos")]


def centre_rows(db: Path) -> list[Row]:
    """In the order in which they were committed."""
    return [Row(bytes(raw), bool(first)) for raw, first in _query(db, "SELECT raw, first FROM records ORDER BY id")]


def held(db: Path) -> set[Birth]:
    found = _query(db, "SELECT birth FROM quarantine")
    return {(epoch, int(seq), digest) for (birth,) in found for epoch, seq, digest in [birth.split(":")]}


def judge(
    told: list[dict[str, Any]], station: Path, centre: Path, files: Path, site: str, twins: Iterable[Path] = ()
) -> list[str]:
    """Every promise that was broken, in words. `twins`: journals of other machines that used the site's name."""
    here = {"the station": station_rows(station)} | {f"twin {n}": station_rows(path) for n, path in enumerate(twins, 1)}
    there = centre_rows(centre)
    found = [line for path in (station, *twins, centre) for line in _sound(path)]
    for name, rows in (*here.items(), ("the centre", there)):
        found += [f"{name}: {line}" for line in islice(_chains(rows), MOST_LINES)]
    found += _stored(told, there) + _once(told, there) + _numbers(told)
    found += [f"file {h[:12]} is not whole at the centre" for h in missing_files(told, files, site)]
    at_centre = {row.birth for row in there if row.is_of_people}
    for name, rows in here.items():
        missing = {row.birth for row in rows if row.is_of_people} - at_centre
        found += [f"{name} has {len(missing)} records that the centre has not"] if missing else []
    more = at_centre - {row.birth for row in here["the station"]}
    found += [f"the centre has {len(more)} records that the station has not"] if more else []
    return found + _same_bytes(here, there) + _quarantine(told, centre)


def _stored(told: list[dict[str, Any]], there: list[Row]) -> list[str]:
    counting = Counter(row.birth for row in there if row.counts)
    found = []
    for one in told:
        for birth in map(tuple, one["births"]):
            times = counting[birth]
            if times != 1:
                found.append(f"{one['cmd']} was told as stored and is {times} times at the centre")
    return found


def _once(told: list[dict[str, Any]], there: list[Row]) -> list[str]:
    """A wish is one wish, however often it was asked; and nothing counts twice."""
    by_cmd: dict[str, set[Birth]] = {}
    for row in there:
        if row.data.get("cmd") and row.data["kind"] != "key.issued":
            by_cmd.setdefault(row.data["cmd"], set()).add(row.birth)
    found = [f"{cmd} is there {len(births)} times" for cmd, births in by_cmd.items() if len(births) > 1]
    twice = [birth for birth, n in Counter(row.birth for row in there if row.counts).items() if n > 1]
    answers: dict[str, Any] = {}
    for one in told:
        if answers.setdefault(one["cmd"], one["births"]) != one["births"]:
            found.append(f"{one['cmd']} was answered in two ways")
    return found + [f"{len(twice)} records count twice, the first is {birth}" for birth in twice[:1]]


def _numbers(told: list[dict[str, Any]]) -> list[str]:
    first = {one["cmd"]: one["more"]["number"] for one in told if "number" in one.get("more", {}) and one["desk"] == 0}
    return [f"number {number} was given {n} times" for number, n in Counter(first.values()).items() if n > 1]


def _same_bytes(here: dict[str, list[Row]], there: list[Row]) -> list[str]:
    """Except what a later epoch wrote again: a restored machine went on in its old epoch, beside the centre's own."""
    at_centre = {(row.data["epoch"], row.data["seq"]): row.raw for row in there}
    found = []
    for name, rows in here.items():
        again = {row.birth for row in rows if "was" in row.data}
        stand = [row for row in rows if "was" in row.data or row.birth not in again]
        other = [row for row in stand if at_centre.get((row.data["epoch"], row.data["seq"]), row.raw) != row.raw]
        found += [f"{name}: {len(other)} records stand in other bytes at the centre"] if other else []
    return found


def missing_files(told: list[dict[str, Any]], files: Path, site: str) -> list[str]:
    """Digests of files that users gave away and that are not whole at the centre."""
    given = {one["more"]["h"] for one in told if "h" in one.get("more", {})}
    return [h for h in sorted(given) if not _is_whole(files / site / h[:2] / h, h)]


def _is_whole(path: Path, h: str) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == h


def _quarantine(told: list[dict[str, Any]], centre: Path) -> list[str]:
    poison = {tuple(birth) for one in told if one["do"] == "poison" for birth in one["births"]}
    wrong = {birth for birth in held(centre) if birth not in poison}
    missing = poison - held(centre)
    return [f"{len(wrong)} good records are held"] * bool(wrong) + [f"{len(missing)} unknown ones are not"] * bool(
        missing
    )


def _chains(rows: list[Row]) -> Iterator[str]:
    """Each epoch gap-free from 1, in this order, each record hashed and hung on the one before."""
    last: dict[str, tuple[int, str]] = {}
    for row in rows:
        data = dict(row.data)
        digest, epoch, seq = data.pop("hash"), data["epoch"], data["seq"]
        text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        before = last.get(epoch, (0, ZERO))
        if _HASHES[data["alg"]](text).hexdigest() != digest:
            yield f"seq {seq} of {epoch} has another hash"
        if (seq, data["prev"]) != (before[0] + 1, before[1]):
            yield f"seq {seq} of {epoch} follows {before[0]}, or another chain"
        last[epoch] = (seq, digest)


def _sound(path: Path) -> list[str]:
    said = _query(path, "PRAGMA integrity_check")[0][0]
    return [] if said == "ok" else [f"{path.name}: {said}"]


def _query(path: Path, text: str) -> list[tuple[Any, ...]]:
    """Through the library of Python itself: another build of SQLite than the one under test."""
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return db.execute(text).fetchall()
    finally:
        db.close()
