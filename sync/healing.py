"""What a site does about FORK (protocol page, section 5): fetch the tail, go on in a new epoch, know its twin."""

from collections.abc import Sequence
from typing import Final

import structlog

from sync.files_down import Download
from sync.files_up import Line
from sync.link_state import LinkBoard
from sync.protocol import tail
from sync.protocol.messages import Fork, Tail, Welcome
from sync.source import EpochSource, JournalSource, Stored

FIRST_PAUSE_MS: Final = 30_000
LONGEST_PAUSE_MS: Final = 300_000
MOST_DOUBTS: Final = 3
log = structlog.get_logger(__name__)


class Healing:
    """Lives as long as the uplink. `agreed`: epochs in which this process and the centre were of one mind.

    A fork of such an epoch has one reason: another machine speaks with this site's identity. Its records are not
    lost and neither are ours, but each answer to it costs an epoch; so these become rare, and a person is told.
    """

    def __init__(self, source: JournalSource, epochs: EpochSource, board: LinkBoard) -> None:
        self._source = source
        self._epochs = epochs
        self._board = board
        self._agreed: set[str] = set()
        self._twins = 0
        self._not_before = 0
        self._doubts = 0
        self._fork: Fork | None = None
        self._download: Download[Tail] | None = None

    def agreed(self) -> None:
        """The centre's mark in the current epoch is our own chain."""
        self._agreed.add(self._source.epoch)

    def pause_until(self, now_ms: int) -> int:
        """Not before this may the next fork be answered; 0 when at once."""
        return self._not_before if self._not_before > now_ms else 0

    async def on_fork(self, fork: Fork, line: Line) -> bool:
        """Begin to heal it. False: it means nothing, HELLO again (see `_is_stale`). Raises WireLost."""
        self._fork = fork
        if fork.tail is None:
            await self._epochs.fork_found()
            await self._continue((), complete=False, now_ms=line.now())
            return True
        if self._download is None or self._download.offer != fork.tail:
            self._download = Download(fork.tail, self._source.site)
        return await self._go_on(self._download, line)

    async def on_chunk(self, payload: bytes, line: Line) -> bool:
        """As `on_fork`. Raises WireLost."""
        if self._download is not None and (self._download.take(payload, line.now()) or self._download.is_whole):
            return await self._go_on(self._download, line)
        return True

    async def on_welcome(self, welcome: Welcome, *, agrees: bool) -> None:
        """`agrees`: its chain is ours. May open an epoch: a restored journal, or a restored centre."""
        self._fork = self._download = None
        self._doubts = 0
        if await self._epochs.meet(welcome.centre, empty=welcome.upto == 0):
            return
        if agrees:
            self.agreed()
            await self._epochs.fork_was_none()
            if self._epochs.restored:
                await self._epochs.continue_above("restore", welcome.upto, (), complete=True)

    def work(self, line: Line) -> int | None:
        """Ask again for what did not come; returns when to look again, None when nothing is under way. WireLost."""
        if self._download is None:
            return None
        if line.now() - self._download.moved_ms >= line.rto():
            self._download.ask(line.wire, line.cid, line.now())
        return self._download.moved_ms + line.rto()

    async def _go_on(self, download: Download[Tail], line: Line) -> bool:
        if not download.is_whole:
            await self._epochs.fork_found()
            download.ask(line.wire, line.cid, line.now())
            return True
        content = download.content()
        download.thank(line.wire, line.cid)
        try:
            if content is None:
                raise tail.BadTail("not the bytes that its hash names")
            found = tail.read(content, site=self._source.site, n=download.offer.n)
        except tail.BadTail as bad:
            log.error("tail_refused", why=str(bad))
            await self._continue((), complete=False, now_ms=line.now())
            return True
        if self._doubts < MOST_DOUBTS and await self._is_stale(found):
            self._doubts += 1
            self._fork = self._download = None
            await self._epochs.fork_was_none()
            return False
        lost = [Stored(one.record, dict(one.parts), one.gone) for one in found]
        await self._continue(lost, complete=True, now_ms=line.now())
        return True

    async def _is_stale(self, found: Sequence[tail.Entry]) -> bool:
        """All of the tail stands in our own epoch as it is: an old HELLO was judged late.

        Or the epoch is closed, since a machine with this identity went on in another one: then every new HELLO gets
        such a FORK, no WELCOME comes between, and after a few of them a new epoch is the way out.
        """
        for one in found:
            ours = one.record.epoch == self._source.epoch and await self._source.hash_at(one.record.seq)
            if ours != one.record.hash:
                return False
        return bool(found)

    async def _continue(self, lost: Sequence[Stored], *, complete: bool, now_ms: int) -> None:
        fork, self._fork, self._download = self._fork, None, None
        self._doubts = 0
        if fork is not None and fork.epoch == self._source.epoch:
            self._look_for_twin(fork.epoch, now_ms)
            await self._epochs.continue_above("fork", fork.common, lost, complete=complete)

    def _look_for_twin(self, epoch: str, now_ms: int) -> None:
        if epoch not in self._agreed:
            return
        self._not_before = now_ms + min(FIRST_PAUSE_MS << min(self._twins, 8), LONGEST_PAUSE_MS)
        self._twins += 1
        self._board.change(twin=True)
        log.error("two_machines_have_one_identity", site=self._source.site, seen=self._twins)
