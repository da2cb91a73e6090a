"""Opinions as a table for anybody, and as provincial uploads for the one who may send them (decision 0555)."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from edge.ratings import provincial, scales
from edge.statistics.opinions import Given

HEAD: Final = [
    *("day", "at", "window", "level", "provincial", "gbt39046", "by", "reasons", "written", "second", "items"),
]


class Named(NamedTuple):
    """An item as the interface knows it. `code`: 实施编码."""

    code: str
    name: str


def lines(found: Iterable[Given]) -> Iterator[dict[str, str | int | bool]]:
    """No case, no ticket, no clerk: nothing by which somebody could tell who was asked."""
    for each in found:
        yield {
            "day": each.day,
            "at": each.at,
            "window": each.window,
            "level": each.level,
            "provincial": scales.number(each.level, "provincial"),
            "gbt39046": scales.number(each.level, "gbt39046"),
            "by": each.by,
            "reasons": ",".join(each.reasons),
            "written": each.written,
            "second": each.second,
            "items": ",".join(case.item for case in each.cases),
        }


def as_csv(found: Iterable[Given]) -> bytes:
    """UTF-8 with the mark by which spreadsheets know it."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(HEAD)
    writer.writerows([row[name] for name in HEAD] for row in lines(found))
    return file.getvalue().encode("utf-8-sig")


def uploads(
    found: Iterable[Given], items: Mapping[str, Named], unit: str
) -> tuple[list[provincial.Upload], list[provincial.Opinion]]:
    """One upload a case of each opinion, and those that the interface would refuse for want of a reason.

    `items` by our id, which stands for what they do not say; `unit` code of the authority. Sealed texts are not sent.
    """
    sent, unfit = [], []
    for opinion in _opinions(found, items, unit):
        try:
            sent.append(provincial.upload(opinion))
        except provincial.NeedsWhy:
            unfit.append(opinion)
    return sent, unfit


def _opinions(found: Iterable[Given], items: Mapping[str, Named], unit: str) -> Iterator[provincial.Opinion]:
    for each in found:
        for case in each.cases:
            item = items.get(case.item, Named(case.item, case.item))
            yield provincial.Opinion(
                project=case.number,
                task_code=item.code,
                task_name=item.name,
                unit_code=unit,
                kind=case.kind,
                level=each.level,
                reasons=each.reasons,
                by=each.by,
                at=each.at,
                second=each.second,
            )
