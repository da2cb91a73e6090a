"""A new box in the place of a dead one: its journal begins as an image of one record, the first that the centre has.

So it is a restored station like any other (sync.md section 5): numbers keep a distance, HELLO brings FORK with the
tail. The keys of people and cases are there before the records that they open.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import apsw

from edge.journal import new_epoch, schema
from edge.journal.epochs import RESTORED
from edge.journal.errors import JournalDamaged, JournalError
from edge.journal.files import Lock
from edge.journal.keys import sync_folder
from edge.journal.new_epoch import Gap
from edge.journal.store import Store, begin_epoch
from sync.protocol.record import Record

_NEWBORN: Final = "journal.planted"
KeyRow = tuple[str, str, bytes]  # kid, owner, wrapped for the site


def plant(folder: Path, first: Record, keys: Sequence[KeyRow]) -> None:
    """Make the journal, or give one that is there the keys it lacks; halld must not run. Killed, it may run again.

    Raises JournalBusy, JournalDamaged, JournalError (another site's journal).
    """
    schema.check_sqlite()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = Lock(folder)
    try:
        if (folder / schema.FILE).exists():
            _add_keys(folder, first, keys)
        elif (folder / schema.HEAD_FILE).exists():
            raise JournalDamaged(0, f"{schema.FILE} is missing, but this folder held a journal")
        else:
            _make(folder, first, keys)
    finally:
        lock.release()


def _make(folder: Path, first: Record, keys: Sequence[KeyRow]) -> None:
    newborn = folder / _NEWBORN
    for leftover in folder.glob(f"{_NEWBORN}*"):
        leftover.unlink()
    db = schema.create(newborn)
    begin_epoch(db, 0, first.epoch, str(first.data["site"]), first)
    _insert(db, keys)
    new_epoch.write_gap(Store(db), Gap(RESTORED))
    db.execute("COMMIT")
    db.close()  # brings the WAL into the file, so that the file alone can be renamed
    newborn.rename(folder / schema.FILE)
    sync_folder(folder)


def _add_keys(folder: Path, first: Record, keys: Sequence[KeyRow]) -> None:
    db = schema.open_existing(folder / schema.FILE)
    try:
        if Store(db).site != first.data["site"]:
            raise JournalError("this journal belongs to another site")
        db.execute("BEGIN IMMEDIATE")
        _insert(db, keys)
        db.execute("COMMIT")
    finally:
        db.close(True)


def _insert(db: apsw.Connection, keys: Sequence[KeyRow]) -> None:
    db.executemany("INSERT OR IGNORE INTO keys VALUES(?,?,?)", keys)
