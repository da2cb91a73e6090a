"""What the uplink reads: the journal as it sees it. The journal fits this by shape and imports nothing from here."""

from typing import NamedTuple, Protocol

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
        """Return when a record above `seq` is committed."""

    async def save_mark(self, mark: Mark) -> None:
        """Keep what the centre acknowledged; it may be lower than the one kept (the centre was restored)."""

    async def load_mark(self) -> Mark | None: ...


class Clock(Protocol):
    def now_ms(self) -> int:
        """Wall clock; may be wrong, told to people only."""

    def up_ms(self) -> int:
        """Monotonic clock; every timer of the link uses it."""
