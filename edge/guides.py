"""The hall's guides (办事指南): which items citizens may read of, and where each is handled here."""

from dataclasses import dataclass

from edge.catalogue import Catalogue, ServiceItem
from edge.catalogue.guide import Place, Section, sections
from edge.catalogue.schema import Topic
from edge.rules.deadlines import Hours
from edge.site import Site
from edge.site_sections.places import Service


@dataclass(frozen=True, slots=True)
class Guides:
    """One catalogue, read by kiosk, clerk and paper alike; made anew for every question, it costs nothing."""

    catalogue: Catalogue
    site: Site
    hours: Hours

    def find(self, text: str = "", topic: Topic | None = None) -> tuple[ServiceItem, ...]:
        """Best first for a `text`, else all of the `topic`. Never what must not be offered directly (涉密, 场地)."""
        found = self.catalogue.search(text) if text else tuple(self.catalogue.items.values())
        return tuple(item for item in found if item.kiosk.shown and topic in (None, item.topic))

    def topics(self) -> tuple[Topic, ...]:
        """Those with at least one item, in the order of the catalogue's form."""
        return tuple(dict.fromkeys(item.topic for item in self.find()))

    def item(self, uid: str) -> ServiceItem:
        """Raises KeyError: not there, or not for citizens."""
        found = self.catalogue.items[uid]
        if not found.kiosk.shown:
            raise KeyError(uid)
        return found

    def sections(self, item: ServiceItem) -> tuple[Section, ...]:
        return sections(item, self.place(item))

    def place(self, item: ServiceItem) -> Place:
        hall, service = self.site.hall, self.service(item)
        area = next((each.name for each in self.site.areas if service and each.id == service.area), {})
        windows = [window for window in self.site.windows if service and service.id in window.services]
        return Place(
            hall=hall.name,
            phone=hall.phone,
            accepts=hall.level in item.accepted_at,
            area=area,
            windows=tuple(window.number for window in windows),
            hours=tuple(f"{each.opens:%H:%M}-{each.closes:%H:%M}" for each in self.hours.sessions),
        )

    def service(self, item: ServiceItem) -> Service | None:
        """What a number for this item is taken for; None where this hall does not take it in."""
        if self.site.hall.level not in item.accepted_at:
            return None
        named = (each for each in self.site.services if item.topic in each.topics)
        general = (each for each in self.site.services if not each.topics)
        return next(named, next(general, None))

    def online(self, item: ServiceItem) -> str:
        """The city's entry where the item can be applied for from home, else ''."""
        return (self.site.hall.online or "") if item.online else ""
