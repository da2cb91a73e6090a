"""A busy morning at a simulated station while its daemon is killed again and again."""

import asyncio
import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import httpx

from hw_sim.demo.programs import Program
from hw_sim.demo.station import BIN, Station, station
from tests.campaign.judge import Told, judge

SERVICES = ("general", "social")


@dataclass(slots=True)
class Morning:
    """`kills` of halld at random moments; citizens, clerks and raters go on all the time."""

    kills: int
    seed: int
    folder: Path
    told: Told = field(default_factory=Told)
    retries: int = 0
    presses: int = 0
    slowest_return: float = 0.0
    _over: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> dict[str, Any]:
        """Returns the verdict; `broken` is empty when every promise was kept."""
        began = time.monotonic()
        async with station("station", self.folder, seed=self.seed, with_screens=False) as hall:
            await hall.ready()
            random = Random(self.seed)
            async with asyncio.TaskGroup() as group:
                for citizen in range(3):
                    group.create_task(self._citizens(hall, citizen))
                for window in ("1", "2"):
                    group.create_task(self._clerk(hall, window, Random(random.random())))
                group.create_task(self._killer(hall, hall.programs["halld"], random))
            await hall.ready()
            centre = await self._drained(hall)
        verdict = await tool("hallctl", "journal", "verify", str(hall.journal), "--json")
        shown = await output("hallctl", "journal", "show", str(hall.journal), "--json", "--limit", "1000000")
        records = [json.loads(line) for line in shown.splitlines()]
        return {
            "seed": self.seed,
            "kills": self.kills,
            "tickets": len(self.told.tickets),
            "retries": self.retries,
            "presses": self.presses,
            "calls": sum(record["kind"] == "ticket.called" for record in records),
            "ratings": sum(record["kind"] == "rating.given" for record in records),
            "records": verdict["records"],
            "verified": verdict["first_bad"] is None,
            "centre": centre,
            "slowest_return": round(self.slowest_return, 2),
            "seconds": round(time.monotonic() - began, 1),
            "broken": judge(records, self.told) + _at_centre(centre, verdict["records"]),
        }

    async def _citizens(self, hall: Station, number: int) -> None:
        transport = httpx.AsyncHTTPTransport(uds=str(hall.folder / "hall.sock"))
        async with httpx.AsyncClient(
            transport=transport, base_url="http://hall", headers={"x-hall-place": "k1"}, timeout=5
        ) as kiosk:
            wish = 0
            while not self._over.is_set():
                wish += 1
                await self._take(kiosk, f"citizen-{number}-{wish}", SERVICES[wish % 2])

    async def _take(self, kiosk: httpx.AsyncClient, command: str, service: str) -> None:
        """One wish, asked until it is answered, always under the same id; then asked once more."""
        answers = 0
        while answers < 2:
            try:
                answer = await kiosk.post("/api/kiosk/k1/ticket", json={"id": command, "service": service})
            except httpx.TransportError:
                self.retries += 1
                await asyncio.sleep(0.1)
                continue
            if answer.status_code == 200:
                ticket = answer.json()
                self.told.ticket(command, ticket["ticket"], ticket["number"])
                answers += 1
            elif answer.status_code < 500:
                raise AssertionError(f"{answer.status_code}: {answer.text}")
            await asyncio.sleep(0.05)

    async def _clerk(self, hall: Station, window: str, random: Random) -> None:
        keypad, pad = hall.hall.device(f"keypad-{window}"), hall.hall.device(f"pad-{window}")
        while not self._over.is_set():
            keypad.act("press", key=random.choice(["call", "call", "recall", "evaluate", "evaluate"]))
            self.presses += 1
            await asyncio.sleep(random.uniform(0.1, 0.6))
            if pad.view()["state"] == "rate" and random.random() < 0.7:
                pad.act("rate", value=random.randrange(5))

    async def _killer(self, hall: Station, halld: Program, random: Random) -> None:
        for _ in range(self.kills):
            await asyncio.sleep(random.uniform(0.05, 1.5))
            began = time.monotonic()
            halld.kill()
            await asyncio.sleep(0.1)
            await hall.ready()
            self.slowest_return = max(self.slowest_return, time.monotonic() - began)
        self._over.set()

    async def _drained(self, hall: Station) -> dict[str, int]:
        """Wait until the centre has all, at most 30 s; what it has in the end."""
        report: dict[str, int] = {}
        until = time.monotonic() + 30
        while time.monotonic() < until:
            verdict = await tool("hallctl", "journal", "verify", str(hall.journal), "--json")
            report = await tool("hall-centre", "report", "--db", str(hall.centre_db), "--site", hall.code, "--json")
            if report["records"] == verdict["records"] and not report["missing"]:
                break
            await asyncio.sleep(0.5)
        return {name: report[name] for name in ("records", "missing", "duplicates", "held")}


def _at_centre(centre: dict[str, int], records: int) -> list[str]:
    fine = centre == {"records": records, "missing": 0, "duplicates": 0, "held": 0}
    return [] if fine else [f"the centre has {centre}, the journal {records}"]


async def tool(program: str, *words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(await output(program, *words))
    return found


async def output(program: str, *words: str) -> str:
    process = await asyncio.create_subprocess_exec(str(BIN / program), *words, stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    assert process.returncode == 0, f"{program} {words} ended with {process.returncode}"
    return out.decode()
