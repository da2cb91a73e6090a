"""From a carried folder into this end: each bundle of the peer in its turn, once; else into quarantine, and why."""

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from edge.spool import bundle
from edge.spool.bundle import MAX_BYTES, BadBundle, Bundle
from edge.spool.folder import BadSpool, Folder, Marks
from sync.private_files import write_private
from sync.protocol import canonical

_UNKNOWN_PREV: Final = ""  # after a skipped bundle: nobody knows the hash of what was not seen


@dataclass(slots=True)
class Taken:
    """`early`: numbers that lie in the carrier and wait for `missing`, the one that is not there."""

    bundles: int = 0
    items: int = 0
    twice: int = 0
    early: list[int] = field(default_factory=list)
    missing: int = 0
    refused: list[tuple[str, str, str]] = field(default_factory=list)  # file, why, detail


def take(folder: Folder, carrier: Path, *, at: str, by: str) -> Taken:
    """The carrier may also be the quarantine, once what was wrong is right. Nothing in it is changed or removed.

    Raises BadSpool, OSError.
    """
    marks, told = folder.marks(), Taken()
    folder.check_log(marks)
    found: list[tuple[Path, Bundle]] = []
    for path in sorted(carrier.glob("*.json")):
        raw = b""
        try:
            raw = _read(path)
            found.append((path, bundle.read(raw, mine=folder.mine, peer=folder.peer)))
        except BadBundle as bad:
            _refuse(folder, marks, told, path, raw, bad, at, by)
    for path, each in sorted(found, key=lambda pair: (pair[1].n, pair[0].name)):
        _take_one(folder, marks, told, path, each, at, by)
    if told.twice:
        folder.note(marks, "twice", at, by, count=told.twice)
        folder.keep_marks(marks)
    if told.early:
        told.missing = marks.taken + 1
    return told


def skip(folder: Folder, n: int, *, at: str, by: str) -> None:
    """A person gives up the next bundle, for instance one whose items may never cross. Raises BadSpool."""
    marks = folder.marks()
    folder.check_log(marks)
    if n != marks.taken + 1:
        raise BadSpool("skip_next_only", n=marks.taken + 1)
    marks.taken, marks.taken_hash = n, _UNKNOWN_PREV
    folder.note(marks, "skipped", at, by, n=n)
    folder.keep_marks(marks)


def _take_one(folder: Folder, marks: Marks, told: Taken, path: Path, found: Bundle, at: str, by: str) -> None:
    if found.n > marks.taken + 1:
        told.early.append(found.n)
        return
    if found.n <= marks.taken:
        if _was_taken(folder, found):
            told.twice += 1
        else:
            _refuse(folder, marks, told, path, found.raw, BadBundle("second_version"), at, by)
        return
    if marks.taken_hash != _UNKNOWN_PREV and found.prev != marks.taken_hash:
        _refuse(folder, marks, told, path, found.raw, BadBundle("chain"), at, by)
        return
    write_private(
        folder.accepted / f"{found.n:08d}.json",
        canonical.encode({"n": found.n, "from": found.frm, "hash": found.hash, "items": list(found.items)}),
    )
    marks.taken, marks.taken_hash = found.n, found.hash
    folder.note(
        marks, "taken", at, by, way=found.way, n=found.n, hash=found.hash, bytes=len(found.raw), items=len(found.items)
    )
    folder.keep_marks(marks)
    told.bundles, told.items = told.bundles + 1, told.items + len(found.items)


def _was_taken(folder: Folder, found: Bundle) -> bool:
    return any(line["act"] == "taken" and (line["n"], line["hash"]) == (found.n, found.hash) for line in folder.log())


def _refuse(
    folder: Folder, marks: Marks, told: Taken, path: Path, raw: bytes, bad: BadBundle, at: str, by: str
) -> None:
    """Kept under the digest of its bytes, so that the same file refused again is the same file."""
    digest = bundle.digest(raw)
    told.refused.append((path.name, bad.why, bad.detail))
    kept = folder.quarantine / f"{digest[:32]}.json"
    if not kept.exists():
        write_private(kept, raw)
        n = bundle.number_of(raw)
        folder.note(marks, "refused", at, by, n=n, hash=digest, bytes=len(raw), why=bad.why, detail=bad.detail)
        folder.keep_marks(marks)


def _read(path: Path) -> bytes:
    """At most one byte more than a bundle may have, of a plain file. Raises BadBundle."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        raise BadBundle("no_file") from None
    with open(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise BadBundle("no_file")
        return file.read(MAX_BYTES + 1)
