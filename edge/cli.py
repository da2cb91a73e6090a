"""hallctl, the technician's program. Each subject has its own file; here is one line for each of them."""

from typing import Annotated

import typer

from edge import cli_words, pins_cli
from edge.catalogue import cli as catalogue_cli
from edge.cli_words import say
from edge.devices.access_cli import udev
from edge.devices.capture_cli import capture
from edge.devices.conform_cli import conform
from edge.devices.discover_cli import discover
from edge.devices.identify_cli import identify
from edge.devices.ticket_trial_cli import print_test_ticket
from edge.devices.trial import try_driver
from edge.enrolment import cli as enrolment_cli
from edge.feeds import cli as feeds_cli
from edge.journal import cli as journal_cli
from edge.journal.doctor_cli import doctor
from edge.link_cli import link
from edge.pairing import cli as pairing_cli
from edge.ratings import cli as ratings_cli
from edge.simulation.cli import simulate
from edge.site_check import cli as site_cli
from edge.spool import cli as spool_cli
from edge.statistics.assess_cli import assess
from edge.statistics.cli import stats

app = typer.Typer(
    help=say("help.hallctl"), no_args_is_help=True, add_completion=False, pretty_exceptions_show_locals=False
)
app.add_typer(journal_cli.app, name="journal", help=say("help.journal"))
app.add_typer(catalogue_cli.app, name="catalogue", help=say("help.catalogue"))
app.add_typer(feeds_cli.app, name="feeds", help=say("help.feeds"))
app.add_typer(spool_cli.app, name="spool", help=say("help.spool"))
app.add_typer(ratings_cli.app, name="ratings", help=say("help.ratings"))
app.command("check", help=say("help.check"))(site_cli.check)
app.command("try", help=say("help.try_"))(try_driver)
app.command("discover", help=say("help.discover"))(discover)
app.command("identify", help=say("help.identify"))(identify)
app.command("test-ticket", help=say("help.test_ticket"))(print_test_ticket)
app.command("capture", help=say("help.capture"))(capture)
app.command("conform", help=say("help.conform"))(conform)
app.command("udev", help=say("help.udev"))(udev)
app.add_typer(pairing_cli.app, name="pair", help=say("help.pair"))
app.command("enrol", help=say("help.enrol"))(enrolment_cli.enrol)
app.command("stats", help=say("help.stats"))(stats)
app.command("assess", help=say("help.assess"))(assess)
app.command("pin", help=say("help.pin"))(pins_cli.pin)
app.command("doctor", help=say("help.doctor"))(doctor)
app.command("link", help=say("help.link"))(link)
app.command("simulate", help=say("help.simulate"))(simulate)


@app.callback()
def choose_language(lang: Annotated[str, typer.Option(help=say("help.lang"))] = "") -> None:
    if not lang:
        return
    try:
        cli_words.use(lang)
    except ValueError as error:
        raise typer.BadParameter(say("help.lang")) from error


def main() -> None:
    app()
