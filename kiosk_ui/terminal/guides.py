"""Guides (办事指南) at the kiosk: a topic or letters, an item, its sheets. What is asked and chosen, step by step.

    topic -> (asking) items -> (asking) guide -> (asking) printed, or on to a number for it
          -> letters -> (asking) items

Pure, as desk.py, whose steps these are. A guide is cut into sheets by rough measure: a screen test holds each to its
panel.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from math import ceil
from typing import Final
from unicodedata import east_asian_width

from edge.api.guide_schema import GuideSection, GuidesFound, GuideSheet
from edge.api.model import PrintState

LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
BY_LETTERS: Final = "letters"
ONLINE: Final = "online"
# Rows of a sheet and ems of a row, by (tall panel, large text).
_ROOM: Final = {(False, False): (9, 44), (False, True): (5, 31), (True, False): (18, 28), (True, True): (10, 19)}
_HALF: Final = 0.52


@dataclass(frozen=True, slots=True)
class Guides:
    """What was found, `pick`ed and is open. `paper`: how printing the open one ended, None = not asked for."""

    found: GuidesFound | None = None
    pick: str = ""
    sheet: GuideSheet | None = None
    paper: PrintState | None = None


NO_GUIDES: Final = Guides()


@dataclass(frozen=True, slots=True)
class FindGuides:
    """By `text`, or all of a `topic`; neither: the topics are wanted."""

    text: str = ""
    topic: str = ""


@dataclass(frozen=True, slots=True)
class OpenGuide:
    item: str


@dataclass(frozen=True, slots=True)
class PrintGuide:
    id: str
    item: str


@dataclass(frozen=True, slots=True)
class GuidePrintedAs:
    """How the paper of the open guide ended."""

    paper: PrintState


GuideRequest = FindGuides | OpenGuide | PrintGuide
GuideAnswer = GuidesFound | GuideSheet | GuidePrintedAs


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a sheet; `heading` of a section, `sure` or not."""

    text: str
    heading: bool = False
    sure: bool = True


def topics(guides: Guides) -> tuple[str, ...]:
    return (BY_LETTERS, *guides.found.topics) if guides.found else (BY_LETTERS,)


def items(guides: Guides) -> tuple[str, ...]:
    return tuple(each.id for each in guides.found.items) if guides.found else ()


def item_name(guides: Guides, item: str, language: str) -> str:
    named = guides.found.items if guides.found else ()
    return next((_own(each.name, language) for each in named if each.id == item), item)


def sheets(sheet: GuideSheet, language: str, *, tall: bool, large: bool) -> tuple[tuple[Line, ...], ...]:
    """The guide on as many sheets as it needs; a section that goes on says its heading again."""
    rows, ems = _ROOM[tall, large]
    done: list[tuple[Line, ...]] = []
    now: list[Line] = []
    left = float(rows)
    for section in sheet.sections:
        heading = Line(_own(section.title, language), heading=True, sure=section.sure)
        fresh = True
        for text in _fitting(section, language, rows - 2, ems):
            needs = _rows(text, ems)
            if now and needs + (1.4 if fresh else 0) > left:
                done.append(tuple(now))
                now, left, fresh = [], float(rows), True
            if fresh:
                now.append(heading)
                left -= 1.4 * _rows(heading.text, ems)
                fresh = False
            now.append(Line(text))
            left -= needs
    return (*done, tuple(now)) if now else tuple(done)


def sheet_count(guides: Guides, language: str, *, tall: bool, large: bool) -> int:
    """With the one that shows the way to the city's entry."""
    if guides.sheet is None:
        return 1
    own = len(sheets(guides.sheet, language, tall=tall, large=large))
    return own + (1 if guides.sheet.online else 0)


def _fitting(section: GuideSection, language: str, rows: int, ems: int) -> Iterator[str]:
    """A text longer than a sheet goes on, on the next one."""
    for line in section.lines:
        text = _own(line, language)
        while _rows(text, ems) > rows:
            cut = _cut(text, rows * ems * 0.9)
            yield text[:cut]
            text = text[cut:]
        yield text


def _cut(text: str, ems: float) -> int:
    """Between two words where there are any."""
    ends = accumulate(map(_width, text))
    at = sum(1 for end in ends if end <= ems)
    return text.rfind(" ", 1, at) + 1 or max(1, at)


def _rows(text: str, ems: int) -> int:
    return max(1, ceil(sum(map(_width, text)) * 1.06 / ems))


def _width(character: str) -> float:
    return 1.0 if east_asian_width(character) in "WFA" else _HALF


def _own(texts: dict[str, str], language: str) -> str:
    return texts.get(language) or texts.get("zh-Hans", "")
