"""`hall-sim scene`: a scene stands by itself until a signal, as a technician starts it."""

import asyncio
import signal
import sys
from pathlib import Path

import httpx
from typer.testing import CliRunner

from hw_sim.cli import app

PROGRAM = "import sys; from hw_sim.cli import main; sys.argv[0] = 'hall-sim'; main()"


async def test_a_scene_stands_until_it_is_told_to_end(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PROGRAM, "scene", "station", "--run", str(tmp_path / "run"), "--port", "0"]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    told: dict[str, str] = {}
    try:
        async with asyncio.timeout(30):
            while "speaker-1" not in told:
                words = (await process.stdout.readline()).decode().split()
                if len(words) >= 2:
                    told[words[0]] = words[-1]
            async with httpx.AsyncClient() as client:
                page = await client.get(told["Hall"])
            assert (page.status_code, "text/html" in page.headers["content-type"]) == (200, True)
            assert told["sam-1"] == "serial:dev/sam-1?baud=115200"
            assert (tmp_path / "run/dev/sam-1").is_symlink()
            process.send_signal(signal.SIGTERM)
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert not (tmp_path / "run/dev/sam-1").exists()


def test_a_scene_that_is_none_is_said(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("scene: 's'\ndevices:\n  - {id: 'a', sim: 'nothing'}\n", "utf-8")
    for which, says in (("nowhere", "nowhere.yaml"), (str(broken), "broken.yaml:3")):
        result = CliRunner().invoke(app, ["scene", which])
        assert result.exit_code == 2
        assert says in result.output
