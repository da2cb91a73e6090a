"""What the uplink reads: the journal as it sees it. The journal fits this by shape and imports nothing from here."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from sync.protocol.epochs import Why
from sync.protocol.record import Record


class Stored(NamedTuple):
    """A record with what lies beside it: bytes by digest, and the digests of parts the site has erased."""

    record: Record
    parts: dict[str, bytes]
    gone: tuple[str, ...]


class Mark(NamedTuple):
    """What the centre has said it holds of `epoch`; `durable` is what a restored centre would still hold."""

    epoch: str
    upto: int
    chain: str
    durable: int


class JournalSource(Protocol):
    """Committed records only. `site` and `epoch` may be read at any time; `epoch` changes with a new epoch."""

    site: str
    epoch: str

    @property
    def next_seq(self) -> int:
        """The seq the next record will get."""

    @property
    def floor(self) -> int:
        """The oldest seq still held; `next_seq` if none."""

    async def read(self, after: int, limit: int = 64, max_bytes: int = 262_144) -> list[Stored]:
        """Consecutive records with seq > `after`. At least one if there is one, however small `max_bytes`."""

    async def hash_at(self, seq: int) -> str | None:
        """ZERO at 0; at floor-1 the `prev` of floor; None where nothing is known."""

    async def wait_beyond(self, seq: int) -> None:
        """Return when a record above `seq` is committed, or a new epoch is."""

    async def save_mark(self, mark: Mark) -> None:
        """Keep what the centre acknowledged; it may be lower than the one kept (the centre was restored)."""

    async def load_mark(self) -> Mark | None: ...


class EpochSource(Protocol):
    """A journal that can go on in a new epoch (protocol page, section 5). Without one a fork is only shown."""

    @property
    def restored(self) -> bool:
        """It came from an image, and no WELCOME has ended that."""

    async def fork_found(self) -> None:
        """The centre has what this journal lacks: numbers keep a distance from now on."""

    async def fork_was_none(self) -> None:
        """An old question was answered late: what `fork_found` began ends."""

    async def continue_above(self, why: Why, common: int, tail: Sequence[Stored], *, complete: bool) -> None:
        """Open a new epoch in one transaction; `epoch` and `next_seq` of the journal change with it.

        `complete` False: the tail was absent, so numbers keep their distance to the end of the day.
        """

    async def meet(self, centre: str, *, empty: bool) -> bool:
        """`centre` of a WELCOME, `empty`: it holds nothing of this epoch. True: a new epoch was opened for its sake."""


class WaitingFile(NamedTuple):
    """A sealed file that the centre has not: digest and length of its stored bytes."""

    h: str
    size: int


class FileSource(Protocol):
    """The site's sealed files, named by records; what the centre has said of each is kept."""

    async def waiting(self, upto: int, *, limit: int) -> list[WaitingFile]:
        """Files not yet at the centre, oldest first, of records up to seq `upto`."""

    async def count_waiting(self) -> int:
        """All of them, whatever record names them."""

    async def read_at(self, h: str, start: int, length: int) -> bytes:
        """Stored bytes; fewer, or none, where the copy is no good."""

    async def is_whole(self, h: str) -> bool:
        """Whether the stored bytes still have the digest that names them."""

    async def delivered(self, h: str) -> None:
        """The centre said HAVE."""

    async def broken(self, h: str) -> None:
        """The site's own copy is rotten: recorded, and waiting no more."""

    async def meet_centre(self, centre: str) -> None:
        """`centre` of a WELCOME; where it is another than before, everything waits again."""


class Clock(Protocol):
    def now_ms(self) -> int:
        """Wall clock; may be wrong, told to people only."""

    def up_ms(self) -> int:
        """Monotonic clock; every timer of the link uses it."""
