"""`./hall campaign --canaries N`: N invented people through tickets, cases, pages, ratings, complaints, bookings and
decisions of a real station; then a search for them in everything that was left behind or crossed the broker; then they
are erased, and everybody who has a key tries to read them.
"""

import asyncio
import json
import os
import sys
import time
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import apsw
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from hw_sim.demo.feeds import SIGNING_KEY
from hw_sim.demo.station import Station, station
from tests.campaign.canaries.brokers import BROKERS, Broker, Kind, usual
from tests.campaign.canaries.crowd import Person, crowd
from tests.campaign.canaries.door import Door
from tests.campaign.canaries.openers import Openers, key_of
from tests.campaign.canaries.search import Search
from tests.campaign.canaries.tools import output, tool
from tests.campaign.canaries.visit import Visits, card_of
from tests.campaign.progress import Progress
from tests.system import evidence
from tests.system.eavesdropper import Eavesdropper
from tests.system.temporary import common_folders, new_files

SECONDS: Final = 120.0
ERASED_AT_THE_CENTRE: Final = (
    "ticket.issued", "booking.mirrored", "case.opened", "case.refused", "rating.given", "task.opened",
    "complaint.registered", "key.issued", "page.captured",
)  # fmt: skip
ZONE: Final = ZoneInfo("Asia/Shanghai")
_ERASED_AT_ONCE: Final = 200


