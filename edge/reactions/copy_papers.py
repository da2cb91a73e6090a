"""Sheets of an item to take along (A4): its guide, a filled sample, and a blank sheet made of the sample's own labels.

The catalogue has no pictures of official forms: what it says of them is all that is printed, and the sheet says so.
"""

from collections.abc import Iterator

from config.words import Words, load
from drivers.contract import TicketLine
from edge.catalogue import ServiceItem
from edge.catalogue.item import Material
from edge.copying import kinds, labels, pieces
from edge.guides import Guides
from edge.reactions import guide_slip
from edge.reactions.views.displays import in_language
from edge.reactions.wording import left, minute
from edge.rules.copy_records import CopyKind


def lines(guides: Guides, item: ServiceItem, kind: CopyKind, language: str, printed_at: str) -> tuple[TicketLine, ...]:
    """`printed_at`: the hall's wall time, ISO. Raises KeyError: the item has no such paper."""
    if kind not in kinds(item):
        raise KeyError(kind)
    if kind == "guide":
        return guide_slip.lines(guides, item, language, printed_at)
    words = load(language, "ticket")
    return (
        TicketLine(text=in_language(guides.site.hall.name, language), bold=True),
        TicketLine(text=in_language(item.name, language), size=2, bold=True),
        TicketLine(text=words[f"copies.{kind}"]),
        left(words[f"copies.{kind}_hint"]),
        *(line for each in item.materials for line in _of_material(each, kind, language, words)),
        left(words.say("phone", phone=guides.site.hall.phone)),
        left(words.say("guide.printed", time=minute(printed_at))),
        left(words.say("case.catalogue", version=guides.catalogue.version[:12])),
    )


def _of_material(material: Material, kind: CopyKind, language: str, words: Words) -> Iterator[TicketLine]:
    if material.sample is None:
        return
    asked = labels(material, language)
    if kind == "form" and not asked:
        return
    yield left(in_language(material.name, language), bold=True)
    if kind == "form":
        for label in asked:
            yield left("")  # room for a hand
            yield left(words.say("copies.blank", label=label))
    else:
        yield from (left(piece) for piece in pieces(material, language))
