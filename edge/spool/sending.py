"""From this end into a folder that is carried over: bundles of what the list lets through, each once.

A bundle is seen by nobody before the marks count it, so one that was cut off in between is made anew.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from edge.journal import schema
from edge.journal.store import Store
from edge.spool import bundle, whitelist
from edge.spool.bundle import MAX_ITEMS
from edge.spool.folder import BadSpool, Folder, Marks
from edge.spool.shapes import Misfit
from sync.private_files import sync_folder, write_private
from sync.protocol import canonical
from sync.protocol.record import Record

KEPT: Final = 500  # bundles of our own that may be carried again
_MAX_ANSWERS: Final = 1_000_000  # bytes of one file of answers

Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sent:
    bundles: int
    items: int
    held: int


def export(folder: Folder, carrier: Path, *, journal: Path | None, at: str, by: str) -> Sent:
    """Everything not yet sent. `journal` for a hall; the outer end sends the answers laid into its folder.

    What does not fit the list is held back, noted by place and field, and does not stop the rest.
    Raises BadSpool, FileNotFoundError, JournalError.
    """
    marks = folder.marks()
    folder.check_log(marks)
    making = _Making(folder, marks, at, by)
    if folder.mine.zone == "inner":
        if journal is None:
            raise BadSpool("no_journal")
        making.from_journal(journal)
    else:
        making.from_answers()
    for n in range(marks.carried + 1, marks.sent + 1):
        _carry(folder, carrier, marks, n, at, by)
        marks.carried = n
        folder.keep_marks(marks)
    _prune(folder, marks)
    return Sent(making.bundles, making.items, making.held)


def again(folder: Folder, carrier: Path, first: int, *, at: str, by: str) -> int:
    """Lay bundles from number `first` on into the carrier once more, for an end that misses them. Returns how many."""
    marks = folder.marks()
    folder.check_log(marks)
    for n in range(first, marks.sent + 1):
        _carry(folder, carrier, marks, n, at, by)
        marks.carried = max(marks.carried, n)
        folder.keep_marks(marks)
    return max(0, marks.sent + 1 - first)


class _Making:
    """Bundles of one export."""

    def __init__(self, folder: Folder, marks: Marks, at: str, by: str) -> None:
        self.bundles = self.items = self.held = 0
        self._folder, self._marks, self._at, self._by = folder, marks, at, by

    def from_journal(self, file: Path) -> None:
        """Beside a running halld."""
        card = self._folder.mine
        waiting: list[Item] = []
        for place, record in _history(file, self._marks):
            try:
                item = whitelist.of_record(record, card.known, card.numbers)
            except Misfit as misfit:
                self._hold(str(misfit), place, record.kind)
                item = None
            if item is not None:
                waiting.append(item)
            self._marks.place, self._marks.at_hash = place, record.hash
            if len(waiting) == MAX_ITEMS:
                self._make(waiting)
                self._folder.keep_marks(self._marks)
                waiting = []
        if waiting:
            self._make(waiting)
        self._folder.keep_marks(self._marks)

    def from_answers(self) -> None:
        """The marks name the files that are in bundles before these go away, so that none is sent twice."""
        marks, waiting = self._marks, list[Item]()
        self._forget_read()
        for path in sorted(self._folder.answers.glob("*.jsonl")):
            for number, line in enumerate(_lines(path), 1):
                try:
                    waiting.append(whitelist.of_answer(canonical.decode(line)))
                except (Misfit, canonical.NotCanonical) as error:
                    self._hold(str(error) if isinstance(error, Misfit) else "form", number, "answer")
            marks.read.append(path.name)
        for start in range(0, len(waiting), MAX_ITEMS):
            self._make(waiting[start : start + MAX_ITEMS])
        self._folder.keep_marks(marks)
        self._forget_read()
        self._folder.keep_marks(marks)

    def _make(self, items: Sequence[Item]) -> None:
        marks = self._marks
        made = bundle.build(
            items,
            mine=self._folder.mine,
            peer=self._folder.peer,
            private=self._folder.key(),
            n=marks.sent + 1,
            prev=marks.sent_hash,
        )
        write_private(self._folder.made / made.name, made.raw)
        marks.sent, marks.sent_hash = made.n, made.hash
        self.bundles, self.items = self.bundles + 1, self.items + len(items)

    def _hold(self, field: str, place: int, kind: str) -> None:
        self.held += 1
        self._marks.held += 1
        self._folder.note(self._marks, "held", self._at, self._by, kind=kind, field=field, place=place)

    def _forget_read(self) -> None:
        for name in self._marks.read:
            (self._folder.answers / name).unlink(missing_ok=True)
        self._marks.read = []


def _history(file: Path, marks: Marks) -> Iterator[tuple[int, Record]]:
    """What the journal holds beyond the marks. Raises BadSpool when it is not the journal that was read before."""
    if not file.is_file():
        raise FileNotFoundError(file)
    db = schema.open_existing(file, read_only=True)
    try:
        db.execute("BEGIN")
        store = Store(db)
        if marks.place:
            known = next((record for _, record in store.history(marks.place - 1, 1)), None)
            if known is None or known.hash != marks.at_hash:
                raise BadSpool("other_journal")
        yield from store.history(marks.place)
    finally:
        db.close(True)


def _lines(path: Path) -> list[bytes]:
    if path.stat().st_size > _MAX_ANSWERS:
        raise BadSpool("answers_too_large", file=path.name)
    return [line for line in path.read_bytes().split(b"\n") if line.strip()]


def _carry(folder: Folder, carrier: Path, marks: Marks, n: int, at: str, by: str) -> None:
    name = bundle.name_of(folder.mine.name, n)
    try:
        raw = (folder.made / name).read_bytes()
    except FileNotFoundError:
        raise BadSpool("not_kept", n=n) from None
    draft = carrier / f".{name}.part"
    with open(draft, "wb") as out:
        out.write(raw)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(carrier / name)
    sync_folder(carrier)
    digest = bundle.digest(raw)
    folder.note(marks, "exported", at, by, way=folder.mine.way, n=n, hash=digest, bytes=len(raw))


def _prune(folder: Folder, marks: Marks) -> None:
    oldest = bundle.name_of(folder.mine.name, max(1, marks.sent + 1 - KEPT))
    for path in folder.made.glob("spool-*.json"):
        if path.name < oldest:
            path.unlink()
