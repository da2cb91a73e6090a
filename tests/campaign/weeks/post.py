"""What people do before a case is received: looks through, parcels by post, a department asked to the window."""

from collections.abc import Iterator
from typing import Final

from edge.rules import commands as c
from edge.rules.parcel_records import Sheets
from tests.campaign.weeks.hall import SimHall
from tests.campaign.weeks.places import ITEMS, UNITS, clerks

Asked = tuple[c.Command, str]
_COURIERS: Final = ("ems", "sf")


class PostAndAdvice:
    def __init__(self, hall: SimHall) -> None:
        self.hall, self.random = hall, hall.random
        self._waybills = 0

    def clerk_at(self, window: str) -> str:
        found = self.hall.state.windows.get(window)
        return f"clerk:{found.clerk if found and found.clerk else clerks(self.hall.name)[0]}"

    def before(self, window: str, case: str, mine: str) -> Iterator[Asked]:
        """With the papers on the desk: what came by post goes with them, a department has a look, perhaps twice."""
        parcels, roll = list(self.hall.state.parcels), self.random.random()
        if parcels and roll < 0.5:
            yield c.MatchParcel(window=window, parcel=self.random.choice([*parcels, "parcel:none"]), case=case), mine
        for _ in range(self.random.choice([0, 0, 1, 2])):
            yield c.PrecheckCase(window=window, case=case, unit=self.random.choice(["", "", *UNITS])), mine

    def guided(self, window: str, mine: str) -> Iterator[Asked]:
        """Somebody of a unit is asked to come; now and then two are, or nobody says how it ended."""
        for _ in range(self.random.choice([0, 0, 0, 1, 2])):
            yield c.CallGuidance(window=window, unit=self.random.choice(UNITS)), mine
            if self.random.random() < 0.7:
                outcome = self.random.choice(["came", "by_phone", "nobody"])
                yield c.EndGuidance.model_validate({"window": window, "outcome": outcome}), mine

    def post(self, window: str) -> Iterator[Asked]:
        """A courier with a parcel, mostly as its list says; sometimes one that was here before."""
        new = self._waybills == 0 or self.random.random() > 0.1
        self._waybills += new
        number = self._waybills if new else self.random.randint(max(1, self._waybills - 40), self._waybills)
        listed = [Sheets(material=name, sheets=self.random.randint(1, 5)) for name in self._materials()]
        counted = [each for each in listed if self.random.random() > 0.1]
        if self.random.random() < 0.2:
            counted.append(Sheets(material="photo", sheets=1))
        told = {
            "window": window,
            "waybill": f"WB-{self.hall.name.upper()}-{number:06}",
            "courier": self.random.choice(_COURIERS),
            "item": self.random.choice([*ITEMS] * 5 + ["no-such-item"]),
            "listed": listed,
            "counted": counted,
            "witness": self.random.choice(["", *clerks(self.hall.name)]),
        }
        yield c.SignParcel.model_validate(told), self.clerk_at(window)

    def _materials(self) -> list[str]:
        return self.random.choices(["deed", "form", "id-card", "photo"], k=self.random.randint(1, 3))
