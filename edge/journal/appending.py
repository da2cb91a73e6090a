"""One append: drafts of a command become records, parts and keys, all of them or none."""

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from edge.clock import Ids
from edge.journal.keys import KEY_BYTES, KeyRing
from edge.journal.sealing import KEY_ISSUED, Fresh, Sealing
from edge.journal.skeleton import Content, Place, build, check_size
from edge.journal.store import Rows, Store
from edge.rules.records import Private
from sync.protocol.record import Alg, Record

ACTOR: Final = "system:halld"


class Entry(NamedTuple):
    """A checked draft with the randomness its part may need."""

    content: Content
    private: Private | None = None
    fresh: Fresh | None = None


class Moment(NamedTuple):
    """When and in which life of the machine a command was accepted."""

    at: str
    up: int
    boot: str


class Order(NamedTuple):
    entries: Sequence[Entry]
    cmd: str | None
    moment: Moment
    alg: Alg


def fresh(ids: Ids, random_bytes: Callable[[int], bytes]) -> Fresh:
    return Fresh(ids.new("k"), random_bytes(KEY_BYTES), random_bytes(12), random_bytes(12))


def write(store: Store, keys: KeyRing, order: Order) -> tuple[Record, ...]:
    """Append to the open transaction and return the records of the drafts, without `key.issued` between them.

    A command id that the journal already knows writes nothing and gives its first records again.
    """
    if order.cmd is not None and (earlier := answer(store, order.cmd)) is not None:
        return earlier
    rows = _Rows(store, keys, order)
    made = tuple(rows.add(entry) for entry in order.entries)
    store.insert(Rows(tuple(rows.records), rows.sealing.parts, rows.sealing.key_rows()))
    return made


def owner_key(store: Store, keys: KeyRing, owner: str, fresh: Fresh, order: Order) -> tuple[str, bytes]:
    """kid and key of an owner, issued in the open transaction where there is none; `order` has no entries."""
    rows = _Rows(store, keys, order)
    found = rows.key_for(owner, fresh, ACTOR)
    if rows.records:
        store.insert(Rows(tuple(rows.records), rows.sealing.parts, rows.sealing.key_rows()))
    return found


def announce_again(
    store: Store, keys: KeyRing, order: Order, known: Sequence[tuple[str, str, bytes]], actor: str
) -> None:
    """`key.issued` of keys (kid, owner, key) that the journal has; their own rows stay as they are."""
    rows = _Rows(store, keys, order)
    for kid, owner, key in known:
        rows.announce(owner, kid, key, actor)
    store.insert(Rows(tuple(rows.records), rows.sealing.parts))


def answer(store: Store, cmd: str) -> tuple[Record, ...] | None:
    """Records of an accepted command without `key.issued`, None when the journal does not know it."""
    found = tuple(record for record in store.of_command(cmd) if record.kind != KEY_ISSUED)
    return found or None


class _Rows:
    """Builds the chain of one append on top of the store's head."""

    def __init__(self, store: Store, keys: KeyRing, order: Order) -> None:
        self.sealing = Sealing(store, keys, store.site)
        self.records: list[Record] = []
        self._store = store
        self._order = order

    def add(self, entry: Entry) -> Record:
        if entry.private is None or entry.fresh is None:
            return self._chain(entry.content, [])
        owner = entry.private.owner
        kid, key = self.key_for(owner, entry.fresh, entry.content.actor)
        sealed = self.sealing.seal(entry.private, entry.content, kid, key, entry.fresh.nonce)
        return self._chain(entry.content, [sealed])

    def key_for(self, owner: str, fresh: Fresh, actor: str) -> tuple[str, bytes]:
        """kid and key; a new one is announced first."""
        kid, key, is_new = self.sealing.key_for(owner, fresh)
        if is_new:
            self._chain(self.sealing.announcement(owner, actor), [])
        return kid, key

    def announce(self, owner: str, kid: str, key: bytes, actor: str) -> None:
        self.sealing.new_keys[owner] = (kid, key, b"")
        self._chain(self.sealing.announcement(owner, actor), [])

    def _chain(self, content: Content, sealed: list[Any]) -> Record:
        last = self.records[-1] if self.records else None
        seq = self._store.next_seq + len(self.records)
        prev = last.hash if last else self._store.head.hash
        moment = self._order.moment
        place = Place(
            site=self._store.site,
            epoch=self._store.epoch,
            seq=seq,
            prev=prev,
            at=moment.at,
            up=moment.up,
            boot=moment.boot,
            alg=self._order.alg,
            cmd=self._order.cmd,
        )
        made = build(place, content, sealed)
        check_size(made, (part.blob for part in self.sealing.parts if part.h in made.parts))
        self.records.append(made)
        return made
