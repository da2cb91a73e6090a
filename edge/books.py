"""What the rules look up, made of the site's catalogue, calendar and codes. One value that is never changed."""

from dataclasses import dataclass

from edge.catalogue import Catalogue, Level, ServiceItem
from edge.catalogue.schema import Reuse
from edge.rules.books import ItemFacts, Reusable
from edge.rules.case_records import Requirement
from edge.rules.copy_setup import NO_COPIES, CopySetup
from edge.rules.deadlines import Calendar, Hours
from edge.rules.delegation import NO_FLOW, FlowSetup


@dataclass(frozen=True, slots=True)
class SiteBooks:
    """Implements edge.rules.books.Books. `level`: what this place accepts; other items are not known here."""

    catalogue: Catalogue
    calendar: Calendar
    hours: Hours
    level: Level
    region: str = ""
    site_number: str = ""
    node: str = ""
    flow: FlowSetup = NO_FLOW
    copies: CopySetup = NO_COPIES

    @property
    def catalogue_version(self) -> str:
        return self.catalogue.version

    def item(self, id: str) -> ItemFacts | None:
        found = self.catalogue.items.get(id)
        return facts(found) if found is not None and found.accepted_by(self.level) else None


def facts(item: ServiceItem) -> ItemFacts:
    """A due date counts the promised limit, else the legal one."""
    return ItemFacts(
        id=item.id,
        kind=item.kind,
        limit_days=item.limits.working_days,
        part_days={part.unit: part.promised for part in item.limits.parts},
        materials=tuple(
            Requirement(
                material=each.id,
                mandatory=each.mandatory,
                originals=each.originals,
                copies=each.copies,
                reusable=each.form == "reusable",
            )
            for each in item.materials
        ),
        deliveries=item.delivery or ("counter",),
        not_admitted=item.not_admitted is not None,
        unit=item.decides.unit or "",
        reuse=_reuse_list(item),
    )


def _reuse_list(item: ServiceItem) -> dict[str, Reusable]:
    """A reusable material without a rule of its own is used from either source, as long as its own dates say."""
    rules = {each.id: each.reuse or Reuse() for each in item.materials if each.form == "reusable"}
    rules |= {each.id: each.reuse for each in item.fields}
    return {uid: Reusable(rule.sources, rule.days) for uid, rule in rules.items()}
