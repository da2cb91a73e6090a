"""Section `cases` of the site's file: what becomes of cases after their receipt, and who has a part in it."""

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from edge.rules.delegation import Delegation, FlowSetup
from edge.site_sections.form import CODE, Id, Section, SiteCode, Text


class Delegated(Section):
    """授权: `unit` lets this hall decide `item` on the spot, both dates included; `unit`, `item`: ids of the catalogue.

    `number`: a code of the letter; it stands in the record. `seal`: id of the seal that goes with it, `seal_name`:
    what is cut into it.
    """

    number: Annotated[str, StringConstraints(pattern=CODE)]
    item: Id
    unit: Id
    seal: Id
    seal_name: Text
    first: date
    last: date


class Elsewhere(Section):
    """Another hall where a result may be collected (通取)."""

    site: SiteCode
    name: Text


class Messenger(Section):
    """Fetches papers for a deciding unit and signs for them at a window. `pin`: scrypt hash as for clerks."""

    id: Id
    name: str
    pin: str
    unit: Id


class Cases(Section):
    """Cases after their receipt. `follows`: they stay with the hall until they are closed; else they end there.

    `reminders`: days after which a result that nobody fetched is told again; after `unclaimed_days` it counts as not
    fetched, 0 = never. The light turns yellow when `yellow_share`
    per cent or `yellow_days` of the limit are left.
    """

    follows: bool = False
    reminders: tuple[Annotated[int, Field(ge=1, le=3650)], ...] = (7, 30, 90)
    unclaimed_days: int = Field(default=180, ge=0, le=3650)
    yellow_share: int = Field(default=20, ge=0, le=100)
    yellow_days: int = Field(default=1, ge=0, le=60)
    delegations: tuple[Delegated, ...] = ()
    elsewhere: tuple[Elsewhere, ...] = ()
    messengers: tuple[Messenger, ...] = ()

    def setup(self, place: str) -> FlowSetup:
        """What of it the rules decide by, at the site `place`."""
        return FlowSetup(
            follows=self.follows,
            place=place,
            reminders=self.reminders,
            unclaimed_days=self.unclaimed_days,
            yellow_share=self.yellow_share,
            yellow_days=self.yellow_days,
            delegations=tuple(
                Delegation.model_validate(each.model_dump(mode="json", exclude={"seal_name"}))
                for each in self.delegations
            ),
        )
