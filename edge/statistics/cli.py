"""`hallctl stats`: the figures of a day, from the journal's file, beside a running hall or without one."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final

import typer

from edge.cli_words import say
from edge.journal.errors import JournalError
from edge.rules.waits.learned import MINUTE
from edge.statistics.days import Archive, NoSuchDay
from edge.statistics.schema import Day, Figures, Spread

HEAD: Final = [
    "site",
    "date",
    "cut",
    "name",
    "calls",
    "recalls",
    "missed",
    "served",
    "out_of_turn",
    "passed",
    "wait_n",
    "wait_p50_ms",
    "wait_p90_ms",
    "wait_max_ms",
    "service_n",
    "service_p50_ms",
    "service_p90_ms",
    "service_max_ms",
    "very_satisfied",
    "satisfied",
    "fairly_satisfied",
    "dissatisfied",
    "very_dissatisfied",
    "lapsed",
    "unmeasured",
]


def stats(
    date: Annotated[str, typer.Argument(help=say("help.stats_date"))],
    journal: Annotated[Path, typer.Option(help=say("help.journal_file"))] = Path("journal.db"),
    as_json: Annotated[bool, typer.Option("--json", help=say("help.json"))] = False,
    table: Annotated[Path | None, typer.Option("--csv", help=say("help.stats_csv"))] = None,
) -> None:
    day = _read(journal, date)
    if table is not None:
        with table.open("w", encoding="utf-8-sig", newline="") as file:  # the mark lets spreadsheets see UTF-8
            csv.writer(file).writerows(rows(day))
        typer.echo(say("stats.written", file=str(table)))
    if as_json:
        typer.echo(day.model_dump_json())
    elif table is None:
        _tell(day)


def rows(day: Day) -> Iterator[list[str | int]]:
    """One line a cut: the whole day, every hour, window, clerk and item. Codes and numbers only."""
    yield list(HEAD)
    yield _row(day, "day", "", day.whole)
    for cut, parts in (("window", day.windows), ("clerk", day.clerks), ("item", day.items)):
        for name, figures in parts.items():
            yield _row(day, cut, name, figures)
    for hour, of_hour in day.hours.items():
        yield _row(day, "hour", f"{hour:02d}", of_hour)


def _row(day: Day, cut: str, name: str, of: Figures) -> list[str | int]:
    counts = [of.calls, of.recalls, of.missed, of.served, of.out_of_turn, of.passed]
    ratings = [of.ratings.get(word, 0) for word in HEAD[18:24]]
    return [day.site, day.date, cut, name, *counts, *_spread(of.waits), *_spread(of.services), *ratings, of.unmeasured]


def _spread(of: Spread) -> list[int]:
    return [of.n, of.p50, of.p90, of.max]


def _tell(day: Day) -> None:
    counted = day.tickets.model_dump()
    typer.echo(say("stats.tickets", site=day.site, date=day.date, **counted))
    for cut, parts in (("window", day.windows), ("clerk", day.clerks), ("item", day.items), ("hour", day.hours)):
        for name, of in parts.items():
            spans = {
                f"{span}_{q}": f"{getattr(getattr(of, span), q) / MINUTE:.1f}"
                for span in ("waits", "services")
                for q in ("p50", "p90", "max")
            }
            typer.echo(say("stats.line", cut=say(f"stats.{cut}"), name=name, calls=of.calls, served=of.served, **spans))
    told = day.forecasts
    if told.told:
        typer.echo(say("stats.told", n=told.told, share=round(100 * told.within_p90 / told.told)))


def _read(journal: Path, date: str) -> Day:
    """Exit code 2 and a sentence when there is no such day or journal."""
    try:
        return Archive(journal).day(date)
    except NoSuchDay:
        typer.echo(say("stats.no_day", date=date), err=True)
    except FileNotFoundError:
        typer.echo(say("journal.no_file"), err=True)
    except JournalError as error:
        typer.echo(say("journal.unreadable", problem=str(error)), err=True)
    raise typer.Exit(2)
