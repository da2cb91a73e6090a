"""Guides (办事指南) from the hall's own catalogue: found, read and printed with or without a line to the centre."""

import asyncio
from typing import Annotated, Final

from fastapi import HTTPException, Query

from edge.api.access import allow
from edge.api.guide_schema import (
    GuideBrief,
    GuidePrint,
    GuidePrinted,
    GuideSection,
    GuidesFound,
    GuideSheet,
    Topic,
)
from edge.api.port import HallPort
from edge.api.routes_guide import printing_place
from edge.api.routes_kiosk import own_place
from edge.api.routes_public import Hall, Who
from edge.catalogue import ServiceItem
from edge.guides import Guides

PAPER_SECONDS: Final = 8.0  # whoever asked stands there
Typed = Annotated[str, Query(max_length=40)]


@allow("kiosk")
async def found(place: str, hall: Hall, who: Who, text: Typed = "", topic: Topic | None = None) -> GuidesFound:
    own_place(place, who)
    return found_of(guides_of(hall), text, topic)


@allow("kiosk")
async def sheet(place: str, uid: str, hall: Hall, who: Who) -> GuideSheet:
    own_place(place, who)
    guides = guides_of(hall)
    try:
        item = guides.item(uid)
    except KeyError:
        raise HTTPException(404, "no such guide") from None
    return sheet_of(guides, item, prints=any(kiosk.id == place and kiosk.printer for kiosk in hall.site.kiosks))


@allow("kiosk")
async def print_(place: str, uid: str, wanted: GuidePrint, hall: Hall, who: Who) -> GuidePrinted:
    own_place(place, who)
    return await printed(hall, place, uid, wanted.language)


@allow("guide")
async def found_by_guide(hall: Hall, text: Typed = "") -> GuidesFound:
    """引导员: for who asks at the door."""
    return found_of(guides_of(hall), text, None)


@allow("guide")
async def print_by_guide(uid: str, wanted: GuidePrint, hall: Hall, who: Who) -> GuidePrinted:
    """At the kiosk where his numbers come out."""
    return await printed(hall, printing_place(hall.site, who), uid, wanted.language)


async def printed(hall: HallPort, kiosk: str, uid: str, language: str) -> GuidePrinted:
    """Waits for the paper as long as its asker would. Raises HTTPException, Refusal, Busy."""
    try:
        async with asyncio.timeout(PAPER_SECONDS):
            return GuidePrinted(paper=await hall.print_guide(kiosk, uid, language))
    except KeyError:
        raise HTTPException(404, "no such guide") from None
    except TimeoutError:
        return GuidePrinted(paper="printing")


def guides_of(hall: HallPort) -> Guides:
    return Guides(hall.catalogue, hall.site, hall.books.hours)


def found_of(guides: Guides, text: str, topic: Topic | None) -> GuidesFound:
    level = guides.site.hall.level
    return GuidesFound(
        topics=guides.topics(),
        items=tuple(
            GuideBrief(id=item.id, name=dict(item.name), here=level in item.accepted_at)
            for item in guides.find(text, topic)
        ),
    )


def sheet_of(guides: Guides, item: ServiceItem, *, prints: bool) -> GuideSheet:
    service, online = guides.service(item), guides.online(item)
    return GuideSheet(
        item=item.id,
        name=dict(item.name),
        version=guides.catalogue.version,
        sections=tuple(
            GuideSection(
                id=each.id,
                title=dict(each.title),
                lines=tuple({**line} for line in each.lines),
                sure=each.sure,
            )
            for each in guides.sections(item)
        ),
        service=service.id if service else "",
        prints=prints,
        online=online,
        square=_square(online) if online else (),
    )


def _square(address: str) -> tuple[str, ...]:
    from qrcode.main import QRCode  # brings Pillow: not before a guide with an address is opened

    code = QRCode(border=0)
    code.add_data(address)
    return tuple("".join("1" if dark else "0" for dark in row) for row in code.get_matrix())
