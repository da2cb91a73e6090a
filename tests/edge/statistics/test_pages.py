"""Pages of a day by kind: folded from the records, with what nobody knows, and without anybody."""

from dataclasses import dataclass
from typing import Any

from edge.statistics.pages import PageCount


@dataclass
class Told:
    kind: str
    subject: str
    body: dict[str, Any]


def reserved(subject: str, kind: str) -> Told:
    return Told("copy.reserved", subject, {"kind": kind, "account": "9c" * 32, "pages": 3})


def ended(subject: str, how: str, came: int, unsure: int = 0) -> Told:
    return Told(f"copy.{how}", subject, {"came": came, "unsure": unsure})


def test_pages_are_counted_by_kind_and_what_is_unsure_stays_apart() -> None:
    records = [
        reserved("copy:1", "own"),
        Told("ticket.issued", "t:1", {}),
        ended("copy:1", "done", 3),
        reserved("copy:2", "guide"),
        ended("copy:2", "unknown", 1, 2),
        reserved("copy:3", "own"),
        ended("copy:3", "failed", 0),
        ended("copy:0", "done", 2),
        Told("copy.granted", "site", {"pages": 50}),
    ]
    count = PageCount()
    assert list(count.listening(records)) == records  # type: ignore[arg-type,comparison-overlap]
    figures = count.figures()
    assert figures.came == {"earlier": 2, "guide": 1, "own": 3}
    assert (figures.prints, figures.unsure, figures.failed, figures.granted) == (3, 2, 2, 50)
    assert "9c9c" not in figures.model_dump_json()
