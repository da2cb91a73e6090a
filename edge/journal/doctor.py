"""What a technician must know of a station's store: library, journal, key, disk, clock, backup, line. Reads only."""

import base64
import binascii
import os
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Final, Literal, NamedTuple

import apsw
import orjson

from edge.journal import copies, forgetting, reserve, schema
from edge.journal.copies import ASIDE
from edge.journal.errors import JournalError
from edge.journal.file_folder import DiskUsed, disk_used
from edge.journal.keys import KEY_BYTES
from edge.journal.new_epoch import read_gap
from edge.journal.segments.closing import overdue
from edge.journal.store import Store
from edge.journal.verify import verify
from sync.source import Mark

Grade = Literal["good", "look", "bad", "unknown"]
CREDENTIAL: Final = ".cred"
BACKUP_HOURS: Final = 26
_BUILT: Final = 1_767_225_600  # 2026-01-01: before that the clock is certainly wrong
_BACKWARDS_S: Final = 120
_SYS: Final = Path("/sys/dev/block")
# First 16 bytes of an encrypted credential say what it is sealed to: systemd's src/shared/creds-util.h.
_SEALED_TO: Final = {
    "5a1c6a86df9d4096b1d5a65e0862f19a": "host",
    "0c7cc07b117645919c4b0bea08bc20fe": "tpm",
    "faf7eb9341e3412ca1a436f95a29362f": "tpm",
    "93a894094874449090caf2fc93cab553": "host_and_tpm",
    "af4950a849134eb1a73846304ff30c05": "host_and_tpm",
    "058469daf6f54324800549da0f8ea2fb": "nothing",
}


class Found(NamedTuple):
    """`what` and `how` make the key of a sentence: `doctor.<what>.<how>`; `facts` fill its places."""

    what: str
    grade: Grade
    how: str
    facts: dict[str, int | str]


def examine(
    data: Path, site_key: Path, *, now_s: Callable[[], float] = time.time, used: DiskUsed = disk_used
) -> list[Found]:
    """All that can be told, also where one thing cannot. Never raises for a station in whatever state."""
    found = [_library(), _key(site_key, data), _disk(data, used), *_journal(data, now_s()), _backup(data, now_s())]
    return found + _copies(data) + _aside(data)


def _library() -> Found:
    version = apsw.sqlite_lib_version()
    try:
        schema.check_sqlite()
    except JournalError:
        return Found("library", "bad", "unsafe", {"version": version})
    return Found("library", "good", "safe", {"version": version})


def _journal(data: Path, now: float) -> Iterator[Found]:
    path = data / schema.FILE
    try:
        verdict = verify(path)
        if verdict.first_bad is not None:
            yield Found("journal", "bad", "damaged", {"seq": verdict.first_bad[0], "records": verdict.records})
            return
        yield Found("journal", "good", "sound", {"records": verdict.records})
        db = schema.open_existing(path, read_only=True)
    except FileNotFoundError:
        yield Found("journal", "unknown", "none", {})
        return
    except (JournalError, apsw.Error, OSError):
        yield Found("journal", "bad", "unreadable", {})
        return
    try:
        db.execute("BEGIN")
        store = Store(db)
        yield _clock(store, now)
        yield _line(store)
        if (gap := read_gap(store)) is not None:
            yield Found("gap", "look", gap.why, {})
        yield from _months(store)
    finally:
        db.close(True)


def _clock(store: Store, now: float) -> Found:
    newest = store.record_at(store.head.pos)
    last = 0.0 if newest is None else datetime.fromisoformat(newest.at).timestamp()
    if now < _BUILT:
        return Found("clock", "bad", "unset", {})
    if now < last - _BACKWARDS_S:
        return Found("clock", "look", "backwards", {"minutes": round((last - now) / 60)})
    return Found("clock", "good", "plausible", {})


def _line(store: Store) -> Found:
    kept = store.mark()
    mark = None if kept is None else Mark(**orjson.loads(kept))
    if mark is None or mark.epoch != store.epoch:
        return Found("line", "unknown", "never", {"pending": store.next_seq - 1})
    pending = store.next_seq - 1 - mark.upto
    return Found("line", "look" if pending else "good", "behind" if pending else "level", {"pending": pending})


