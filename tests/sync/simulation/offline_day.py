"""A day without the line at two halls, in cases; the centre decides meanwhile; then the line, in bad weather.

One seed is one run. Everything is the product's own code but the broker and the people.
"""

import asyncio
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

from pydantic import SecretStr

from edge.rules import commands as c
from edge.rules import disputes
from edge.rules.case_commands import Applicant
from edge.rules.delegation import Delegation, FlowSetup
from edge.rules.dossier_commands import Person
from edge.rules.handover_records import Sheet
from tests.campaign.weeks.places import HallBooks, calendar, setup
from tests.support.virtual_time import SeededLoop, run_virtual
from tests.sync.simulation.broker import SimBroker, Weather
from tests.sync.simulation.case_centre import TRUSTED, CaseCentre
from tests.sync.simulation.case_hall import CaseHall
from tests.sync.simulation.disk import Disk, ram
from tests.sync.simulation.writer import inline_writers

A, B = "LH-0042", "LH-0043"
PLACES = {A: "S001", B: "S002"}
NAMES = {A: "st1", B: "st2"}
DAY, CLOSED, NEXT = "2026-11-23", "2026-11-24", "2026-11-25"
APPLICANT = Applicant(name="张测试", id_number="119999199001010012")
AGENT = Person(name=SecretStr("代测试"), id_number=SecretStr("119999199001010020"))
PEACE_S = 1_200.0


