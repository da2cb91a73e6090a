"""hallctl and hall-centre in this process: some twenty starts of Python would be most of a small run."""

import asyncio
import json
from typing import Any, Final

from typer.testing import CliRunner

from edge.cli import app as hallctl
from sync.centre.cli import app as hall_centre

_APPS: Final = {"hallctl": hallctl, "hall-centre": hall_centre}


async def output(program: str, *words: str) -> str:
    """What it says. Raises AssertionError for a failure."""
    found = await asyncio.to_thread(CliRunner().invoke, _APPS[program], words)
    assert found.exit_code == 0, f"{program} {words[0]}: {found.output}"
    return found.stdout


async def tool(program: str, *words: str) -> dict[str, Any]:
    """Its JSON, whatever its exit code."""
    found = await asyncio.to_thread(CliRunner().invoke, _APPS[program], words)
    answer: dict[str, Any] = json.loads(found.stdout)
    return answer
