"""What comes before a receipt or beside it: parcels by post, looks through, departments asked to the window.

Knows records as JSON and nothing of ours.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

Body = Mapping[str, Any]
_KNOWN_DAYS: Final = 90


@dataclass
class Post:
    hall: str
    item: str
    waybill: str
    case: str = ""


@dataclass
class Counter:
    """Of one hall. `item_of`: of each case. `asked`: by ticket, the unit and when. `looked`: the newest by case."""

    item_of: dict[str, str] = field(default_factory=dict)
    asked: dict[str, tuple[str, int]] = field(default_factory=dict)
    looked: dict[str, tuple[str, str]] = field(default_factory=dict)
    waybills: dict[str, str] = field(default_factory=dict)
    finished: set[str] = field(default_factory=set)


class Before:
    def __init__(self, broken: list[str]) -> None:
        self.broken = broken
        self.post: dict[str, Post] = {}
        self.differing = 0
        self._counters: dict[str, Counter] = {}

    def see(self, hall: str, kind: str, subject: str, actor: str, body: Body, today: str, at: str, ms: int) -> None:
        handle = getattr(self, "_" + kind.replace(".", "_"), None)
        if handle is not None:
            handle(hall, subject, body, today, ms)

    def says(self, hall: str, what: str) -> None:
        self.broken.append(f"{hall}: {what}")

    def after_command(self, hall: str) -> None:
        """A turn that is over has nobody on the way to it any more."""
        here = self._at(hall)
        for ticket in here.finished & set(here.asked):
            self.says(hall, f"{ticket} is over and {here.asked.pop(ticket)[0]} is still expected")
        here.finished.clear()

    def compare(self, hall: str, state: Body) -> None:
        waiting = {uid for uid, each in self.post.items() if each.hall == hall and not each.case}
        if set(state["parcels"]) != waiting:
            self.says(hall, f"parcels here and on the list differ: {sorted(set(state['parcels']) ^ waiting)[:3]}")
        for uid, case in state["cases"].items():
            for each in case["parcels"]:
                if self.post[each["uid"]].case != uid:
                    self.says(hall, f"{each['uid']} lies with {uid}, on the list with {self.post[each['uid']].case}")
        expected = {uid for uid, ticket in state["tickets"].items() if ticket["guidance"]}
        if expected != set(self._at(hall).asked):
            self.says(hall, f"departments are expected at {sorted(expected)}, on the list others")

    # cases -----------------------------------------------------------------------------------------------------------

    def _case_opened(self, hall: str, case: str, body: Body, today: str, ms: int) -> None:
        self._at(hall).item_of[case] = body["item"]

    def _case_prechecked(self, hall: str, case: str, body: Body, today: str, ms: int) -> None:
        """Each says something new: the same look twice is one record."""
        now = (str(body["points"]), body["unit"])
        if self._at(hall).looked.get(case) == now:
            self.says(hall, f"{case} was looked through twice with the same outcome")
        self._at(hall).looked[case] = now

    # parcels ---------------------------------------------------------------------------------------------------------

    def _parcel_signed(self, hall: str, parcel: str, body: Body, today: str, ms: int) -> None:
        here, bill = self._at(hall), body["waybill"]
        oldest = (date.fromisoformat(today) - timedelta(days=_KNOWN_DAYS)).isoformat()
        if here.waybills.get(bill, "") >= oldest:
            self.says(hall, f"{bill} was signed for on {here.waybills[bill]} and again on {today}")
        here.waybills[bill] = today
        lists: list[dict[str, int]] = []
        for sheets in (body["listed"], body["counted"]):
            lists.append({})
            for each in sheets:
                lists[-1][each["material"]] = lists[-1].get(each["material"], 0) + each["sheets"]
        said, found = lists
        wanted = {
            name: (said.get(name, 0), found.get(name, 0))
            for name in said | found
            if said.get(name, 0) != found.get(name, 0)
        }
        told = {each["material"]: (each["listed"], each["counted"]) for each in body["differences"]}
        if told != wanted:
            self.says(hall, f"{parcel}: differences {wanted}, it says {told}")
        if body["witness"] == body["clerk"] or (wanted and not body["witness"]):
            self.says(hall, f"{parcel} was opened by {body['clerk']} alone")
        self.differing += bool(wanted)
        self.post[parcel] = Post(hall, body["item"], bill)

    def _parcel_matched(self, hall: str, parcel: str, body: Body, today: str, ms: int) -> None:
        post = self.post.get(parcel)
        if post is None or post.hall != hall or post.case:
            return self.says(hall, f"{parcel} was given to {body['case']}: {post}")
        if self._at(hall).item_of.get(body["case"]) != post.item:
            self.says(hall, f"{parcel} for {post.item} was given to a case of another item")
        post.case = body["case"]

    # departments asked to the window ---------------------------------------------------------------------------------

    def _guidance_called(self, hall: str, ticket: str, body: Body, today: str, ms: int) -> None:
        here = self._at(hall)
        if ticket in here.asked:
            self.says(hall, f"{body['unit']} was asked to {ticket}, {here.asked[ticket][0]} is still expected")
        here.asked[ticket] = (body["unit"], ms)

    def _guidance_ended(self, hall: str, ticket: str, body: Body, today: str, ms: int) -> None:
        unit, since = self._at(hall).asked.pop(ticket, ("", 0))
        if unit != body["unit"] or body["took"] != ms - since:
            self.says(hall, f"{ticket}: {body['unit']} took {body['took']} ms, on the list {unit!r} {ms - since}")

    def _service_finished(self, hall: str, ticket: str, body: Body, today: str, ms: int) -> None:
        self._at(hall).finished.add(ticket)

    def _at(self, hall: str) -> Counter:
        return self._counters.setdefault(hall, Counter())
