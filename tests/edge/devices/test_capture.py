"""`hallctl capture`: from the wire of a device that a host runs, through halld, to a technician's file."""

import asyncio
import json
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from drivers.errors import Absent, Unsupported
from drivers.links import capture as captures
from drivers.links.tap import Chunk, WireTap
from edge.cli import app
from edge.devices import capture_cli
from edge.devices.capture_cli import captured
from edge.devices.taps import Taps, within
from tests.edge.devices.rig import Rig, rig, until
from tests.support import virtual_time


class _Link:
    def __init__(self, tap: WireTap) -> None:
        self.tap = tap


def test_a_minute_over_several_connections() -> None:
    now = [0.0]
    seen = Taps(lambda: now[0])
    with pytest.raises(Unsupported):
        seen.text()
    for number in range(3):
        now[0] = 40.0 * number
        tap = WireTap(lambda: now[0])
        seen.add(_Link(tap))
        tap.opened()
        tap.record("out", bytes([number]))
    heard = [chunk.data for chunk in captures.load(seen.text()) if chunk.direction == "out"]
    assert heard == [b"\x01", b"\x02"]
    seen.add(object())
    assert len(captures.load(seen.text())) == 4


def test_the_newest_part_that_fits() -> None:
    chunks = tuple(Chunk(number, "in", bytes(100), 100) for number in range(50))
    text = within(chunks, 5000)
    assert len(text) <= 5000
    found = captures.load(text)
    assert found[0].direction == "gap"
    assert found[-1].data == bytes(100)
    assert within(chunks[:2], 5000) == captures.dump(chunks[:2])


def test_through_halld_also_when_the_device_is_gone(tmp_path: Path) -> None:
    async def main() -> None:
        async with rig(tmp_path) as made:
            await until(lambda: all(status.state == "ready" for status in made.registry.statuses()))
            tap = WireTap(asyncio.get_running_loop().time)
            attached = made.host.attached["printer-1"]
            attached.taps.add(_Link(tap))
            tap.record("out", b"\x10\x04\x01")
            tap.private = True
            tap.record("out", b"somebody")
            attached._driver = None
            await _check(made)

    async def _check(made: Rig) -> None:
        chunks = captures.load(await captured(str(made.socket), "printer-1"))
        assert [(chunk.direction, chunk.data, chunk.size) for chunk in chunks] == [
            ("out", b"\x10\x04\x01", 3),
            ("out", b"", 8),
        ]
        with pytest.raises(Unsupported):
            await captured(str(made.socket), "led-1")
        with pytest.raises(Absent):
            await captured(str(made.socket), "nobody")

    virtual_time.run_virtual(main())


def test_nobody_at_the_socket(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["capture", "led-1", "--socket", str(tmp_path / "none.sock"), "--json"])
    assert done.exit_code == 1
    assert json.loads(done.stdout)["error"] == "absent"


def test_only_this_user_reads_the_file(tmp_path: Path) -> None:
    capture_cli.write_private(tmp_path / "wire.jsonl", "x")
    assert stat.S_IMODE((tmp_path / "wire.jsonl").stat().st_mode) == 0o600
