"""The board's playlist: notices of centre and site, opening hours and hotline, guides of what is done here."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from config.words import LANGUAGES, load
from edge.api.access import allow
from edge.api.board_schema import BoardSlide, BoardSlides
from edge.api.port import HallPort
from edge.api.routes_guides import guides_of
from edge.api.routes_public import Hall
from edge.catalogue import ServiceItem
from edge.guides import Guides
from edge.site import Site

GUIDE_LINES: Final = 6  # what a board shows large enough to be read from metres away
_OF_GUIDE: Final = ("materials", "time", "fee")


@allow("board")
async def slides(hall: Hall) -> BoardSlides:
    return playlist(hall)


def playlist(hall: HallPort) -> BoardSlides:
    """Notices that are over are left out; those to come are told with their time."""
    site, guides = hall.site, guides_of(hall)
    shown = [*_notices(hall), *_own(site), _hours(guides)]
    if site.board.guides:
        shown += [_guide(guides, item) for item in guides.find() if guides.place(item).accepts]
    return BoardSlides(seconds=site.board.seconds, slides=tuple(shown))


def _notices(hall: HallPort) -> Iterator[BoardSlide]:
    for n, notice in enumerate(hall.notices()):
        yield BoardSlide(
            id=f"notice-{n}",
            kind="notice",
            title=_said("slide.notice"),
            lines=({**notice.text},),
            since=notice.since,
            until=notice.until,
            urgent=notice.urgent,
        )


def _own(site: Site) -> Iterator[BoardSlide]:
    for n, notice in enumerate(site.board.notices):
        yield BoardSlide(
            id=f"own-{n}",
            kind="notice",
            title=_said("slide.notice"),
            lines=({**notice.text},),
            since=_midnight(site, notice.first),
            until=_midnight(site, notice.last and notice.last + timedelta(days=1)),
        )


def _midnight(site: Site, day: date | None) -> int:
    """When the day begins at the hall, ms since 1970; 0 without one."""
    return 0 if day is None else int(datetime.combine(day, time(), site.zone).timestamp() * 1000)


def _hours(guides: Guides) -> BoardSlide:
    hours = [f"{each.opens:%H:%M}-{each.closes:%H:%M}" for each in guides.hours.sessions]
    return BoardSlide(
        id="hours",
        kind="hours",
        title=_said("slide.hours"),
        lines=(
            *(_said("slide.session", hours=each) for each in hours),
            _said("slide.phone", phone=guides.site.hall.phone),
        ),
    )


def _guide(guides: Guides, item: ServiceItem) -> BoardSlide:
    """Materials, limit and fee; notes and the rest are at the kiosk."""
    told = [section for section in guides.sections(item) if section.id in _OF_GUIDE]
    lines = [{**line} for section in told for line in section.lines if not _is_note(line)]
    return BoardSlide(
        id=f"guide-{item.id}",
        kind="guide",
        title=dict(item.name),
        lines=(*lines[:GUIDE_LINES], _said("slide.more")),
    )


def _is_note(line: Mapping[Any, str]) -> bool:
    return line["zh-Hans"].startswith("\u3000")


def _said(key: str, **values: object) -> dict[str, str]:
    return {language: load(language, "hall").say(key, **values) for language in LANGUAGES}
