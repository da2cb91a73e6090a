"""What the centre holds of a site, counted from the stored bytes themselves and not from its own bookkeeping."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from sync.centre.files import path_of
from sync.centre.sql import Database
from sync.centre.store import birth_text, files_of, open_for_reading
from sync.protocol import names, record

NAMING: Final = "page.captured"


@dataclass(frozen=True, slots=True)
class Report:
    """`records`: facts, each birth once. `missing`: seqs below a mark that are not there, with holes. `duplicates`:
    births with more than one effect. `held`: in quarantine. `broken`: stored bytes that no longer verify or do not
    follow their predecessor. `dropped`: of them those of which only place, hash and birth are left, since their site
    dropped the month. `files`: `count` of those that `page.captured` records name, each once, `delivered` of
    these, complete on the disk, and `missing`.
    """

    records: int
    missing: int
    duplicates: int
    held: int
    epochs: int
    broken: int
    alarms: int
    files: Mapping[str, int]
    dropped: int = 0


def report(where: str | Path, site: str, files: Path | None = None) -> Report:
    """`where`, `files`: see sync.centre.store.open_store."""
    db = open_for_reading(where)
    try:
        return _count(db, site, files or files_of(where))
    finally:
        db.close()


def alarms_of(where: str | Path, site: str) -> list[tuple[int, str, str]]:
    """(ms since 1970, code, detail), oldest first."""
    db = open_for_reading(where)
    try:
        rows = db.rows("SELECT at, code, detail FROM alarms WHERE site = ? ORDER BY at", (site,))
    finally:
        db.close()
    return cast(list[tuple[int, str, str]], rows)


def _count(db: Database, site: str, folder: Path) -> Report:
    rows = db.rows("SELECT epoch, upto FROM epochs WHERE site = ?", (site,))
    marks = dict(cast(list[tuple[str, int]], rows))
    births: dict[str, int] = {}
    named: set[str] = set()
    stored = dict.fromkeys(marks, 0)
    broken, dropped, before = 0, 0, ("", 0, "")
    columns = "epoch, seq, hash, birth, first, raw"
    found_rows = db.stream(f"SELECT {columns} FROM records WHERE site = ? ORDER BY epoch, seq", (site,))
    for epoch, seq, digest, birth, first, raw in cast(Iterable[tuple[str, int, str, str, int, bytes]], found_rows):
        stored[epoch] = stored.get(epoch, 0) + 1
        if raw:
            try:
                found = record.parse(raw)
            except record.BadRecord:
                broken, stored[epoch] = broken + 1, stored[epoch] - 1
                continue
            seq, digest, birth = found.seq, found.hash, birth_text(found.birth)
            broken += int(before[:2] == (epoch, seq - 1) and found.prev != before[2])
            if found.kind == NAMING and names.is_hash(found.body.get("h")):
                named.add(str(found.body["h"]))
        else:
            dropped += 1
        before = (epoch, seq, digest)
        births[birth] = births.get(birth, 0) + first
    return Report(
        records=len(births),
        missing=sum(max(upto - stored[epoch], 0) for epoch, upto in marks.items()),
        duplicates=sum(effects - 1 for effects in births.values() if effects > 1),
        held=int(db.rows("SELECT count(*) FROM quarantine WHERE site = ?", (site,))[0][0]),
        epochs=len(marks),
        broken=broken,
        alarms=int(db.rows("SELECT count(*) FROM alarms WHERE site = ?", (site,))[0][0]),
        files=_files(db, site, folder, named),
        dropped=dropped,
    )


def _files(db: Database, site: str, folder: Path, named: set[str]) -> dict[str, int]:
    rows = db.rows("SELECT h, size FROM files WHERE site = ? AND chunk IS NULL", (site,))
    sizes = dict(cast(list[tuple[str, int]], rows))
    here = sum(1 for h in named if _is_whole(path_of(folder, site, h), sizes.get(h)))
    return {"count": len(named), "delivered": here, "missing": len(named) - here}


def _is_whole(path: Path, size: int | None) -> bool:
    return size is not None and path.is_file() and path.stat().st_size == size
