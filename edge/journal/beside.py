"""What lies beside a record: its parts, and the names of those that are gone."""

from edge.journal.store import Store
from sync.protocol.record import Record
from sync.source import Stored


def with_parts(store: Store, record: Record) -> Stored:
    parts: dict[str, bytes] = {}
    gone: list[str] = []
    for h in record.parts:
        blob = store.part(h)
        if blob is None:
            gone.append(h)
        else:
            parts[h] = blob
    return Stored(record, parts, tuple(gone))
