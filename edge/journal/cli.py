"""`hallctl journal`: verify a journal and look at its records. Parts stay closed."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from edge.cli_words import say
from edge.journal import schema
from edge.journal.errors import JournalError
from edge.journal.store import Store
from edge.journal.verify import verify as verify_file
from sync.protocol.record import Record

T = TypeVar("T")
app = typer.Typer(no_args_is_help=True)
File = Annotated[Path, typer.Argument(help=say("help.journal_file"))]
AsJson = Annotated[bool, typer.Option("--json", help=say("help.json"))]


@app.command(help=say("help.journal_verify"))
def verify(file: File, as_json: AsJson = False) -> None:
    started = time.perf_counter()
    verdict = _or_exit(lambda: verify_file(file))
    seconds = time.perf_counter() - started
    seq, why = verdict.first_bad or (0, "")
    if as_json:
        found = {"good": verdict.good, "records": verdict.records, "head": verdict.head}
        found |= {"first_bad": None if verdict.good else {"seq": seq, "why": why}, "snapshots_ok": verdict.snapshots_ok}
        typer.echo(json.dumps(found))
    elif verdict.good:
        typer.echo(say("journal.good", records=verdict.records, head=verdict.head[:16], seconds=f"{seconds:.1f}"))
    else:
        reason = say(f"journal.why.{why}")
        typer.echo(say("journal.bad", seq=seq, why=reason, records=verdict.records))
    if not verdict.snapshots_ok and not as_json:
        typer.echo(say("journal.bad_snapshot"))
    if not verdict.good:
        raise typer.Exit(1)


@app.command(help=say("help.journal_show"))
def show(
    file: File,
    kind: Annotated[str, typer.Option(help=say("help.journal_kind"))] = "",
    after: Annotated[int, typer.Option(min=0, help=say("help.journal_after"))] = 0,
    limit: Annotated[int, typer.Option(min=1, help=say("help.journal_limit"))] = 100,
    as_json: AsJson = False,
) -> None:
    for record in _or_exit(lambda: list(_select(file, kind, after, limit))):
        typer.echo(record.raw.decode() if as_json else _line(record))


def _select(file: Path, kind: str, after: int, limit: int) -> Iterator[Record]:
    if not file.is_file():
        raise FileNotFoundError(file)
    db = schema.open_existing(file, read_only=True)
    try:
        left = limit
        for record in Store(db).records(after):
            if kind in ("", record.kind) and left > 0:
                left -= 1
                yield record
            if left == 0:
                return
    finally:
        db.close(True)


def _line(record: Record) -> str:
    body = json.dumps(record.body, ensure_ascii=False)
    mark = say("journal.sealed", count=len(record.parts)) if record.parts else ""
    return f"{record.seq:>6} {record.at} {record.kind:<18} {record.subject} {record.actor} {body} {mark}".rstrip()


def _or_exit(work: Callable[[], T]) -> T:
    """Exit code 2 and a sentence when the file cannot be looked at."""
    try:
        return work()
    except FileNotFoundError as error:
        typer.echo(say("journal.no_file"), err=True)
        raise typer.Exit(2) from error
    except JournalError as error:
        typer.echo(say("journal.unreadable", problem=str(error)), err=True)
        raise typer.Exit(2) from error
