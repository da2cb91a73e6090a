"""An assessment as one table: a line a figure, so that a new one never moves a column."""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import BaseModel

from edge.statistics.assessment_schema import Assessment

HEAD: Final = ["site", "first", "last", "what", "cut", "name", "figure", "value"]
_CUT: Final = "_by_"


def as_csv(found: Assessment) -> bytes:
    """`cut` `all`: of everything. UTF-8 with the mark by which spreadsheets know it."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(HEAD)
    writer.writerows([row[name] for name in HEAD] for row in lines(found))
    return file.getvalue().encode("utf-8-sig")


def lines(found: Assessment) -> Iterator[dict[str, str | int]]:
    for member, value in found:
        what, _, cut = member.partition(_CUT)
        parts: Mapping[str, Any] = {"": value} if isinstance(value, BaseModel) else value if cut else {}
        for name, figures in parts.items():
            for figure, count in _figures(figures.model_dump()):
                yield {
                    "site": found.site,
                    "first": found.first,
                    "last": found.last,
                    "what": what,
                    "cut": cut or "all",
                    "name": name,
                    "figure": figure,
                    "value": count,
                }


def _figures(of: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    for name, value in of.items():
        if isinstance(value, dict):
            for word, count in value.items():
                yield f"{name}.{word}", count
        else:
            yield name, value
