"""Weeks of four halls and their centre, over holidays and the turn of the year, with power cuts and cut lines."""

import json
import random
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from edge.rules import commands as c
from edge.rules.delegation import FlowSetup
from edge.rules.followup_commands import DirectComplaint
from edge.rules.handover_records import Line, Sheet
from edge.rules.reuse_commands import OfferHeld
from sync.centre import complaints
from sync.protocol.record import Record
from tests.campaign.weeks.hall import SimHall
from tests.campaign.weeks.people import Asked, People
from tests.campaign.weeks.places import (
    LEVELS,
    MADE_UP,
    PLACES,
    HallBooks,
    as_plain,
    as_rules,
    calendar,
    delegations,
    setup,
)
from tests.campaign.weeks.referee import Referee
from tests.campaign.weeks.units import ACTOR, Centre, Word
from tests.campaign.weeks.wall import Wall, tomorrow
from tests.edge.rules.desk import ZONE

WEEKS_OF_A_WORLD: Final = 3
_STEPS: Final = 1_200
_MINUTE: Final = 60_000
# Days from which three weeks lead over something: Spring Festival, Labour Day, National Day, the turn of the year.
_BEGINS: Final = ("2026-02-05", "2026-04-24", "2026-09-17", "2026-12-14", "2026-12-20", "2026-03-09", "2026-07-06")


