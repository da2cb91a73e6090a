"""The trail of every case, sheet and result, over all halls, as a person with a pencil would keep it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tests.campaign.weeks.wall import NotPrinted, Wall, days_from, yesterday

Body = Mapping[str, Any]

# Stage, act -> stage it leads to and who may: k a clerk, c the centre, h the hall itself. '<' = back.
WAYS: Final = {
    "received": "accept:accepted:kc lack:supplement:kc forward:forwarded:k withdraw:withdrawn:k",
    "accepted": "lack:supplement:kc suspend:suspended:k forward:forwarded:k withdraw:withdrawn:k",
    "supplement": "supply:<:k withdraw:withdrawn:k",
    "suspended": "resume:<:k withdraw:withdrawn:k",
    "forwarded": "accept:forwarded:c lack:supplement:c suspend:stayed:c withdraw:withdrawn:c",
    "stayed": "resume:<:c withdraw:withdrawn:c",
    "decided": "arrive:arrived:k",
    "rejected": "arrive:arrived:k",
    "arrived": "verify:verified:k reject:rejected:k",
    "registered": "shelve:ready:k",
    "ready": "remind:ready:h",
    "delivered": "close:closed:h",
    "moved": "close:closed:h",
    "withdrawn": "close:closed:h",
}
_PROOF: Final = {
    "counter applicant": "id_card",
    "counter agent": "id_card_and_authority",
    "kiosk applicant": "id_card",
    "mail courier": "delivery_note",
    "bank courier": "delivery_note",
    "electronic none": "online_receipt",
}
_REMINDERS: Final = (7, 30, 90)


@dataclass
class Sheets:
    """Of one material of one case; together always what was brought."""

    brought: int = 0
    here: int = 0
    on_way: int = 0
    there: int = 0
    lost: int = 0

    def balanced(self) -> bool:
        parts = (self.here, self.on_way, self.there, self.lost)
        return min(parts) >= 0 and sum(parts) == self.brought


@dataclass
class Kept:
    """A case at the hall that received it, or one whose result came to this hall."""

    stage: str
    item: str = ""
    limit: int | None = None
    received_at: str = ""
    due: str = ""
    back: str = ""
    pickup: str = ""
    deliveries: tuple[str, ...] = ()
    kind: str = ""
    standing_since: str = ""
    stood: list[tuple[str, str]] = field(default_factory=list)
    sheets: dict[str, Sheets] = field(default_factory=dict)
    outcome: str = ""
    ready: str = ""
    reminded: int = 0
    batch: str = ""


@dataclass
class Parcel:
    """`counted`: what somebody really counted when it was received, by case and material."""

    sheet: Body
    at: str
    signed: bool = False
    differs: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    taken_in: str = ""
    claimed: set[tuple[str, str]] = field(default_factory=set)


class Trail:
    def __init__(self, wall: Wall, broken: list[str], delegations: Mapping[str, list[Body]]) -> None:
        """`delegations`: of each hall, as its settings have them."""
        self._wall, self.broken, self._delegations = wall, broken, delegations
        self.cases: dict[tuple[str, str], Kept] = {}
        self.opened: dict[tuple[str, str], Body] = {}
        self.parcels: dict[str, Parcel] = {}
        self.delivered: dict[str, str] = {}
        self.numbers: dict[str, str] = {}
        self.counted: dict[tuple[str, str], dict[tuple[str, str], int]] = {}  # hall, batch: what hands counted
        self.stocks: dict[tuple[str, str], dict[int, str]] = {}
        self.places: dict[str, str] = {}  # hall: its code as a pickup site
        self.words: set[tuple[str, str, int]] = set()  # hall, item, revision that has had an effect
        self.closed = 0
        self._newest: dict[tuple[str, str], int] = {}

    def see(self, hall: str, kind: str, subject: str, actor: str, body: Body, today: str, at: str) -> None:
        handle = getattr(self, "_" + kind.replace(".", "_"), None)
        if handle is not None:
            handle(hall, subject, actor, body, today, at)

    def says(self, hall: str, what: str) -> None:
        self.broken.append(f"{hall}: {what}")

    # taking in -------------------------------------------------------------------------------------------------------

    def _case_opened(self, hall: str, case: str, actor: str, body: Body, today: str, at: str) -> None:
        self.opened[hall, case] = body

    def _case_received(self, hall: str, case: str, actor: str, body: Body, today: str, at: str) -> None:
        opened = self.opened[hall, case]
        self._number(hall, body["number"], today)
        self._number(hall, body["receipt"], today)
        if any(known == case for _, known in self.cases):
            self.says(hall, f"{case} was received twice")
        self._due_is(hall, case, body["received_at"], body["limit_days"], [], body["due"])
        if body["limit_days"] is not None and body["received"] != self._wall.counts_from(body["received_at"]):
            self.says(hall, f"{case} counts from {body['received']}, the wall says otherwise")
        lacking = {each["material"] for each in opened["materials"] if each["mandatory"]}
        kept = self.cases[hall, case] = Kept(
            "received",
            body["item"],
            body["limit_days"],
            body["received_at"],
            body["due"],
            pickup=body["pickup"],
            deliveries=tuple(opened["deliveries"]),
            kind=opened["kind"],
        )
        for mark in body["marks"]:
            if mark["state"] in ("provided", "reused"):
                lacking.discard(mark["material"])
            count = mark["originals"] + mark["copies"]
            if mark["form"] == "paper" and count:
                kept.sheets[mark["material"]] = Sheets(brought=count, here=count)
        if lacking:
            self.says(hall, f"{case} was received without {sorted(lacking)}")

    def _case_noticed(self, hall: str, case: str, actor: str, body: Body, today: str, at: str) -> None:
        self._number(hall, body["notice"], today)

    _case_refused = _case_noticed

    # under way -------------------------------------------------------------------------------------------------------

    def _case_stepped(self, hall: str, case: str, actor: str, body: Body, today: str, at: str) -> None:
        kept = self.cases.get((hall, case))
        if kept is None:
            return self.says(hall, f"{case} stepped ({body['act']}) and is not here")
        self._moves(hall, case, kept, body["act"], actor, body["stage"])
        self._followed(hall, body)
        act, day = body["act"], body["date"]
        if day > max(today, at[:10]):
            self.says(hall, f"{case}: {act} on {day}, a day to come")
        if act in ("lack", "suspend"):
            kept.back, kept.standing_since = kept.stage, day
        elif act in ("supply", "resume"):
            if kept.standing_since <= yesterday(day):
                kept.stood.append((kept.standing_since, yesterday(day)))
            kept.standing_since, kept.back = "", ""
        for paper in body["brought"]:
            sheets = kept.sheets.setdefault(paper["material"], Sheets())
            sheets.brought += paper["sheets"]
            sheets.here += paper["sheets"]
        kept.stage = body["stage"]
        if kept.stage == "ready" and not kept.ready:
            kept.ready = day
            if kept.pickup not in ("", self.places[hall]):
                self.says(hall, f"{case} lies on the shelf here and is to be fetched at {kept.pickup}")
        if act == "remind":
            kept.reminded += 1
        if kept.standing_since:
            if body["due"]:
                self.says(hall, f"{case} stands still and has a due date")
        elif kept.stage not in ("withdrawn", "closed"):
            self._due_is(hall, case, kept.received_at, kept.limit, kept.stood, body["due"])
        kept.due = body["due"]
        if kept.stage == "closed":
            self._close(hall, case)

    def _case_decided(self, hall: str, case: str, actor: str, body: Body, today: str, at: str) -> None:
        kept = self.cases.get((hall, case))
        if kept is None:
            return self.says(hall, f"{case} was decided and is not here")
        self._followed(hall, body)
        by_clerk = actor.startswith("clerk:")
        if kept.stage != ("accepted" if by_clerk else "forwarded"):
            self.says(hall, f"{case} was decided by {actor} while it was {kept.stage}")
        if by_clerk:
            allowed = [
                each
                for each in self._delegations[hall]
                if each["item"] == kept.item and each["first"] <= today <= each["last"]
            ]
            fits = any((body["basis"], body["seal"]) == (each["number"], each["seal"]) for each in allowed)
            if kept.kind != "instant" or not fits:
                self.says(hall, f"{case} was decided by {actor} with {body['seal']} and no right to")
        kept.stage, kept.outcome = "decided", body["outcome"]

    def _case_tasked(self, hall: str, case: str, actor: str, body: Body, today: str, at: str) -> None:
        self._followed(hall, body)

    def _decision_disputed(self, hall: str, case: str, actor: str, body: Body, today: str, at: str) -> None:
        self._followed(hall, body)
        kept = self.cases.get((hall, case))
        if (kept.stage if kept else "") != body["stage"]:
            self.says(hall, f"{case}: a dispute names a stage that is not so")

    def _moves(self, hall: str, case: str, kept: Kept, act: str, actor: str, to: str) -> None:
        ways = dict(way.split(":", 1) for way in WAYS.get(kept.stage, "").split())
        wanted, _, who = ways.get(act, "nowhere:").partition(":")
        wanted = kept.back if wanted == "<" else wanted
        letter = {"clerk": "k", "centre": "c"}.get(actor.split(":")[0], "h")
        if wanted != to or letter not in who:
            self.says(hall, f"{case}: {act} by {actor} led from {kept.stage} to {to}")

    def _followed(self, hall: str, body: Body) -> None:
        about = body.get("about")
        if about is None:
            return
        word = (hall, about["id"], about["rev"])
        if word in self.words and body.get("said") != "gone":
            self.says(hall, f"the word {word} had its effect twice")
        self.words.add(word)
        self._newest[hall, about["id"]] = max(about["rev"], self._newest.get((hall, about["id"]), 0))

    def heard(self, hall: str, word: str, rev: int) -> bool:
        """The hall's records say what became of the word, or of a newer revision of it."""
        return self._newest.get((hall, word), 0) >= rev

    # handovers -------------------------------------------------------------------------------------------------------

    def _batch_sealed(self, hall: str, batch: str, actor: str, body: Body, today: str, at: str) -> None:
        sheet = body["sheet"]
        self._number(hall, sheet["number"], today)
        self.parcels[batch] = Parcel(sheet, hall)
        for line in sheet["lines"]:
            kept = self.cases.get((hall, line["case"]))
            if kept is None:
                self.says(hall, f"{line['case']} left with {batch} and is not here")
            elif sheet["what"] == "results":
                if kept.stage not in ("registered", "ready") or sheet["to"] != kept.pickup:
                    self.says(hall, f"the result of {line['case']} ({kept.stage}) went to {sheet['to']}")
                kept.stage, kept.batch = "moving", batch
            else:
                sheets = kept.sheets[line["material"]]
                if line["sheets"] != sheets.here:
                    self.says(hall, f"{batch} carries {line['sheets']} of {sheets.here} sheets of {line['material']}")
                sheets.here -= line["sheets"]
                sheets.on_way += line["sheets"]

    def _batch_received(self, hall: str, batch: str, actor: str, body: Body, today: str, at: str) -> None:
        parcel = self.parcels[batch]
        coming_in = body["sheet"] is not None
        if body["signer"] == parcel.sheet["sealed_by"]:
            self.says(hall, f"{batch} was sealed and signed for by {body['signer']}")
        if body["hash"] != parcel.sheet["hash"] or (coming_in and body["sheet"] != parcel.sheet):
            self.says(hall, f"{batch} was received with another sheet than was sealed")
        if coming_in and (parcel.taken_in or self.places[hall] != parcel.sheet["to"]):
            self.says(hall, f"{batch} was taken in here, {parcel.taken_in or parcel.sheet['to']} has it")
        if not coming_in and parcel.signed:
            self.says(hall, f"{batch} was signed for twice")
        told = {(each["case"], each["material"]): (each["sheets"], each["counted"]) for each in body["differences"]}
        hands = self.counted.get((hall, batch), {})
        for line in parcel.sheet["lines"]:
            name = (line["case"], line["material"])
            real = hands.get(name, 0)
            if (real != line["sheets"]) != (name in told) or told.get(name, (0, real))[1] != real:
                self.says(hall, f"{batch}: {real} of {line['sheets']} sheets of {name} came, it says {told.get(name)}")
            if coming_in:
                self._comes_in(hall, batch, parcel, name, real == line["sheets"], today)
            else:
                self._went_out(parcel, name, min(real, line["sheets"]), real == line["sheets"])
        if coming_in:
            parcel.taken_in = hall
            self.parcels[f"{batch} at {hall}"] = Parcel(parcel.sheet, hall, True, told)
        else:
            parcel.signed, parcel.differs = True, told

    def _comes_in(self, hall: str, batch: str, parcel: Parcel, name: tuple[str, str], whole: bool, today: str) -> None:
        if whole:
            rider = next(each for each in parcel.sheet["passengers"] if each["case"] == name[0])
            self.cases[hall, name[0]] = Kept(
                "ready", rider["item"], deliveries=tuple(rider["deliveries"]), outcome=rider["outcome"], ready=today,
                batch=batch,
            )  # fmt: skip

    def _went_out(self, parcel: Parcel, name: tuple[str, str], real: int, whole: bool) -> None:
        kept = self.cases.get((parcel.at, name[0]))
        if kept is None:
            return
        if parcel.sheet["what"] == "results":
            kept.stage = "moved" if whole else kept.stage
        else:
            kept.sheets[name[1]].on_way -= real
            kept.sheets[name[1]].there += real

    def _batch_settled(self, hall: str, batch: str, actor: str, body: Body, today: str, at: str) -> None:
        parcel = self.parcels.get(f"{batch} at {hall}") or self.parcels[batch]
        name = (body["case"], body["material"])
        if body["witness"] == body["clerk"]:
            self.says(hall, f"{batch} was settled by one person")
        if name not in parcel.differs:
            return self.says(hall, f"{batch}: {name} was settled and is no difference")
        sheets, counted = parcel.differs.pop(name)
        kept = self.cases.get((hall, name[0]))
        if parcel.sheet["what"] == "results":
            if body["outcome"] == "found_here":
                self._found_result(hall, batch, parcel, kept, name, today)
        elif kept is not None and counted < sheets:
            here = kept.sheets[name[1]]
            here.on_way -= sheets - counted
            where = {"found_here": "here", "found_there": "there", "lost": "lost"}[body["outcome"]]
            setattr(here, where, getattr(here, where) + sheets - counted)

    def _found_result(
        self, hall: str, batch: str, parcel: Parcel, kept: Kept | None, name: tuple[str, str], today: str
    ) -> None:
        holder = self._holder(name[0])
        if holder:
            self.says(hall, f"the result of {name[0]} was found here and lies at {holder}")
        if kept is not None:
            kept.stage, kept.batch, kept.ready = "ready", "", kept.ready or today

    # results ---------------------------------------------------------------------------------------------------------

    def _result_registered(self, hall: str, case: str, actor: str, body: Body, today: str, at: str) -> None:
        kept = self.cases[hall, case]
        self._number(hall, body["entry"], today)
        if kept.stage != "verified":
            self.says(hall, f"the result of {case} was registered while it was {kept.stage}")
        kept.stage = "registered"

    def _result_delivered(self, hall: str, case: str, actor: str, body: Body, today: str, at: str) -> None:
        if case in self.delivered:
            self.says(hall, f"the result of {case} was delivered twice, at {self.delivered[case]} before")
        self.delivered[case] = hall
        kept = self.cases.get((hall, case))
        if kept is None or kept.stage != "ready":
            return self.says(hall, f"the result of {case} was delivered and was not here")
        if _PROOF.get(f"{body['way']} {body['collector']}") != body["proof"]:
            self.says(hall, f"{case}: {body['collector']} by {body['way']} showed {body['proof']}")
        if body["way"] != "counter" and body["way"] not in kept.deliveries:
            self.says(hall, f"{case} was delivered by {body['way']}, which is not offered")
        kept.stage = "delivered"

    def _paper_stocked(self, hall: str, kind: str, actor: str, body: Body, today: str, at: str) -> None:
        stock = self.stocks.setdefault((hall, kind), {})
        for serial in range(body["first"], body["last"] + 1):
            if serial in stock:
                self.says(hall, f"{kind} {serial} came twice")
            stock[serial] = "stock"
        if body["witness"] == body["clerk"]:
            self.says(hall, f"{kind} was counted by one person")

    def _paper_used(self, hall: str, kind: str, actor: str, body: Body, today: str, at: str) -> None:
        self._takes(hall, kind, body["serial"], "used")
        kept = self.cases.get((hall, body["case"]))
        if kept is None or not kept.outcome:
            self.says(hall, f"{kind} {body['serial']} was used for {body['case']}, which nobody decided")

    def _paper_spoiled(self, hall: str, kind: str, actor: str, body: Body, today: str, at: str) -> None:
        self._takes(hall, kind, body["serial"], "spoiled")
        if body["witness"] == body["clerk"]:
            self.says(hall, f"{kind} {body['serial']} was spoiled by one person")

    def _takes(self, hall: str, kind: str, serial: int, how: str) -> None:
        stock = self.stocks.setdefault((hall, kind), {})
        if stock.get(serial) != "stock":
            self.says(hall, f"{kind} {serial} was {how} and was {stock.get(serial)} before")
        stock[serial] = how

    # the end of a day ------------------------------------------------------------------------------------------------

    def _day_closed(self, hall: str, day: str, actor: str, body: Body, today: str, at: str) -> None:
        for (where, case), kept in self.cases.items():
            if where != hall:
                continue
            if kept.stage in ("delivered", "moved", "withdrawn"):
                self.says(hall, f"{case} is {kept.stage} and was not closed with its day")
            if kept.stage == "ready":
                owed = sum(days <= days_from(kept.ready, today) for days in _REMINDERS)
                # one reminder a day: what a hall that was closed for long owes comes day by day
                if kept.reminded > owed or (kept.reminded < owed and kept.reminded == 0):
                    self.says(hall, f"{case} has waited since {kept.ready} and {kept.reminded} of {owed} were reminded")

    def _close(self, hall: str, case: str) -> None:
        del self.cases[hall, case]
        self.closed += 1

    # against the hall's own memory -----------------------------------------------------------------------------------

    def compare(self, hall: str, state: Body) -> None:
        """`state`: what the hall shows of itself, as JSON."""
        dossiers, ours = state["dossiers"], {case for where, case in self.cases if where == hall}
        if set(dossiers) != ours:
            self.says(hall, f"cases here and on the list differ: {sorted(set(dossiers) ^ ours)[:3]}")
        for uid, dossier in dossiers.items():
            kept = self.cases.get((hall, uid))
            if kept is None:
                continue
            if dossier["stage"] != kept.stage or dossier["outcome"] != kept.outcome:
                self.says(hall, f"{uid} is {dossier['stage']} there and {kept.stage} on the list")
            for name, sheets in kept.sheets.items():
                held = dossier["holdings"].get(name, {"here": 0, "on_way": 0, "there": 0, "lost": 0})
                same = all(held[each] == getattr(sheets, each) for each in ("here", "on_way", "there", "lost"))
                if not same or not sheets.balanced():
                    self.says(hall, f"{uid}: sheets of {name} do not add up: {held} and {sheets}")
        for kind, stock in state["stocks"].items():
            listed = list(self.stocks.get((hall, f"paper:{kind}"), {}).values())
            left = sum(run["last"] - run["first"] + 1 for run in stock["runs"])
            counts = (listed.count("used"), listed.count("spoiled"), listed.count("stock"), len(listed))
            if counts != (stock["used"], stock["spoiled"], left, stock["came"]):
                self.says(hall, f"security paper {kind}: {counts} on the list")
            if stock["used"] + stock["spoiled"] + left != stock["came"]:
                self.says(hall, f"security paper {kind} does not add up")
        self._every_sheet_on_its_way_is_in_a_parcel(hall)

    def one_place(self) -> None:
        """Over all halls: no case of which two could give the result out."""
        places: dict[str, list[str]] = {}
        for (hall, case), kept in self.cases.items():
            if kept.stage in ("ready", "registered"):
                places.setdefault(case, []).append(hall)
        for case, halls in places.items():
            if len(halls) > 1 or case in self.delivered:
                self.broken.append(f"{case} can be delivered at {halls}, {self.delivered.get(case)} has done so")

    def _every_sheet_on_its_way_is_in_a_parcel(self, hall: str) -> None:
        carried: dict[tuple[str, str], int] = {}
        for name, parcel in self.parcels.items():
            if parcel.at != hall or parcel.sheet["what"] == "results" or " at " in name:
                continue
            for line in parcel.sheet["lines"]:
                key = (line["case"], line["material"])
                if not parcel.signed:
                    carried[key] = carried.get(key, 0) + line["sheets"]
                elif key in parcel.differs:
                    sheets, counted = parcel.differs[key]
                    carried[key] = carried.get(key, 0) + max(0, sheets - counted)
        for (where, case), kept in self.cases.items():
            if where == hall:
                for material, sheets in kept.sheets.items():
                    if sheets.on_way != carried.get((case, material), 0):
                        self.says(hall, f"{case}: {sheets.on_way} sheets of {material} are on no parcel's list")

    def stage_of(self, hall: str, case: str) -> str:
        """'' where it is not here."""
        kept = self.cases.get((hall, case))
        return kept.stage if kept else ""

    def _holder(self, case: str) -> str:
        return next((hall for (hall, uid), kept in self.cases.items() if uid == case and kept.stage == "ready"), "")

    def _due_is(self, hall: str, case: str, at: str, limit: int | None, stood: list[tuple[str, str]], due: str) -> None:
        try:
            wanted = "" if limit is None else self._wall.due(at, limit, stood)
        except NotPrinted as year:
            return self.says(hall, f"{case} has the due date {due} in a year that nobody printed ({year})")
        if due != wanted:
            self.says(hall, f"{case} received {at}, {limit} days, stood {stood}: due {due}, the wall says {wanted}")

    def _number(self, hall: str, number: str, today: str) -> None:
        if number in self.numbers:
            self.says(hall, f"{number} was given twice, by {self.numbers[number]} before")
        if today.replace("-", "") not in number:
            self.says(hall, f"{number} was given on {today}")
        self.numbers[number] = hall
