"""Pages printed for citizens (打印复印) on a day, by kind: counts alone, whose they were stands nowhere here."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from edge.statistics.schema import Pages
from sync.protocol.record import Record

_ENDED: Final = ("copy.done", "copy.failed", "copy.unknown")
_EARLIER: Final = "earlier"  # begun on the day before: of which kind is told there


class PageCount:
    """Hears every record of a day, in order."""

    def __init__(self) -> None:
        self._kinds: dict[str, str] = {}
        self._came: Counter[str] = Counter()
        self._unsure = self._failed = self._granted = 0

    def listening(self, records: Iterable[Record]) -> Iterator[Record]:
        for record in records:
            if record.kind.startswith("copy."):
                self._note(record)
            yield record

    def figures(self) -> Pages:
        return Pages(
            prints=len(self._kinds),
            came={kind: count for kind, count in sorted(self._came.items()) if count},
            unsure=self._unsure,
            failed=self._failed,
            granted=self._granted,
        )

    def _note(self, record: Record) -> None:
        body = record.body
        if record.kind == "copy.reserved":
            self._kinds[record.subject] = str(body["kind"])
        elif record.kind == "copy.granted":
            self._granted += int(body["pages"])
        elif record.kind in _ENDED:
            self._came[self._kinds.get(record.subject, _EARLIER)] += int(body["came"])
            self._unsure += int(body["unsure"])
            self._failed += record.kind != "copy.done"
