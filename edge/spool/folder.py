"""An end's own folder: `key`, both cards, how far each way is, the log, what was made, accepted and refused.

One process at a time works in it. Every file is whole or not there.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from edge.spool.bundle import ZERO
from edge.spool.card import Card
from sync.private_files import write_private
from sync.protocol import canonical

FOLDER: Final = "spool"
Act = Literal["trusted", "exported", "held", "taken", "refused", "twice", "skipped", "declined"]


class BadSpool(ValueError):
    """`why`: code in the technician's words under `spool.why`."""

    def __init__(self, why: str, **values: object) -> None:
        super().__init__(why)
        self.why = why
        self.values = values


class Marks(BaseModel):
    """How far each way is. `sent`: bundles made, `carried`: laid into a carrier. `place`, `at_hash`: the newest journal
    record looked at, and its hash. `read`: files of answers that are in bundles. `log`: head of the log.
    """

    model_config = ConfigDict(extra="forbid")

    sent: int = 0
    sent_hash: str = ZERO
    carried: int = 0
    read: list[str] = Field(default_factory=list)
    place: int = 0
    at_hash: str = ""
    taken: int = 0
    taken_hash: str = ZERO
    held: int = 0
    log: str = ZERO


class Folder:
    """Use it inside `locked()`."""

    def __init__(self, data: Path) -> None:
        self.path = data / FOLDER
        self.made = self.path / "made"
        self.accepted = self.path / "accepted"
        self.done = self.path / "done"
        self.quarantine = self.path / "quarantine"
        self.answers = self.path / "answers"

    @contextmanager
    def locked(self) -> Iterator["Folder"]:
        """Raises BadSpool: somebody else is at it."""
        for folder in (self.path, self.made, self.accepted, self.done, self.quarantine, self.answers):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield self
        except BlockingIOError:
            raise BadSpool("busy") from None
        finally:
            os.close(handle)

    def key(self, *, create: bool = False) -> bytes:
        """The private key, raw 32 bytes. Raises BadSpool where there is none and none is to be made."""
        path = self.path / "key"
        if create and not path.exists():
            write_private(path, os.urandom(32))
        try:
            found = path.read_bytes()
        except FileNotFoundError:
            raise BadSpool("not_begun") from None
        if len(found) != 32:
            raise BadSpool("not_begun")
        return found

    @property
    def mine(self) -> Card:
        return self._card("mine.json", "not_begun")

    @property
    def peer(self) -> Card:
        return self._card("peer.json", "no_peer")

    def keep_card(self, card: Card, *, mine: bool) -> None:
        write_private(self.path / ("mine.json" if mine else "peer.json"), card.raw)

    def marks(self) -> Marks:
        """Raises BadSpool: the file is damaged; nothing is guessed."""
        try:
            return Marks.model_validate_json((self.path / "marks.json").read_bytes())
        except FileNotFoundError:
            return Marks()
        except ValidationError:
            raise BadSpool("damaged") from None

    def keep_marks(self, marks: Marks) -> None:
        write_private(self.path / "marks.json", marks.model_dump_json().encode())

    def note(self, marks: Marks, act: Act, at: str, by: str, **values: str | int) -> None:
        """A line of the log, chained to the one before; the same fact twice in a row is one line."""
        lines = self.log()
        fact: dict[str, Any] = {"act": act, **values}
        newest = lines[-1] if lines else {}
        if newest and all(newest.get(name) == value for name, value in fact.items()):
            marks.log = _digest(newest)
            return
        line = {**fact, "at": at, "by": by, "prev": _digest(newest) if newest else ZERO}
        with open(self.path / "log.jsonl", "ab") as out:
            out.write(canonical.encode(line) + b"\n")
            out.flush()
            os.fsync(out.fileno())
        marks.log = _digest(line)

    def log(self) -> list[dict[str, Any]]:
        """All lines, oldest first. A last line that was cut off is left out; any other damage raises BadSpool."""
        try:
            raw = (self.path / "log.jsonl").read_bytes()
        except FileNotFoundError:
            return []
        *whole, rest = raw.split(b"\n")
        if rest:
            os.truncate(self.path / "log.jsonl", len(raw) - len(rest))
        found, before = [], ZERO
        for text in whole:
            try:
                line = canonical.decode(text)
            except canonical.NotCanonical:
                raise BadSpool("log_altered") from None
            if line.get("prev") != before:
                raise BadSpool("log_altered")
            before = _digest(line)
            found.append(line)
        return found

    def check_log(self, marks: Marks) -> None:
        """Raises BadSpool unless the log is one chain that holds the head noted beside it: none was cut off."""
        heads = {_digest(line) for line in self.log()} | {ZERO}
        if marks.log not in heads:
            raise BadSpool("log_altered")

    def _card(self, name: str, why: str) -> Card:
        try:
            return Card.model_validate_json((self.path / name).read_bytes())
        except (FileNotFoundError, ValidationError):
            raise BadSpool(why) from None


def _digest(line: dict[str, Any]) -> str:
    return hashlib.sha256(canonical.encode(line)).hexdigest()
