"""What the display over a window must show now: its sign while idle, else the ticket it is for."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from unicodedata import east_asian_width

from config.words import Words, load
from drivers.contract import Page, PageLine
from edge.rules import look
from edge.rules.state import State, Ticket
from edge.site import Site
from edge.site_sections.places import Window

LEASE: Final = 15.0  # seconds a display may show a page after the hall fell silent
_USUAL_WIDTH: Final = 192  # dots


def page(state: State, site: Site, window: Window) -> Page:
    words = load(site.language, "hall")
    ticket = _ticket_at(state, window)
    lines = _sign(state, site, window, words) if ticket is None else _turn(ticket, window, words)
    fallback = (_number_line(window, site, words), PageLine(text=words["display.paused"], big=True))
    return Page(lines=lines, fallback=fallback, lease=LEASE)


def _ticket_at(state: State, window: Window) -> Ticket | None:
    place = state.windows.get(window.id)
    return None if place is None else look.at_window(state, place)


def _turn(ticket: Ticket, window: Window, words: Words) -> tuple[PageLine, ...]:
    if ticket.state == "called":
        return (
            PageLine(text=words.say("display.call", ticket=ticket.number), big=True),
            PageLine(text=words.say("display.call_where", window=window.number)),
        )
    return (
        PageLine(text=words["display.serving"]),
        PageLine(text=ticket.number, big=True),
    )


def _sign(state: State, site: Site, window: Window, words: Words) -> tuple[PageLine, ...]:
    if not state.open:
        return _number_line(window, site, words), PageLine(text=words["display.closed"])
    names = {service.id: in_language(service.name, site.language) for service in site.services}
    rows = packed([names[service] for service in window.services if service in names], _columns(site, window))
    return _number_line(window, site, words), *(PageLine(text=row) for row in rows)


def packed(names: Sequence[str], columns: int) -> list[str]:
    """Names side by side, as many as fit a row; none is torn apart. A Chinese character takes two columns."""
    rows: list[str] = []
    for name in names:
        if rows and _columns_of(f"{rows[-1]} {name}") <= columns:
            rows[-1] += f" {name}"
        else:
            rows.append(name)
    return rows


def _columns_of(text: str) -> int:
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)


def _columns(site: Site, window: Window) -> int:
    """Columns of 8 dots: 192 dots are 12 Chinese characters of 16."""
    options = next((device.options for device in site.devices if device.id == window.display), {})
    width = options.get("width", _USUAL_WIDTH)
    return (width if isinstance(width, int) else _USUAL_WIDTH) // 8


def _number_line(window: Window, site: Site, words: Words) -> PageLine:
    kind = in_language(window.kind, site.language)
    return PageLine(text=words.say("display.window", window=window.number, kind=kind))


def in_language(text: Mapping[Any, str], language: str) -> str:
    """A site's own text; simplified Chinese always stands there."""
    return text.get(language) or text["zh-Hans"]
