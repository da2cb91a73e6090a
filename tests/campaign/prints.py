"""Many tickets, each with troubles of the printer or of the programs in the middle, in virtual time.

Everything between the citizen's wish and the paper is the real thing: rules, engine, printing job, supervisor, driver,
and the simulated printer on its wire. The journal is in memory. What fell is judged from the printer's tray.
"""

import asyncio
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Final, TypeVar

from config.words import load
from drivers.contract import Context, PrintJob
from drivers.errors import OutcomeUnknown
from drivers.glyphs import Glyphs, find_fonts
from drivers.printer.escpos import EscPosPrinter
from drivers.printer.render import Renderer
from edge.devices.attached import Attached
from edge.devices.supervisor import Supervisor
from edge.journal.errors import JournalFailed
from edge.reactions.jobs.printing import SECONDS
from edge.rules.commands import IssueTicket, StartBoot
from edge.site_sections.lines import Device
from hw_sim.escpos import EscPosSimulator
from hw_sim.faults import Fault, FaultBox, FaultWord
from tests.campaign.prints_judge import Wish, judge, pieces
from tests.edge.reactions import virtual
from tests.edge.reactions.rig import Rig, rig
from tests.support.inner_wire import InnerLink, InnerWire

T = TypeVar("T")

TICKETS_A_HALL: Final = 100
ENDED: Final = ("done", "failed", "unknown")
HALLD, HOST, RESET = "halld restarts", "device host restarts", "printer resets"
WORDS: Final = (
    FaultWord.SILENT,
    FaultWord.HANG,
    FaultWord.DROP,
    FaultWord.SLOW,
    FaultWord.NOISE,
    FaultWord.SHORT,
    FaultWord.SPLIT,
    FaultWord.MERGE,
    FaultWord.WRONG_DEVICE,
    FaultWord.UNPLUG,
    FaultWord.PAPER_OUT,
    FaultWord.PAPER_LOW,
    FaultWord.COVER_OPEN,
    FaultWord.CUTTER_JAM,
    FaultWord.POWER_CUT,
)
TROUBLES: Final[tuple[FaultWord | str, ...]] = (*WORDS, HALLD, HOST, RESET)
AMOUNTS: Final = {FaultWord.NOISE: (0.1, 0.5, 1.0), FaultWord.HANG: (0.3, 2.0, 8.0), FaultWord.SLOW: (0.05, 0.5)}


class LoopTime:
    def now(self) -> float:
        return virtual.now()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds))


@cache
def renderer() -> Renderer:
    return Renderer(576, "gbk", True, True, Glyphs(find_fonts()))


class Host:
    """A device host with one printer: the real supervisor and driver. `call` is what halld sees of it."""

    def __init__(self, wire: InnerWire, runtime: Path, random: Random) -> None:
        ctx = Context(
            clock=virtual.now, random=random, note=lambda *_, **__: None, runtime=str(runtime),
            extra={"renderer": renderer()},
        )  # fmt: skip
        setup = Device(id="printer-1", driver="printer.escpos", link=wire.link, options={"timeout": 10})
        self.attached = Attached(setup, EscPosPrinter, ctx, lambda _: None)
        supervisor = Supervisor(
            self.attached, (), url=wire.link, make_link=lambda *_: InnerLink(wire), ctx=ctx,
            on_event=lambda *_: None, holder="campaign", claims=runtime,
        )  # fmt: skip
        self._task = asyncio.create_task(supervisor.run())
        self._verbs: set[asyncio.Task[Any]] = set()

    async def call(self, job: PrintJob, deadline: float) -> None:
        """Goes on when halld dies; cut off by the host's own end nobody knows what happened."""
        verb = asyncio.create_task(self.attached.call("print", job.model_dump(mode="json"), deadline))
        self._verbs.add(verb)
        verb.add_done_callback(self._ended)
        await asyncio.wait([verb])
        if verb.cancelled():
            raise OutcomeUnknown("the device host ended")
        verb.result()

    def _ended(self, verb: asyncio.Task[Any]) -> None:
        self._verbs.discard(verb)
        if not verb.cancelled():
            verb.exception()  # halld may have died and never ask

    async def end(self) -> None:
        tasks = [self._task, *self._verbs]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@dataclass
