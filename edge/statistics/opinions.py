"""Records -> what citizens said in a stretch of days: one entry an opinion, with the cases taken in that service.

Who was served and who served is not in it. A text that a citizen wrote stays sealed; only that there is one is told.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from edge.rules import upcast
from edge.rules.case_records import CaseKind
from edge.rules.rating_records import AnswerBy, LevelWord, RatingReason
from sync.protocol.record import Record

KINDS: Final = (
    "day.opened",
    "case.opened",
    "case.received",
    "rating.asked",
    "rating.given",
    "rating.added",
)


@dataclass
class Taken:
    """A case of the rated service. `number` '' while it is a draft: such a one is told of nowhere."""

    item: str
    kind: CaseKind
    number: str = ""


@dataclass
class Given:
    """`day` of the service; `at` ISO, when it was said; `written`: there is a sealed text."""

    day: str
    at: str
    window: str
    level: LevelWord
    by: AnswerBy
    reasons: tuple[RatingReason, ...]
    written: bool
    second: bool
    cases: list[Taken]


@dataclass
class _Fold:
    given: list[Given] = field(default_factory=list)
    day: str = ""
    cases: dict[str, Taken] = field(default_factory=dict)
    of_turn: dict[str, list[Taken]] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)  # nonce -> day of the service

    def note(self, record: Record) -> None:
        body = upcast.lift(record.kind, record.v, record.body) if record.kind in _FOLDS else None
        if body is not None:
            _FOLDS[record.kind](self, record, body)


def given(first: str, last: str, records: Iterable[Record]) -> list[Given]:
    """On services of the business dates `first` to `last`, in the order they were said.

    `records` from the journal's beginning; an opinion said after `last` on a service before it counts.
    """
    fold = _Fold()
    for record in records:
        fold.note(record)
    return [each for each in fold.given if first <= each.day <= last]


def _opened(fold: _Fold, record: Record, body: Any) -> None:
    fold.day = body.date


def _case_opened(fold: _Fold, record: Record, body: Any) -> None:
    case = fold.cases[record.subject] = Taken(body.item, body.kind)
    fold.of_turn.setdefault(body.turn, []).append(case)


def _case_received(fold: _Fold, record: Record, body: Any) -> None:
    if case := fold.cases.get(record.subject):
        case.number = body.number


def _asked(fold: _Fold, record: Record, body: Any) -> None:
    fold.asked[body.nonce] = fold.day


def _said(fold: _Fold, record: Record, body: Any) -> None:
    fold.given.append(
        Given(
            day=fold.asked.get(body.nonce, fold.day),
            at=record.at,
            window=body.window,
            level=body.level,
            by=body.by,
            reasons=body.reasons,
            written=bool(record.parts),
            second=record.kind == "rating.added",
            cases=[case for case in fold.of_turn.get(record.subject, []) if case.number],
        )
    )


_FOLDS: Final[dict[str, Callable[[_Fold, Record, Any], None]]] = {
    "day.opened": _opened,
    "case.opened": _case_opened,
    "case.received": _case_received,
    "rating.asked": _asked,
    "rating.given": _said,
    "rating.added": _said,
}
