"""A rush at a district hall of forty windows, four kiosks and six speakers: `python -m bench.rush`.

People take tickets at the kiosks, most of them early; clerks press call and evaluate at all windows, each
turn 40 to 70 s (a real one takes minutes: this is a rush of calls); most citizens rate. Everything is real but the
wires' far ends. Afterwards the journal is compared with the papers, the speakers and the daemon's log.
"""

import asyncio
import json
import os
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from random import Random
from typing import Annotated, Any, Final

import apsw
import httpx
import typer
from ruamel.yaml import YAML

from bench.announced import Announced, announced
from bench.costs import Cost, watched
from bench.desk import Desk
from bench.hall_windows import HallWindow, Press, fitted_windows
from bench.machine import this_machine
from bench.rows import Row, alone
from bench.samples import p50, p99
from hw_sim.demo.station import Station, station
from tests.campaign.judge import Told, judge

MINUTES: Final = 10.0
TICKETS: Final = 300
SEED: Final = 42
TURN: Final = (40.0, 70.0)  # seconds between call and evaluate
GLANCE: Final = (0.5, 2.0)  # seconds in which a free clerk sees that somebody waits
THINKS: Final = (1.0, 4.0)  # seconds a citizen looks at the pad
RATES: Final = 0.85
RUSH: Final = (1.2, 2.4)  # beta distribution of the tickets over the time: the most at a ninth of it
ARRIVE: Final = 0.9  # of the time: the last ticket still finds a clerk
SPEAKERS_SETTLE: Final = 75.0  # a call is spoken or dropped within 60 s
LONGEST_START: Final = 240.0
FAMILIES: Final = {"onbon6e": "graphic card", "onbon5k": "font card"}


@dataclass(slots=True)
class Seen:
    """Seconds. `presses`: (family, key) -> what came of it. `broken`: promises that were not kept, in words."""

    start: float = 0.0
    taking: list[float] = field(default_factory=list)
    presses: dict[tuple[str, str], list[Press]] = field(default_factory=lambda: defaultdict(list))
    in_vain: Counter[str] = field(default_factory=Counter)
    told: Told = field(default_factory=Told)
    counts: Counter[str] = field(default_factory=Counter)
    costs: Mapping[str, Cost] = field(default_factory=dict)
    calls: Announced = field(default_factory=Announced)
    broken: list[str] = field(default_factory=list)


async def measure(
    desk: Desk, minutes: float = MINUTES, tickets: int = TICKETS, turn: tuple[float, float] = TURN
) -> list[Row]:
    seen = await rush(desk, minutes, tickets, turn)
    for line in seen.broken:
        desk.tell(f"broken: {line}")
    return rows(seen)


async def rush(desk: Desk, minutes: float, tickets: int, turn: tuple[float, float], hall: str = "district") -> Seen:
    """`hall`: the example site and scene."""
    seen, began = Seen(), time.monotonic()
    folder = desk.drawer(hall)
    async with station(hall, folder, seed=SEED, with_screens=False) as made:
        await made.ready(LONGEST_START)
        seen.start = time.monotonic() - began
        desk.tell(f"ready after {seen.start:.1f} s; {tickets} tickets in {minutes:g} minutes")
        pids = {"halld": made.programs["halld"].pid, "hall-devices": made.programs["devices"].pid}
        async with watched({name: pid for name, pid in pids.items() if pid is not None}) as costs:
            await _Hall(made, seen, turn).full(minutes * 60, tickets)
        seen.costs = costs.by_name
        desk.tell(f"load average {', '.join(f'{one:.2f}' for one in os.getloadavg())}; the last calls are spoken")
        await _judge(made, seen)
    return seen


