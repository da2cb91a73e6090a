"""办事指南小票: the guide of one item to take along, in the language of who asks. Nothing personal, no number."""

from collections.abc import Iterator

from config.words import Words, load
from drivers.contract import TicketLine
from edge.catalogue import ServiceItem
from edge.guides import Guides
from edge.reactions.views.displays import in_language
from edge.reactions.wording import left, minute


def lines(guides: Guides, item: ServiceItem, language: str, printed_at: str) -> tuple[TicketLine, ...]:
    """`printed_at`: the hall's wall time, ISO; a guide is of a day and of a version of the catalogue."""
    words = load(language, "ticket")
    return (
        TicketLine(text=in_language(guides.site.hall.name, language), bold=True),
        TicketLine(text=words["guide.title"]),
        TicketLine(text=in_language(item.name, language), size=2, bold=True),
        *_sections(guides, item, language, words),
        *_online(guides.online(item), words),
        left(words.say("guide.printed", time=minute(printed_at))),
        left(words.say("case.catalogue", version=guides.catalogue.version[:12])),
    )


def _sections(guides: Guides, item: ServiceItem, language: str, words: Words) -> Iterator[TicketLine]:
    told = guides.sections(item)
    for section in told:
        title = in_language(section.title, language)
        yield left(title if section.sure else words.say("guide.mark", title=title), bold=True)
        yield from (left(in_language(line, language)) for line in section.lines)
    if not all(section.sure for section in told):
        yield left(words["guide.unsure"])


def _online(entry: str, words: Words) -> Iterator[TicketLine]:
    if entry:
        yield left(words["guide.online"], bold=True)
        yield left(words["guide.online_hint"])
        yield TicketLine(text=entry, qr=True)
