"""What may happen to a station, its line, its broker and its centre. Each act begins and ends a trouble."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sync.mqtt import MqttDial
from sync.protocol import names
from sync.wire import Letter, WireLost
from tests.campaign.link.programs import tool
from tests.campaign.link.users import Users

if TYPE_CHECKING:
    from tests.campaign.link.storm import Storm

YEAR_MS: Final = 365 * 86_400_000
LEVEL_S: Final = 90.0
Act = Callable[["Storm"], Awaitable[None]]


async def kill_station(storm: Storm) -> None:
    storm.desk.kill()
    await asyncio.sleep(0.02)


async def kill_unheard(storm: Storm) -> None:
    """With the line down, so that nobody but the station's disk has what was just told."""
    storm.line.weather.up = False
    await storm.line.cut()
    await storm.users.served(8)
    storm.desk.kill()
    await asyncio.sleep(0.1)
    storm.calm()


async def kill_centre(storm: Storm) -> None:
    """What it acknowledged before it died must be on its disk."""
    state = await storm.users.state(1.0)
    await storm.centre.hold()
    if state is not None and storm.db.exists():
        upto = _upto(storm, state["epoch"])
        storm.behind = storm.behind and upto < state["acked"]
        if upto < state["acked"] and not storm.behind:
            storm.broken.append(f"the centre acknowledged {state['acked']} and has {upto} after kill -9")
    storm.centre.held = False
    await asyncio.sleep(storm.random.uniform(0, 1.5))


def _upto(storm: Storm, epoch: str) -> int:
    db = sqlite3.connect(f"file:{storm.db}?mode=ro", uri=True)
    try:
        row = db.execute("SELECT upto FROM epochs WHERE epoch = ?", (epoch,)).fetchone()
    except sqlite3.OperationalError:
        row = None
    finally:
        db.close()
    return 0 if row is None else int(row[0])


async def wipe_broker(storm: Storm) -> None:
    storm.broker.kill(wipe=True)
    await asyncio.sleep(storm.random.choice((0.0, 0.2, 1.0)))
    await asyncio.to_thread(storm.broker.start)


async def delay(storm: Storm) -> None:
    storm.line.weather.delay = storm.random.uniform(0.05, 0.5)
    await asyncio.sleep(storm.random.uniform(1, 3))
    storm.calm()


async def rate(storm: Storm) -> None:
    storm.line.weather.rate = storm.random.choice((8_000.0, 64_000.0))
    await asyncio.sleep(storm.random.uniform(2, 4))
    storm.calm()


async def cut(storm: Storm) -> None:
    for _ in range(storm.random.choice((1, 3))):
        await storm.random.choice((storm.line, storm.centre_line)).cut()
        await asyncio.sleep(storm.random.uniform(0, 0.5))


async def down(storm: Storm) -> None:
    line = storm.random.choice((storm.line, storm.centre_line))
    line.weather.up = False
    await line.cut()
    await asyncio.sleep(storm.random.uniform(0.5, 4))
    storm.calm()


async def swallow(storm: Storm) -> None:
    """Half-open: everything seems to be well, and nothing arrives."""
    line = storm.random.choice((storm.line, storm.centre_line))
    line.weather.swallow = storm.random.choice((frozenset({"up"}), frozenset({"down"}), frozenset({"up", "down"})))
    await asyncio.sleep(storm.random.choice((2.0, 5.0, 15.0)))
    storm.calm()
    await line.cut()


async def tear(storm: Storm) -> None:
    line = storm.random.choice((storm.line, storm.centre_line))
    line.weather.tear = True
    for _ in range(100):
        if not line.weather.tear:
            return
        await asyncio.sleep(0.05)
    line.weather.tear = False


async def twice(storm: Storm) -> None:
    """Publishes come again and in another order, until it has happened often enough to matter."""
    lines = (storm.line, storm.centre_line)
    wanted = [line.doubled + 10 for line in lines]
    for line in lines:
        line.weather.twice, line.weather.shuffle = storm.random.choice((0.5, 1.0)), 0.3
    for _ in range(200):
        if all(line.doubled >= enough for line, enough in zip(lines, wanted, strict=True)):
            break
        await asyncio.sleep(0.1)
    storm.calm()


async def freeze(storm: Storm) -> None:
    program = storm.random.choice((storm.desk, storm.centre))
    program.freeze()
    await asyncio.sleep(storm.random.uniform(0.5, 4))
    program.thaw()


async def clock(storm: Storm) -> None:
    """The station's wall clock: ten years off, an hour back, then right; told to the running desk and kept."""
    for offset in storm.random.sample((10 * YEAR_MS, -10 * YEAR_MS, -3_600_000, 86_400_000), 2):
        storm.offset = offset
        storm.desk.say({"do": "clock", "offset": offset})
        await asyncio.sleep(storm.random.uniform(0.3, 1.0))
    storm.centre.env = {**storm.centre.env, "HALL_CAMPAIGN_OFFSET": str(-storm.offset)}
    storm.centre.kill()


