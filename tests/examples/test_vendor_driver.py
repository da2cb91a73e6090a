"""The third-party package of examples/vendor-driver: installed beside us, found, proved, supervised; and broken."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from config import folder
from drivers.contract import Page, PageLine
from edge.devices.registry import Happened, Registry
from edge.site_check import InstalledDrivers, check_site

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "vendor-driver"
NAME = "example.window_lamp"
MOST_LINES = 200


def _files() -> list[Path]:
    made = {"__pycache__", "build", ".pytest_cache"}
    found = (path for path in sorted(EXAMPLE.rglob("*")) if path.is_file())
    return [p for p in found if not made & set(p.parts) and not any(each.endswith(".egg-info") for each in p.parts)]


def install(source: Path, target: Path) -> dict[str, str]:
    """As a maker's package is installed, into a folder of its own; the environment in which it is seen."""
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*pip, "--target", str(target), str(source)], check=True, capture_output=True)
    return os.environ | {"PYTHONPATH": f"{target}:{ROOT}"}


def copied(to: Path) -> Path:
    shutil.copytree(EXAMPLE, to, ignore=shutil.ignore_patterns("__pycache__", "build", "*.egg-info"))
    return to


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    there = tmp_path_factory.mktemp("vendor")
    return install(copied(there / "source"), there / "site-packages")


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    there = tmp_path_factory.mktemp("broken")
    source = copied(there / "source")
    driver = source / "window_lamp" / "driver.py"
    driver.write_text('raise RuntimeError("built for another machine")\n', "utf-8")
    (source / "window_lamp" / "words" / "en" / "device.toml").write_text("[bulb_dark", "utf-8")
    return install(source, there / "site-packages")


def python(env: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *words], env=env, cwd=ROOT, capture_output=True, text=True, timeout=60)


def hallctl(env: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return python(env, "-c", "from edge.cli import main; main()", "--lang", "en", *words)


def test_it_is_small() -> None:
    lines = sum(len(path.read_text("utf-8").splitlines()) for path in _files())
    assert 100 < lines < MOST_LINES


def test_it_is_found_and_its_words_with_it(installed: dict[str, str]) -> None:
    told = python(
        installed,
        "-c",
        "from drivers.registry import discover; import config.words as w; import json;"
        f"cls = discover()['{NAME}'];"
        "said = [w.load(each, 'device')['bulb_dark.technician'] for each in w.LANGUAGES];"
        "print(json.dumps([cls.__name__, cls.info.usb, *said, w.load('en', 'device')['gone.clerk']]))",
    )
    name, usb, hans, hant, english, ours = json.loads(told.stdout)
    assert (name, usb) == ("WindowLamp", ["f055:0002"])
    assert "灯泡" in hans
    assert "燈泡" in hant
    assert "bulb" in english
    assert "disconnected" in ours


def test_its_own_tests_are_the_kit(installed: dict[str, str]) -> None:
    done = python(
        installed, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(EXAMPLE), str(EXAMPLE / "tests")
    )
    assert done.returncode == 0, done.stdout
    assert done.stdout.count(".") >= 15


def test_its_tier(installed: dict[str, str]) -> None:
    done = hallctl(installed, "conform", NAME, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    (report,) = json.loads(done.stdout)
    assert report["tier"] == "silver"


def test_udev_knows_its_ids(installed: dict[str, str]) -> None:
    rules = hallctl(installed, "udev").stdout
    assert "f055" in rules
    assert "0002" in rules


def site_with_lamp(to: Path, link: str) -> Path:
    """The example station with a lamp in the place of its first panel, and every other link on loopback."""
    text = (folder() / "sites" / "station.yaml").read_text("utf-8").replace("192.0.2.", "127.0.0.")
    before = next(line for line in text.splitlines() if '{id: "led-1"' in line)
    to.write_text(text.replace(before, f'  - {{id: "led-1", driver: "{NAME}", link: "{link}"}}'), "utf-8")
    return to


@asynccontextmanager
async def hall(tmp_path: Path, site_file: Path, env: dict[str, str]) -> AsyncIterator[Registry]:
    """A registry here, and a real device host beside it that sees the vendor's package."""
    site, _ = check_site(site_file.read_bytes(), InstalledDrivers())
    assert site is not None
    changed = asyncio.Event()

    async def on_event(happened: Happened) -> None:
        return

    registry = Registry(site, fence=1, on_event=on_event, on_change=changed.set)
    socket = tmp_path / "devices.sock"
    serving = asyncio.create_task(registry.serve(socket))
    command = f"from edge.devices.host import main; import sys; sys.argv = ['hall-devices', '--site', r'{site_file}', "
    command += f"'--socket', r'{socket}', '--runtime', r'{tmp_path / 'run'}']; main()"
    quiet = asyncio.subprocess.DEVNULL
    host = await asyncio.create_subprocess_exec(sys.executable, "-c", command, env=env, cwd=ROOT, stdout=quiet)
    try:
        yield registry
    finally:
        host.terminate()
        await host.wait()
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)


async def until_state(registry: Registry, device: str, state: str) -> str:
    """The detail, as soon as the device is in that state."""
    async with asyncio.timeout(20):
        while True:
            status = next(status for status in registry.statuses() if status.id == device)
            if status.state == state:
                return status.detail
            await asyncio.sleep(0.05)


async def test_a_hall_runs_it(installed: dict[str, str], tmp_path: Path) -> None:
    pipe = asyncio.subprocess.PIPE
    lamp = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "window_lamp.simulator", "0", env=installed, stdout=pipe
    )
    try:
        assert lamp.stdout is not None
        port = int(await lamp.stdout.readline())
        site = site_with_lamp(tmp_path / "site.yaml", f"tcp://127.0.0.1:{port}")
        async with hall(tmp_path, site, installed) as registry:
            await until_state(registry, "led-1", "ready")
            await registry.call("led-1", "show", Page(lines=(PageLine(text="A017"),)), deadline=5)
            wire = (await registry.call("led-1", "wire_tap", deadline=5))["capture"]
            assert "47 34 37 0a" in wire
    finally:
        lamp.terminate()
        await lamp.wait()


async def test_a_broken_one_stops_nothing_and_says_why(broken: dict[str, str], tmp_path: Path) -> None:
    site = site_with_lamp(tmp_path / "site.yaml", "tcp://127.0.0.1:9")
    async with hall(tmp_path, site, broken) as registry:
        detail = await until_state(registry, "led-1", "disabled")
        assert "built for another machine" in detail
        await until_state(registry, "speaker-1", "ready")


def test_hallctl_says_why_too(broken: dict[str, str]) -> None:
    tried = hallctl(broken, "try", NAME, "check", "--link", "tcp://127.0.0.1:9")
    assert tried.returncode == 1
    assert "built for another machine" in tried.stderr
    assert "Traceback" not in tried.stderr
    words = python(
        broken, "-c", "import config.words as w; d = w.load('en', 'device'); print('bulb_dark.clerk' in d, len(d))"
    )
    known, size = words.stdout.split()
    assert known == "False"
    assert int(size) > 60