class _Hall:
    def __init__(self, made: Station, seen: Seen, turn: tuple[float, float]) -> None:
        self._made, self._seen, self._turn = made, seen, turn
        self._site = _site(made)
        self._windows = fitted_windows(made.hall, self._site)
        self._rating: set[asyncio.Task[None]] = set()

    async def full(self, seconds: float, tickets: int) -> None:
        random = Random(SEED)
        clerks = [asyncio.create_task(self._clerk(window), name=window.id) for window in self._windows]
        try:
            async with asyncio.timeout(seconds), asyncio.TaskGroup() as people:
                for kiosk, moments in self._moments(random, seconds, tickets).items():
                    people.create_task(self._queue_at(kiosk, moments, Random(random.random())))
                people.create_task(asyncio.sleep(seconds + 1))
        except TimeoutError:
            pass
        finally:
            for task in (*clerks, *self._rating):
                task.cancel()
            ended = await asyncio.gather(*clerks, return_exceptions=True)
        self._seen.broken += [f"a clerk: {one!r}" for one in ended if isinstance(one, Exception)]

    def _moments(self, random: Random, seconds: float, tickets: int) -> dict[str, list[float]]:
        """When people stand at each kiosk."""
        moments = sorted(random.betavariate(*RUSH) * seconds * ARRIVE for _ in range(tickets))
        found: dict[str, list[float]] = {kiosk["id"]: [] for kiosk in self._site["kiosks"]}
        for kiosk, moment in zip(cycle(found), moments, strict=False):
            found[kiosk].append(moment)
        return found

    async def _queue_at(self, kiosk: str, moments: list[float], random: Random) -> None:
        transport = httpx.AsyncHTTPTransport(uds=str(self._made.folder / "hall.sock"))
        began = time.monotonic()
        async with httpx.AsyncClient(
            transport=transport, base_url="http://hall", headers={"x-hall-place": kiosk}, timeout=30.0
        ) as http:
            for number, moment in enumerate(moments):
                await asyncio.sleep(max(0.0, began + moment - time.monotonic()))
                # As many people for a service as windows live on it.
                service = random.choice(self._windows).services[0]
                await self._take(http, kiosk, {"id": f"rush-{kiosk}-{number}", "service": service})

    async def _take(self, http: httpx.AsyncClient, kiosk: str, wish: dict[str, str]) -> None:
        began = time.perf_counter()
        answer = await http.post(f"/api/kiosk/{kiosk}/ticket", json=wish)
        if answer.status_code != 200:
            self._seen.broken.append(f"{wish['id']}: {answer.status_code} {answer.text}")
            return
        self._seen.taking.append(time.perf_counter() - began)
        ticket = answer.json()
        self._seen.told.ticket(wish["id"], ticket["ticket"], ticket["number"])

    async def _clerk(self, window: HallWindow) -> None:
        while True:
            await asyncio.sleep(window.random.uniform(*GLANCE))
            if window.somebody_waits and await self._press(window, "call"):
                await asyncio.sleep(window.random.uniform(*self._turn))
                await self._press(window, "evaluate")
                if window.random.random() < RATES:
                    rating = asyncio.create_task(self._rate(window))
                    self._rating.add(rating)
                    rating.add_done_callback(self._rating.discard)

    async def _press(self, window: HallWindow, key: str) -> bool:
        press = await window.press(key)
        if press is None:
            self._seen.in_vain[key] += 1
            return False
        self._seen.presses[window.family, key].append(press)
        return True

    async def _rate(self, window: HallWindow) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(10):
                await window.pad.changed.until(lambda: window.pad.state == "rate")
            await asyncio.sleep(window.random.uniform(*THINKS))
            window.pad.rate(window.random.choice((2, 3, 4, 4, 4)))


async def _judge(made: Station, seen: Seen) -> None:
    """Waits until the speakers are silent, so that no call is judged before it was its turn."""
    sound = [made.folder / str(folder) for folder in made.folder.glob("sound*")]
    over = time.monotonic() + SPEAKERS_SETTLE
    while True:
        records = _records(made.journal)
        log = (made.folder / "logs" / "halld.log").read_text("utf-8", "replace")
        seen.calls = announced(records, sound, log)
        if not seen.calls.unknown or time.monotonic() > over:
            break
        await asyncio.sleep(3.0)
    seen.counts = Counter(str(record["kind"]) for record in records)
    seen.broken += judge(records, seen.told)
    seen.broken += [f"{call} was spoken more than once" for call in seen.calls.doubled]
    seen.broken += [f"{call} was neither spoken nor given up with a reason" for call in seen.calls.unknown]