class OfflineDay:
    def __init__(self, seed: int, root: Path, random: Random) -> None:
        self.random = random
        self.broker = SimBroker(random, lambda *_: None)
        (root / "centre").mkdir()
        self.centre = CaseCentre(root / "centre", self.broker, random)
        right = Delegation(
            number="D-1", item="stamp", unit="unit-a", seal="seal-a", first="2026-01-01", last="2026-12-31"
        )
        self.halls = {
            site: CaseHall(
                site,
                Disk(root, f"hall{n}"),
                self.broker,
                random,
                HallBooks(
                    calendar(next_year=False), f"{n:03}", FlowSetup(follows=True, place=place, delegations=(right,))
                ),
                TRUSTED,
            )
            for n, (site, place) in enumerate(PLACES.items(), 1)
        }
        self.told: list[tuple[str, str, tuple[str, ...]]] = []  # hall, command, kinds: what callers were answered

    # acts of people --------------------------------------------------------------------------------------------------

    def clerk(self, site: str) -> str:
        return f"clerk:{NAMES[site]}-c1"

    async def do(self, site: str, command: c.Command, actor: str = "") -> tuple[Any, ...]:
        id = f"c:{self.random.randbytes(8).hex()}"
        answer = await self.halls[site].do(command, actor or self.clerk(site), id=id)
        if self.random.random() < 0.3:  # the caller did not hear, and asks again
            again = await self.halls[site].do(command, actor or self.clerk(site), id=id)
            assert [one.raw for one in again.records] == [one.raw for one in answer.records]
        self.told.append((site, id, tuple(one.kind for one in answer.records)))
        return answer.records

    async def open_hall(self, site: str, day: str) -> None:
        await self.do(site, setup(NAMES[site]), "system")
        await self.do(site, c.OpenDay(date=day), "system")
        await self.do(site, c.SignIn(window="w1", clerk=f"{NAMES[site]}-c1"))

    async def take(self, site: str, item: str, pickup: str = "") -> str:
        """A case from the number to the receipt; its citizen is asked to rate."""
        await self.do(site, c.IssueTicket(service="general", channel="kiosk", place="k1"), "kiosk:k1")
        await self.do(site, c.CallNext(window="w1"))
        await self.do(site, c.StartService(window="w1"))
        opened = await self.do(site, c.OpenCase(window="w1", item=item, applicant=APPLICANT))
        case = next(one.subject for one in opened if one.kind == "case.opened")
        for each in self.halls[site].engine.state.cases[case].materials:
            mark = {"state": "provided", "form": "paper", "originals": each.originals, "copies": each.copies}
            told = {"window": "w1", "case": case, "material": each.material} | mark
            await self.do(site, c.MarkMaterial.model_validate(told))
        await self.do(site, c.ReceiveCase(window="w1", case=case, pickup=pickup))
        await self.do(site, c.FinishService(window="w1"))
        return case

    async def step(self, site: str, case: str, *acts: str, **more: Any) -> None:
        for act in acts:
            command: c.Command = c.RegisterResult(window="w1", case=case)
            if act != "register":
                told = {"window": "w1", "case": case, "act": act, "unit": "unit-a", "reason": "materials"}
                command = c.StepCase.model_validate(told | more)
            await self.do(site, command)

    async def seal(self, site: str, what: Any, to: str, case: str) -> tuple[str, Sheet]:
        made = await self.do(site, c.SealBatch(window="w1", what=what, to=to, cases=(case,)))
        return made[0].subject, Sheet.model_validate(dict(made[0].body["sheet"]), strict=False)

    async def deliver(self, site: str, case: str) -> None:
        await self.do(
            site,
            c.DeliverResult(
                window="w1", case=case, way="counter", collector="agent", proof="id_card_and_authority", person=AGENT
            ),
        )

    def say(self, site: str, id: str, case: str, said: str, **more: Any) -> None:
        self.centre.say(site, id, case=case, said=said, unit="unit-a", reason="other", **more)

    # the story -------------------------------------------------------------------------------------------------------

    async def tell(self) -> "OfflineDay":
        self.centre.start()
        for site, hall in self.halls.items():
            await hall.start()
            await self.open_hall(site, DAY)
        await self._morning()
        await self._without_the_line()
        await self._the_line_again()
        await self._judge()
        for hall in self.halls.values():
            await hall.stop()
        await self.centre.stop()
        return self

    async def _morning(self) -> None:
        """With the line: six cases on their way, one of each fate."""
        self.case = {name: await self.take(A, "permit") for name in ("lack", "give", "calm", "back", "turned")}
        self.case["far"] = await self.take(A, "permit", PLACES[B])
        for case in self.case.values():
            await self.step(A, case, "forward")
        self.say(A, "d.lack.1", self.case["lack"], "lack")
        self.say(A, "d.give.1", self.case["give"], "granted")
        self.say(A, "d.far.1", self.case["far"], "granted")
        self.say(A, "d.back.1", self.case["back"], "granted")
        await self.level()
        await self.until(lambda: all(self.stage(A, name) == "decided" for name in ("give", "far", "back")))
        await self.until(lambda: self.stage(A, "lack") == "supplement")
        # A word that comes down while nothing goes up any more: the hall follows it, and nobody at the centre knows.
        await self.level()
        self.broker.go_half_open(A, "up")
        self.say(A, "d.turned.1", self.case["turned"], "granted")
        for _ in range(60):
            await asyncio.sleep(1.0)
            if self.stage(A, "turned") == "decided":
                break

    async def _without_the_line(self) -> None:
        for site in self.halls:
            self.broker.cut_off.add(site)
            wire = self.broker.wire_of(site)
            if wire is not None:
                wire.end()
        work = [self._hall_a(), self._hall_b(), self._units()]
        self.random.shuffle(work)
        await asyncio.gather(*work)
        await self._carried()
        for site, hall in self.halls.items():
            await self.do(site, c.CloseDay(), "system")
            await hall.kill()  # the power goes in the evening
            hall.clock.wall_offset_ms += 48 * 3_600_000
            await hall.start()
            await self.do(site, c.OpenDay(date=NEXT), "system")
        assert not any(hall.uplink.state.online for hall in self.halls.values())

    async def _hall_a(self) -> None:
        await self.step(A, self.case["lack"], "supply", brought=({"material": "deed", "sheets": 2},))
        await self.step(A, self.case["give"], "arrive", "verify", "register", "shelve")
        await self.deliver(A, self.case["give"])
        await self.step(A, self.case["back"], "arrive", "verify")
        own = await self.take(A, "stamp")
        await self.step(A, own, "accept")
        await self.do(A, c.DecideOnSite(window="w1", case=own, outcome="granted"))
        await self.step(A, own, "arrive", "verify", "register", "shelve")
        await self.deliver(A, own)
        assert await self.halls[A].refused(self._deliver_again(own), self.clerk(A)) == "flow_over"
        batch, sheet = await self.seal(A, "materials", "unit-a", self.case["calm"])
        short = tuple(line.model_copy(update={"sheets": line.sheets - (n == 0)}) for n, line in enumerate(sheet.lines))
        await self.do(A, c.SignBatch(window="w1", batch=batch, signer="u77", counted=short))
        self.short = (batch, sheet.lines[0])
        await self._voices(A)

    def _deliver_again(self, case: str) -> c.Command:
        return c.DeliverResult(
            window="w1", case=case, way="counter", collector="applicant", proof="id_card", person=AGENT
        )

    async def _hall_b(self) -> None:
        for item in ("permit", "licence"):
            await self.take(B, item)
        await self._voices(B)

    async def _voices(self, site: str) -> None:
        nonce = list(self.halls[site].engine.state.questions)[-1]
        rating = {"nonce": nonce, "level": "dissatisfied", "by": "kiosk", "reasons": ("took_long",)}
        await self.do(site, c.GiveRating.model_validate(rating), "kiosk:k1")
        again = c.GiveRating.model_validate(rating | {"level": "satisfied"})
        assert await self.halls[site].refused(again, "kiosk:k1") == "rating_twice"
        foreign = [nonce for other in self.halls if other != site for nonce in self.halls[other].engine.state.questions]
        if foreign:
            wrong = c.GiveRating.model_validate(rating | {"nonce": foreign[0]})
            assert await self.halls[site].refused(wrong, "kiosk:k1") == "rating_unknown"
        said = {"type": "complaint", "channel": "kiosk", "text": SecretStr("等了很久")}
        await self.do(site, c.RegisterComplaint.model_validate(said), "kiosk:k1")

    async def _units(self) -> None:
        """What the deciding units say of cases as they last saw them."""
        await asyncio.sleep(self.random.uniform(0, 5))
        words = [
            lambda: self.say(A, "d.lack.2", self.case["lack"], "denied", saw="supplement", date=DAY),
            lambda: self.say(A, "d.give.1", self.case["give"], "denied"),  # corrected, and the result is given out
            lambda: self.centre.take_back(A, "d.back.1"),
            lambda: self.say(A, "d.turned.1", self.case["turned"], "denied"),
            lambda: self.say(A, "d.calm.1", self.case["calm"], "suspend", saw="forwarded", date=CLOSED),
        ]
        self.random.shuffle(words)
        for word in words:
            word()
            await asyncio.sleep(self.random.uniform(0, 3))
        self.say(A, "d.calm.2", self.case["calm"], "resume", saw="stayed", date=NEXT)

    async def _carried(self) -> None:
        """A result goes to the other hall by messenger, and to its agent, while neither hall has a line."""
        far = self.case["far"]
        await self.step(A, far, "arrive", "verify", "register")
        self.parcel, sheet = await self.seal(A, "results", PLACES[B], far)
        take = c.TakeInBatch(window="w1", batch=self.parcel, sheet=sheet, counted=sheet.lines)
        await self.do(B, take)
        await self.deliver(B, far)
        assert await self.halls[A].refused(self._deliver_again(far), self.clerk(A)) == "flow_result_elsewhere"
        self.sheet = sheet

    async def _the_line_again(self) -> None:
        self.broker.weather = Weather(lose=0.05, double=0.2, cut=0.01, late_s=0.5)
        self.broker.cut_off.clear()
        await asyncio.sleep(self.random.uniform(0, 6))
        if self.random.random() < 0.7:
            await self.halls[A].kill()
            await self.halls[A].start()
        if self.random.random() < 0.5:
            await self.centre.stop()
            self.centre.start()
        await asyncio.sleep(self.random.uniform(0, 60))
        self.broker.weather = Weather()
        await self.level()
        # What the other hall counted in reaches the first one through the centre.
        taken = next(one for one in self.centre.records(B) if one["kind"] == "batch.received")
        told = {
            "do": "batch.note", "batch": self.parcel, "hash": self.sheet.hash, "signer": taken["body"]["signer"],
            "counted": [line.model_dump() for line in self.sheet.lines],
        }  # fmt: skip
        self.centre.say(A, f"note.{self.parcel}", **told)
        await self.until(lambda: self.stage(A, "far") == "moved")
        await self.level()

    # waiting ---------------------------------------------------------------------------------------------------------

    def stage(self, site: str, name: str) -> str:
        found = self.halls[site].engine.state.dossiers.get(self.case[name])
        return "" if found is None else found.stage

    async def level(self) -> None:
        """Records are at the centre, words at the halls, and what follows from them is again at the centre."""
        await self.until(self._level)

    def _level(self) -> bool:
        for site, hall in self.halls.items():
            ours, theirs = self.centre.desk.mark("decisions", site), hall.store._marks.get("decisions")
            if not hall.level() or (ours.ver and ours != theirs) or hall.store.changed.is_set():
                return False
            if len(self.centre.records(site)) != hall.journal.next_seq - 1:
                return False
        return True

    async def until(self, what: Any) -> None:
        async with asyncio.timeout(PEACE_S):
            while not what():
                await asyncio.sleep(1.0)

    # judgement -------------------------------------------------------------------------------------------------------

    async def _judge(self) -> None:
        self.faults: list[str] = []
        for site, hall in self.halls.items():
            mine = [one.record.raw async for one in _all(hall)]
            theirs = self.centre.records(site)
            if len(theirs) != len(mine):
                self.faults.append(f"{site}: {len(theirs)} records at the centre, {len(mine)} here")
            found = self.centre.report(site)
            if (found.missing, found.duplicates, found.broken) != (0, 0, 0):
                self.faults.append(f"{site}: {found}")
            self._each_answer_once(site, theirs)
        self._given_once()
        self._nothing_in_silence()

    def _each_answer_once(self, site: str, theirs: list[dict[str, Any]]) -> None:
        by_command: dict[str, list[str]] = {}
        for one in theirs:
            if one["kind"] != "key.issued":
                by_command.setdefault(one.get("cmd") or "", []).append(one["kind"])
        for where, id, kinds in self.told:
            if (
                where == site
                and kinds
                and tuple(by_command.get(id, ())) != tuple(kind for kind in kinds if kind != "key.issued")
            ):
                self.faults.append(f"{site}: {id} was answered {kinds}, the centre has {by_command.get(id)}")

    def _given_once(self) -> None:
        given = Counter(
            one["subject"]
            for site in self.halls
            for one in self.centre.records(site)
            if one["kind"] == "result.delivered"
        )
        rated = Counter(
            one["subject"] for site in self.halls for one in self.centre.records(site) if one["kind"] == "rating.given"
        )
        if len(given) != 3 or max(given.values()) > 1 or len(rated) != 2 or max(rated.values()) > 1:
            self.faults.append(f"delivered {given}, rated {rated}")

    def _nothing_in_silence(self) -> None:
        """Every word met its case or is before people, at the hall and at the centre; no case changed sides."""
        state = self.halls[A].engine.state
        here = {(each.case, each.told.said) for each in disputes.open_ones(state)}
        names = {self.case[name]: name for name in self.case}
        at_hall = {(names[case], said) for case, said in here}
        if at_hall != {("lack", "denied"), ("give", "denied"), ("back", "gone"), ("turned", "denied")}:
            self.faults.append(f"before people at the hall: {sorted(at_hall)}")
        waiting = self.centre.conflicts(A)
        at_centre = {(names[one["subject"]], one.get("said") or one["kind"]) for one in waiting}
        wanted = at_hall | {("turned", "case.decided")}
        if not wanted <= at_centre:
            self.faults.append(f"before people at the centre: {sorted(at_centre)}, wanted {sorted(wanted)}")
        if (self.stage(A, "lack"), self.stage(A, "turned"), self.stage(A, "back")) != (
            "forwarded",
            "decided",
            "verified",
        ):
            self.faults.append("a word in dispute moved its case")
        calm = state.dossiers[self.case["calm"]]
        # Five days from Monday on; Tuesday does not count: the unit said so then, whenever the line brought it.
        if (calm.stage, calm.due) != ("forwarded", "2026-12-01"):
            self.faults.append(f"the case that was suspended is {calm.stage}, due {calm.due}")
        batch, line = self.short
        held = calm.holdings[line.material]
        if held.on_way != 1 or not state.batches[batch].differences:
            self.faults.append(f"a sheet is short and nobody sees it: {held}")


async def _all(hall: CaseHall) -> Any:
    after = 0
    while page := await hall.journal.read(after, 500, 8_000_000):
        for one in page:
            yield one
        after = page[-1].record.seq


def play(seed: int) -> OfflineDay:
    random = Random(seed)
    with ram() as root, inline_writers(random):

        async def story() -> OfflineDay:
            return await OfflineDay(seed, root, random).tell()

        return run_virtual(story(), lambda: SeededLoop(random))
