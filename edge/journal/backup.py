"""Copies of a journal that can be trusted: made beside a running halld, verified, and put back on purpose."""

import contextlib
import os
import shutil
from pathlib import Path
from typing import Final, NamedTuple

import apsw

from edge.journal import copies, erasing, file_rows, forgetting, new_epoch, schema
from edge.journal.chain import BrokenRow, read_row
from edge.journal.epochs import RESTORED
from edge.journal.errors import JournalDamaged, JournalError
from edge.journal.file_folder import FOLDER
from edge.journal.files import Lock
from edge.journal.keys import sync_folder
from edge.journal.new_epoch import Gap
from edge.journal.sealing import PART_ERASED
from edge.journal.segments import copying, dropping, ledger
from edge.journal.segments.form import Title
from edge.journal.segments.ledger import Sealed
from edge.journal.store import Store
from edge.journal.verify import Verdict, verify

_BESIDE: Final = ("-wal", "-shm")
_LOST: Final = "before-restore-"
PATIENCE_S: Final = 30.0


class BadCopy(JournalError):
    """The copy does not verify; nothing was changed."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__("the copy does not verify")
        self.seq, self.why = verdict.first_bad or (0, "form")


class Copied(NamedTuple):
    """`aside`: where a restore put what was there; None for a backup, or where nothing was."""

    verdict: Verdict
    files: int
    aside: Path | None = None


def back_up(data: Path, target: Path) -> Copied:
    """Copy journal and sealed files of the folder `data` into `target`; halld may go on. Raises BadCopy, JournalError.

    The copy takes its name only when it verifies; an older backup stays as it is until then. Files are copied after
    the journal, so none that its records name is missing, and each is checked by its name. Closed months never
    change: one that is in `target` already is read, not copied.
    """
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    with forgetting.using(target, PATIENCE_S):
        made = _back_up(data, target)
    with contextlib.suppress(*forgetting.NOT_REACHED):  # the hall looks again
        forgetting.forget(data, target)  # what was erased while it was copied
    return made


def _back_up(data: Path, target: Path) -> Copied:
    fresh = start_fresh(target)
    copies.note_folder(data, target)
    _copy(data / schema.FILE, fresh)
    months = months_of(fresh)
    copying.bring([data], target, months)
    verdict = _verified(fresh)
    files = _copy_files(data / FOLDER, target / FOLDER, erased=_erased_files(fresh))
    fresh.replace(target / schema.FILE)
    sync_folder(target)
    copying.drop_others(target, months)
    copies.note_backup(data, target)
    return Copied(verdict, files)


def restore(source: Path, data: Path, moment: str) -> Copied:
    """Put the backup in `source` in the place of the journal in `data`; halld must not run.

    What was there is kept in a folder beside it, named with `moment`. The journal knows from then on that it was
    restored: it keeps its numbers apart and opens a new epoch with the centre. Erasures are replayed: those that the
    copy has recorded, and those of the journal that it replaces, where that can be read.
    Raises JournalBusy, BadCopy, JournalError; then nothing has changed.
    """
    if not (source / schema.FILE).is_file():
        raise FileNotFoundError(source / schema.FILE)
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = Lock(data)
    try:
        fresh = start_fresh(data)
        _copy(source / schema.FILE, fresh)
        months = months_of(fresh)
        copying.bring([source], data, months)
        verdict = _verified(fresh)
        _mark_restored(fresh, _erased_here(data / schema.FILE), _dropped_here(data / schema.FILE))
        files = _copy_files(source / FOLDER, data / FOLDER, erased=_erased_files(fresh))
        aside = put_in_place(fresh, data, data / (_LOST + moment))
        copying.drop_others(data, months)
        return Copied(verdict, files, aside)
    finally:
        lock.release()


def _copy(source: Path, target: Path) -> None:
    reading = schema.open_existing(source, read_only=True)
    try:
        writing = apsw.Connection(str(target))
        try:
            with writing.backup("main", reading, "main") as copying:
                copying.step()
            writing.pragma("journal_mode", "delete")  # one file, whole without a -wal beside it
        finally:
            writing.close()
    except apsw.Error as error:
        raise JournalDamaged(0, f"the journal cannot be copied: {error}") from error
    finally:
        reading.close(True)
    _sync(target)


def _verified(path: Path) -> Verdict:
    verdict = verify(path, a_copy=True)
    if not verdict.good:
        path.unlink()
        raise BadCopy(verdict)
    return verdict


def months_of(file: Path) -> list[Sealed]:
    """Closed months whose files a journal needs. Raises JournalDamaged, JournalError."""
    db = schema.open_existing(file, read_only=True)
    try:
        return ledger.held_months(db)
    finally:
        db.close(True)


def _months_here(file: Path) -> list[Sealed] | None:
    """None: it cannot be read, so any of them may be its own."""
    try:
        return months_of(file)
    except JournalError:
        return None


def _mark_restored(path: Path, erased_here: set[str], dropped_here: list[Title]) -> None:
    db = schema.open_existing(path)
    try:
        store = Store(db)
        db.execute("BEGIN IMMEDIATE")
        new_epoch.replay_erasures(store, (found for _, found in store.history(0)))
        for title in dropped_here:
            erased_here |= set(dropping.parts_named_in(store, title))
        later = store.erase([h for h in sorted(erased_here) if erasing.is_here(store, h)])
        forgetting.begin_anew(store)
        # Also what is younger than the copy: the centre may still have it, and would bring it back with its tail.
        db.executemany("INSERT OR IGNORE INTO gone VALUES(?)", ((h,) for h in {*later, *erased_here}))
        new_epoch.write_gap(store, Gap(RESTORED))
        db.execute("COMMIT")
        db.pragma("journal_mode", "wal")
    finally:
        db.close()
    _sync(path)


def _erased_here(path: Path) -> set[str]:
    """What the journal that is replaced has erased, as far as it can be read: the copy may be older."""
    erased: set[str] = set()
    try:
        db = schema.open_existing(path, read_only=True)
    except JournalError:
        return erased
    try:
        for _, raw in Store(db).of_kinds(PART_ERASED):
            with contextlib.suppress(BrokenRow):
                found = read_row(raw)
                erased |= {str(h) for h in found.body["h"]} if found.kind == PART_ERASED else set()
        erased |= {h for (h,) in db.execute("SELECT h FROM gone")}
    except (JournalDamaged, apsw.Error):
        pass  # broken from here on; the rest comes with the centre's tail
    finally:
        db.close(True)
    return erased


def _dropped_here(path: Path) -> list[Title]:
    """Months that the journal which is replaced has dropped, as far as it can be read: nothing that they named was
    left when they went, and the records that said so went with them."""
    try:
        db = schema.open_existing(path, read_only=True)
    except JournalError:
        return []
    try:
        return [one.sealed.title for one in ledger.dropped_months(db)]
    except apsw.Error:
        return []
    finally:
        db.close(True)


def _erased_files(path: Path) -> set[str]:
    db = schema.open_existing(path, read_only=True)
    try:
        has_files = db.execute("SELECT 1 FROM sqlite_schema WHERE name='files'").get
        return set(file_rows.erased(db)) if has_files else set()
    finally:
        db.close(True)


def start_fresh(data: Path) -> Path:
    """Where a journal is made that shall take the place of the one in `data`; nothing lies there."""
    copies.clear_halves(data)
    return copies.fresh(data)


def back_to_wal(path: Path) -> None:
    db = schema.open_existing(path)
    db.pragma("journal_mode", "wal")
    db.close()
    _sync(path)


def put_in_place(fresh: Path, data: Path, folder: Path) -> Path | None:
    """What is there goes into `folder`: nobody knows yet what it may still be needed for. None: nothing was there.

    The note of the head goes last: as long as it is there a folder without a journal is damage, never a first boot.
    """
    beside = [data / (schema.FILE + end) for end in ("", *_BESIDE)]
    there = [path for path in (*beside, data / schema.HEAD_FILE) if path.exists()]
    if there:
        folder.mkdir(mode=0o700)
        copying.keep_beside(data, folder, _months_here(data / schema.FILE))
    for path in there:
        if path.name != schema.HEAD_FILE:
            path.replace(folder / path.name)
    sync_folder(data)
    fresh.replace(data / schema.FILE)
    sync_folder(data)
    if (data / schema.HEAD_FILE).exists():
        (data / schema.HEAD_FILE).replace(folder / schema.HEAD_FILE)
        sync_folder(data)
    if not there:
        return None
    sync_folder(folder)
    return folder


def _copy_files(source: Path, target: Path, *, erased: set[str]) -> int:
    """Whole files only; one that is there already under its digest stays, an erased one leaves the older copy, too.

    Returns how many there are now.
    """
    count = 0
    for h in erased:
        (target / h[:2] / h).unlink(missing_ok=True)
    for path in sorted(source.glob("??/*")):
        if path.suffix or path.name in erased:
            continue
        count += 1
        place = target / path.parent.name / path.name
        if not place.exists():
            _one_file(path, place)
    return count


def _one_file(path: Path, place: Path) -> None:
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = place.with_name(place.name + ".part")
    shutil.copyfile(path, part)
    os.chmod(part, 0o600)
    _sync(part)
    part.replace(place)
    sync_folder(place.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