def _records(journal: Path) -> list[dict[str, Any]]:
    db = apsw.Connection(str(journal), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return [json.loads(raw) for (raw,) in db.execute("SELECT raw FROM records ORDER BY pos")]
    finally:
        db.close()


def _site(made: Station) -> dict[str, Any]:
    site: dict[str, Any] = YAML(typ="safe").load((made.folder / "site.yaml").read_text("utf-8"))
    return site


def rows(seen: Seen) -> list[Row]:
    return [
        alone("rush: start to ready, 40 windows, every device", seen.start, "s"),
        *_times("rush: ticket at a kiosk, wish to answer", seen.taking),
        *(
            row
            for (family, key), presses in sorted(seen.presses.items(), reverse=True)
            for row in _presses(f"rush: {key} to panel, {FAMILIES[family]}", presses)
        ),
        *(
            alone(f"rush: presses of {key} that showed nothing", n, "presses")
            for key, n in sorted(seen.in_vain.items())
        ),
        alone("rush: calls and ends whose panel was not seen to change", _unseen(seen), "presses"),
        *_voice(seen.calls),
        *(alone(f"rush: {kind} in the journal", seen.counts[kind], "records") for kind in _COUNTED),
        alone("rush: promises broken (numbers twice, two at a window, silent calls)", len(seen.broken), "promises"),
        *(row for name, cost in seen.costs.items() for row in _cost(name, cost)),
    ]


_COUNTED: Final = ("day.closed", "ticket.issued", "ticket.called", "service.finished", "rating.given", "print.done")


def _times(name: str, spent: list[float]) -> list[Row]:
    if not spent:
        return []
    of = (("p50", p50(spent)), ("p99", p99(spent)))
    return [
        *(alone(f"{name}, {which}", value * 1e3, "ms") for which, value in of),
        alone(f"{name}, how many", len(spent), "times"),
    ]


def _presses(name: str, presses: list[Press]) -> list[Row]:
    """`line free`: those that the keypad had to say once; the others met somebody else on their line."""
    free = [press.spent for press in presses if press.sent == 1]
    return [*_times(name, [press.spent for press in presses]), *_times(f"{name}, line free", free)]


def _unseen(seen: Seen) -> int:
    """Calls and ends of turns in the journal whose panel the clerk did not see change."""
    shown = Counter(key for (_, key), presses in seen.presses.items() for _ in presses)
    done = {"call": "ticket.called", "evaluate": "service.finished"}
    return sum(abs(seen.counts[kind] - shown[key]) for key, kind in done.items())


def _voice(calls: Announced) -> list[Row]:
    return [
        alone("rush: calls", calls.calls, "calls"),
        alone("rush: spoken exactly once", calls.spoken, "calls"),
        alone("rush: of these said without repetition, because others waited", calls.said_once, "calls"),
        *(alone(f"rush: silent, {why}", n, "calls") for why, n in sorted(calls.silent.items())),
        *_times("rush: call to its voice", calls.waited),
    ]


def _cost(name: str, cost: Cost) -> list[Row]:
    return [
        alone(f"rush: {name} ({cost.processes}), processor", cost.cpu, "% of a core"),
        alone(f"rush: {name}, memory (PSS), most", cost.pss, "MB"),
        alone(f"rush: {name}, memory (RSS), most", cost.rss, "MB"),
    ]


def run(
    minutes: Annotated[float, typer.Option(min=0.2)] = MINUTES,
    tickets: Annotated[int, typer.Option(min=1)] = TICKETS,
    turn: Annotated[tuple[float, float], typer.Option(help="Seconds at a window, from and to.")] = TURN,
) -> None:
    """Rows as JSON on stdout, progress on stderr; fails when a promise was broken."""

    def tell(line: str) -> None:
        typer.echo(line, err=True)

    with tempfile.TemporaryDirectory(prefix="hall-rush-") as scratch:
        tell(this_machine(Path(scratch)).sentence())
        seen = asyncio.run(rush(Desk(Path(scratch), tell), minutes, tickets, turn))
    for row in rows(seen):
        typer.echo(row.model_dump_json())
    for line in seen.broken:
        tell(f"broken: {line}")
    raise typer.Exit(1 if seen.broken else 0)


if __name__ == "__main__":
    typer.run(run)
