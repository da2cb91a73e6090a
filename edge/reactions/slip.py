"""The printed ticket: what stands on it, from the committed state and the site's own words. No personal data."""

from config.words import Words, load
from drivers.contract import TicketLine
from edge.reactions.views.displays import in_language
from edge.rules import queue
from edge.rules.state import State, Ticket
from edge.rules.waits import minutes
from edge.site import Site, floors_told
from edge.site_sections.places import Area


def lines(state: State, site: Site, ticket: Ticket, code: str = "") -> tuple[TicketLine, ...]:
    """A reprint keeps number, time and people ahead as they were at issue, and says that it is one (补打).

    `code`: by which whoever has this paper may judge the service later, at a kiosk; '' = the hall has none.
    """
    words = load(site.language, "ticket")
    mark = [TicketLine(text=words["reprint"], bold=True)] if ticket.copies > 1 else []
    return (
        TicketLine(text=in_language(site.hall.name, site.language), bold=True),
        *mark,
        TicketLine(text=ticket.number, size=4, bold=True),
        TicketLine(text=_service(site, ticket), size=2),
        TicketLine(text=_where(state, site, ticket, words)),
        TicketLine(text=words.say("ahead", count=ticket.ahead) if ticket.ahead else words["ahead_none"]),
        *_wait(ticket, words),
        TicketLine(text=words.say("issued", time=ticket.issued_at[:16].replace("T", " "))),
        TicketLine(text=code or ticket.uid, qr=True),
        *([TicketLine(text=words.say("rate", code=code))] if code else []),
        TicketLine(text=words["hint"]),
        TicketLine(text=words.say("phone", phone=site.hall.phone)),
    )


def _wait(ticket: Ticket, words: Words) -> list[TicketLine]:
    """What it was told at issue; a ticket without that says nothing."""
    if ticket.told is None:
        return []
    low, high = minutes(*ticket.told)
    if high == 0:
        said = words["wait_none"]
    else:
        said = words.say("wait", low=low, high=high) if low else words.say("wait_up_to", high=high)
    return [TicketLine(text=said)]


def _service(site: Site, ticket: Ticket) -> str:
    found = next((service.name for service in site.services if service.id == ticket.service), None)
    return ticket.service if found is None else in_language(found, site.language)


def _where(state: State, site: Site, ticket: Ticket, words: Words) -> str:
    serving = queue.windows_for(state, ticket.service)
    numbers = words["window_join"].join(w.number for w in site.windows if w.id in serving)
    area = next((area for area in site.areas if area.id == ticket.area), None)
    place = "" if area is None else _area(area, site, words)
    return words.say("where", area=place, windows=numbers).strip()


def _area(area: Area, site: Site, words: Words) -> str:
    name = in_language(area.name, site.language)
    floor = floors_told(site).get(area.id)
    return name if floor is None else words.say("area_floor", area=name, floor=floor)
