"""Four halls as their settings have them: two stations, a street hall, a district hall; and what they look up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any, Final

from edge.catalogue.calendars import load_calendars
from edge.rules.books import ItemFacts, Reusable
from edge.rules.case_records import Requirement
from edge.rules.commands import ConfigureSite
from edge.rules.deadlines import Calendar, Hours, Session
from edge.rules.delegation import Delegation, FlowSetup
from edge.rules.followup_records import Level
from edge.rules.oversight_setup import OversightSetup
from edge.rules.records import ServiceSetup, WindowSetup
from tests.campaign.weeks.wall import FOLDER

MADE_UP: Final = ("2027-01-01", "2027-01-02", "2027-01-03")
_TWO: Final = (
    Requirement(material="id-card", mandatory=True, originals=0, copies=2),
    Requirement(material="deed", mandatory=True, originals=1, copies=1),
    Requirement(material="photo", mandatory=False, originals=2, copies=0),
)
_REUSED: Final = (
    Requirement(material="form", mandatory=True, originals=1, copies=0),
    Requirement(material="household", mandatory=True, originals=1, copies=1, reusable=True),
)
# Ages are short, so that what is held runs out while a draft waits.
_LISTED: Final = {
    "household": Reusable(("base", "case"), days=14),
    "address": Reusable(("base",)),
    "tax-number": Reusable(("base",), days=9),
}
ITEMS: Final = {
    "permit": ItemFacts("permit", "promised", 5, _TWO, ("counter", "mail", "kiosk")),
    "licence": ItemFacts("licence", "promised", 12, _REUSED, ("counter", "bank", "electronic"), reuse=_LISTED),
    "advice": ItemFacts("advice", "promised", None, (), ("counter",)),
    "stamp": ItemFacts("stamp", "instant", 1, _REUSED, ("counter",), reuse={"household": Reusable(("case",))}),
}
LEVELS: Final[Mapping[str, Level]] = {"st1": "station", "st2": "station", "street": "street", "district": "district"}
PLACES: Final = {"st1": "S001", "st2": "S002", "street": "S101", "district": "S201"}
UNITS: Final = ("unit-a", "unit-b")
_HOURS: Final = Hours((Session(time(9), time(12)), Session(time(14), time(17, 30))))


@dataclass(frozen=True)
class HallBooks:
    calendar: Calendar
    site_number: str
    flow: FlowSetup
    items: Mapping[str, ItemFacts] = field(default_factory=lambda: ITEMS)
    catalogue_version: str = "ab" * 32
    hours: Hours = _HOURS
    region: str = "440303"
    node: str = "01"

    def item(self, id: str) -> ItemFacts | None:
        return self.items.get(id)


def calendar(*, next_year: bool) -> Calendar:
    """That of `config/calendar`; with `next_year` a made-up list for 2027, as if its notice had come."""
    known = load_calendars(FOLDER).calendar
    if not next_year:
        return known
    off = known.holidays | {date.fromisoformat(day) for day in MADE_UP}
    return Calendar(off, known.working_weekend_days, known.years | {2027})


def delegations(hall: str, first: str, last: str) -> tuple[Delegation, ...]:
    """The second station decides nothing; the first one's right ends with `last`."""
    if hall == "st2":
        return ()
    made = Delegation(number=f"D-{hall}", item="stamp", unit="unit-a", seal="seal-a", first=first, last="2027-12-31")
    return (made.model_copy(update={"last": last}) if hall == "st1" else made,)


def setup(hall: str, version: int = 0) -> ConfigureSite:
    """`version`: of the site file. Odd ones have lost their third window and ask citizens at the pad for longer."""
    windows = ("w1", "w2", "w3") if version % 2 == 0 else ("w1", "w2")
    return ConfigureSite(
        hash=f"{version:064d}",
        windows=tuple(WindowSetup(id=each, area="a", services=("general",)) for each in windows),
        services=(ServiceSetup(id="general", prefix="A", area="a"),),
        clerks=tuple(clerks(hall)),
        oversight=OversightSetup(level=LEVELS[hall]),
    )


def clerks(hall: str) -> list[str]:
    return [f"{hall}-c{n}" for n in (1, 2, 3)]


def as_plain(found: tuple[Delegation, ...]) -> list[Mapping[str, Any]]:
    return [each.model_dump() for each in found]


def as_rules() -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
    """What may be used again, by item and by what."""
    return {
        item: {what: {"sources": rule.sources, "days": rule.days} for what, rule in facts.reuse.items()}
        for item, facts in ITEMS.items()
    }
