"""`hallctl spool`: what is carried between the two networks, by hand or by a gap device."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final

import typer
from pydantic import ValidationError

from edge.cli_words import language, say
from edge.journal.errors import JournalError
from edge.journal.schema import FILE
from edge.site_check import SiteMistakes, load_site
from edge.spool import card, sending, taking, whitelist
from edge.spool.bundle import BadBundle
from edge.spool.folder import BadSpool, Folder
from edge.spool.shapes import Misfit

app = typer.Typer(no_args_is_help=True)
Data = Annotated[Path, typer.Argument(help=say("help.spool_data"), exists=True, file_okay=False)]
Carrier = Annotated[Path, typer.Argument(help=say("help.spool_carrier"), exists=True, file_okay=False)]
By = Annotated[str, typer.Option("--by", help=say("help.spool_by"), metavar="CODE")]
AsJson = Annotated[bool, typer.Option("--json", help=say("help.json"))]
_BY: Final = re.compile(r"[A-Za-z0-9._-]{1,40}")


@app.command(help=say("help.spool_begin"))
def begin(
    data: Data,
    name: Annotated[str, typer.Argument(help=say("help.spool_name"))],
    out: Annotated[Path, typer.Option(help=say("help.spool_card"))],
    site: Annotated[Path | None, typer.Option(help=say("help.spool_site"), exists=True)] = None,
) -> None:
    """Also again, after a change of site.yaml: the key stays."""
    with _told(), Folder(data).locked() as folder:
        private = folder.key(create=True)
        made = card.outer_card(name, private) if site is None else card.hall_card(name, private, load_site(site))
        folder.keep_card(made, mine=True)
        out.write_bytes(made.raw)
        typer.echo(say("spool.begun", name=made.name, file=str(out), fingerprint=made.fingerprint))


@app.command(help=say("help.spool_trust"))
def trust(data: Data, file: Annotated[Path, typer.Argument(help=say("help.spool_peer"), exists=True)], by: By) -> None:
    with _told(), Folder(data).locked() as folder:
        peer = card.Card.model_validate_json(file.read_bytes())
        if peer.zone == folder.mine.zone:
            raise BadSpool("same_zone")
        marks = folder.marks()
        folder.check_log(marks)
        folder.keep_card(peer, mine=False)
        folder.note(marks, "trusted", _now(), _code(by), name=peer.name, card=peer.fingerprint)
        folder.keep_marks(marks)
        typer.echo(say("spool.trusted", name=peer.name, fingerprint=peer.fingerprint))


@app.command("export", help=say("help.spool_export"))
def export_(
    data: Data,
    carrier: Carrier,
    by: By,
    journal: Annotated[Path | None, typer.Option(help=say("help.journal_file"))] = None,
    again: Annotated[int, typer.Option(help=say("help.spool_again"), min=0)] = 0,
) -> None:
    with _told(), Folder(data).locked() as folder:
        if again:
            count = sending.again(folder, carrier, again, at=_now(), by=_code(by))
            typer.echo(say("spool.again", count=count))
            return
        file = data / FILE if journal is None else journal
        sent = sending.export(folder, carrier, journal=file, at=_now(), by=_code(by))
        typer.echo(say("spool.sent", bundles=sent.bundles, items=sent.items))
        if sent.held:
            typer.echo(say("spool.held", count=sent.held))


@app.command("import", help=say("help.spool_import"))
def import_(data: Data, carrier: Carrier, by: By) -> None:
    """Exit code 1 when something was refused or is missing."""
    with _told(), Folder(data).locked() as folder:
        told = taking.take(folder, carrier, at=_now(), by=_code(by))
    typer.echo(say("spool.taken", bundles=told.bundles, items=told.items))
    if told.twice:
        typer.echo(say("spool.twice", count=told.twice))
    for file, why, detail in told.refused:
        typer.echo(say("spool.refused", file=file, why=say(f"spool.why.{why}", detail=detail)), err=True)
    if told.early:
        waiting = ", ".join(map(str, told.early))
        typer.echo(say("spool.missing", n=told.missing, waiting=waiting), err=True)
    if told.refused or told.early:
        raise typer.Exit(1)


@app.command(help=say("help.spool_skip"))
def skip(data: Data, n: Annotated[int, typer.Argument(help=say("help.spool_n"), min=1)], by: By) -> None:
    with _told(), Folder(data).locked() as folder:
        taking.skip(folder, n, at=_now(), by=_code(by))
        typer.echo(say("spool.skipped", n=n))


@app.command("list", help=say("help.spool_list"))
def list_() -> None:
    for line in whitelist.told():
        typer.echo(line)


@app.command(help=say("help.spool_status"))
def status(data: Data, as_json: AsJson = False, lines: Annotated[int, typer.Option(min=0)] = 10) -> None:
    """Exit code 1 when something lies in quarantine; 2 when the log was altered."""
    with _told(), Folder(data).locked() as folder:
        marks, log = folder.marks(), folder.log()
        folder.check_log(marks)
        mine, peer = folder.mine, folder.peer
        kept = sorted(path.stem for path in folder.quarantine.glob("*.json"))
        waiting = len(list(folder.accepted.glob("*.json")))
    if as_json:
        told = marks.model_dump(exclude={"read"}) | {"mine": mine.name, "peer": peer.name, "quarantine": kept}
        typer.echo(json.dumps(told | {"waiting": waiting, "log": log[-lines:] if lines else []}))
    else:
        typer.echo(say("spool.ends", mine=mine.name, peer=peer.name, fingerprint=peer.fingerprint))
        typer.echo(say("spool.so_far", sent=marks.sent, taken=marks.taken, held=marks.held, waiting=waiting))
        for line in log[-lines:] if lines else []:
            facts = " ".join(
                f"{name}={value}" for name, value in line.items() if name not in ("at", "by", "act", "prev")
            )
            typer.echo(
                say("spool.line", at=line["at"], by=line["by"], act=say(f"spool.act.{line['act']}"), facts=facts)
            )
        if kept:
            typer.echo(say("spool.quarantine", count=len(kept)))
    if kept:
        raise typer.Exit(1)


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="seconds")


def _code(by: str) -> str:
    if not _BY.fullmatch(by):
        raise BadSpool("by_code")
    return by


@contextmanager
def _told() -> Iterator[None]:
    """A sentence and exit code 2 instead of a traceback."""
    try:
        yield
    except BadSpool as bad:
        typer.echo(say(f"spool.why.{bad.why}", detail="", **bad.values), err=True)
    except (BadBundle, Misfit) as bad:
        typer.echo(say("spool.why.forbidden", detail=str(bad)), err=True)
    except ValidationError:
        typer.echo(say("spool.why.card", detail=""), err=True)
    except SiteMistakes as mistakes:
        for mistake in mistakes.mistakes:
            typer.echo(mistake.sentence(language()), err=True)
    except FileNotFoundError:
        typer.echo(say("journal.no_file"), err=True)
    except JournalError as error:
        typer.echo(say("journal.unreadable", problem=str(error)), err=True)
    except OSError as error:
        typer.echo(say("spool.why.disk", detail=error.strerror or str(error)), err=True)
    else:
        return
    raise typer.Exit(2)
