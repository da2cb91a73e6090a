"""A whole simulated station, running: hardware, broker, centre, daemon, device host, kiosk, board, hall in a box."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from ruamel.yaml import YAML

from config import folder
from hw_sim.demo.feeds import SIGNING_KEY, believe_the_centre
from hw_sim.demo.grow import grow_scene
from hw_sim.demo.line import Line
from hw_sim.demo.programs import Program
from hw_sim.demo.screen import Screen
from hw_sim.demo.site_file import WrittenSite, write_site
from hw_sim.hall import SimulatedHall
from hw_sim.sam.cards import Card
from hw_sim.scene import Scene, load_scene

BIN = Path(sys.executable).parent
READY_SECONDS = 60.0  # of the smallest hall on a busy machine; a place takes one more


@dataclass(slots=True)
class Station:
    """Handles of everything that runs; `folder` holds its data, logs, printed tickets and sound.

    `places`: windows and kiosks; `service`: the first that it offers.
    """

    folder: Path
    code: str
    service: str
    places: int
    hall: SimulatedHall
    line: Line
    programs: dict[str, Program]
    screens: dict[str, Screen]
    hall_url: str
    broker_port: int
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    @property
    def journal(self) -> Path:
        return self.folder / "data" / "journal.db"

    @property
    def feeds(self) -> Path:
        """What the centre publishes."""
        return self.folder / "centre" / "feeds.db"

    @property
    def signing_key(self) -> Path:
        return self.folder / "centre" / SIGNING_KEY

    @property
    def centre_db(self) -> Path:
        return self.folder / "centre" / "centre.db"

    async def ready(self, seconds: float | None = None) -> None:
        """Returns when the daemon serves, every device is ready, and every screen has drawn its first page.

        `seconds` None: as long as a hall of this size may take. Raises TimeoutError.
        """
        async with asyncio.timeout(READY_SECONDS + self.places if seconds is None else seconds):
            async with httpx.AsyncClient(base_url=self.hall_url) as client:
                while not await _is_ready(client):
                    await asyncio.sleep(0.1)
            for screen in self.screens.values():
                while not await _is_drawn(screen):
                    await asyncio.sleep(0.1)


async def _is_ready(client: httpx.AsyncClient) -> bool:
    try:
        report = (await client.get("/api/health")).json()
    except (httpx.TransportError, ValueError):
        return False
    return bool(report.get("ready")) and report.get("faults") == 0


async def _is_drawn(screen: Screen) -> bool:
    try:
        return bool((await screen.look())["controls"]) or (await screen.picture()).n > 0
    except (OSError, TimeoutError):
        return False


@asynccontextmanager
async def station(
    scene: str,
    data: Path,
    *,
    seed: int,
    hall_port: int = 0,
    with_screens: bool = True,
    with_broker: bool = True,
    windows: int | None = None,
    cards: Sequence[Card] = (),
) -> AsyncIterator[Station]:
    """Start everything, in the order of need; end everything on the way out, in the opposite order.

    `cards` lie on the counter beside the scene's own. The programs start at the caller's first await: until then
    `site.yaml` in `data` can still be changed.
    """
    for name in ("data", "logs", "centre", "dev"):
        (data / name).mkdir(parents=True, exist_ok=True)
    believe_the_centre(data / "centre", data / "data")
    async with AsyncExitStack() as stack:
        hall = SimulatedHall(_scene(scene, windows, cards), data, seed=seed)
        await stack.enter_async_context(hall)
        broker_port = free_port()
        line = Line(broker_port)
        await line.start()
        stack.push_async_callback(line.stop)
        listen = f"127.0.0.1:{hall_port or free_port()}"
        site = write_site(
            folder() / "sites" / f"{scene}.yaml",
            data / "site.yaml",
            links=hall.links(),
            centre_url=f"mqtt://127.0.0.1:{line.port}",
            listen=listen,
            windows=windows,
        )
        screens = _screens(site, with_screens)
        programs = _programs(data, broker_port, screens)
        made = Station(
            folder=data,
            code=site.code,
            service=site.service,
            places=site.windows + len(site.kiosks),
            hall=hall,
            line=line,
            programs=programs,
            screens={name: Screen(str(data / f"{name}.screen")) for name in screens},
            hall_url=f"http://{listen}",
            broker_port=broker_port,
        )
        programs["broker"].hold(not with_broker)
        made.tasks = [asyncio.create_task(program.run(), name=name) for name, program in programs.items()]
        stack.push_async_callback(_end, made)
        yield made


def _scene(name: str, windows: int | None, cards: Sequence[Card]) -> Scene:
    path = folder() / "scenes" / f"{name}.yaml"
    if windows is None:
        scene = load_scene(path)
    else:
        scene = Scene.model_validate(grow_scene(YAML(typ="safe").load(path.read_text("utf-8")), windows))
    return scene.model_copy(update={"cards": (*scene.cards, *cards)})


def _screens(site: WrittenSite, with_screens: bool) -> dict[str, str]:
    """Screens to start, each with its place: the first kiosk's and the board, however many the hall has."""
    if not with_screens:
        return {}
    kiosk = {"kiosk": site.kiosks[0]} if site.kiosks else {}
    return {**kiosk, "board": ""}


