"""Forms of the guides (办事指南) that a citizen reads at a kiosk or takes along on paper. Nothing personal in any.

    GET  /api/kiosk/{place}/guides?text=&topic=      -> GuidesFound     by name, alias, first letters of the pinyin
    GET  /api/kiosk/{place}/guides/{item}            -> GuideSheet      404 no such guide
    POST /api/kiosk/{place}/guides/{item}/print      GuidePrint -> GuidePrinted
    GET  /api/guide/items?text=                      -> GuidesFound     for the guide at the door (引导员)
    POST /api/guide/items/{item}/print               GuidePrint -> GuidePrinted

`place` is the kiosk's own; a guide prints at the kiosk of his numbers.
"""

from typing import Literal

from edge.api.model import Act, Model, PrintState

Text = dict[str, str]
# As in edge.site, which screens do not know.
Topic = Literal[
    "residence", "insurance", "work", "elderly", "disability", "veteran", "family", "relief", "housing", "community"
]


class GuideBrief(Model):
    """`here`: this hall takes it in."""

    id: str
    name: Text
    here: bool


class GuidesFound(Model):
    """`items` best first; `topics`: those that have any, whatever was asked."""

    topics: tuple[Topic, ...]
    items: tuple[GuideBrief, ...]


class GuideSection(Model):
    """`sure` is False where the catalogue has no source yet for something that stands here."""

    id: str
    title: Text
    lines: tuple[Text, ...]
    sure: bool


class GuideSheet(Model):
    """`version` of the catalogue. `service`: what a number for it is taken for, '' = not here. `prints`: on paper.

    `online`: address of the city's entry, '' where it cannot be applied for from home; `square` its code, one string a
    row, `1` = dark, without the quiet border.
    """

    item: str
    name: Text
    version: str
    sections: tuple[GuideSection, ...]
    service: str
    prints: bool
    online: str
    square: tuple[str, ...]


class GuidePrint(Act):
    language: Literal["zh-Hans", "zh-Hant", "en"] = "zh-Hans"


class GuidePrinted(Model):
    """`printing`: it takes long, nobody knows yet."""

    paper: PrintState
