"""`hallctl journal`: verify, show, closed months, export, back up, restore, erase. Parts stay closed."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from edge.cli_words import say
from edge.journal import backup, erasing, exporting, forgetting, mending
from edge.journal.erasing import Wanted
from edge.journal.errors import GapMode, JournalBusy, JournalDamaged, JournalError
from edge.journal.segments import dropping, listing
from edge.journal.segments.dropping import Gone
from edge.journal.store import reading
from edge.journal.verify import verify as verify_file
from sync.protocol.record import Record

T = TypeVar("T")
app = typer.Typer(no_args_is_help=True)
File = Annotated[Path, typer.Argument(help=say("help.journal_file"))]
Data = Annotated[Path, typer.Argument(help=say("help.journal_data"))]
Target = Annotated[Path, typer.Argument(help=say("help.journal_backup_folder"))]
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
        typer.echo(json.dumps(found | {"dropped": [one._asdict() for one in verdict.dropped]}))
    elif verdict.good:
        typer.echo(say("journal.good", records=verdict.records, head=verdict.head[:16], seconds=f"{seconds:.1f}"))
        for one in verdict.dropped:
            typer.echo(_dropped(one))
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
    for one in _or_exit(lambda: dropping.told_in(file)):
        typer.echo(_dropped(one), err=as_json)  # lines of JSON are records
    for record in _or_exit(lambda: list(_select(file, kind, after, limit))):
        typer.echo(record.raw.decode() if as_json else _line(record))


@app.command("backup", help=say("help.journal_backup"))
def back_up(data: Data, target: Target, as_json: AsJson = False) -> None:
    made = _or_exit(lambda: backup.back_up(data, target), busy="journal.copy_busy")
    _tell("journal.backed_up", made, as_json)


@app.command(help=say("help.journal_restore"))
def restore(source: Target, data: Data, as_json: AsJson = False) -> None:
    moment = time.strftime("%Y%m%d-%H%M%S")
    made = _or_exit(lambda: backup.restore(source, data, moment))
    _tell("journal.restored", made, as_json)


@app.command(help=say("help.journal_export"))
def export(
    file: File,
    target: Annotated[Path, typer.Argument(help=say("help.journal_export_file"))],
    after: Annotated[int, typer.Option(min=0, help=say("help.journal_after"))] = 0,
    with_parts: Annotated[bool, typer.Option("--parts", help=say("help.journal_parts"))] = False,
    as_json: AsJson = False,
) -> None:
    records, head = _or_exit(lambda: exporting.export(file, target, after=after, with_parts=with_parts))
    if as_json:
        typer.echo(json.dumps({"records": records, "head": head}))
    else:
        typer.echo(say("journal.exported", records=records, head=head[:16]))


@app.command(help=say("help.journal_erase"))
def erase(
    data: Data,
    owner: Annotated[str, typer.Option(help=say("help.journal_owner"))] = "",
    case: Annotated[str, typer.Option(help=say("help.journal_case"))] = "",
    h: Annotated[list[str] | None, typer.Option("--h", help=say("help.journal_h"))] = None,
    why: Annotated[str, typer.Option(help=say("help.journal_why"))] = "law",
    actor: Annotated[str, typer.Option(help=say("help.journal_actor"))] = "technician",
    as_json: AsJson = False,
) -> None:
    wanted = Wanted(owner, case, tuple(h or ()))
    if sum(map(bool, wanted)) != 1:
        raise typer.BadParameter(say("journal.erase_one"))
    if why not in erasing.WHYS:
        raise typer.BadParameter(say("help.journal_why"))
    made = _or_exit(lambda: erasing.erase_offline(data, wanted, why, actor))
    if as_json:
        unreached = [str(path) for path in made.unreached]
        typer.echo(json.dumps({"erased": list(made.hashes), "why": why, "unreached": unreached}))
    else:
        typer.echo(say("journal.erased", count=len(made.hashes)))
        for path in made.unreached:
            typer.echo(say("journal.not_reached", file=path))


@app.command(help=say("help.journal_forget"))
def forget(
    data: Data,
    copy: Annotated[Path, typer.Argument(help=say("help.journal_copy"), exists=True, file_okay=False)],
    as_json: AsJson = False,
) -> None:
    count = _or_exit(lambda: forgetting.forget(data, copy), busy="journal.copy_busy")
    typer.echo(json.dumps({"forgotten": count}) if as_json else say("journal.forgotten", count=count))


@app.command(help=say("help.journal_mend"))
def mend(data: Data, as_json: AsJson = False) -> None:
    made = _or_exit(lambda: mending.mend_now(data))
    if as_json:
        found = {"sound": made.sound, "carried": made.carried, "broken": list(made.broken), "months": made.months}
        typer.echo(json.dumps(found | {"aside": made.aside and str(made.aside)}))
    elif made.aside is None:
        typer.echo(say("journal.months_mended", months=made.months, records=made.sound))
    else:
        counts = {"sound": made.sound, "carried": made.carried, "broken": len(made.broken)}
        typer.echo(say("journal.mended", **counts, aside=made.aside))


@app.command(help=say("help.journal_segments"))
def segments(file: File, as_json: AsJson = False) -> None:
    found = _or_exit(lambda: listing.listed(file))
    if as_json:
        typer.echo(json.dumps([one._asdict() for one in found]))
    else:
        for one in found:
            key = f"journal.segment_{one.state}" + ("_untold" if one.state == "dropped" and not one.at else "")
            words = one._asdict() | {"state": say(key, at=one.at, kept=one.kept), "epoch": one.epoch[:8]}
            typer.echo(say("journal.segment", **words))
        if not found:
            typer.echo(say("journal.no_segments"))
    if any(one.state not in ("whole", "dropped") for one in found):
        raise typer.Exit(1)


def _dropped(one: Gone) -> str:
    words = one._asdict() | {"epoch": one.epoch[:8], "digest": one.digest[:16]}
    return say("journal.dropped" if one.at else "journal.dropped_untold", **words)


def _tell(key: str, made: backup.Copied, as_json: bool) -> None:
    verdict, files, aside = made
    if as_json:
        found = {"records": verdict.records, "head": verdict.head, "files": files, "aside": aside and str(aside)}
        typer.echo(json.dumps(found))
        return
    where = say("journal.nothing_aside") if aside is None else aside
    typer.echo(say(key, records=verdict.records, files=files, head=verdict.head[:16], aside=where))


def _select(file: Path, kind: str, after: int, limit: int) -> Iterator[Record]:
    with reading(file) as store:
        left = limit
        for _, record in store.history(after):
            if kind in ("", record.kind) and left > 0:
                left -= 1
                yield record
            if left == 0:
                return


def _line(record: Record) -> str:
    body = json.dumps(record.body, ensure_ascii=False)
    mark = say("journal.sealed", count=len(record.parts)) if record.parts else ""
    return f"{record.seq:>6} {record.at} {record.kind:<18} {record.subject} {record.actor} {body} {mark}".rstrip()


def _or_exit(work: Callable[[], T], *, busy: str = "journal.busy") -> T:
    """Exit code 2 and a sentence when the file cannot be looked at."""
    try:
        return work()
    except FileNotFoundError as error:
        typer.echo(say("journal.no_file"), err=True)
        raise typer.Exit(2) from error
    except JournalBusy as error:
        typer.echo(say(busy, holder=error.holder or "?"), err=True)
        raise typer.Exit(2) from error
    except GapMode as error:
        typer.echo(say("journal.gap"), err=True)
        raise typer.Exit(1) from error
    except JournalDamaged as error:
        why = say(f"journal.why.{error.why}") if error.seq else error.why
        problem = say("journal.damaged_at", seq=error.seq, why=why) if error.seq else error.why
        typer.echo(say("journal.unreadable", problem=problem), err=True)
        raise typer.Exit(2) from error
    except LookupError as error:
        typer.echo(say("journal.nothing_of_that"), err=True)
        raise typer.Exit(1) from error
    except backup.BadCopy as error:
        typer.echo(say("journal.bad_copy", seq=error.seq, why=say(f"journal.why.{error.why}")), err=True)
        raise typer.Exit(1) from error
    except OSError as error:
        typer.echo(say("journal.cannot", problem=error.strerror), err=True)
        raise typer.Exit(2) from error
    except JournalError as error:
        typer.echo(say("journal.unreadable", problem=str(error)), err=True)
        raise typer.Exit(2) from error
