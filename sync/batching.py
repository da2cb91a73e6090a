"""Batches as bytes: records travel as the very bytes that were hashed."""

from base64 import b64encode
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sync.protocol import frames, record
from sync.protocol.messages import MAX_RECORDS
from sync.source import Stored


class Assembled(NamedTuple):
    payload: bytes
    last: int


def assemble(cid: str, stored: Sequence[Stored], limit: int) -> Assembled:
    """As many of the consecutive records (at least one) as fit into `limit` plain bytes."""
    plain = _plain(cid, stored[:1])
    last, size = stored[0].record.seq, len(plain)
    taken = 1
    for one in stored[1:MAX_RECORDS]:
        size += _cost(one)
        if size > min(limit, frames.MAX_BATCH):
            break
        taken, last = taken + 1, one.record.seq
    if taken > 1:
        plain = _plain(cid, stored[:taken])
    return Assembled(frames.pack(plain), last)


def fault_of(stored: Stored) -> str | None:
    """Why the site's own copy is no good, as a code; None if the centre has no reason to refuse it."""
    try:
        found = record.parse(stored.record.raw)
    except record.BadRecord:
        return "record_broken"
    if record.travelling_size(found, {h: len(part) for h, part in stored.parts.items()}) > record.MAX_RECORD_BYTES:
        return "record_broken"
    for h in found.parts:
        if h not in stored.gone and (h not in stored.parts or record.digest(stored.parts[h]) != h):
            return "part_broken"
    return None


def _plain(cid: str, stored: Sequence[Stored]) -> bytes:
    """In canonical form, which the other end reads several times faster than any other."""
    parts = {h: part for one in stored for h, part in one.parts.items()}
    gone = {h for one in stored for h in one.gone}
    pieces = [b'{"cid":"', cid.encode(), b'"']
    if gone:
        pieces += [b',"gone":[', _joined(b'"%s"' % h.encode() for h in sorted(gone)), b"]"]
    pieces.append(b',"m":"batch"')
    if parts:
        named = (b'"%s":"%s"' % (h.encode(), b64encode(parts[h])) for h in sorted(parts))
        pieces += [b',"parts":{', _joined(named), b"}"]
    pieces += [b',"records":[', _joined(one.record.raw for one in stored), b"]}"]
    return b"".join(pieces)


def _joined(items: Iterable[bytes]) -> bytes:
    return b",".join(items)


def _cost(stored: Stored) -> int:
    """Never less than what the record adds to a batch."""
    parts = sum(72 + 4 * ((len(part) + 2) // 3) for part in stored.parts.values())
    return len(stored.record.raw) + 24 + parts + 67 * len(stored.gone)
