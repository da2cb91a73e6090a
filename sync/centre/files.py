"""Files of the sites as they arrive (protocol page, section 6). They are sealed, and nothing here opens them."""

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from sync.centre.file_places import part_of
from sync.centre.file_places import path_of as path_of  # its readers know this module
from sync.centre.store import Store
from sync.protocol import chunks
from sync.protocol.chunks import BadChunk, Chunk
from sync.protocol.messages import Have, Need, Offer

MOST_ASKED: Final = 1_048_576
ASK_AGAIN_AT: Final = MOST_ASKED // 2
COMMIT_EVERY: Final = 1_048_576
SILENT_MS: Final = 10_000  # what was asked for and did not come in this time no longer counts as under way
MOST_OPEN: Final = 16  # transfers of one site; the site offers a few at a time


class Clock(Protocol):
    def up_ms(self) -> int: ...


@dataclass(slots=True)
class Transfer:
    """One file on its way. `missing`: indexes not here; `asked`: of these, asked for in this talk."""

    h: str
    size: int
    chunk: int
    path: Path
    missing: set[int]
    asked: set[int] = field(default_factory=set)
    heard_ms: int = 0
    uncommitted: int = 0

    @property
    def part(self) -> Path:
        return part_of(self.path)

    def length(self, index: int) -> int:
        return chunks.length(self.size, self.chunk, index)

    def asked_bytes(self) -> int:
        return sum(self.length(index) for index in self.asked)


