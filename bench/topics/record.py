"""What one record of a backlog costs of processor time at the station, at the broker and at the centre, and what the
hand-written table costs at its sender, the same broker and its inbox.

Ours: journal and uplink in this process, mosquitto, `hall-centre` on SQLite. Both sides send the same record bytes and
take turns; each is measured from its start until its last record is committed. The peer sends a message a record and
checks nothing; ours sends 64 in one, and the centre checks form, hash and chain of each.
"""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

from bench import ends, journals
from bench.broker import mosquitto
from bench.desk import Desk
from bench.peers.outbox import Outbox
from bench.programs import Peer, peer
from bench.rows import Row, lower_is_better
from bench.samples import p50
from bench.topics.centre import serving_centre
from bench.topics.link import HAND_WRITTEN, drained
from edge.journal.journal import Journal

RECORDS: Final = 10_000
ROUNDS: Final = 3
BUDGET_US: Final = 120.0
_SECONDS: Final = 120.0


async def measure(desk: Desk, *, records: int = RECORDS, rounds: int = ROUNDS) -> list[Row]:
    found: dict[str, list[list[float]]] = {"ours": [], HAND_WRITTEN: []}
    async with mosquitto(desk.folder) as port:
        for number in range(-1, rounds):  # the first warms up
            desk.tell(f"{records} records, round {number + 1} of {rounds}")
            pair = await _pair(desk.drawer(str(number)), port, records, ours_first=number % 2 == 0)
            for kind, spent in pair.items() if number >= 0 else ():
                found[kind].append([seconds / records * 1e6 for seconds in spent])
    ours, theirs = ([p50(list(end)) for end in zip(*found[kind], strict=True)] for kind in ("ours", HAND_WRITTEN))
    rows = [
        lower_is_better(f"record: processor time, {end}", own, "µs", f"{HAND_WRITTEN} table, its {end}", peers)
        for end, own, peers in zip(ends.ENDS, ours, theirs, strict=True)
    ]
    all_three = "record: processor time, station, broker and centre together"
    rows.append(lower_is_better(all_three, sum(ours), "µs", f"{HAND_WRITTEN} table, its three", sum(theirs)))
    return [*rows, lower_is_better(f"{all_three}, against the budget", sum(ours), "µs", "budget", BUDGET_US)]


async def _pair(folder: Path, port: int, records: int, *, ours_first: bool) -> Mapping[str, list[float]]:
    """Processor seconds of the three ends, by whose they are."""
    async with journals.journal_in(folder / "journal") as journal:
        await journals.fill(journal, records)
        raws = await journals.raw_records(journal)
        spent = {"ours": await _ours(folder, port, journal)} if ours_first else {}
        spent[HAND_WRITTEN] = await _glue(folder, port, raws)
        return spent if ours_first else spent | {"ours": await _ours(folder, port, journal)}


async def _ours(folder: Path, port: int, journal: Journal) -> list[float]:
    async with serving_centre(folder, port, str(folder / "c.db"), 0) as pid:
        before = ends.of_ours(pid)
        await drained(journal, f"mqtt://127.0.0.1:{port}")
        return ends.since(before, ends.of_ours(pid))


async def _glue(folder: Path, port: int, raws: list[bytes]) -> list[float]:
    waiting, inbox = folder / "glue", folder / "inbox.db"
    await asyncio.to_thread(_put, waiting, raws)
    async with AsyncExitStack() as stack:
        receiver = await stack.enter_async_context(peer("inbox", str(inbox), str(port), str(len(raws))))
        sender = await stack.enter_async_context(peer("sender", HAND_WRITTEN, str(waiting), str(port)))
        for one in (receiver, sender):
            await one.says("ready", _SECONDS)
        before = _of_glue(sender, receiver)
        sender.tell("go")
        await sender.says("empty", _SECONDS)
        await receiver.says("complete", _SECONDS)
        return ends.since(before, _of_glue(sender, receiver))


def _of_glue(sender: Peer, receiver: Peer) -> list[float]:
    return [ends.of(sender.process.pid), ends.of_broker(), ends.of(receiver.process.pid)]


def _put(path: Path, raws: list[bytes]) -> None:
    outbox = Outbox(str(path))
    outbox.put(raws)
    outbox.close()