async def garbage(storm: Storm) -> None:
    """Somebody else's nonsense on the site's topics: nobody may be stopped by it."""
    try:
        wire = await MqttDial(f"mqtt://127.0.0.1:{storm.broker.port}", "stranger")(subscriptions=[], will=None)
    except WireLost:
        return
    site = f"he/1/{names.shard('LH-0042')}/LH-0042"
    payloads = (b"", b"{", b"\xff" * 300, b"[" * 100_000, b'{"m":"batch","cid":"0","records":[{}]}', bytes(1_000_000))
    try:
        for payload in payloads:
            for tail in ("u/j", "u/h", "u/f", "s", "d/a"):
                wire.send(Letter(f"{site}/{tail}", payload, 1))
        await asyncio.sleep(0.2)
    except WireLost:
        pass
    finally:
        await wire.close()


async def restore_station(storm: Storm) -> None:
    """From an image, while the centre is ahead of it and can be reached."""
    await _restored(storm, apart=False)


async def restore_apart(storm: Storm) -> None:
    """From an image, with no line: numbers must keep away from those that nobody here remembers."""
    await _restored(storm, apart=True)


async def _restored(storm: Storm, *, apart: bool) -> None:
    copy = storm.folder / f"copy-{time.monotonic_ns()}"
    await tool("hallctl", "journal", "backup", str(storm.data), str(copy))
    await asyncio.sleep(storm.random.uniform(0.5, 1.5))
    storm.calm()
    await storm.users.pause()
    if await storm.level(LEVEL_S) is None:
        storm.broken.append(f"not level {LEVEL_S:g} s after the faults, before an image is put back")
    if apart:
        storm.line.weather.up = False
        await storm.line.cut()
    await storm.desk.hold()
    await tool("hallctl", "journal", "restore", str(copy), str(storm.data))
    storm.desk.held = False
    storm.users.go_on()
    async with asyncio.timeout(LEVEL_S):
        await storm.desk.up.wait()
    await asyncio.sleep(storm.random.uniform(1, 2))
    storm.calm()
    shutil.rmtree(copy)


async def restore_centre(storm: Storm) -> None:
    """From a backup made a while ago: the station has what it lacks."""
    copy = storm.folder / "centre-copy.db"
    await tool("hall-centre", "backup", "--db", str(storm.db), "--to", str(copy))
    await asyncio.sleep(storm.random.uniform(0.5, 2))
    await storm.centre.hold()
    await tool("hall-centre", "restore", str(copy), "--db", str(storm.db))
    storm.behind = True
    storm.centre.held = False


async def full_station(storm: Storm) -> None:
    """No byte is left where the journal lies: nobody is told "stored", and it goes on once there is room."""
    await _filled(storm.data, storm)
    async with asyncio.timeout(LEVEL_S):
        await storm.desk.up.wait()


async def full_centre(storm: Storm) -> None:
    """No byte is left where the centre's database lies."""
    await _filled(storm.db.parent, storm)


async def _filled(folder: Path, storm: Storm) -> None:
    """For a while; what is freed in that time, the reserve that the journal keeps for this, is filled too."""
    filler = folder / "filler"
    descriptor = os.open(filler, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        for _ in range(storm.random.randint(3, 8)):
            for size in (65_536, 64):
                with suppress(OSError):
                    while True:
                        os.write(descriptor, bytes(size))
            await asyncio.sleep(0.5)
    finally:
        os.close(descriptor)
        filler.unlink()


async def twin(storm: Storm) -> None:
    """A clone of the disk in a second machine, both at work under one name for a while."""
    clone = storm.folder / "twin"
    await tool("hallctl", "journal", "backup", str(storm.data), str(clone))
    program = storm.desk_at(clone, "twin")
    users = Users(program, storm.random, storm.told, desk=1, kinds=("ticket", "named"))
    running = asyncio.create_task(program.run())
    people = asyncio.create_task(users.lane())
    try:
        await asyncio.sleep(6)
        await users.pause()
        await storm.users.pause()
        await _empty(storm, users)
    finally:
        people.cancel()
        running.cancel()
        await asyncio.gather(people, running, return_exceptions=True)
    storm.twins.append(clone / "journal.db")
    storm.users.go_on()
    await asyncio.sleep(1)


async def _empty(storm: Storm, users: Users) -> None:
    """Until the twin has delivered everything: each of the two answers the other's epochs ever more rarely."""
    until = time.monotonic() + 240
    while time.monotonic() < until:
        state = await users.state()
        if state is not None and (state["pending"], state["files"]) == (0, 0):
            return
        await asyncio.sleep(1)
    storm.broken.append("a second machine with this identity could not deliver what it had promised")


ACTS: Final[dict[str, Act]] = {
    name.__name__.replace("_", "-"): name
    for name in (
        kill_station, kill_unheard, kill_centre, wipe_broker, delay, rate, cut, down, swallow, tear,
        twice, freeze, clock, garbage,
        restore_station, restore_apart, restore_centre, twin, full_station, full_centre,
    )
}  # fmt: skip
