"""Opening a new epoch (protocol page, section 5): which records it begins with."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, Literal, NamedTuple

from sync.protocol import record
from sync.protocol.record import Birth, Record

OPENED: Final = "epoch.opened"
Why = Literal["new", "restore", "fork", "broken"]


class Written(NamedTuple):
    """A record of the new epoch, and the one it was written from."""

    again: Record
    source: Record


def opened_body(why: Why, *, left: str | None, common: int, chain: str) -> dict[str, Any]:
    return {"why": why, "from": left, "common": common, "chain": chain}


def write_again(first: Record, tail: Iterable[Record], own: Iterable[Record], held: set[Birth]) -> Iterator[Written]:
    """What follows record 1, `first`: the tail without births in `held`, then the site's own, each birth once.

    `held`: births that the site holds at or below `common`.
    """
    done = set(held)
    seq, prev = first.seq, first.hash
    for source in (*tail, *own):
        if source.kind == OPENED or source.birth in done:
            continue
        done.add(source.birth)
        seq += 1
        again = _again(source, first=first, seq=seq, prev=prev)
        prev = again.hash
        yield Written(again, source)


def _again(source: Record, *, first: Record, seq: int, prev: str) -> Record:
    """`alg` is that of whoever writes now."""
    skeleton: Mapping[str, Any] = {
        **{name: value for name, value in source.data.items() if name != "hash"},
        "seq": seq,
        "epoch": first.epoch,
        "alg": first.data["alg"],
        "prev": prev,
        "was": list(source.birth),
    }
    return record.build(skeleton)