class World:
    def __init__(self, seed: int, steps: int = _STEPS) -> None:
        """`steps`: of all halls, over a day."""
        self._steps = steps
        self.random = random.Random(seed)
        begins = self.random.choice(_BEGINS)
        knows_next = self.random.random() < 0.6
        self.day = begins
        ends = begins
        for _ in range(8):
            ends = tomorrow(ends)
        given = {hall: delegations(hall, begins, ends) for hall in LEVELS}
        wall = Wall({2027: MADE_UP} if knows_next else {})
        plain = {hall: as_plain(found) for hall, found in given.items()}
        self.referee = Referee(wall, plain, as_rules(), LEVELS)
        self.wall = wall
        self.halls: dict[str, SimHall] = {}
        for n, hall in enumerate(LEVELS):
            flow = FlowSetup(follows=True, place=PLACES[hall], delegations=given[hall])
            books = HallBooks(calendar(next_year=knows_next), f"{n + 1:03}", flow)
            self.halls[hall] = SimHall(seed * 31 + n, name=hall, judge=self.referee, books=books)
            self.halls[hall].clock.ms = 0  # the world's clock moves it
            self.referee.trail.places[hall] = PLACES[hall]
        self.people = {name: People(self, hall) for name, hall in self.halls.items()}
        self.centre = Centre(random.Random(seed + 5))
        self.sealed: dict[str, tuple[str, Sheet]] = {}
        self.versions = dict.fromkeys(LEVELS, 0)
        self._now = 0
        self._running: dict[tuple[str, str], Iterator[Asked]] = {}

    # days ------------------------------------------------------------------------------------------------------------

    def live(self, days: int, *, until_broken: bool = False) -> None:
        for _ in range(days):
            self._one_day()
            if until_broken and self.referee.broken:
                return
            self.day = tomorrow(self.day)
        for hall in self.halls.values():
            hall.online = True
        self._line()
        for hall in self.halls.values():
            self.centre.hears(hall, self.day)
            hall.restart()
            hall.compare()
            if len([fact for fact in self.centre.facts if fact[0] == hall.name]) != len(hall.lines):
                self.referee.broken.append(f"{hall.name}: the centre has another number of records")
        self.referee.matters.above(
            (each.site, each.uid, (each.state, each.level, each.due, each.to, each.urged, each.risen))
            for each in self._listed_above()
        )

    def _listed_above(self) -> Iterator[complaints.Complaint]:
        """What `hall-centre complaints` makes of the records that the centre holds."""
        for hall in self.halls:
            found: dict[str, complaints.Complaint] = {}
            for line in self.halls[hall].lines:
                told = line.record
                if told.kind in (complaints.REGISTERED, complaints.MOVED):
                    data = {"kind": told.kind, "subject": told.subject, "actor": told.actor, "at": told.at}
                    complaints.fold(found, hall, Record(data | {"body": json.loads(line.body)}, b""))
            yield from found.values()

    def _one_day(self) -> None:
        self._at(8, 30)
        open_ = [hall for hall in self.halls.values() if self._opens(hall)]
        for hall in open_:
            self._morning(hall)
        late = 0 if self.random.random() < 0.7 else 60
        for n in range(self._steps):
            self._now += self.random.randrange(1, 2 * (9 * 60 + late) * _MINUTE // self._steps)
            if open_:
                self._step(self.random.choice(open_))
            if n % 12 == 0:
                self.centre.speaks(self.day)
            if n % 150 == 0:
                self.centre.orders(self.day)
            if n % 100 == 0:
                self._library_looks_again()
            if n % 40 == 0:
                self._line()
            if n % 200 == 0:
                for hall in open_:
                    hall.compare()
        for hall in open_:
            self._evening(hall)
        self._at(23, 10)
        self.centre.speaks(self.day)
        self._line()

    def _library_looks_again(self) -> None:
        hall = self.random.choice(list(self.halls.values()))
        if hall.online and hall.state.cases:
            case = self.random.choice(list(hall.state.cases.values()))
            self.centre.corrects(hall.name, case.uid, case.item, self.day)

    def _opens(self, hall: SimHall) -> bool:
        usual = int(self.day[:4]) not in self.wall.years or self.wall.works(self.day)
        return self.random.random() < (0.97 if usual else 0.06)

    def _morning(self, hall: SimHall) -> None:
        hall.online = self.random.random() > 0.2
        if hall.state.open:  # forgotten yesterday
            self._insist(hall, c.CloseDay(abandon=True))
        if not hall.state.setup_hash or self.random.random() < 0.1:
            self._site_file(hall)
        self._insist(hall, c.OpenDay(date=self.day))
        people = self.people[hall.name]
        for n, window in enumerate(hall.state.windows):
            self._drive(hall, people.sits_down(window, f"{hall.name}-c{n + 1}"))

    def _site_file(self, hall: SimHall) -> None:
        """It may change at any moment, with cases under way and somebody at the window that goes."""
        version = self.versions[hall.name] = self.versions[hall.name] + (1 if hall.state.setup_hash else 0)
        hall.ask(setup(hall.name, version), "system")

    def _insist(self, hall: SimHall, command: c.OpenDay | c.CloseDay) -> None:
        wanted, id = isinstance(command, c.OpenDay), hall.ids.new("c")
        for _ in range(20):
            if hall.state.open == wanted:
                return
            hall.ask(command, self.random.choice(["system", "lead:l1"]), id=id, crash=self._fault(0.2))
        self.referee.broken.append(f"{hall.name}: {command.do} on {self.day} never came true")

    def _evening(self, hall: SimHall) -> None:
        for window in list(hall.state.windows):
            self._running.pop((hall.name, window), None)
        self._move_clock(hall)
        for window in list(hall.state.windows):
            hall.ask(c.FinishService(window=window), self.people[hall.name].clerk_at(window))
        if self.random.random() < 0.9:
            self._insist(hall, c.CloseDay(abandon=True))
            hall.keep_snapshot()
        hall.compare()

    # moments ---------------------------------------------------------------------------------------------------------

    def _step(self, hall: SimHall) -> None:
        self._move_clock(hall)
        roll = self.random.random()
        if roll < 0.004:
            self._site_file(hall)
        elif roll < 0.008:
            hall.restart()
            self._again(hall)
        elif roll < 0.012:
            hall.online = not hall.online
        window = self.random.choice(list(hall.state.windows) or ["w1"])
        key = (hall.name, window)
        script = self._running.get(key) or self.people[hall.name].turn(window)()
        if self._advance(hall, script) and self.random.random() > 0.01:  # one is forgotten in the middle
            self._running[key] = script
        else:
            self._running.pop(key, None)

    def _drive(self, hall: SimHall, script: Iterator[Asked]) -> None:
        self._move_clock(hall)
        while self._advance(hall, script):
            pass

    def _advance(self, hall: SimHall, script: Iterator[Asked]) -> bool:
        asked = next(script, None)
        if asked is None:
            return False
        made = hall.ask(*asked, crash=self._fault(0.01))
        for draft in made or ():
            if draft.kind == "batch.sealed":
                body: Any = draft.body
                self.sealed[draft.subject] = (hall.name, body.sheet)
        return True

    def _line(self) -> None:
        for hall in self.halls.values():
            if not hall.online:
                continue
            self._move_clock(hall)
            self.line_of(hall)

    def line_of(self, hall: SimHall) -> None:
        """What it wrote goes up, what is said of its cases comes down; nothing where the line is cut."""
        if not hall.online:
            return
        self.centre.hears(hall, self.day)
        self.centre.notes(self.sealed)
        for word in self.centre.words.get(hall.name, []):
            if not word.told:
                self._tell(hall, word)
            if not word.told:
                return  # the hall broke down on it: nothing overtakes it

    def _tell(self, hall: SimHall, word: Word) -> None:
        """As the feed does: the same change has the same command id, also after a restart.

        Sometimes an order about a complaint comes under another one: the rules know it all the same.
        """
        if isinstance(word.command, c.NoteBatch):
            counted = {(line.case, line.material): line.sheets for line in word.command.counted}
            self.referee.trail.counted[hall.name, word.command.batch] = counted
        matters = self.referee.matters
        if isinstance(word.command, OfferHeld):
            lines = [line.model_dump() for line in word.command.lines]
            self.referee.held.answers[hall.name, word.id, word.rev] = lines
        if isinstance(word.command, DirectComplaint):
            told = word.command.model_dump(include={"complaint", "act", "to", "due"})
            matters.hears(hall.name, word.id, word.rev, told)
        fault = "" if word.told else self._fault(0.02)
        anew = word.told and word.id.startswith("k:") and self.random.random() < 0.5
        id = f"feed:{hall.name}:{word.id}:{word.rev}"
        hall.ask(word.command, ACTOR, id=hall.ids.new("anew") if anew else id, crash=fault)
        word.told = word.told or fault != "before"
        if word.told and isinstance(word.command, DirectComplaint):
            matters.heard(hall.name, word.id, word.rev)
        if word.told and isinstance(word.command, c.TakeBackDecision) and word.id.startswith("k:"):
            matters.gone(hall.name, word.id, word.command.about.rev)
        if not isinstance(word.command, c.RecordDecision) or not word.told:
            return
        heard = self.referee.trail.heard(hall.name, word.id, word.rev)
        if not heard and self.referee.last_refusal != "calendar_unknown":
            self.referee.broken.append(f"{hall.name}: the word {word.id}/{word.rev} was heard and nothing says so")

    def _again(self, hall: SimHall) -> None:
        """After a start the words that came are asked again."""
        for word in self.centre.words.get(hall.name, [])[-30:]:
            if word.told and hall.online:
                self._tell(hall, word)

    # things that people carry ----------------------------------------------------------------------------------------

    def at_the_door(self, hall: SimHall) -> tuple[str, Sheet] | None:
        results = [(uid, sheet) for uid, (_, sheet) in self.sealed.items() if sheet.what == "results"]
        mine = [each for each in results if each[1].to == PLACES[hall.name]]
        found = results if self.random.random() < 0.05 else mine[-6:] if self.random.random() < 0.9 else mine
        return self.random.choice(found) if found else None

    def hands_count(self, hall: SimHall, batch: str, sheet: Sheet) -> tuple[Line, ...]:
        """What a person really counts: mostly all of it. The judge is told."""
        lines = []
        for line in sheet.lines:
            roll = self.random.random()
            off = -1 if roll < 0.08 else 1 if roll < 0.1 else 0
            lines.append(line.model_copy(update={"sheets": line.sheets + off}))
        if self.random.random() < 0.02:
            lines.append(Line(case="case:other", material="deed", sheets=1))
        counted = tuple(line for line in lines if line.sheets > 0)
        self.referee.trail.counted[hall.name, batch] = {(line.case, line.material): line.sheets for line in counted}
        return counted

    def _fault(self, chance: float) -> str:
        return self.random.choice(["before", "after"]) if self.random.random() < chance else ""

    def _at(self, hour: int, minute: int) -> None:
        moment = datetime.fromisoformat(f"{self.day}T{hour:02}:{minute:02}").replace(tzinfo=ZONE)
        self._now = max(self._now, round(moment.timestamp() * 1000))

    def _move_clock(self, hall: SimHall) -> None:
        hall.clock.ms = max(hall.clock.ms + 1, self._now)


def simulate_weeks(weeks: int, seed: int) -> dict[str, Any]:
    """The verdict; `broken` is empty when every promise was kept."""
    began = time.process_time()
    broken: list[str] = []
    counted: Counter[str] = Counter()
    for n in range(-(-weeks // WEEKS_OF_A_WORLD)):
        world = World(seed * 1_000_003 + n)
        world.live(7 * min(WEEKS_OF_A_WORLD, weeks - WEEKS_OF_A_WORLD * n))
        broken += [f"world {n}: {one}" for one in world.referee.broken[:20]]
        counted.update(figures(world))
    return {
        "weeks": weeks,
        "seed": seed,
        **counted,
        "processor_s": round(time.process_time() - began, 1),
        "broken": broken,
    }


def figures(world: World) -> dict[str, int]:
    kinds, trail = world.referee.kinds, world.referee.trail
    matters, held, waits = world.referee.matters, world.referee.held, world.referee.waits
    return {
        "halls": len(world.halls),
        "records": sum(kinds.values()),
        "cases": kinds["case.received"],
        "closed": trail.closed,
        "delivered": len(trail.delivered),
        "delivered_elsewhere": sum(1 for uid, hall in trail.delivered.items() if (hall, uid) not in trail.opened),
        "stopped": kinds["case.stepped"] and sum(1 for each in trail.cases.values() if each.stood),
        "batches": kinds["batch.sealed"],
        "differences": kinds["batch.settled"],
        "ratings": kinds["rating.given"] + kinds["rating.added"],
        "tasks": kinds["task.opened"],
        "complaints": kinds["complaint.registered"],
        "answered": sum(len(each.answers) for each in matters.known.values()),
        "answered_above": matters.answered_above,
        "risen": sum(each.risen for each in matters.known.values()),
        "orders_followed": matters.followed,
        "orders_taken_back": matters.taken_back,
        "anonymous": sum(each.anonymous for each in matters.known.values()),
        "offered": kinds["reuse.offered"],
        "offered_of_earlier": held.from_earlier,
        "reused": held.used,
        "declined": held.declined,
        "run_out": world.referee.refused["reuse_expired"],
        "waits": waits.begun,
        "waits_told": waits.told,
        "waited_min": waits.waited_ms // _MINUTE,
        "disputes": kinds["decision.disputed"],
        "looked_through": kinds["case.prechecked"],
        "parcels": kinds["parcel.signed"],
        "parcels_matched": kinds["parcel.matched"],
        "parcels_differing": world.referee.before.differing,
        "guidances": kinds["guidance.ended"],
        "refusals": sum(world.referee.refused.values()),
        "restarts": sum(hall.crashes for hall in world.halls.values()),
        "asked_again": sum(hall.repeated for hall in world.halls.values()),
    }
