"""`hallctl pin`: a line for the site file from a PIN that nobody sees."""

import os
import re
import sys
from getpass import getpass
from typing import Final

import typer

from edge.cli_words import say
from edge.pins import hash_pin

_PIN: Final = re.compile(r"[0-9]{4,12}")


def pin() -> None:
    if sys.stdin.isatty():
        typed = getpass(say("pin.ask"))
        if getpass(say("pin.again")) != typed:
            typer.echo(say("pin.differ"), err=True)
            raise typer.Exit(2)
    else:
        typed = sys.stdin.readline().rstrip("\r\n")
    if not _PIN.fullmatch(typed):
        typer.echo(say("pin.form"), err=True)
        raise typer.Exit(2)
    typer.echo(hash_pin(typed, random_bytes=os.urandom))
