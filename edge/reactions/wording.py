"""Names that people read on a case's papers: of the hall, its windows, and what the catalogue calls things."""

from dataclasses import dataclass

from config.words import Words, load
from drivers.contract import TicketLine
from edge.catalogue import Catalogue, ServiceItem
from edge.reactions.views.displays import in_language
from edge.rules.case_records import Requirement
from edge.site import Site


@dataclass(frozen=True, slots=True)
class Wording:
    """`catalogue` is the version that the case was opened with, as far as it is still kept. An id stands for a
    name that is not known: a paper with a code on it is better than none.
    """

    site: Site
    catalogue: Catalogue

    @property
    def words(self) -> Words:
        return load(self.site.language, "ticket")

    @property
    def hall(self) -> str:
        return in_language(self.site.hall.name, self.site.language)

    def item(self, uid: str) -> str:
        known = self._known(uid)
        return uid if known is None else in_language(known.name, self.site.language)

    def implementation_code(self, uid: str) -> str:
        """'' where the centre has given none."""
        known = self._known(uid)
        return "" if known is None else known.codes.implementation or ""

    def material(self, item: str, uid: str) -> str:
        known = self._known(item)
        named = () if known is None else known.materials
        return next((in_language(each.name, self.site.language) for each in named if each.id == uid), uid)

    def window(self, uid: str) -> str:
        return next((window.number for window in self.site.windows if window.id == uid), uid)

    def amount(self, originals: int, copies: int, pages: int = 0) -> str:
        """`原件 1 复印件 2 扫描 3 页`; '' for nothing."""
        counts = {"originals": originals, "copies": copies, "pages": pages}
        said = [self.words.say(f"case.{name}", count=count) for name, count in counts.items() if count]
        return self.words["case.count_join"].join(said)

    def wanted(self, requirement: Requirement | None) -> str:
        return "" if requirement is None else self.amount(requirement.originals, requirement.copies)

    def wanted_now(self, item: str, uid: str) -> str:
        """What the catalogue wants of a material today; '' where it does not know it."""
        known = self._known(item)
        named = () if known is None else known.materials
        return next((self.amount(each.originals, each.copies) for each in named if each.id == uid), "")

    def unit(self, uid: str) -> str:
        name = self.catalogue.units().get(uid)
        return in_language(name, self.site.language) if name else uid

    def place(self, window: str, clerk: str) -> list[TicketLine]:
        return [
            left(self.words.say("case.place", hall=self.hall, window=self.window(window))),
            left(self.words.say("case.clerk", clerk=clerk)),
        ]

    def title(self, key: str, number: str, copy_no: int) -> list[TicketLine]:
        """Heading; a second paper says that it is one (补打) and which."""
        mark = [TicketLine(text=self.words.say("case.reprint", copy=copy_no - 1), bold=True)] if copy_no > 1 else []
        return [
            TicketLine(text=self.hall, bold=True),
            *mark,
            TicketLine(text=self.words[f"{key}.title"], size=2, bold=True),
            left(number),
        ]

    def foot(self, code: str, catalogue: str = "") -> list[TicketLine]:
        version = [left(self.words.say("case.catalogue", version=catalogue[:12]))] if catalogue else []
        return [TicketLine(text=code, qr=True), left(self.words.say("phone", phone=self.site.hall.phone)), *version]

    def _known(self, uid: str) -> ServiceItem | None:
        return self.catalogue.items.get(uid)


def left(text: str, *, bold: bool = False) -> TicketLine:
    return TicketLine(text=text, align="left", bold=bold)


def minute(at: str) -> str:
    """`2026-11-23T09:14:07.312+08:00` -> `2026-11-23 09:14`."""
    return at[:16].replace("T", " ")