@dataclass
class Canaries:
    folder: Path
    people: list[Person]
    seed: int
    progress: Progress
    broker: Broker
    mistakes: Sequence[str] = ()
    broken: list[str] = field(default_factory=list)
    found: dict[str, Any] = field(default_factory=dict)
    cases: dict[int, str] = field(default_factory=dict)
    began: float = field(default_factory=time.time)

    def __post_init__(self) -> None:
        self.search = Search(self.people)
        self.centre_key = X25519PrivateKey.generate()

    async def run(self) -> dict[str, Any]:
        temp = self.folder / "temp"
        temp.mkdir(parents=True)
        public = b64encode(self.centre_key.public_key().public_bytes_raw()).decode()
        door, mistakes = str(self.folder / "door"), " ".join(self.mistakes)
        with _environment(
            TMPDIR=str(temp), HALL_CANARY_CENTRE=public, HALL_CANARY_DOOR=door, HALL_CANARY_MISTAKES=mistakes
        ):
            where, cards = self.folder / "station", [card_of(one) for one in self.people]
            async with station(
                "station", where, seed=self.seed, with_screens=False, with_broker=False, cards=cards
            ) as made:
                argv = made.programs["halld"].argv
                made.programs["halld"].argv = [sys.executable, "-m", "tests.campaign.canaries.hall", *argv[1:]]
                erases = [word for kind in ERASED_AT_THE_CENTRE for word in ("--erases", kind)]
                made.programs["centre"].argv = [*made.programs["centre"].argv, *erases]
                self.broker.take_over(made)
                made.programs["broker"].hold(False)
                await made.ready()
                await self._through(made)
        return self.found | {"people": len(self.people), "seed": self.seed, "broken": self.broken}

    async def _through(self, made: Station) -> None:
        ear = Eavesdropper(made.broker_port)
        try:
            await evidence.seen(lambda: ear.listening, 20, "the broker takes the eavesdropper")
            await self.broker.sleeper(made.broker_port)
            door = await Door.open(self.folder / "door")
            if self.mistakes:  # what they leave behind is there before anybody is erased
                await self._visit(made, door)
                await evidence.delivered(made, SECONDS)
            else:
                await self._everything(made, door)
            self.found["stored by the broker"] = await self.broker.store(made)
            self._judge_what_lies(made)
            self._judge_the_broker(ear.heard)
            if not self.mistakes:
                await self._judge_erased(made)
        finally:
            ear.stop()

    async def _everything(self, made: Station, door: Door) -> None:
        """Bookings, visits, decisions; all of it arrives and can be read by those with keys; then it is erased."""
        await self._feed(made, "bookings", [self._booking(one) for one in self.people])
        await self._visit(made, door)
        await self._feed(made, "decisions", [self._decision(one) for one in self.people if one.n in self.cases])
        await self._copies(made, "before")
        everybody = {one.n for one in self.people}
        await evidence.seen(lambda: self._files_at_the_centre(made), SECONDS, "all pages at the centre")
        await evidence.seen(lambda: len(self._mirrored(made)) >= len(everybody), SECONDS, "all bookings in the hall")
        await evidence.seen(lambda: self._decided(made), SECONDS, "all decisions in the hall")
        await evidence.delivered(made, SECONDS)
        readable = self._readable(made)
        if readable != everybody:
            self.broken.append(f"those with keys can read {len(readable)} of {len(everybody)} before erasing")
        await self._erase(made, door)
        await self._copies(made, "after")

    # what people do --------------------------------------------------------------------------------------------------

    async def _visit(self, made: Station, door: Door) -> None:
        async with Visits.open(made, door) as visits:
            for person in self.people:
                await visits.of(person)
                self.progress.at(person.n + 1, len(self.people), "canaries through the hall")
        self.cases, self.found["asked"] = visits.cases, visits.told
        self.broken += visits.lost

    def _booking(self, person: Person) -> dict[str, Any]:
        slot = datetime.now(ZONE) + timedelta(days=1)
        body = {"date": f"{slot:%Y-%m-%d}", "slot": "10:00", "service": "general"}
        private = {"name": person.name, "id_number": person.number, "phone": person.phone}
        return {"id": f"b:canary-{person.n}", "body": body, "private": private}

    def _decision(self, person: Person) -> dict[str, Any]:
        body = {"case": self.cases[person.n], "said": "accept", "unit": "unit-1"}
        return {"id": f"d:canary-{person.n}", "body": body, "private": {"note": person.texts["decision"]}}

    async def _feed(self, made: Station, feed: str, items: list[dict[str, Any]]) -> None:
        store = ("--feeds", str(made.feeds))
        public = await output("hallctl", "feeds", "key", str(made.folder / "data" / "site.key"))
        await output("hall-centre", "feeds", "site-key", *store, "--site", made.code, public.strip())
        path = self.folder / "operator.json"  # the operator's own, outside of what is searched
        path.write_text(json.dumps(items), "utf-8")
        signing = ("--signing-key", str(made.folder / "centre" / SIGNING_KEY))
        whole = () if items else ("--whole",)
        of = ("--feed", feed, "--scope", made.code)
        await output("hall-centre", "feeds", "publish", *store, *signing, *of, *whole, str(path))
        path.unlink()

    # erasing ---------------------------------------------------------------------------------------------------------

    async def _erase(self, made: Station, door: Door) -> None:
        for feed in ("bookings", "decisions"):
            await self._feed(made, feed, [])
        await evidence.seen(lambda: self._feeds_are_empty(made), SECONDS, "nobody is in the hall's feeds any more")
        wanted = _column(made.journal, "SELECT h FROM parts WHERE use = 'sealed' UNION SELECT h FROM files")
        for start in range(0, len(wanted), _ERASED_AT_ONCE):
            await door.ask(do="erase", h=wanted[start : start + _ERASED_AT_ONCE])
        await evidence.delivered(made, SECONDS)
        self.found["erased"] = len(wanted)
        copy = self.folder / "copies" / "before-centre.db"
        await output("hall-centre", "forget", str(copy), "--db", str(made.centre_db))

    async def _copies(self, made: Station, name: str) -> None:
        copies = self.folder / "copies"
        copies.mkdir(exist_ok=True)
        await output("hallctl", "journal", "backup", str(made.folder / "data"), str(copies / name))
        await output("hallctl", "journal", "export", str(made.journal), str(copies / f"{name}.ndjson"))
        await output("hall-centre", "backup", "--db", str(made.centre_db), "--to", str(copies / f"{name}-centre.db"))

    # looking ---------------------------------------------------------------------------------------------------------

    def _judge_what_lies(self, made: Station) -> None:
        papers = made.folder / "printed"  # what the citizen takes with him: numbers, a masked name, his own refusal
        lies = [path for path in self.folder.rglob("*") if papers not in path.parents]
        lies += [path for folder in common_folders() for path in new_files(folder, self.began)]
        betrayed, size = self.search.in_files(lies)
        self.broken += betrayed[:20]
        for program in made.programs.values():
            for name in ("cmdline", "environ"):
                with suppress(OSError):
                    said = (Path("/proc") / str(program.pid) / name).read_bytes()
                    self.broken += [f"{program.name} {name}: {one}" for one in self.search.found_in(said)]
        printed = [path for path in papers.rglob("*") if path.is_file()]
        on_paper = {one for path in printed for one in self.search.found_in(path.read_bytes()) if "refusal" not in one}
        self.broken += [f"on paper: {one}" for one in sorted(on_paper)][:20]
        self.found |= {"files": len(lies), "bytes": size, "papers": len(printed)}

    def _judge_the_broker(self, heard: list[tuple[str, bytes]]) -> None:
        whole = b"\n".join(topic.encode() for topic, _ in heard)
        betrayed = self.search.found_in(whole) | {one for _, payload in heard for one in self.search.found_in(payload)}
        self.broken += [f"at the broker: {one}" for one in sorted(betrayed)][:20]
        self.found["crossed"] = {"messages": len(heard), "bytes": sum(len(payload) for _, payload in heard)}

    def _readable(self, made: Station) -> set[int]:
        """Of whom those with all keys can read something, anywhere."""
        openers = Openers(made.code, key_of(made.folder / "data"), self.centre_key.private_bytes_raw())
        openers.look([made.folder, self.folder / "copies"])
        read = self.search.found_in(b"\n".join(openers.read()))
        return {int(one.split("person ")[1].split(",")[0]) for one in read}

    async def _judge_erased(self, made: Station) -> None:
        readable = self._readable(made)
        self.broken += [f"after erasing those with keys can read {len(readable)} people"] if readable else []
        await evidence.verified(made)
        report = await tool("hall-centre", "report", "--db", str(made.centre_db), "--site", made.code, "--json")
        chain = {name: report[name] for name in ("missing", "duplicates", "broken")}
        self.broken += [f"at the centre: {chain}"] if any(chain.values()) else []
        for name in ("before", "after"):
            verdict = await tool("hallctl", "journal", "verify", str(self._copy(name)), "--json")
            self.broken += [] if verdict["good"] else [f"the backup from {name} erasing does not verify: {verdict}"]
        # A decision about a case that no unit was asked about is a dispute, held for people.
        self.broken += ["more is held than decisions"] if report["held"] > len(self.cases) else []
        self.found["records"] = report["records"]

    def _copy(self, name: str) -> Path:
        return self.folder / "copies" / name / "journal.db"

    def _decided(self, made: Station) -> bool:
        """Whatever the hall's rules made of each: nothing is left that nobody has looked at."""
        feeds = made.folder / "data" / "feeds.db"
        here = _column(feeds, "SELECT id FROM items WHERE feed = 'decisions'")
        return len(here) == len(self.cases) and not _column(feeds, "SELECT id FROM pending")

    def _mirrored(self, made: Station) -> list[Any]:
        return evidence.records(made, "booking.mirrored")

    async def _files_at_the_centre(self, made: Station) -> bool:
        report = await tool("hall-centre", "report", "--db", str(made.centre_db), "--site", made.code, "--json")
        return bool(report["files"]["delivered"] == len(evidence.records(made, "page.captured")))

    def _feeds_are_empty(self, made: Station) -> bool:
        path = made.folder / "data" / "feeds.db"
        return not _column(path, "SELECT id FROM items WHERE feed IN ('bookings', 'decisions')") and not _column(
            path, "SELECT id FROM pending"
        )


def canaries(
    people: int,
    seed: int,
    folder: Path,
    progress: Progress,
    *,
    broker: Kind | None = None,
    mistakes: Sequence[str] = (),
) -> dict[str, Any]:
    """The verdict; `broken` is empty when nobody was found and nobody can be read. `broker` None: mosquitto where there
    is one. `mistakes`: names of `hall.MISTAKES`, made on purpose.
    """
    began = time.monotonic()
    run = Canaries(folder, crowd(people, seed), seed, progress, BROKERS[broker or usual()](), mistakes)
    found = asyncio.run(run.run())
    return found | {"seconds": round(time.monotonic() - began, 1)}


@contextmanager
def _environment(**values: str) -> Iterator[None]:
    """For the programs that are started meanwhile."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _column(path: Path, query: str) -> list[Any]:
    db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        db.set_busy_timeout(5_000)
        return [row[0] for row in db.execute(query)]
    finally:
        db.close()
