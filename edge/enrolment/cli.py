"""`hallctl enrol`: this box becomes a site of the centre, by a voucher that the centre's people give out."""

import asyncio
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from edge.cli_words import say
from edge.enrolment.enrolling import Box
from edge.enrolment.enrolling import enrol as enrol_box
from edge.enrolment.errors import EnrolmentError
from edge.enrolment.identity import FOLDER, SiteIdentity
from edge.site_check import InstalledDrivers, check_site
from sync.enrolment import BadVoucher, Voucher

Data = Annotated[Path, typer.Option(help=say("help.enrol_data"))]
DATA = Path("/var/lib/hall-edge")


def enrol(
    voucher: Annotated[str, typer.Argument(help=say("help.enrol_voucher"))] = "",
    site: Annotated[Path, typer.Option(help=say("help.enrol_site"))] = Path("/etc/hall-edge/site.yaml"),
    data: Data = DATA,
    site_key: Annotated[Path | None, typer.Option(help=say("help.enrol_site_key"))] = None,
    show: Annotated[bool, typer.Option("--show", help=say("help.enrol_show"))] = False,
    as_json: Annotated[bool, typer.Option("--json", help=say("help.json"))] = False,
) -> None:
    os.umask(0o077)
    try:
        found, keys = (_shown(data), 0) if show else _enrolled(voucher or _ask(), site, data, site_key)
    except EnrolmentError as error:
        typer.echo(say(f"enrol.why.{error.why}", **error.values), err=True)
        raise typer.Exit(1) from None
    except OSError as error:
        typer.echo(say("enrol.why.not_stored", problem=error.strerror or error), err=True)
        raise typer.Exit(1) from None
    until = found.until.date().isoformat()
    if as_json:
        typer.echo(json.dumps({"site": found.site, "broker": found.broker, "until": until, "keys": keys}))
        return
    typer.echo(say("enrol.is", site=found.site, broker=found.broker, until=until))
    if found.until <= datetime.now(UTC):
        typer.echo(say("enrol.over"), err=True)
    if not show:
        typer.echo(say("enrol.back", keys=keys) if keys else say("enrol.start"))


def _enrolled(text: str, site: Path, data: Path, site_key: Path | None) -> tuple[SiteIdentity, int]:
    try:
        voucher = Voucher.read(text)
    except BadVoucher as error:
        raise EnrolmentError("form") from error
    checked, _ = check_site(site.read_bytes(), InstalledDrivers()) if site.is_file() else (None, [])
    if checked is None:
        raise EnrolmentError("no_site", file=site)
    if checked.site != voucher.site:
        raise EnrolmentError("other_site", voucher=voucher.site, site=checked.site)
    done = asyncio.run(enrol_box(voucher, Box(data, site_key or data / "site.key")))
    return done.identity, done.keys


def _shown(data: Path) -> SiteIdentity:
    found = SiteIdentity.load(data / FOLDER)
    if found is None:
        raise EnrolmentError("not_enrolled")
    return found


def _ask() -> str:
    """Typed or piped in: a command line is seen by everybody on the machine."""
    if sys.stdin.isatty():
        return str(typer.prompt(say("enrol.ask"), hide_input=True))
    return sys.stdin.readline()
