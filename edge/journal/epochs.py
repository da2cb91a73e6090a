"""New epochs and the gap of numbers, as the link and the hall use them. Fits sync.source.EpochSource."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

import structlog

from edge.journal import new_epoch
from edge.journal.file_folder import FileFolder
from edge.journal.new_epoch import Gap, Order
from edge.journal.sealed_files import SealedFiles
from edge.journal.store import Store
from edge.journal.writer import Writer
from sync.protocol.epochs import Why
from sync.source import Stored

_CENTRE: Final = "epochs_centre"
RESTORED: Final = "restored"
FORK: Final = "fork"
LOST: Final = "lost"
log = structlog.get_logger(__name__)


class Epochs:
    """Belongs to one Journal, which makes it. `opened` is set once this journal has opened an epoch."""

    def __init__(
        self,
        writer: Writer,
        gap: Gap | None,
        order: Callable[[Why], Order],
        files: SealedFiles,
        folder: FileFolder,
    ) -> None:
        self.opened = asyncio.Event()
        self.gap_changed = asyncio.Event()
        self._writer = writer
        self._gap = gap
        self._order = order
        self._files = files
        self._folder = folder

    @property
    def gap(self) -> Gap | None:
        """Not None: numbers keep a distance, and nothing is erased unless the law demands it."""
        return self._gap

    @property
    def restored(self) -> bool:
        """The journal came from an image, and no centre has said yet that it has nothing more."""
        return self._gap is not None and self._gap.why == RESTORED

    async def fork_found(self) -> None:
        """The centre has what this journal lacks: from now on numbers keep a distance, over restarts."""
        if self._gap is None:
            await self.keep_gap(Gap(FORK))

    async def fork_was_none(self) -> None:
        """It was an old question, answered late."""
        if self._gap is not None and self._gap.why == FORK:
            await self.keep_gap(None)

    async def continue_above(self, why: Why, common: int, tail: Sequence[Stored], *, complete: bool) -> None:
        """Open the epoch. `complete`: nothing is missing in front of it, so the gap ends; else it lasts for the day."""
        order = self._order(why)
        here = await asyncio.to_thread(lambda: {h for h in _file_names(tail) if self._folder.has(h)})

        def work(store: Store) -> None:
            new_epoch.open_epoch(store, order, common, tail, here.__contains__)
            new_epoch.write_gap(store, None if complete else _lasting(self._gap))

        await self._writer.submit(work, writes=True)
        self._told(None if complete else _lasting(self._gap))
        await self._files.remove_erased([h for one in tail for h in _erased_by(one)])
        log.info("new_epoch", why=why, common=common, from_centre=len(tail), complete=complete)
        self.opened.set()

    async def meet(self, centre: str, *, empty: bool) -> bool:
        """`centre` of a WELCOME; `empty`: it holds nothing of this epoch. True: a new epoch tells it what it lost."""

        def work(store: Store) -> bool:
            known = store.named_mark(_CENTRE)
            if known == centre.encode():
                return False
            store.set_mark(_CENTRE, centre.encode())
            return known is not None and empty and new_epoch.offer_again(store, order)

        order = self._order("restore")
        again = await self._writer.submit(work, writes=True)
        if again:
            log.info("new_epoch", why="restore", centre=centre)
            self.opened.set()
        return again

    async def keep_gap(self, gap: Gap | None) -> None:
        """Durable before it returns."""
        await self._writer.submit(lambda store: new_epoch.write_gap(store, gap), writes=True)
        self._told(gap)

    def _told(self, gap: Gap | None) -> None:
        self._gap = gap
        self.gap_changed.set()


def _lasting(gap: Gap | None) -> Gap:
    return Gap(LOST) if gap is None else gap._replace(why=LOST)


def _file_names(tail: Sequence[Stored]) -> list[str]:
    return [str(one.record.body["h"]) for one in tail if one.record.kind == "page.captured"]


def _erased_by(one: Stored) -> list[str]:
    return [str(h) for h in one.record.body["h"]] if one.record.kind == "part.erased" else []
