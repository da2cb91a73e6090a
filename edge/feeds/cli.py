"""`hallctl feeds`: whom a site believes, its key for the centre, and what came down."""

import json
from base64 import b64encode
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from edge.cli_words import say
from edge.feeds import trust
from edge.feeds.database import FILE, open_for_reading
from edge.feeds.tables import Tables
from edge.feeds.trust import BadTrust
from edge.journal.errors import BadKeyFile
from edge.journal.keys import KeyRing

app = typer.Typer(no_args_is_help=True)
Data = Annotated[Path, typer.Argument(help=say("help.journal_data"), exists=True, file_okay=False)]


@app.command(help=say("help.feeds_key"))
def key(site_key: Annotated[Path, typer.Argument(help=say("help.feeds_site_key"))]) -> None:
    try:
        typer.echo(b64encode(KeyRing.load(site_key).exchange_public).decode())
    except BadKeyFile as error:
        _fail(str(error))


@app.command("trust", help=say("help.feeds_trust"))
def trust_centre(data: Data, keys: Annotated[Path, typer.Argument(help=say("help.feeds_keys"), exists=True)]) -> None:
    try:
        trusted = trust.read(keys.read_bytes())
    except BadTrust as error:
        _fail(str(error))
    trust.write(data, trusted)
    typer.echo(say("feeds.trusted", count=len(trusted)))


@app.command(help=say("help.feeds_show"))
def show(
    data: Data,
    feed: Annotated[str, typer.Option(help=say("help.feeds_feed"))] = "",
    as_json: Annotated[bool, typer.Option("--json", help=say("help.json"))] = False,
) -> None:
    """Sealed members stay closed."""
    if not (data / FILE).exists():
        _fail(say("feeds.none"))
    db = open_for_reading(data / FILE)
    try:
        tables = Tables(db)
        marks, refused = tables.marks(), tables.refused()
        items = tables.items(feed) if feed else {}
    finally:
        db.close()
    if as_json:
        told = {"feeds": {name: mark.told() for name, mark in marks.items()}, "items": list(items.values())}
        typer.echo(json.dumps(told | {"refused": [one._asdict() for one in refused]}, ensure_ascii=False))
        return
    for name, mark in sorted(marks.items()):
        typer.echo(say("feeds.mark", feed=name, ver=mark.ver, digest=mark.digest[:16]))
    for one in refused:
        typer.echo(say("feeds.refused", feed=one.feed, id=one.id, rev=one.rev, why=one.why))
    for item in items.values():
        typer.echo(json.dumps(item, ensure_ascii=False))


def _fail(why: str) -> NoReturn:
    typer.echo(why, err=True)
    raise typer.Exit(1)