class Arrivals:
    """Raises OSError and NotKept when a disk fails; then nothing is said and the site offers again."""

    def __init__(self, store: Store, folder: Path, clock: Clock) -> None:
        self._store = store
        self._folder = folder
        self._clock = clock
        self._open: dict[str, dict[str, Transfer]] = {}

    def forget(self, site: str) -> None:
        """Another worker serves it from now on; what is durable is known to it."""
        self._open.pop(site, None)

    def start_over(self, site: str) -> None:
        """A new talk: what was asked for in the last one may never come."""
        for transfer in self._open.get(site, {}).values():
            transfer.asked.clear()

    def on_offer(self, site: str, offer: Offer, *, may_ask: bool) -> list[Have | Need]:
        if not chunks.is_offer(offer.hash, offer.size, offer.chunk):
            return []
        if self._store.was_erased(site, offer.hash) or self._is_here(site, offer):
            return [Have(cid=offer.cid, hash=offer.hash)]
        if not may_ask:
            return []
        transfer = self._transfer(site, offer)
        transfer.asked.clear()
        if not transfer.missing and self._finish(site, transfer):
            return [Have(cid=offer.cid, hash=offer.hash)]
        return self._ask(site, offer.cid)

    def on_chunk(self, site: str, payload: bytes, cid: str, *, may_ask: bool) -> list[Have | Need]:
        try:
            chunk = chunks.read(payload)
        except BadChunk:
            return []
        transfer = self._open.get(site, {}).get(chunk.h)
        if transfer is None or chunk.index not in transfer.missing:
            return []
        if len(chunk.data) != transfer.length(chunk.index):
            return []
        if not transfer.part.exists():  # erased while it was on its way
            del self._open[site][chunk.h]
            return []
        self._write(site, transfer, chunk)
        transfer.missing.discard(chunk.index)
        transfer.asked.discard(chunk.index)
        transfer.heard_ms = self._clock.up_ms()
        transfer.uncommitted += len(chunk.data)
        found: list[Have | Need] = []
        if not transfer.missing:
            if self._finish(site, transfer):
                found.append(Have(cid=cid, hash=chunk.h))
        elif transfer.uncommitted >= COMMIT_EVERY:
            self._commit(site, transfer)
        if may_ask and self._asked_bytes(site) <= ASK_AGAIN_AT:
            found += self._ask(site, cid)
        return found

    # --- asking --------------------------------------------------------------------------------------------------

    def _ask(self, site: str, cid: str) -> list[Have | Need]:
        """As much as there is room for, in the order of the offers."""
        found: list[Have | Need] = []
        room = MOST_ASKED - self._asked_bytes(site)
        for transfer in self._open[site].values():
            wanted = []
            for index in sorted(transfer.missing - transfer.asked):
                if transfer.length(index) > room:
                    break
                room -= transfer.length(index)
                wanted.append(index)
            if wanted:
                transfer.asked.update(wanted)
                transfer.heard_ms = self._clock.up_ms()
                of = chunks.count(transfer.size, transfer.chunk)
                found.append(Need(cid=cid, hash=transfer.h, bitmap=chunks.bitmap(wanted, of)))
        return found

    def _asked_bytes(self, site: str) -> int:
        now = self._clock.up_ms()
        return sum(one.asked_bytes() for one in self._open[site].values() if now - one.heard_ms < SILENT_MS)

    # --- keeping -------------------------------------------------------------------------------------------------

    def _is_here(self, site: str, offer: Offer) -> bool:
        """Whole on the disk; a file whose row was lost with the process, or with a restore, is looked at again."""
        path = self._path(site, offer.hash)
        if offer.size == 0 and offer.hash == hashlib.sha256().hexdigest() and not path.exists():
            _make(path.parent)
            path.touch()
        if not path.exists() or path.stat().st_size != offer.size:
            self._store.forget_file(site, offer.hash, whole_only=True)
            return False
        if self._store.has_file(site, offer.hash):
            return True
        if _digest(path) != offer.hash:
            path.unlink()
            return False
        self._keep_row(site, offer.hash, offer.size)
        return True

    def _transfer(self, site: str, offer: Offer) -> Transfer:
        known = self._open.setdefault(site, {})
        found = known.get(offer.hash)
        if found is None or (found.size, found.chunk) != (offer.size, offer.chunk):
            found = known[offer.hash] = self._load(site, offer)
            if len(known) > MOST_OPEN:
                oldest = known.pop(next(iter(known)))
                self._commit(site, oldest)
        return found

    def _load(self, site: str, offer: Offer) -> Transfer:
        path = self._path(site, offer.hash)
        of = chunks.count(offer.size, offer.chunk)
        transfer = Transfer(offer.hash, offer.size, offer.chunk, path, set(range(of)), heard_ms=self._clock.up_ms())
        progress = self._store.file_progress(site, offer.hash)
        fits = progress is not None and (progress.size, progress.chunk) == (offer.size, offer.chunk)
        if progress is not None and fits and transfer.part.exists():
            transfer.missing = set(chunks.wanted(progress.missing, of))
            return transfer
        self._store.forget_file(site, offer.hash)  # before its bytes go
        _make(path.parent)
        transfer.part.write_bytes(b"")
        return transfer

    def _write(self, site: str, transfer: Transfer, chunk: Chunk) -> None:
        try:
            with transfer.part.open("r+b") as file:
                file.seek(chunk.index * transfer.chunk)
                file.write(chunk.data)
        except OSError:
            del self._open[site][transfer.h]  # what is durable is known; the next offer goes on from there
            raise

    def _commit(self, site: str, transfer: Transfer) -> None:
        """The bytes first, then the row that says they are there."""
        _sync(transfer.part)
        of = chunks.count(transfer.size, transfer.chunk)
        missing = chunks.bitmap(transfer.missing, of)
        self._store.keep_file_progress(site, transfer.h, transfer.size, transfer.chunk, missing)
        transfer.uncommitted = 0

    def _finish(self, site: str, transfer: Transfer) -> bool:
        """True once it is durable; a file that is not what its name says is thrown away."""
        del self._open[site][transfer.h]
        if _digest(transfer.part) != transfer.h:
            transfer.part.unlink()
            self._store.forget_file(site, transfer.h)
            return False
        _sync(transfer.part)
        transfer.part.rename(transfer.path)
        self._keep_row(site, transfer.h, transfer.size)
        return True

    def _keep_row(self, site: str, h: str, size: int) -> None:
        path = self._path(site, h)
        _sync(path)
        _sync(path.parent)
        self._store.keep_file(site, h, size)

    def _path(self, site: str, h: str) -> Path:
        return path_of(self._folder, site, h)


def _make(folder: Path) -> None:
    for one in (folder.parents[1], folder.parent, folder):
        if not one.exists():
            one.mkdir(mode=0o700, parents=True)
            _sync(one.parent)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
