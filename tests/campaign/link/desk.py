"""A station's journal and its line as a process of its own: wishes come in as lines, what is durable goes out as lines.

Everything is the product's own, wired as `halld` wires it; only rules, devices and screens are left out.
"""

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random, SystemRandom
from types import SimpleNamespace
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

import structlog
import typer

from edge import numbering
from edge.journal import Journal, KeyRing
from edge.journal.errors import EpochChanged, JournalError
from edge.rules.case_records import PageCaptured
from edge.rules.floors import NO_FLOORS, Floors
from edge.rules.records import Draft, Private, RatingLapsed, TicketIssued
from sync.protocol.record import Record
from sync.uplink import Uplink
from tests.campaign.link.turned_clock import TurnedClock
from tests.campaign.mutants import mutant

SITE: Final = "LH-0042"
DAY: Final = "2026-11-23"
GAP: Final = 5_000  # more than are given between an image and its return; what a hall sets is its own matter (0401)
CATCH_UP_S: Final = 10.0
_SITE_FILE: Final = SimpleNamespace(queue=SimpleNamespace(restored_gap=GAP))


@dataclass
class Desk:
    """`state` and `floors` are what `keep_floors` asks of an engine."""

    journal: Journal
    floors: Floors = NO_FLOORS
    state: SimpleNamespace = field(
        default_factory=lambda: SimpleNamespace(date=DAY, counters={}, case_counters={}, busiest=0)
    )
    folded: asyncio.Event = field(default_factory=asyncio.Event)

    async def fold(self) -> None:
        """Numbers as the history has them; again after each new epoch. Nobody gets one meanwhile: `halld` serves nobody
        before it knows its history.
        """
        self.folded.clear()
        history = self.journal.begin_history()
        self.state.counters, place = {"A": 0}, 0
        while page := await history.read(place, 2_000, 8_000_000):
            for one in page:
                place = one.record.seq
                if one.record.kind == "ticket.issued":
                    number = int(one.record.body["number"][1:])
                    self.state.counters["A"] = max(self.state.counters["A"], number)
        await self.keep_floors()
        self.folded.set()

    async def keep_floors(self) -> None:
        await numbering.keep_floors(self, self.journal, _SITE_FILE, DAY)  # type: ignore[arg-type]

    async def answer(self, wish: dict[str, Any]) -> dict[str, Any]:
        """Durable before it returns. The same `cmd` is the same wish, in whatever life of this process."""
        made = await self.journal.answer_to(wish["cmd"])
        if not made:
            await self.folded.wait()
            made = await self.journal.history.submit(await self._drafts(wish), cmd=wish["cmd"])
        return {"cmd": wish["cmd"], "births": [_birth(one.data) for one in made], "more": _more(made)}

    async def _drafts(self, wish: dict[str, Any]) -> list[Draft]:
        subject = f"t:{wish['cmd'].replace(':', '.')}"
        match wish["do"]:
            case "ticket":
                return [self._ticket(subject, wish.get("name"))]
            case "file":
                stored = await self.journal.seal_file("t:file", Random(wish["seed"]).randbytes(wish["size"]))
                page = {"material": "m1", "page": 1, "width": 1, "height": 1, "blur": 1, "warnings": ()}
                body = PageCaptured(**page, **stored._asdict())
                return [Draft(kind="page.captured", subject=subject, actor="clerk:c01", body=body)]
            case "poison":  # a kind that this centre does not know
                lapsed = RatingLapsed(nonce="n1", why="no_answer")
                return [Draft(kind="rating.lapsed", subject=subject, actor="clerk:c01", body=lapsed)]
        raise ValueError(wish)

    def _ticket(self, subject: str, name: str | None) -> Draft:
        number = max(self.state.counters["A"], self.floors.ticket(DAY, "A") if self.floors is not NO_FLOORS else 0) + 1
        self.state.counters["A"] = number
        body = TicketIssued(
            number=f"A{number:04d}", service="general", items=("general",), area="a", channel="kiosk", place="k1",
            klass="walk_in", declared="", booking="", key=number, arrived=number, not_before=0, ahead=0, person="",
        )  # fmt: skip
        private = None if name is None else Private(owner=subject, members={"name": name})
        return Draft(kind="ticket.issued", v=2, subject=subject, actor="kiosk:k1", body=body, private=private)