def _months(store: Store) -> Iterator[Found]:
    months = store.closed.months
    if months:
        facts: dict[str, int | str] = {"count": len(months), "first": months[0].title.month}
        size = round(sum(one.size for one in months) / 1_000_000)
        yield Found("months", "good", "closed", facts | {"last": months[-1].title.month, "megabytes": size})
    if store.closed.dropped:
        last = store.closed.dropped[-1].sealed.title.month
        yield Found("months", "good", "dropped", {"count": len(store.closed.dropped), "last": last})
    if (late := overdue(store)) is not None:
        yield Found("months", "look", "overdue", {"month": late})


def _disk(data: Path, used: DiskUsed) -> Found:
    if not data.is_dir():
        return Found("disk", "unknown", "none", {})
    share = used(data)
    level = reserve.level(share)
    grade: Grade = "good" if level == "ok" else "bad" if level in ("no_scans", "reserve") else "look"
    facts: dict[str, int | str] = {"percent": round(share * 100)}
    return Found("disk", grade, level, facts)


def _key(path: Path, data: Path) -> Found:
    try:
        content, mode = path.read_bytes(), path.stat().st_mode
    except FileNotFoundError:
        return Found("key", "bad", "none", {"path": str(path)})
    except OSError:
        return Found("key", "unknown", "unreadable", {"path": str(path)})
    if path.suffix == CREDENTIAL:
        return _credential(content, path)
    if len(content) != KEY_BYTES:
        return Found("key", "bad", "no_key", {"path": str(path)})
    if mode & 0o077:
        return Found("key", "bad", "open", {"path": str(path), "mode": f"{mode & 0o777:04o}"})
    disk = _SYS / _device(path)
    if _reads(disk / "dm" / "uuid").startswith("CRYPT-"):
        return Found("key", "good", "encrypted_disk", {"path": str(path)})
    if "1" in (_reads(disk / "removable"), _reads(disk.resolve().parent / "removable")):
        return Found("key", "good", "token", {"path": str(path)})
    same = data.exists() and _device(data) == _device(path)
    return Found("key", "look", "beside" if same else "clear", {"path": str(path)})


def _credential(content: bytes, path: Path) -> Found:
    try:
        head = base64.b64decode(content, validate=False)[:16].hex()
    except binascii.Error:
        head = ""
    to = _SEALED_TO.get(head, "somehow")
    grade: Grade = "good" if "tpm" in to else "bad" if to == "nothing" else "look"
    return Found("key", grade, f"sealed_{to}", {"path": str(path)})


def _device(path: Path) -> str:
    number = path.stat().st_dev
    return f"{os.major(number)}:{os.minor(number)}"


def _reads(path: Path) -> str:
    try:
        return path.read_text("ascii").strip()
    except (OSError, ValueError):
        return ""


def _backup(data: Path, now: float) -> Found:
    last = copies.last_made(data)
    if last is None:
        return Found("backup", "look", "never", {})
    hours = int((now - last) // 3600)
    return Found("backup", "look" if hours > BACKUP_HOURS else "good", "made", {"hours": max(hours, 0)})


def _copies(data: Path) -> list[Found]:
    """Whether what was erased here is still in a copy; of those that are away nothing can be said."""
    if not (data / schema.FILE).is_file():
        return []
    behind, away, folders = list[str](), 0, copies.folders(data)
    for folder in folders:
        try:
            if forgetting.is_behind(data, folder):
                behind.append(str(folder))
        except FileNotFoundError:
            away += 1
        except forgetting.NOT_REACHED:
            behind.append(str(folder))
    if behind:
        return [Found("copies", "look", "behind", {"count": len(behind), "folders": ", ".join(behind)})]
    if away:
        return [Found("copies", "unknown", "away", {"count": away})]
    return [Found("copies", "good", "clean", {"count": len(folders)})] if folders else []


def _aside(data: Path) -> list[Found]:
    folders = [path.name for pattern in ASIDE for path in data.glob(pattern)]
    if not folders:
        return []
    return [Found("aside", "look", "kept", {"count": len(folders), "folders": ", ".join(sorted(folders))})]