def _programs(data: Path, broker_port: int, screens: Mapping[str, str]) -> dict[str, Program]:
    site, runtime = str(data / "site.yaml"), str(data)
    local, hosts = str(data / "hall.sock"), str(data / "devices.sock")
    screen_env = {} if has_display() else {"QT_QPA_PLATFORM": "offscreen"}
    argv: dict[str, list[str]] = {
        "broker": [sys.executable, "-m", "hw_sim.demo.broker", str(broker_port), runtime],
        "centre": _centre(data, broker_port),
        "halld": _halld(site, data, local, hosts),
        "devices": [str(BIN / "hall-devices"), "--site", site, "--socket", hosts, "--runtime", runtime],
    }
    if "kiosk" in screens:
        link = ["--screen-link", str(data / "kiosk.screen")]
        place = ["--place", screens["kiosk"]]
        argv["kiosk"] = [str(BIN / "hall-kiosk"), "--socket", local, *place, *_window(1080, 1920), *link]
    if "board" in screens:
        link = ["--screen-link", str(data / "board.screen")]
        argv["board"] = [str(BIN / "hall-board"), "--socket", local, *_window(1920, 1080), *link]
    return {
        name: Program(name, words, data / "logs" / f"{name}.log", screen_env if name in ("kiosk", "board") else {})
        for name, words in argv.items()
    }


def _centre(data: Path, broker_port: int) -> list[str]:
    room = data / "centre"
    return [
        *(str(BIN / "hall-centre"), "run", "--db", str(room / "centre.db")),
        *("--broker", f"mqtt://127.0.0.1:{broker_port}"),
        *("--feeds", str(room / "feeds.db"), "--signing-key", str(room / SIGNING_KEY)),
    ]


def _halld(site: str, data: Path, local: str, hosts: str) -> list[str]:
    return [
        str(BIN / "halld"),
        *("--site", site, "--data", str(data / "data"), "--runtime", str(data)),
        *("--local-socket", local, "--devices-socket", hosts),
        *("--site-key", str(data / "data" / "site.key"), "--make-throw-away-key"),
    ]


def _window(width: int, height: int) -> list[str]:
    """Offscreen: the real size. On a desktop: half of it, so that both windows fit beside the box."""
    if not has_display():
        return ["--size", f"{width}x{height}"]
    return ["--windowed", "--size", f"{width // 2}x{height // 2}", *(["--mm-per-px", "0.62"] if width < height else [])]


def has_display() -> bool:
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _end(made: Station) -> None:
    for screen in made.screens.values():
        await screen.close()
    for task in reversed(made.tasks):
        task.cancel()
    await asyncio.gather(*made.tasks, return_exceptions=True)
