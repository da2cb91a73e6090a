"""A journal as lines of text: what an auditor keeps or a tool reads. In the form of a tail (sync.md section 5)."""

import os
from collections.abc import Iterator
from pathlib import Path

from edge.journal.beside import with_parts as beside
from edge.journal.store import Store, reading
from sync.protocol import tail
from sync.protocol.record import ZERO


def export(file: Path, target: Path, *, after: int = 0, with_parts: bool = False) -> tuple[int, str]:
    """Write what happened, above place `after`, one canonical record a line; works beside a running halld.

    `with_parts`: after each record that names parts a line with these, sealed as they are. The file, mode 0600,
    takes its name when it is whole. Returns how many records, and the hash of the last. Raises JournalDamaged.
    """
    with reading(file) as store:
        part = target.with_name(target.name + ".part")
        try:
            count, head = 0, ZERO
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "wb") as out:
                for lines, digest in _lines(store, after, with_parts):
                    out.write(lines)
                    count, head = count + 1, digest
                out.flush()
                os.fsync(out.fileno())
            part.replace(target)
            return count, head
        finally:
            part.unlink(missing_ok=True)


def _lines(store: Store, after: int, with_parts: bool) -> Iterator[tuple[bytes, str]]:
    for _, found in store.history(after):
        lines = tail.lines_of(tail.Entry(*beside(store, found))) if with_parts else found.raw + b"\n"
        yield lines, found.hash