def _birth(data: Mapping[str, Any]) -> list[Any]:
    """Of the record as it travels: what `history` returns counts by places."""
    return list(data.get("was") or (data["epoch"], data["seq"], data["hash"]))


def _more(made: tuple[Record, ...]) -> dict[str, Any]:
    """What the user also hears: the number on the ticket, the digest of the file."""
    body = made[-1].body
    return {name: body[name] for name in ("number", "h") if name in body}


class Served:
    def __init__(self, desk: Desk, uplink: Uplink, clock: TurnedClock) -> None:
        self._desk, self._uplink, self._clock = desk, uplink, clock

    async def serve(self) -> None:
        """Until stdin ends or the journal fails."""
        reader = asyncio.StreamReader(limit=1 << 22)
        pipe = asyncio.StreamReaderProtocol(reader)
        await asyncio.get_running_loop().connect_read_pipe(lambda: pipe, sys.stdin)
        async with asyncio.TaskGroup() as group:
            following = group.create_task(self._follow())
            linking = group.create_task(self._uplink.run())
            _say({"ready": self._desk.journal.epoch})
            while line := await reader.readline():
                group.create_task(self._on(json.loads(line)))
            following.cancel()
            linking.cancel()

    async def _on(self, wish: dict[str, Any]) -> None:
        match wish["do"]:
            case "clock":
                self._clock.offset = wish["offset"]
            case "state":
                files = await self._desk.journal.files.count_waiting()
                link = self._uplink.state
                found = {"epoch": link.epoch, "acked": link.acked, "pending": link.pending}
                _say({"state": found | {"files": files, "held": link.held, "twin": link.twin}})
            case _:
                try:
                    _say(await self._desk.answer(wish))
                except (EpochChanged, OSError) as error:
                    _say({"again": wish["cmd"], "why": type(error).__name__})

    async def _follow(self) -> None:
        epochs = self._desk.journal.epochs
        while True:
            waits = [asyncio.create_task(one.wait()) for one in (epochs.opened, epochs.gap_changed)]
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for one in waits:
                one.cancel()
            if epochs.opened.is_set():
                epochs.opened.clear()
                await self._desk.fold()
            epochs.gap_changed.clear()
            await self._desk.keep_floors()


async def run(data: Path, url: str, offset: int) -> None:
    clock, boot = TurnedClock(offset), os.urandom(8).hex()
    journal = await Journal.open(
        data, site=SITE, boot=boot, clock=clock, zone=ZoneInfo("Asia/Shanghai"), random_bytes=os.urandom,
        keys=KeyRing(bytes(32)), disk=lambda _: 0.0,
    )  # fmt: skip
    try:
        uplink = Uplink(
            journal, url, clock=clock, random=SystemRandom(), boot=boot, version="1", cap=1.0, files=journal.files,
            epochs=journal.epochs,
        )  # fmt: skip
        if journal.epochs.restored:
            await _catch_up(journal, uplink)
        desk = Desk(journal)
        await desk.fold()
        await Served(desk, uplink, clock).serve()
    finally:
        await journal.close()


async def _catch_up(journal: Journal, uplink: Uplink) -> None:
    asking = asyncio.create_task(uplink.run())
    try:
        async with asyncio.timeout(CATCH_UP_S):
            await journal.epochs.opened.wait()
    except TimeoutError:
        pass  # no line: numbers keep a distance
    finally:
        journal.epochs.opened.clear()
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)


def _say(what: dict[str, Any]) -> None:
    os.write(1, json.dumps(what).encode() + b"\n")


def main(
    data: Annotated[Path, typer.Option()],
    url: Annotated[str, typer.Option()],
    offset: Annotated[int, typer.Option(help="ms by which the wall clock is wrong")] = 0,
    mistake: Annotated[str, typer.Option(help="of tests.campaign.mutants")] = "",
) -> None:
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    with mutant(mistake):
        try:
            asyncio.run(run(data, url, offset))
        except* JournalError as failed:
            print(repr(failed.exceptions[0]), file=sys.stderr)
            os._exit(4)


if __name__ == "__main__":
    typer.run(main)
