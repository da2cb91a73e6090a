"""Opening and birth of a journal: locked, checked to the head, never born a second time over a lost one."""

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import apsw

from edge.journal import copies, schema
from edge.journal.appending import Moment
from edge.journal.errors import JournalDamaged, JournalError
from edge.journal.files import Head, HeadNote, Lock, read_note
from edge.journal.keys import sync_folder
from edge.journal.skeleton import Content, Place, build
from edge.journal.store import Store, begin_epoch
from sync.protocol.record import ZERO, Alg

_NEWBORN = "journal.new"


class Opened(NamedTuple):
    store: Store
    note: HeadNote
    lock: Lock

    def abandon(self) -> None:
        """Nobody will use it after all."""
        with contextlib.suppress(apsw.Error):  # the disk that failed may fail once more
            self.store.db.close(True)
        self.note.close()
        self.lock.release()


class Birth(NamedTuple):
    """What record 1 of a new journal needs."""

    site: str
    moment: Moment
    alg: Alg
    random_bytes: Callable[[int], bytes]


def open_journal(folder: Path, birth: Birth) -> Opened:
    """Blocking. Raises JournalBusy, JournalDamaged, JournalError (another site's journal, a newer format)."""
    schema.check_sqlite()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = Lock(folder)
    try:
        store = _open_or_create(folder, birth)
        try:
            check(folder, store, birth.site)
            with contextlib.suppress(OSError):  # of a restore that was cut off: all of its parts would live on there
                copies.clear_halves(folder)
            note = _note_head(folder, store.head)
        except (JournalError, apsw.Error, OSError):
            store.db.close(True)
            raise
    except apsw.Error as error:
        lock.release()
        raise JournalDamaged(0, f"the journal cannot be read: {error}") from error
    except BaseException:
        lock.release()
        raise
    return Opened(store, note, lock)


def _note_head(folder: Path, head: Head) -> HeadNote:
    note = HeadNote(folder)
    try:
        note.write(head)
        note.sync()
    except OSError:
        note.close()
        raise
    return note


def _open_or_create(folder: Path, birth: Birth) -> Store:
    path = folder / schema.FILE
    if not path.exists():
        if (folder / schema.HEAD_FILE).exists() or path.with_name(schema.FILE + "-wal").exists():
            raise JournalDamaged(0, f"{schema.FILE} is missing, but this folder held a journal")
        _create(folder, birth)
    return Store(schema.open_existing(path))


def _create(folder: Path, birth: Birth) -> None:
    newborn = folder / _NEWBORN
    for leftover in folder.glob(f"{_NEWBORN}*"):
        leftover.unlink()
    epoch = birth.random_bytes(8).hex()
    place = Place(
        site=birth.site,
        epoch=epoch,
        seq=1,
        prev=ZERO,
        at=birth.moment.at,
        up=birth.moment.up,
        boot=birth.moment.boot,
        alg=birth.alg,
        cmd=None,
    )
    body = {"why": "new", "from": None, "common": 0, "chain": ZERO}
    opened = build(place, Content("epoch.opened", "site", "system:halld", 1, body), [])
    db = schema.create(newborn)
    begin_epoch(db, 0, epoch, birth.site, opened)
    db.execute("COMMIT")
    db.close()  # brings the WAL into the file, so that the file alone can be renamed
    newborn.rename(folder / schema.FILE)
    sync_folder(folder)


def check(folder: Path, store: Store, site: str) -> None:
    """Whole chain after the newest good snapshot, the head, and the note of the head. Raises JournalDamaged."""
    if store.site != site:
        raise JournalError(f"this journal belongs to site {store.site}, not to {site}")
    found = store.snapshot()
    pos = store.pos_of(found[0]) if found else None
    store.check_tail(0 if pos is None or pos <= store.base else pos - store.base)
    note = read_note(folder)
    if note is None:
        return
    if note.epoch not in store.epochs():
        raise JournalDamaged(0, "this is another journal than the one that stood here")
    if note.epoch != store.epoch:
        return
    if note.pos > store.head.pos:
        raise JournalDamaged(store.next_seq, "cut")
    if note.pos < store.closed.gone:
        return  # an old note, and what it speaks of was dropped
    if store.hash_at(note.pos - store.base) != note.hash:
        raise JournalDamaged(note.pos - store.base, "swapped")
