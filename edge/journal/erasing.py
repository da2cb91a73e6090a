"""Erasing: which parts are somebody's, the record of it, and bytes that really leave the disk and its copies."""

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

import apsw

from edge.clock import SystemClock
from edge.journal import appending, schema
from edge.journal.appending import Entry, Moment, Order
from edge.journal.errors import GapMode, JournalFailed
from edge.journal.file_folder import FileFolder
from edge.journal.files import HeadNote, Lock
from edge.journal.forgetting import empty_wal, forget_in_copies
from edge.journal.keys import KEY_BYTES, KeyRing
from edge.journal.new_epoch import read_gap
from edge.journal.opening import check
from edge.journal.sealing import PART_ERASED
from edge.journal.skeleton import Content
from edge.journal.store import Store
from sync.protocol.record import Record

WHYS: Final = ("term", "law", "broken")
_AT_ONCE: Final = 500  # digests in one record, far below what a record may hold
_NUMBERED: Final = "case.received"
# Nothing is sealed where this is used: records of erasing hold digests only.
_NO_KEY: Final = KeyRing(bytes(KEY_BYTES))


class Erased(NamedTuple):
    """`hashes`: all that is gone, keys' wraps included. `unreached`: copies, also backups, that were not reached."""

    hashes: tuple[str, ...]
    unreached: tuple[Path, ...]


def sealed_of(store: Store, owner: str) -> list[str]:
    """Digests of the parts and files that are still here under the keys of a person or case."""
    query = """SELECT p.h FROM parts p JOIN keys k USING (kid) WHERE k.owner=?1 AND p.use='sealed'
               UNION SELECT f.h FROM files f JOIN keys k USING (kid) WHERE k.owner=?1 AND f.state<>'erased'"""
    return [h for (h,) in store.db.execute(query, (owner,))]


def owner_of_case(store: Store, number: str) -> str | None:
    """Subject of the case with this number, the one on its receipt."""
    for pos, _ in store.saying(f'"number":"{number}"'):
        found = store.record_at(pos)
        if found is not None and found.kind == _NUMBERED and found.body["number"] == number:
            return str(found.subject)
    return None


def write(store: Store, hashes: Sequence[str], why: str, actor: str, moment: Moment) -> Record:
    """Delete and commit `part.erased` to the open transaction; its body names all that is gone."""
    body = {"h": store.erase(hashes), "why": why}
    entry = Entry(Content(PART_ERASED, "site", actor, 1, body))
    return appending.write(store, _NO_KEY, Order([entry], None, moment, "sha256"))[0]


def erase_offline(data: Path, choose: "Wanted", why: str, actor: str) -> Erased:
    """Erase in the journal of a halld that does not run. Raises JournalBusy, JournalDamaged, GapMode, LookupError."""
    if why not in WHYS:
        raise ValueError(f"why is one of {', '.join(WHYS)}")
    lock = Lock(data)
    try:
        store = Store(schema.open_existing(data / schema.FILE))
        try:
            check(data, store, store.site)
            return _erase(data, store, choose, why, actor)
        except apsw.Error as error:
            raise JournalFailed(f"the journal could not write to disk: {error}") from error
        finally:
            store.db.close(True)
    finally:
        lock.release()


class Wanted(NamedTuple):
    """What shall go: everything of an owner, everything of the case with a number, or parts by digest."""

    owner: str = ""
    case: str = ""
    hashes: tuple[str, ...] = ()

    def of(self, store: Store) -> list[str]:
        """Raises LookupError when there is nothing of it here."""
        if self.hashes:
            found = [h for h in self.hashes if is_here(store, h)]
        else:
            owner = self.owner or owner_of_case(store, self.case)
            found = sealed_of(store, owner) if owner else []
        if not found:
            raise LookupError("nothing of that is in this journal")
        return found


def is_here(store: Store, h: str) -> bool:
    query = "SELECT 1 FROM parts WHERE h=?1 UNION ALL SELECT 1 FROM files WHERE h=?1 AND state<>'erased'"
    return store.db.execute(query, (h,)).get is not None


def _erase(data: Path, store: Store, choose: Wanted, why: str, actor: str) -> Erased:
    if why == "term" and read_gap(store) is not None:
        raise GapMode("this journal was restored; nothing goes by term until the centre has told what is missing")
    wanted = choose.of(store)
    moment = moment_of(store)
    store.db.execute("BEGIN IMMEDIATE")
    gone: list[str] = []
    for start in range(0, len(wanted), _AT_ONCE):
        gone += write(store, wanted[start : start + _AT_ONCE], why, actor, moment).body["h"]
    store.db.execute("COMMIT")
    note = HeadNote(data)
    note.write(store.head)
    note.sync()
    note.close()
    empty_wal(store)
    folder = FileFolder(data)
    for h in gone:
        folder.remove(h)
    return Erased(tuple(gone), forget_in_copies(data, gone))


def moment_of(store: Store) -> Moment:
    """Now, as a program knows it that reads no site.yaml: with the offset that the newest record has."""
    newest = store.record_at(store.head.pos)
    offset = None if newest is None else datetime.fromisoformat(newest.at).tzinfo
    at = datetime.now(offset).astimezone(offset).isoformat(timespec="milliseconds")
    return Moment(at, SystemClock().up_ms(), os.urandom(8).hex())
