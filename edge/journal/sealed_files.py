"""Scanned pages: sealed before they touch the disk, opened by the record that names them. Fits sync's FileSource."""

import asyncio
from base64 import b64encode
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, Protocol, TypeVar

import apsw
import structlog

from edge.journal import appending, file_rows
from edge.journal.appending import Entry, Order
from edge.journal.errors import FileNotKept, FileTooBig, JournalFailed, PartGone
from edge.journal.file_folder import FileFolder
from edge.journal.keys import KeyRing
from edge.journal.sealing import Fresh
from edge.journal.skeleton import Content, check_code
from edge.journal.store import Store
from edge.journal.writer import Writer
from sync.protocol import parts
from sync.protocol.chunks import MAX_FILE
from sync.protocol.parts import AES_256_GCM, CannotOpen
from sync.protocol.record import Record, digest
from sync.source import WaitingFile

T = TypeVar("T")
FILE_BROKEN: Final = "file.broken"
KEPT_UNNAMED_S: Final = 86_400
_TAG_BYTES: Final = 16
log = structlog.get_logger(__name__)


class SealedFile(NamedTuple):
    """What `page.captured` says of a file: `h`, `size` of the stored bytes; `nonce` base64."""

    h: str
    size: int
    kid: str
    alg: str
    nonce: str


class SystemOrder(Protocol):
    def __call__(self, *entries: Entry) -> Order: ...


