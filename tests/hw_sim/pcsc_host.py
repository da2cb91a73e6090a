"""A PC/SC world in namespaces of its own: pcscd with vpcd, the simulated reader, and pyscard as the host.

Run as `python -m tests.hw_sim.pcsc_host FOLDER` inside `unshare`; says what it saw as one line of JSON.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from smartcard.CardConnection import CardConnection
from smartcard.Exceptions import CardConnectionException, NoCardException
from smartcard.pcsc.PCSCExceptions import BaseSCardException
from smartcard.System import readers

from hw_sim.clock import RealClock
from hw_sim.faults import Fault, FaultWord
from hw_sim.pcsc import ChipCard, PcscReader

READER = "Virtual PCD 00 00"
_CONFIG = """FRIENDLYNAME "Virtual PCD"
DEVICENAME /dev/null:0x8C7B
LIBPATH {library}
CHANNELID 0x8C7B
"""
SELECT = bytes.fromhex("00A404000F7378312E73682EC9E7BBE1B1A3D5CF")
PERSON = {"name": "张测试", "number": "119999199001010012", "sex": "1", "card_number": "TEST00001"}
CARDS = [
    ChipCard.model_validate({"id": "first", "generation": 1, **PERSON}),
    ChipCard.model_validate({"id": "second", "contactless": True, "t0": False, "exact_le": True, **PERSON}),
    ChipCard.model_validate({"id": "third", "generation": 3, "contactless": True, "t0": False, **PERSON}),
    ChipCard(id="bank", kind="bank", account="620000000000000001"),
]
PATIENCE = 10.0


class Host:
    """pyscard, blocking: always called in a thread."""

    def __init__(self) -> None:
        self.connection: CardConnection | None = None

    def reader(self) -> Any:
        return next(one for one in readers() if one.name == READER)

    def connect(self) -> str:
        """The card's ATR; waits for a card."""
        self.connection = self.reader().createConnection()
        self.connection.connect()
        return bytes(self.connection.getATR()).hex().upper()

    def send(self, apdu: bytes) -> tuple[bytes, int]:
        """Data and status words, after 61xx and 6Cxx as a T=0 host does it."""
        assert self.connection is not None
        data, sw1, sw2 = self.connection.transmit(list(apdu))
        if sw1 == 0x61:
            data, sw1, sw2 = self.connection.transmit([0, 0xC0, 0, 0, sw2])
        elif sw1 == 0x6C:
            data, sw1, sw2 = self.connection.transmit([*apdu[:-1], sw2])
        return bytes(data), sw1 << 8 | sw2

    def file(self, short: int) -> dict[str, str]:
        found = {}
        for number in range(1, 9):
            data, words = self.send(bytes([0, 0xB2, number, short, 0]))
            if words != 0x9000:
                found[f"record {number}"] = f"{words:04X}"
                if words == 0x6A83:
                    break
                continue
            found[f"{data[0]:02X}"] = data[2 : 2 + data[1]].rstrip(b"\0").hex()
        return found


async def until(done: Callable[[], Any], wrong: tuple[type[Exception], ...]) -> Any:
    """The first result that is no error of these kinds."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return await asyncio.to_thread(done)
        except wrong:
            if time.monotonic() > end:
                raise
            await asyncio.sleep(0.05)


async def look() -> dict[str, Any]:
    seen: dict[str, Any] = {}
    host, clock = Host(), RealClock()
    sim = PcscReader("pcsc-1", clock, Random(1), cards={card.id: card for card in CARDS})
    await until(host.reader, (StopIteration, BaseSCardException))
    await sim.start()
    try:
        await asyncio.to_thread(host.connect)
    except NoCardException as none:
        seen["without a card"] = type(none).__name__
    for card in CARDS:
        sim.act("insert", card=card.id)
        atr = await until(host.connect, (NoCardException, CardConnectionException))
        selected = (await asyncio.to_thread(host.send, SELECT))[1]
        seen[card.id] = {"atr": atr, "select": f"{selected:04X}"}
        if selected == 0x9000:
            seen[card.id] |= {
                "05": await asyncio.to_thread(host.file, 0x2C),
                "06": await asyncio.to_thread(host.file, 0x34),
            }
        seen[card.id]["pin_tries"] = sim.view()["pin_tries"]
        sim.act("remove")
        await until(lambda: gone(host), (AssertionError,))
    seen["apdu_us"] = await speed(sim, host)
    seen["pulled"] = await pulled(sim, host)
    seen["mute"] = await mute(sim, host)
    await sim.stop()
    return seen


def gone(host: Host) -> None:
    try:
        host.connect()
    except NoCardException:
        return
    except CardConnectionException:
        pass
    raise AssertionError


async def speed(sim: PcscReader, host: Host) -> float:
    sim.act("insert", card="second")
    await until(host.connect, (NoCardException, CardConnectionException))

    def many() -> float:
        times = []
        for _ in range(60):
            began = time.perf_counter()
            host.send(SELECT)
            times.append(time.perf_counter() - began)
        return sorted(times)[len(times) // 2] * 1e6

    return await asyncio.to_thread(many)


async def pulled(sim: PcscReader, host: Host) -> str:
    sim.set_fault(Fault(FaultWord.DROP, times=1))
    try:
        await asyncio.to_thread(host.send, SELECT)
    except CardConnectionException as error:
        return type(error).__name__
    finally:
        await until(lambda: gone(host), (AssertionError,))
    return "nothing"


async def mute(sim: PcscReader, host: Host) -> str:
    sim.set_fault(Fault(FaultWord.SILENT))
    sim.act("insert", card="second")
    end = time.monotonic() + 3
    said = ""
    while time.monotonic() < end:
        try:
            await asyncio.to_thread(host.connect)
            said = "connected"
            break
        except (NoCardException, CardConnectionException) as error:
            said = f"{type(error).__name__}: {error}"
        await asyncio.sleep(0.1)
    sim.clear_faults()
    return said


def main(folder: Path) -> None:
    library = next(Path("/usr/lib/pcsc/drivers/serial").glob("libifdvpcd.so*"))
    (folder / "reader.conf.d").mkdir()
    (folder / "reader.conf.d/vpcd").write_text(_CONFIG.format(library=library), "utf-8")
    subprocess.run(["mount", "-t", "tmpfs", "none", "/run"], check=True)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    Path("/run/pcscd").mkdir()
    with (folder / "pcscd.log").open("wb") as log:
        daemon = subprocess.Popen(
            ["pcscd", "--foreground", "--info", "--config", str(folder / "reader.conf.d")], stdout=log, stderr=log
        )
        try:
            print(json.dumps(asyncio.run(look())))
        finally:
            daemon.terminate()
            daemon.wait()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
