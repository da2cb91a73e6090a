"""`python -m bench [TOPIC …] [--json]`: rows on stdout, progress and the machine on stderr."""

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Annotated, Final

import structlog
import typer
from rich.console import Console

from bench import rush
from bench.desk import Desk
from bench.machine import this_machine
from bench.report import table
from bench.rows import Row
from bench.topics import (
    call,
    centre,
    decide,
    feeds,
    files,
    fleet,
    host,
    idle,
    idread,
    isolate,
    journal,
    link,
    record,
    sound,
    start,
)

Measure = Callable[[Desk], Awaitable[list[Row]]]
TOPICS: Final[dict[str, Measure]] = {
    "call": call.measure,
    "sound": sound.measure,
    "start": start.measure,
    "idle": idle.measure,
    "host": host.measure,
    "journal": journal.measure,
    "link": link.measure,
    "feeds": feeds.measure,
    "files": files.measure,
    "fleet": fleet.measure,
    "centre": centre.measure,
    "record": record.measure,
    "decide": decide.measure,
    "idread": idread.measure,
    "isolate": isolate.measure,
    "rush": rush.measure,
}


def run(
    topics: Annotated[list[str] | None, typer.Argument(help=", ".join(TOPICS), show_default="all")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a row.")] = False,
    folder: Annotated[Path | None, typer.Option(help="Where files are measured; its disk counts.")] = None,
) -> None:
    """Measure TOPICs, by default all of them."""
    wanted = topics or list(TOPICS)
    if unknown := [topic for topic in wanted if topic not in TOPICS]:
        raise typer.BadParameter(f"no topic {unknown[0]!r}; there are: {', '.join(TOPICS)}")
    with tempfile.TemporaryDirectory(prefix="hall-bench-", dir=folder) as scratch:
        machine = this_machine(Path(scratch))
        _tell(machine.sentence())
        rows = asyncio.run(_measure(wanted, Path(scratch), told=_print_json if as_json else _keep_quiet))
    if not as_json:
        Console(width=None if sys.stdout.isatty() else 160).print(table(rows, machine))


async def _measure(topics: Sequence[str], scratch: Path, told: Callable[[Row], None]) -> list[Row]:
    found: list[Row] = []
    for topic in topics:
        place = scratch / topic
        place.mkdir(exist_ok=True)
        rows = await TOPICS[topic](Desk(place, lambda line, topic=topic: _tell(f"{topic}: {line}")))  # type: ignore[misc]
        for row in rows:
            told(row)
        found += rows
    return found


def _print_json(row: Row) -> None:
    print(row.model_dump_json(), flush=True)


def _keep_quiet(row: Row) -> None:
    """The table comes at the end."""


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))  # stdout is for rows
    typer.run(run)