class SealedFiles:
    """Belongs to one Journal, which makes it."""

    def __init__(
        self,
        writer: Writer,
        folder: FileFolder,
        keys: KeyRing,
        site: str,
        fresh: Callable[[], Fresh],
        order: SystemOrder,
    ) -> None:
        self._writer = writer
        self._folder = folder
        self._keys = keys
        self._site = site
        self._fresh = fresh
        self._order = order
        self._broken: set[str] = set()

    async def seal(self, owner: str, data: bytes) -> SealedFile:
        """See Journal.seal_file."""
        check_code("owner", owner)
        if len(data) > MAX_FILE - _TAG_BYTES:
            raise FileTooBig(f"{len(data)} bytes, at most {MAX_FILE - _TAG_BYTES}")
        await asyncio.to_thread(self._folder.check_room)
        fresh = self._fresh()
        kid, key = await self._key(owner, fresh)
        return await asyncio.to_thread(self._seal, data, kid, key, fresh.nonce)

    async def open(self, named: Record | str) -> bytes:
        """See Journal.open_file."""
        found = named if isinstance(named, Record) else await self._naming(named)
        if found.kind != file_rows.NAMING:
            raise ValueError(f"record {found.seq} names no file")
        body = found.body
        kid = str(body["kid"])
        wrapped = await self._read(lambda store: store.key(kid))
        if wrapped is None:
            raise PartGone(f"the key of file {body['h'][:12]} was erased")
        key = self._keys.unwrap_for_site(wrapped, site=self._site, kid=kid)
        return await asyncio.to_thread(self._unseal, found, key)

    async def stored_bytes(self, h: str) -> bytes:
        """See Journal.file_bytes."""
        return await asyncio.to_thread(self._folder.read, h)

    async def remove_erased(self, hashes: Sequence[str]) -> None:
        """Take the bytes of erased files away; `tidy` does it again if the process ends before."""
        rows = await self._read(lambda store: [file_rows.row(store.db, h) for h in hashes])
        for row in rows:
            if row is not None and row.state == "erased":
                await asyncio.to_thread(self._folder.remove, row.h)

    # --- for the uplink ------------------------------------------------------------------------------------------

    async def waiting(self, upto: int, *, limit: int) -> list[WaitingFile]:
        """Files that the centre has not, oldest first, named by records up to seq `upto`."""
        rows = await self._read(lambda store: file_rows.waiting(store.db, store.base + upto, 0, limit))
        return [WaitingFile(row.h, row.size) for row in rows]

    async def count_waiting(self) -> int:
        return await self._read(lambda store: file_rows.count_waiting(store.db))

    async def read_at(self, h: str, start: int, length: int) -> bytes:
        """Bytes of the stored file, none where they cannot be had: the check of the copy will tell."""
        try:
            return await asyncio.to_thread(self._folder.read_at, h, start, length)
        except (PartGone, FileNotKept):
            return b""

    async def is_whole(self, h: str) -> bool:
        """Whether our copy still has the digest that names it."""
        try:
            stored = await self.stored_bytes(h)
        except (PartGone, FileNotKept):
            return False
        return await asyncio.to_thread(digest, stored) == h

    async def delivered(self, h: str) -> None:
        """The centre has it."""
        await self._writer.submit(lambda store: file_rows.set_state(store.db, h, "there"), writes=True)

    async def broken(self, h: str) -> None:
        """Our copy is not what the record names: `file.broken`, once, and it is offered no more."""
        order = self._order(Entry(Content(FILE_BROKEN, "site", appending.ACTOR, 1, {"h": h})))

        def work(store: Store) -> None:
            if file_rows.set_state(store.db, h, "broken"):
                appending.write(store, self._keys, order)

        await self._writer.submit(work, writes=True)

    async def meet_centre(self, centre: str) -> None:
        """Another `centre` than last time: it may lack what the other had, so all is offered again."""
        if not await self._read(lambda store: file_rows.knows_centre(store.db, centre)):
            await self._writer.submit(lambda store: file_rows.offer_again_to(store.db, centre), writes=True)

    # --- within --------------------------------------------------------------------------------------------------

    async def _key(self, owner: str, fresh: Fresh) -> tuple[str, bytes]:
        known = await self._read(lambda store: store.key_of(owner))
        if known is not None:
            kid, wrapped = known
            return kid, self._keys.unwrap_for_site(wrapped, site=self._site, kid=kid)
        order = self._order()
        return await self._writer.submit(
            lambda store: appending.owner_key(store, self._keys, owner, fresh, order), writes=True
        )

    def _seal(self, data: bytes, kid: str, key: bytes, nonce: bytes) -> SealedFile:
        stored = parts.seal_file(data, key=key, kid=kid, nonce=nonce, site=self._site)
        return SealedFile(self._folder.put(stored), len(stored), kid, AES_256_GCM, b64encode(nonce).decode())

    def _unseal(self, found: Record, key: bytes) -> bytes:
        body = found.body
        stored = self._folder.read(body["h"])
        if digest(stored) != body["h"]:
            raise CannotOpen("the stored file is not the one that the record names")
        site = str(found.data["site"])
        return parts.unseal_file(stored, key=key, kid=body["kid"], alg=body["alg"], nonce=body["nonce"], site=site)

    async def _naming(self, h: str) -> Record:
        def work(store: Store) -> Record | None:
            row = file_rows.row(store.db, h)
            return None if row is None else store.record_at(row.pos)

        found = await self._read(work)
        if found is None:
            raise PartGone(f"no record names file {h[:12]}")
        return found

    async def _read(self, work: Callable[[Store], T]) -> T:
        return await self._writer.submit(work, writes=False)


def tidy(store: Store, folder: FileFolder, now_ms: int) -> None:
    """At the start, in the thread that opens: rows as the records say; no erased, half or forgotten files.

    Nobody can still be about to name a file of an earlier process, so a clock that jumped costs nothing here.
    """
    try:
        store.db.execute("BEGIN IMMEDIATE")
        store.note_files()
        store.db.execute("COMMIT")
        for h in file_rows.erased(store.db):
            folder.remove(h)
        store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()  # what an erasing that was cut off left there
    except apsw.Error as error:
        raise JournalFailed(f"the journal could not write to disk: {error}") from error
    removed = folder.sweep(file_rows.kept(store.db).__contains__, now_ms / 1000 - KEPT_UNNAMED_S)
    if removed:
        log.info("files_forgotten", count=len(removed))