class Tally:
    """What happened in all halls together."""

    tickets: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    reprint_ends: Counter[str] = field(default_factory=Counter)
    troubles: Counter[str] = field(default_factory=Counter)
    unknown_and_on_paper: int = 0
    whole: int = 0
    torn: int = 0
    broken: list[str] = field(default_factory=list)

    def verdict(self) -> dict[str, Any]:
        return {
            "tickets": self.tickets,
            "first_prints": dict(self.ends),
            "reprints": dict(self.reprint_ends),
            "unknown_and_on_paper": self.unknown_and_on_paper,
            "whole_tickets_on_paper": self.whole,
            "torn_pieces": self.torn,
            "troubles": dict(sorted(self.troubles.items())),
            "broken": self.broken,
        }


class Hall:
    """One day at one kiosk: `count` citizens, one after the other."""

    def __init__(self, seed: str, folder: Path, tally: Tally) -> None:
        self._random = Random(seed)
        self._seed = seed
        self._folder = folder
        self._tally = tally
        self._wishes: dict[str, Wish] = {}  # ticket uid -> wish
        self._boots = self._asked_for = 0

    async def run(self, count: int) -> None:
        async with AsyncExitStack() as stack:
            self.printer, self.wire = await stack.enter_async_context(self._printer())
            self._host = Host(self.wire, self._folder, self._random)
            self._halld = AsyncExitStack()
            self._it: Rig = await self._halld.enter_async_context(rig())
            self._connect()
            for _ in range(count):
                await self._citizen()
            self._mend()
            await asyncio.sleep(60)
            await self._halld.aclose()
            await self._host.end()
        self._judge()

    @asynccontextmanager
    async def _printer(self) -> AsyncIterator[tuple[EscPosSimulator, InnerWire]]:
        time, faults, random = LoopTime(), FaultBox(), Random(f"{self._seed} printer")
        wire = InnerWire(time, faults, random, baud=self._random.choice((19_200, 115_200, None)))
        printer = EscPosSimulator(
            "printer-1", wire, faults, time, random, folder=self._folder / "tray",
            speed=self._random.choice((30.0, 80.0, 150.0)), keeps_buffer=self._random.random() < 0.2,
        )  # fmt: skip
        await printer.start()
        try:
            yield printer, wire
        finally:
            await printer.stop()

    def _connect(self) -> None:
        async def printing(job: PrintJob) -> None:
            await self._host.call(job, SECONDS)

        self._it.devices.on_call["print"] = printing

    async def _citizen(self) -> None:
        """A ticket, its troubles, and what a person does about it."""
        await asyncio.sleep(self._random.uniform(0.2, 20))
        trouble = asyncio.create_task(self._trouble())
        if self._random.random() < 0.3:
            await asyncio.sleep(self._random.uniform(0, 0.5))
        uid = await self._asked(self._issue)
        self._wishes[uid] = Wish(self._it.state.tickets[uid].number, "")
        await trouble
        self._wishes[uid].first = await self._end_of(uid)
        if self._wishes[uid].first == "none":  # halld was gone too long: nothing was begun
            self._wishes[uid].first = "failed"
        for _ in range(2):
            if self._it.state.tickets[uid].print != "done" and self._random.random() < 0.6:
                await self._decision(uid)

    async def _decision(self, uid: str) -> None:
        """A person looks and asks for the number again; that print may meet trouble too."""
        trouble = asyncio.create_task(self._trouble() if self._random.random() < 0.5 else asyncio.sleep(0))
        await self._asked(lambda id: self._it.reactions.printing.reprint(uid, id=id, actor="clerk:c01"))
        await trouble
        self._wishes[uid].reprints.append(await self._end_of(uid))

    async def _issue(self, id: str) -> str:
        wish = IssueTicket(service="general", channel="kiosk", place="k1")
        return (await self._it.engine.execute(wish, id=id, actor="kiosk:k1")).records[0].subject

    async def _asked(self, wish: Callable[[str], Awaitable[T]]) -> T:
        """Under one id until halld answers, as its callers do."""
        self._asked_for += 1
        while True:
            try:
                return await wish(f"wish:{self._asked_for}")
            except JournalFailed:
                await asyncio.sleep(0.5)

    async def _end_of(self, uid: str) -> str:
        """How the running print ended; "none" when none was begun within two minutes."""
        until = virtual.now() + 120
        while virtual.now() < until:
            if (state := self._it.state.tickets[uid].print) in ENDED:
                return state
            await asyncio.sleep(0.1)
        return self._it.state.tickets[uid].print

    async def _trouble(self) -> None:
        """One or two troubles at any moment of a print, each for a while; then a person has mended everything."""
        for trouble in self._random.sample(TROUBLES, self._random.choice((1, 1, 2))):
            await asyncio.sleep(self._random.uniform(0, self._random.choice((0.3, 1.5, 6.0))))
            self._tally.troubles[str(trouble)] += 1
            await self._strike(trouble)
        await asyncio.sleep(self._random.choice((0.1, 1.0, 5.0, 40.0)))
        self._mend()

    async def _strike(self, trouble: FaultWord | str) -> None:
        if isinstance(trouble, FaultWord):
            amount = self._random.choice(AMOUNTS.get(trouble, (0.0,)))
            self.printer.set_fault(Fault(trouble, amount, self._random.choice((0, 0, 1, 3))))
        elif trouble == RESET:
            self.printer.power(False)
            await asyncio.sleep(self._random.uniform(0, 1))
            if FaultWord.POWER_CUT not in self.printer.faults:
                self.printer.power(True)
        elif trouble == HOST:
            await self._host.end()
            self._host = Host(self.wire, self._folder, self._random)
        else:
            await self._restart()

    async def _restart(self) -> None:
        journal = self._it.journal
        await self._halld.aclose()
        await asyncio.sleep(self._random.uniform(0, 3))
        self._halld = AsyncExitStack()
        self._it = await self._halld.enter_async_context(rig(journal=journal))
        self._connect()
        self._boots += 1
        await self._it.do(StartBoot(boot=f"{self._boots:016x}", version="1"))

    def _mend(self) -> None:
        self.printer.clear_faults()
        if not self.printer.powered:
            self.printer.power(True)

    def _judge(self) -> None:
        tally, wishes = self._tally, self._wishes.values()
        fallen = pieces(self._folder / "tray", self._last_line())
        tally.broken += [f"hall {self._seed}: {broken}" for broken in judge(wishes, fallen)]
        tally.tickets += len(self._wishes)
        tally.ends.update(wish.first for wish in wishes)
        tally.reprint_ends.update(end for wish in wishes for end in wish.reprints)
        tally.whole += sum(piece.whole for piece in fallen)
        tally.torn += sum(not piece.whole for piece in fallen)
        there = {piece.numbers[0] for piece in fallen if piece.whole and not piece.again}
        tally.unknown_and_on_paper += sum(wish.first == "unknown" and wish.number in there for wish in wishes)

    def _last_line(self) -> str:
        return load("zh-Hans", "ticket").say("phone", phone=self._it.site.hall.phone)


def campaign(prints: int, seed: int, folder: Path) -> dict[str, Any]:
    """Halls of TICKETS_A_HALL citizens until `prints` tickets are through."""
    tally = Tally()
    for hall in range(-(-prints // TICKETS_A_HALL)):
        place = folder / f"hall-{hall}"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        count = min(TICKETS_A_HALL, prints - tally.tickets)
        virtual.run(Hall(f"{seed}/{hall}", place, tally).run(count))
        shutil.rmtree(place)
    return tally.verdict()
