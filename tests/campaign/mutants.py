"""Mistakes that others have shipped, made on purpose in the process under test: each must be caught by its check.

`with mutant(NAME):` around the program; nothing in the product knows of them.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import replace
from typing import Any, Final
from unittest.mock import patch

import apsw

from edge import numbering
from edge.journal import appending, forgetting, schema
from edge.journal.segments import closing, dropping, form, ledger
from edge.journal.store import Store as JournalStore
from edge.journal.writer import Writer
from edge.rules.floors import NO_FLOORS
from sync.centre import database, intake, sql, store
from sync.centre.intake import Ground, Intake
from sync.protocol.messages import Batch

Patches = list[Any]


def _journal_synchronous_normal() -> Patches:
    daily = ("PRAGMA synchronous=NORMAL", *schema.DAILY_PRAGMAS[1:])
    return [patch.object(schema, "DAILY_PRAGMAS", daily)]


def _journal_acknowledges_before_commit() -> Patches:
    """Callers are told when the records are in the open transaction; it is committed with the next group."""

    def serve(self: Any, group: list[Any]) -> None:
        writes = [job for job in group if job.writes]
        if writes:
            if self.store.db.in_transaction:
                self.store.db.execute("COMMIT")
            self.store.db.execute("BEGIN IMMEDIATE")
            for job in writes:
                self._write(job)
        for job in group:
            if not job.writes:
                self._read(job)
        if group:
            self.loop.call_soon_threadsafe(self._answer, list(group), self._reach())

    return [patch.object(Writer, "_serve", serve)]


def _months_name_not_synced() -> Patches:
    """The journal names a file whose own name may still be lost."""
    return [patch.object(closing, "sync_folder", lambda folder: None)]


def _months_forget_commands() -> Patches:
    return [patch.object(ledger, "note", lambda db, rows: None)]


def _months_note_later() -> Patches:
    """Rows go in one commit; what must be found of them is noted in the next."""
    waiting: list[list[tuple[int, bytes]]] = []

    def move_some(found: Any, count: int = closing.MOVED_AT_ONCE) -> int:
        if waiting:
            ledger.note(found.db, waiting.pop())
            return 1
        query = "SELECT pos FROM records WHERE pos <= ? ORDER BY pos LIMIT ?"
        rows = [pos for (pos,) in found.db.execute(query, (found.closed.upto, count))]
        if rows:
            waiting.append(list(found.closed.rows(rows[0], rows[-1])))
            found.db.execute("DELETE FROM records WHERE pos <= ?", (rows[-1],))
        return len(rows)

    return [patch.object(closing, "move_some", move_some)]


def _months_file_goes_first() -> Patches:
    """The file of a month is removed, and then the journal is told that it has no such month any more."""
    real = dropping.drop

    def drop(found: Any, allowed: Any, moment: Any) -> Any:
        month = dropping.ripe(found, allowed)
        if month is not None:
            (found.closed.folder / month.name).unlink()
        return real(found, allowed, moment)

    return [patch.object(dropping, "drop", drop)]


def _months_copies_keep_erased() -> Patches:
    """Copies forget what is erased right now, and nobody looks for what a kill or a backup left in them."""

    def forget(_: Any, folder: Any, hashes: Any = ()) -> int:
        if not hashes:
            return 0
        copy = JournalStore(schema.open_existing(folder / schema.FILE))
        try:
            return forgetting._take_out(folder, copy, hashes)
        finally:
            copy.db.close(True)

    return [patch.object(forgetting, "forget", forget)]


class _Unsynced:
    def __getattr__(self, name: str) -> Any:
        return (lambda descriptor: None) if name == "fsync" else getattr(os, name)


def _months_file_not_synced() -> Patches:
    """Rows are deleted while what they were stands in a file that nobody has synced."""
    return [patch.object(form, "os", _Unsynced())]


def _journal_takes_a_command_twice() -> Patches:
    return [patch.object(appending, "answer", lambda store, cmd: None)]


def _numbers_by_max() -> Patches:
    """After a restore the next number is the highest that is known, and one."""

    async def keep_floors(engine: Any, *_: Any) -> None:
        engine.floors = NO_FLOORS

    return [patch.object(numbering, "keep_floors", keep_floors)]


class _Careless(apsw.Connection):
    """Every wish for safety is heard as NORMAL."""

    def pragma(self, name: str, value: Any = None, **more: Any) -> Any:
        if value is None:
            return super().pragma(name, **more)
        return super().pragma(name, "NORMAL" if name == "synchronous" else value, **more)


class _ExtraTooLate(apsw.Connection):
    """EXTRA is set after the WAL was made: by then the file is born."""

    def pragma(self, name: str, value: Any = None, **more: Any) -> Any:
        if value is None:
            return super().pragma(name, **more)
        if (name, value) == ("synchronous", "EXTRA"):
            return None
        found = super().pragma(name, value, **more)
        if name == "journal_mode":
            super().pragma("synchronous", "EXTRA")
        return found


def _centre_synchronous_normal() -> Patches:
    return [patch.object(apsw, "Connection", _Careless)]


def _centre_extra_after_wal() -> Patches:
    return [patch.object(apsw, "Connection", _ExtraTooLate)]


@contextmanager
def _commits_with_the_next(db: apsw.Connection) -> Iterator[None]:
    if db.in_transaction:
        db.execute("COMMIT")
    db.execute("BEGIN IMMEDIATE")
    yield


def _centre_acknowledges_before_commit() -> Patches:
    real = store.Store.apply

    def apply(self: Any, *what: Any) -> None:
        with patch.object(sql, "transaction", _commits_with_the_next):
            real(self, *what)

    alone = patch.object(store.Store, "together", lambda self: nullcontext())
    return [patch.object(store.Store, "apply", apply), alone]


def _centre_without_dedupe() -> Patches:
    """What comes again counts again: no mark is compared, no birth is known."""
    tables = database._TABLES.replace(
        "    raw BLOB NOT NULL,\n    UNIQUE(site, epoch, seq));", "    raw BLOB NOT NULL);"
    )
    tables = tables.replace("reason TEXT NOT NULL,\n    UNIQUE(site, birth));", "reason TEXT NOT NULL);")
    tables = tables.replace("CREATE UNIQUE INDEX one_effect_a_birth", "CREATE INDEX one_effect_a_birth")

    def examine(batch: Batch, ground: Ground) -> Intake:
        first = batch.records[0]
        return real_examine(batch, replace(ground, upto=first["seq"] - 1, chain=first["prev"]))

    real_examine = intake.examine
    return [
        patch.object(database, "_TABLES", tables),
        patch.object(intake, "examine", examine),
        patch.object(store.Store, "_known", lambda *_: set()),
    ]


MUTANTS: Final[dict[str, Callable[[], Patches]]] = {
    "journal-synchronous-normal": _journal_synchronous_normal,
    "journal-acknowledges-before-commit": _journal_acknowledges_before_commit,
    "months-name-not-synced": _months_name_not_synced,
    "months-forget-commands": _months_forget_commands,
    "months-note-later": _months_note_later,
    "months-file-not-synced": _months_file_not_synced,
    "months-file-goes-first": _months_file_goes_first,
    "months-copies-keep-erased": _months_copies_keep_erased,
    "journal-takes-a-command-twice": _journal_takes_a_command_twice,
    "numbers-by-max": _numbers_by_max,
    "centre-synchronous-normal": _centre_synchronous_normal,
    "centre-extra-after-wal": _centre_extra_after_wal,
    "centre-acknowledges-before-commit": _centre_acknowledges_before_commit,
    "centre-without-dedupe": _centre_without_dedupe,
}


@contextmanager
def mutant(name: str) -> Iterator[None]:
    """ "" changes nothing."""
    with ExitStack() as stack:
        for change in MUTANTS[name]() if name else ():
            stack.enter_context(change)
        yield
