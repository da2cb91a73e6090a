"""hallctl, the technician's program. Each subject has its own file; here is one line for each of them."""

from functools import cache
from importlib import import_module
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup
from typer.main import get_group

from edge import cli_words
from edge.cli_words import say

# A name, the key of its help, where it stands: imported when it is asked for, for all of them take two seconds.
_SUBJECTS: Final = (
    ("check", "check", "edge.site_check.cli:check"),
    ("try", "try_", "edge.devices.trial:try_driver"),
    ("discover", "discover", "edge.devices.discover_cli:discover"),
    ("identify", "identify", "edge.devices.identify_cli:identify"),
    ("test-ticket", "test_ticket", "edge.devices.ticket_trial_cli:print_test_ticket"),
    ("capture", "capture", "edge.devices.capture_cli:capture"),
    ("conform", "conform", "edge.devices.conform_cli:conform"),
    ("udev", "udev", "edge.devices.access_cli:udev"),
    ("enrol", "enrol", "edge.enrolment.cli:enrol"),
    ("stats", "stats", "edge.statistics.cli:stats"),
    ("assess", "assess", "edge.statistics.assess_cli:assess"),
    ("pin", "pin", "edge.pins_cli:pin"),
    ("doctor", "doctor", "edge.journal.doctor_cli:doctor"),
    ("link", "link", "edge.link_cli:link"),
    ("simulate", "simulate", "edge.simulation.cli:simulate"),
    ("journal", "journal", "edge.journal.cli:app"),
    ("catalogue", "catalogue", "edge.catalogue.cli:app"),
    ("feeds", "feeds", "edge.feeds.cli:app"),
    ("spool", "spool", "edge.spool.cli:app"),
    ("ratings", "ratings", "edge.ratings.cli:app"),
    ("pair", "pair", "edge.pairing.cli:app"),
)


class Subjects(TyperGroup):
    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        names: dict[str, Any] = dict.fromkeys(name for name, _, _ in _SUBJECTS)
        self.commands = names  # where "did you mean" looks

    def list_commands(self, ctx: Any) -> list[str]:
        return [name for name, _, _ in _SUBJECTS]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """None for a name that is no subject."""
        return next((_subject(*line) for line in _SUBJECTS if line[0] == cmd_name), None)


@cache
def _subject(name: str, help_key: str, place: str) -> Any:
    module, _, attribute = place.partition(":")
    found = getattr(import_module(module), attribute)
    alone = typer.Typer()
    if isinstance(found, typer.Typer):
        alone.add_typer(found, name=name, help=say(f"help.{help_key}"))
    else:
        alone.command(name, help=say(f"help.{help_key}"))(found)
    return get_group(alone).commands[name]


app = typer.Typer(
    cls=Subjects,
    help=say("help.hallctl"),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)


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
