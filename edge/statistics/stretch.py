"""A stretch of business dates as a command of `hallctl` asks for it."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import typer

from edge.cli_words import say
from edge.journal.errors import JournalError
from edge.statistics.days import Archive, NoSuchDay

T = TypeVar("T")


def of_stretch(look: Callable[[Archive, str, str], T], journal: Path, first: str, last: str) -> T:
    """Exit code 2 and a sentence when there are no such days or no journal."""
    try:
        return look(Archive(journal), first, last)
    except NoSuchDay:
        typer.echo(say("assess.no_days", first=first, last=last), err=True)
    except FileNotFoundError:
        typer.echo(say("journal.no_file"), err=True)
    except JournalError as error:
        typer.echo(say("journal.unreadable", problem=str(error)), err=True)
    raise typer.Exit(2)
