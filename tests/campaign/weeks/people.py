"""What the people of a hall do, mostly right and sometimes not: clerks, citizens, pads, the lead, couriers."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from pydantic import SecretStr

from edge.rules import commands as c
from edge.rules import complaints, tasks
from edge.rules import followup_commands as f
from edge.rules.case_commands import TakeUpCase
from edge.rules.dossier_commands import Person
from edge.rules.dossier_records import Brought
from edge.rules.dossier_state import Dossier
from tests.campaign.weeks.hall import SimHall
from tests.campaign.weeks.matters import CONTACT_BEGINS, NAME_BEGINS
from tests.campaign.weeks.places import ITEMS, PLACES, UNITS, clerks
from tests.campaign.weeks.post import Asked, PostAndAdvice
from tests.campaign.weeks.sharing import Sharing

if TYPE_CHECKING:
    from tests.campaign.weeks.week import World

PERSON: Final = Person(name=SecretStr("代测试"), id_number=SecretStr("119999199001010020"))
TEXT: Final = SecretStr("等了很久")
_ACTS: Final = (
    "accept",
    "lack",
    "supply",
    "suspend",
    "resume",
    "forward",
    "arrive",
    "reject",
    "verify",
    "shelve",
    "withdraw",
)
_LEVELS: Final = ("very_satisfied", "satisfied", "fairly_satisfied", "dissatisfied", "very_dissatisfied")


class People(PostAndAdvice):
    """Of one hall. Every method makes a few commands at most; who asks stands beside each."""

    def __init__(self, world: "World", hall: SimHall) -> None:
        super().__init__(hall)
        self.world = world
        self.sharing = Sharing(hall)
        self._complaints = 0

    # at a window -----------------------------------------------------------------------------------------------------

    def visit(self, window: str) -> Iterator[Asked]:
        """A citizen's turn with one or two items. Whoever drives it may stop in the middle: then he is forgotten."""
        state, mine = self.hall.state, self.clerk_at(window)
        yield c.IssueTicket(service="general", channel="kiosk", place="k1"), "kiosk:k1"
        yield c.CallNext(window=window), mine
        yield c.StartService(window=window), mine
        yield from self.guided(window, mine)
        for _ in range(self.random.choice([1, 1, 2])):
            waiting = [uid for uid, case in state.cases.items() if case.state in ("noticed", "aside")]
            if waiting and self.random.random() < 0.5:
                relying = [uid for uid in waiting if any(each.used for each in state.cases[uid].held.values())]
                case = self.random.choice(relying if relying and self.random.random() < 0.5 else waiting)
                yield TakeUpCase(window=window, case=case), mine
            else:
                item = self.random.choice([*ITEMS, "permit", "stamp", "no-such-item"])
                yield self.sharing.applies(window, item), mine
                drafts = [each for each in self.hall.state.cases.values() if each.state == "draft"]
                case = next((each.uid for each in drafts if each.window == window), "")
            if case:
                if self.random.random() < 0.5:
                    self.world.line_of(self.hall)
                yield from self._taking_in(window, case, mine)
                yield from self._waiting_for(window, case, mine)
        yield c.FinishService(window=window), mine

    def _taking_in(self, window: str, case: str, mine: str) -> Iterator[Asked]:
        known = self.hall.state.cases.get(case)
        lies_there = set(known.marks) if known and self.random.random() < 0.7 else set()  # since the first time
        for each in known.materials if known else ():
            if each.material in lies_there:
                continue
            fault = self.random.random()
            told = {"state": "provided", "form": "paper", "originals": each.originals, "copies": each.copies}
            if fault < 0.08:
                told = {"state": "missing", "form": "none"}
            elif fault < 0.14:
                told |= {"state": "defect", "defect": self.random.choice(["unclear", "expired"])}
            elif fault < 0.2:
                told |= {"copies": max(0, each.copies - 1), "originals": max(0, each.originals - 1)}
            elif fault < 0.3:
                told = {"state": "reused", "form": "reused"}
            yield (
                c.MarkMaterial.model_validate({"window": window, "case": case, "material": each.material} | told),
                mine,
            )
        yield from self.sharing.shared(window, case, mine)
        relies = known is not None and any(each.used for each in known.held.values())
        if self.random.random() < (0.35 if relies else 0.08):
            yield c.SetCaseAside(window=window, case=case, why="fetching_materials"), mine
            return
        yield from self.before(window, case, mine)
        pickup = self.random.choice(["", PLACES[self.hall.name], *PLACES.values()])
        item = ITEMS[known.item] if known else ITEMS["permit"]
        delivery = self.random.choice([*item.deliveries, "counter", "mail"])
        yield c.ReceiveCase(window=window, case=case, pickup=pickup, delivery=delivery), mine
        now = self.hall.state.cases.get(case)
        if now is not None and now.state == "draft":
            yield (
                self.random.choice(
                    [
                        c.GiveNotice(window=window, case=case),
                        c.GiveNotice(window=window, case=case),
                        c.RefuseCase(window=window, case=case, reason="not_entitled"),
                        c.SetCaseAside(window=window, case=case, why="fetching_materials"),
                        c.DropCase(window=window, case=case, why="withdrawn"),
                    ]
                ),
                mine,
            )

    def _waiting_for(self, window: str, case: str, mine: str) -> Iterator[Asked]:
        """前台受理、后台同步办理: it goes to its unit at once, and the citizen waits for the word in the hall."""
        dossier = self.hall.state.dossiers.get(case)
        if dossier is None or self.random.random() < 0.5:
            return
        unit = self.random.choice(UNITS)
        yield c.StepCase(window=window, case=case, act="forward", unit=unit), mine
        for _ in range(self.random.choice([1, 1, 2])):
            yield c.AwaitDecision(window=window, case=case), mine
        if self.random.random() < 0.85:
            yield c.HoldTicket(window=window), mine

    def ask_back(self, window: str) -> Iterator[Asked]:
        """Who waited is asked back to the window: the word is there, or he has had enough."""
        mine, held = self.clerk_at(window), [t for t in self.hall.state.tickets.values() if t.state == "held"]
        here = [ticket for ticket in held if ticket.window == window] or held
        if not here:
            return
        ticket = self.random.choice(here)
        yield c.ResumeTicket(window=window, ticket=ticket.uid), mine
        if self.random.random() < 0.2:
            yield c.HoldTicket(window=window), mine
            return
        found = [
            each for each in self.hall.state.dossiers.values() if each.waiting and each.waiting.ticket == ticket.uid
        ]
        for dossier in found:
            if self.random.random() < 0.3:
                yield c.AwaitDecision(window=window, case=dossier.uid), mine
        if self.random.random() < 0.8:
            yield c.FinishService(window=window), mine

    def end_turn(self, window: str) -> Iterator[Asked]:
        """Whatever was left in the middle: the draft is put aside, the citizen goes."""
        mine, ticket = self.clerk_at(window), self.hall.state.windows[window].ticket
        for uid, case in list(self.hall.state.cases.items()):
            if case.state == "draft" and case.ticket == ticket:
                yield c.SetCaseAside(window=window, case=uid, why="system_trouble"), mine
        yield c.StartService(window=window), mine
        yield c.FinishService(window=window), mine

    # cases under way -------------------------------------------------------------------------------------------------

    def go_on(self, window: str) -> Iterator[Asked]:
        """The usual next step of some case, now and then another one."""
        state, mine = self.hall.state, self.clerk_at(window)
        if not state.dossiers:
            return
        dossier = self.random.choice(list(state.dossiers.values()))
        if self.random.random() < 0.12:
            yield self._any_step(window, dossier), mine
            return
        usual = self._usual(window, dossier)
        if usual is not None:
            yield usual, mine
            if self.random.random() < 0.05:  # somebody at another window presses the same at the same moment
                other = next((w for w, at in state.windows.items() if at.clerk and w != window), window)
                yield usual.model_copy(update={"window": other}), self.clerk_at(other)

    def _any_step(self, window: str, dossier: Dossier) -> c.Command:
        roll = self.random.random()
        if roll < 0.15:
            return c.RegisterResult(window=window, case=dossier.uid)
        if roll < 0.3:
            return self._delivery(window, dossier)
        if roll < 0.4:
            return c.DecideOnSite(window=window, case=dossier.uid, outcome="granted")
        act = self.random.choice(_ACTS)
        if act == "withdraw" and self.random.random() < 0.7:
            act = "shelve"
        reason = self.random.choice(["other", "hearing", "materials", ""])
        unit = self.random.choice([*UNITS, ""])
        return c.StepCase.model_validate(
            {"window": window, "case": dossier.uid, "act": act, "reason": reason, "unit": unit}
        )

    def _usual(self, window: str, dossier: Dossier) -> c.Command | None:
        uid, stage = dossier.uid, dossier.stage
        told: dict[str, object] = {"window": window, "case": uid}
        if stage == "received" and dossier.kind == "instant":
            return c.StepCase.model_validate(told | {"act": "accept"})
        if stage == "accepted" and dossier.kind == "instant":
            if self.random.random() < 0.15:
                return c.StepCase.model_validate(told | {"act": "suspend", "reason": "inspection"})
            return c.DecideOnSite(window=window, case=uid, outcome=self.random.choice(["granted", "denied"]))
        if stage in ("received", "accepted"):
            if self.random.random() < 0.15:
                return c.StepCase.model_validate(told | {"act": "lack", "reason": "materials"})
            return c.StepCase.model_validate(told | {"act": "forward", "unit": self.random.choice(UNITS)})
        if stage == "supplement":
            brought = (Brought(material=self.random.choice(["deed", "more"]), sheets=self.random.randint(1, 4)),)
            return c.StepCase.model_validate(told | {"act": "supply", "brought": brought})
        if stage == "suspended":
            return c.StepCase.model_validate(told | {"act": "resume"}) if self.random.random() < 0.3 else None
        if stage in ("decided", "rejected"):
            return c.StepCase.model_validate(told | {"act": "arrive"})
        if stage == "arrived":
            act = "reject" if self.random.random() < 0.1 else "verify"
            return c.StepCase.model_validate(told | {"act": act, "reason": "mismatch"})
        if stage == "verified":
            return c.RegisterResult(window=window, case=uid)
        if stage == "registered" and dossier.pickup in ("", PLACES[self.hall.name]):
            return c.StepCase.model_validate(told | {"act": "shelve"})
        if stage == "registered":
            return c.SealBatch(window=window, what="results", to=dossier.pickup, cases=(uid,))
        if stage == "ready":
            return self._delivery(window, dossier) if self.random.random() < 0.5 else None
        if stage == "moving":  # the applicant asks for it here all the same
            return self._delivery(window, dossier) if self.random.random() < 0.2 else None
        return None

    def _delivery(self, window: str, dossier: Dossier) -> c.Command:
        way, who, proof = self.random.choice(
            [
                ("counter", "applicant", "id_card"),
                ("counter", "agent", "id_card_and_authority"),
                ("counter", "agent", "id_card"),  # with a copy of the other card only
                ("mail", "courier", "delivery_note"),
                ("kiosk", "applicant", "id_card"),
                ("electronic", "none", "online_receipt"),
                ("bank", "courier", "id_card"),
            ]
        )
        person = PERSON if who in ("applicant", "agent") and self.random.random() < 0.95 else None
        return c.DeliverResult.model_validate(
            {"window": window, "case": dossier.uid, "way": way, "collector": who, "proof": proof, "person": person}
        )

    # batches ---------------------------------------------------------------------------------------------------------

    def hand_over(self, window: str) -> Iterator[Asked]:
        """Papers for a unit: sealed, and signed for by its messenger, who may count less than the sheet says."""
        state, mine = self.hall.state, self.clerk_at(window)
        unit = self.random.choice(UNITS)
        ready = [uid for uid, each in state.dossiers.items() if each.stage == "forwarded" and each.unit == unit]
        if ready:
            cases = tuple(self.random.sample(ready, min(len(ready), self.random.randint(1, 3))))
            yield c.SealBatch(window=window, what="materials", to=unit, cases=cases), mine

    def sign(self, window: str) -> Iterator[Asked]:
        state, mine = self.hall.state, self.clerk_at(window)
        waiting = [each for each in state.batches.values() if not each.signer and each.sheet.what == "materials"]
        if not waiting:
            return
        batch = self.random.choice(waiting)
        counted = self.world.hands_count(self.hall, batch.uid, batch.sheet)
        signer = self.random.choice(["u77", "u78", batch.sheet.sealed_by])
        yield c.SignBatch(window=window, batch=batch.uid, signer=signer, counted=counted), mine

    def take_in(self, window: str) -> Iterator[Asked]:
        """A parcel with results is at the door: perhaps of another hall, perhaps one that came long ago."""
        mine = self.clerk_at(window)
        parcel = self.world.at_the_door(self.hall)
        if parcel is not None:
            uid, sheet = parcel
            counted = self.world.hands_count(self.hall, uid, sheet)
            if self.random.random() < 0.05:
                sheet = sheet.model_copy(update={"to": PLACES[self.hall.name]})
            yield c.TakeInBatch(window=window, batch=uid, sheet=sheet, counted=counted), mine

    def settle(self, window: str) -> Iterator[Asked]:
        state, mine = self.hall.state, self.clerk_at(window)
        open_ones = [(batch, each) for batch in state.batches.values() for each in batch.differences]
        if open_ones:
            batch, each = self.random.choice(open_ones)
            outcome = self.random.choice(["found_here", "found_there", "lost"])
            witness = self.random.choice(["u77", mine.removeprefix("clerk:")])
            yield (
                c.SettleDifference(
                    window=window, batch=batch.uid, case=each.case, material=each.material, outcome=outcome,
                    witness=witness,
                ),
                mine,
            )  # fmt: skip

    def papers(self, window: str) -> Iterator[Asked]:
        """Security paper: a delivery of serials, a sheet used for a result, one spoiled."""
        state, mine = self.hall.state, self.clerk_at(window)
        stock, roll = state.stocks.get("permit"), self.random.random()
        witness = self.random.choice([*clerks(self.hall.name), "u77"])
        if stock is None or stock.left < 5 or roll < 0.1:
            first = self.random.randint(1, 300)
            last = first + self.random.randint(-1, 40)
            yield c.StockPaper(window=window, kind="permit", first=first, last=max(1, last), witness=witness), mine
            return
        serial = self.random.choice(stock.runs).first + self.random.choice([0, 0, 0, 1, -1])
        if roll < 0.3:
            yield c.SpoilPaper(window=window, kind="permit", serial=serial, why="misprint", witness=witness), mine
        elif state.dossiers:
            case = self.random.choice(list(state.dossiers))
            yield c.UsePaper(window=window, kind="permit", serial=serial, case=case), mine

    # voices ----------------------------------------------------------------------------------------------------------

    def rate(self) -> Iterator[Asked]:
        """At the pad at once, at the kiosk or by code later; also too late, twice, for another service, by a clerk."""
        state = self.hall.state
        nonces = list(state.questions)
        if nonces and self.random.random() < 0.5:
            nonces = nonces[-2:]
        nonces += [nonce for hall in self.world.halls.values() for nonce in list(hall.state.questions)[-1:]]
        if not nonces:
            return
        nonce = self.random.choice([*nonces, "r:none"])
        level = self.random.choice(_LEVELS)
        by = self.random.choice(["pad", "pad", "tablet", "kiosk", "code"])
        actor = "pad:pad-1" if by in ("pad", "tablet") else "kiosk:k1"
        actor = self.random.choice([actor] * 12 + ["gateway:web", self.clerk_at("w1"), "lead:l1", "system"])
        reasons = ("took_long",) if self.random.random() < 0.8 else ()
        if self.random.random() < 0.8:
            yield c.GiveRating.model_validate({"nonce": nonce, "level": level, "by": by, "reasons": reasons}), actor
        else:
            yield c.AddRating.model_validate({"nonce": nonce, "level": level, "reasons": reasons}), actor

    def rate_at_once(self) -> Iterator[Asked]:
        state = self.hall.state
        if state.questions:
            nonce = list(state.questions)[-1]
            told = {"nonce": nonce, "level": self.random.choice(_LEVELS), "by": "pad"}
            yield c.GiveRating.model_validate(told), "pad:pad-1"

    def look_into(self) -> Iterator[Asked]:
        """The tasks of bad ratings, step by step; sometimes the wrong step, sometimes by the wrong person."""
        state = self.hall.state
        if not state.tasks:
            return
        task = self.random.choice(list(state.tasks.values()))
        usual: dict[str, type[f.TaskAct]] = {
            "opened": f.AssignTask, "assigned": f.VerifyTask, "verified": f.RectifyTask, "rectifying": f.ReplyTask,
            "replied": f.RevisitTask, "revisited": f.CloseTask, "appealed": f.ReviewTask, "reviewed": f.RectifyTask,
        }  # fmt: skip
        kind = usual.get(task.state, f.CloseTask)
        kind = self.random.choice([kind] * 6 + list(tasks.STEPS))
        told = {"task": task.uid, "to": "l2", "verdict": self.random.choice(["true", "untrue"]), "content": True}
        command = kind.model_validate({name: value for name, value in told.items() if name in kind.model_fields})
        right = "centre:street" if kind is f.ReviewTask else "lead:l1"
        yield command, self.random.choice([right] * 8 + [f"clerk:{task.clerk}", self.clerk_at("w2"), "kiosk:k1"])

    def complain(self) -> Iterator[Asked]:
        """Half of them want to stay unknown, although whoever writes it down may know them."""
        self._complaints += 1
        mark = f"{self.hall.name}{self._complaints}"
        text = f"等了很久 {mark}" if self.random.random() < 0.9 else " "
        name, contact = self.random.choice([("", ""), (f"{NAME_BEGINS}{mark}", ""), ("", f"{CONTACT_BEGINS}{mark}")])
        if text.strip():
            self.world.referee.matters.said[text] = (name, contact)
        told = {
            "type": self.random.choice(["complaint", "suggestion"]),
            "channel": self.random.choice(["kiosk", "window", "phone", "paper_box"]),
            "about": self.random.choice(["site", "clerk"]),
            "target": self.random.choice(["", clerks(self.hall.name)[0]]),
            "text": SecretStr(text), "name": SecretStr(name), "contact": SecretStr(contact),
        }  # fmt: skip
        actor = self.random.choice(["kiosk:k1", "lead:l1", "guide:g1", "device:d1"])
        yield c.RegisterComplaint.model_validate(told), actor

    def read_answer(self) -> Iterator[Asked]:
        """By number and code at the kiosk; sometimes by somebody who found the number only, or before there is one."""
        if not self.hall.state.complaints:
            return
        matter = self.random.choice(list(self.hall.state.complaints.values()))
        code = self.random.choice([matter.query_code] * 4 + [""])
        told = {"complaint": matter.uid, "what": self.random.choice(["answer", "answer", "text"]), "query_code": code}
        yield f.ShowComplaint.model_validate(told), self.random.choice(["kiosk:k1", "kiosk:k1", "lead:l1", "clerk:c9"])

    def answer(self) -> Iterator[Asked]:
        state = self.hall.state
        if not state.complaints:
            return
        matter = self.random.choice(list(state.complaints.values()))
        usual: dict[str, type[f.ComplaintAct]] = {
            "registered": f.AcceptComplaint, "accepted": f.InvestigateComplaint, "redirected": f.InvestigateComplaint,
            "investigating": f.ReplyComplaint, "replied": f.RevisitComplaint, "revisited": f.CloseComplaint,
        }  # fmt: skip
        kind = self.random.choice([usual.get(matter.state, f.CloseComplaint)] * 4 + list(complaints.STEPS))
        told = {"complaint": matter.uid, "to": "unit-b", "text": TEXT, "content": False}
        command = kind.model_validate({name: value for name, value in told.items() if name in kind.model_fields})
        right = "centre:street" if kind is f.UrgeComplaint else "lead:l1"
        yield command, self.random.choice([right] * 8 + ["clerk:c9", "kiosk:k1", "system"])

    def sits_down(self, window: str, clerk: str) -> Iterator[Asked]:
        yield c.SignIn(window=window, clerk=clerk), f"clerk:{clerk}"

    def dispute(self) -> Iterator[Asked]:
        open_ones = [name for name, each in self.hall.state.disputes.items() if each.open]
        if open_ones:
            yield (
                c.SettleDispute(item=self.random.choice(open_ones)),
                self.random.choice(["lead:l1", self.clerk_at("w1")]),
            )

    def turn(self, window: str) -> Callable[[], Iterator[Asked]]:
        """What happens next at this window or in front of it."""
        at = self.hall.state.windows.get(window)
        if self.random.random() < 0.8 and at is not None:
            if not at.clerk:
                seated = {each.clerk for each in self.hall.state.windows.values()}
                free = [each for each in clerks(self.hall.name) if each not in seated]
                return lambda: self.sits_down(window, self.random.choice(free or clerks(self.hall.name)))
            if at.ticket:
                return lambda: self.end_turn(window)
        clerk = self.random.choice(clerks(self.hall.name))
        acts: list[tuple[float, Callable[[], Iterator[Asked]]]] = [
            (5, lambda: self.visit(window)),
            (14, lambda: self.go_on(window)),
            (1.5, lambda: self.hand_over(window)),
            (2, lambda: self.sign(window)),
            (2.5, lambda: self.take_in(window)),
            (0.7, lambda: self.settle(window)),
            (1, lambda: self.post(window)),
            (1, lambda: self.papers(window)),
            (3, self.rate),
            (2, self.rate_at_once),
            (1.5, self.look_into),
            (0.6, self.complain),
            (1.8, self.answer),
            (0.4, self.read_answer),
            (2, lambda: self.ask_back(window)),
            (0.5, lambda: self.sits_down(window, clerk)),
            (0.4, self.dispute),
        ]
        return self.random.choices([act for _, act in acts], [weight for weight, _ in acts])[0]
