"""打印复印: pages need a printer of sheets, and an area where a person goes for more."""

from collections.abc import Iterator
from typing import Final

from edge.site import Copies
from edge.site_check.mistakes import Mistake, nearest
from edge.site_check.places import Sheet
from edge.site_check.references import ids, items, mistake_at

_ROLL: Final = "printer.escpos"


def check_copies(sheet: Sheet) -> list[Mistake]:
    return [*_section(sheet), *_rolls(sheet)]


def _section(sheet: Sheet) -> Iterator[Mistake]:
    copies = sheet.data.get("copies")
    if not isinstance(copies, dict):
        return
    area, areas = copies.get("area"), ids(sheet, "areas")
    if isinstance(area, str) and area not in areas:
        close = nearest(area, areas)
        meant = f'"{close}"' if close else ""
        yield mistake_at(sheet, ("copies", "area"), "unknown_id", meant, value=area, section="areas")
    if not any(kiosk.get("office") for _, kiosk in items(sheet, "kiosks")):
        yield mistake_at(sheet, ("copies",), "copies_nowhere")
    yield from _shares(sheet, copies)


def _shares(sheet: Sheet, copies: dict[str, object]) -> Iterator[Mistake]:
    """One person alone must not be promised more than there is for everybody."""
    hall = copies.get("hall_pages", Copies.model_fields["hall_pages"].default)
    for field in ("person_pages", "ticket_pages"):
        pages = copies.get(field, Copies.model_fields[field].default)
        if type(hall) is int and type(pages) is int and pages > hall:
            named = field if field in copies else "hall_pages"
            yield mistake_at(sheet, ("copies", named), "copies_share", pages=pages, hall=hall)


def _rolls(sheet: Sheet) -> Iterator[Mistake]:
    rolls = {device.get("id") for _, device in items(sheet, "devices") if device.get("driver") == _ROLL}
    for path, kiosk in items(sheet, "kiosks"):
        if kiosk.get("office") in rolls:
            yield mistake_at(sheet, (*path, "office"), "roll_printer", value=kiosk["office"])
