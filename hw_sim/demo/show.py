"""The two ways of the demo: kept open for people, or one visit by itself."""

import asyncio
import json
import signal
import sys
import time
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console

from hw_sim.box.server import serve_box
from hw_sim.demo.feeds import bookings_told, publish_bookings
from hw_sim.demo.station import Station, free_port, station
from hw_sim.demo.visit import NotSeen, Visit

HALL_PORT = 8680
console = Console(stderr=True, highlight=False)


async def keep_open(scene: str, folder: Path, *, seed: int, port: int) -> int:
    """Run until Ctrl-C or SIGTERM. Data of an earlier demo in `folder` is gone on with."""
    began = time.monotonic()
    stop = _stop_signal()
    hall_port = HALL_PORT if await _is_free(HALL_PORT) else 0
    async with station(scene, folder, seed=seed, hall_port=hall_port) as made:
        box_port = port if await _is_free(port) else free_port()
        box = asyncio.create_task(serve_box(made, box_port))
        running: list[asyncio.Task[None]] = [box]
        try:
            await made.ready()
            console.print(f"\n  Hall in a box   [bold]http://127.0.0.1:{box_port}/[/bold]")
            console.print(f"  Clerk's page    [bold]{made.hall_url}/[/bold]   (window 1, PIN 2468)")
            console.print(f"  Shift leader    [bold]{made.hall_url}/lead/[/bold]   (PIN 7531)")
            console.print(f"  Data and logs   {folder}")
            console.print(f"  Ready after {time.monotonic() - began:.1f} s. Ctrl-C ends everything.")
            running.append(asyncio.create_task(_book(made)))
            await _until(stop, box)
        except TimeoutError:
            console.print(f"[red]The station did not become ready; the logs are in {folder / 'logs'}[/red]")
            return 1
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
    return 0


async def _book(made: Station) -> None:
    """Once the hall is open; a demo without bookings is still one."""
    now = datetime.now(ZoneInfo("Asia/Shanghai"))
    try:
        await publish_bookings(made.folder, made.code, made.service, now)
    except (RuntimeError, OSError) as error:
        console.print(f"  Bookings today  none: {error}\n")
    else:
        console.print(f"  Bookings today  {bookings_told(now)}\n")


async def one_visit(scene: str, folder: Path, *, seed: int, as_json: bool) -> int:
    """0 only if all of it happened."""
    began = time.monotonic()
    stop = _stop_signal()
    async with station(scene, folder, seed=seed) as made:
        visit = Visit(made, folder)
        try:
            await made.ready()
            ready = round(time.monotonic() - began, 3)
            work = asyncio.create_task(visit.run())
            await _until(stop, work)
            if not work.done():
                work.cancel()
                return 130
            report = work.result()
        except (NotSeen, TimeoutError, OSError) as error:
            console.print(f"[red]The visit failed: {error or type(error).__name__}[/red]; logs: {folder / 'logs'}")
            if as_json:
                _tell({**visit.report, "error": str(error) or "not ready in time"})
            return 1
        report["seconds"] = {"ready": ready, **visit.seconds, "all": round(time.monotonic() - began, 3)}
    if as_json:
        _tell(report)
    else:
        console.print_json(data=report)
    return 0


def _tell(report: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(report, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def _stop_signal() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


async def _until(stop: asyncio.Event, work: "asyncio.Task[object]") -> None:
    """Returns when a person wants to stop or `work` ended."""
    waiting = asyncio.create_task(stop.wait())
    await asyncio.wait({waiting, work}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()


async def _is_free(port: int) -> bool:
    try:
        probe = await asyncio.start_server(lambda *_: None, "127.0.0.1", port)
    except OSError:
        return False
    probe.close()
    return True
