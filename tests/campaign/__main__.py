"""`./hall campaign`: a busy morning with many kills; or `--prints N` tickets through a troubled printer; or `--days N`
simulated days of the queue with faults at closing; or `--theory N` runs against queueing theory; or `--conform`: every
driver of ours cut and spoiled at every byte; or `--power N` power cuts of each store; or `--calls K`, every K-th call
to the disk failing in turn; or `--months N` kills of a process that closes months of a journal; or `--link N` kills of
a station at work and everything else that befalls a line; or `--mistakes`, made on purpose, each to be noticed; or
`--night`, the full counts of the last five; or `--schedules N` of station, broker and centre in virtual time; or
`--weeks N` of cases in four halls and the centre; or `--canaries N` people through a hall, to be found nowhere; or
`--fuzz N` spoiled frames at a centre.

Prints the verdict as JSON; exit 0 when every promise was kept.
"""

import asyncio
import json
import logging
import shutil
from functools import partial
from pathlib import Path
from typing import Annotated, Any, NoReturn

import structlog
import typer

from drivers.conform import find_benches
from tests.campaign.canaries.brokers import BROKERS
from tests.campaign.canaries.run import canaries as look_for_canaries
from tests.campaign.conform import faults_of
from tests.campaign.days import simulate
from tests.campaign.fuzz import fire
from tests.campaign.link.storm import campaign as storm
from tests.campaign.morning import Morning
from tests.campaign.night import mistakes, night
from tests.campaign.prints import campaign
from tests.campaign.progress import Progress
from tests.campaign.storage.calls import campaign as fail_calls
from tests.campaign.storage.months_kills import campaign as kill_closings
from tests.campaign.storage.power import campaign as cut_powers
from tests.campaign.theory import check
from tests.campaign.weeks.week import simulate_weeks
from tests.sync.simulation.campaign import schedules as play_schedules


def main(
    kills: Annotated[int, typer.Option(help="kill -9 of the daemon")] = 50,
    seed: Annotated[int, typer.Option()] = 1,
    prints: Annotated[int, typer.Option(help="tickets through a troubled printer, in the place of the morning")] = 0,
    days: Annotated[int, typer.Option(help="simulated days of the queue, in the place of the morning")] = 0,
    theory: Annotated[
        int, typer.Option(help="runs against queueing theory, at least 4, in the place of the morning")
    ] = 0,
    conform: Annotated[
        bool, typer.Option("--conform", help="the conformance kit, every place of every driver")
    ] = False,
    power: Annotated[int, typer.Option(help="power cuts of journal and centre, in the place of the morning")] = 0,
    calls: Annotated[int, typer.Option(help="each such call to the disk fails in turn; 1 = every one")] = 0,
    months: Annotated[int, typer.Option(help="kills of a process that closes months of a journal")] = 0,
    link: Annotated[int, typer.Option(help="kills of a station at work, half of its centre and broker each")] = 0,
    with_mistakes: Annotated[bool, typer.Option("--mistakes", help="each must be noticed by its check")] = False,
    whole_night: Annotated[bool, typer.Option("--night", help="full counts of storage and link")] = False,
    schedules: Annotated[
        int, typer.Option(help="simulated schedules of station, broker and centre, in the place of the morning")
    ] = 0,
    weeks: Annotated[
        int, typer.Option(help="simulated weeks of cases in four halls and the centre, in the place of the morning")
    ] = 0,
    canaries: Annotated[
        int, typer.Option(help="invented people through the hall, to be found and read nowhere; 200 is the full count")
    ] = 0,
    broker: Annotated[
        str, typer.Option(help="of the canaries: mosquitto or embedded; without it mosquitto where there is one")
    ] = "",
    fuzz: Annotated[int, typer.Option(help="spoiled frames at a centre, thousands at a time in a fresh one")] = 0,
    folder: Annotated[Path, typer.Option(help="where the station's data lies")] = Path(".hall/campaign"),
) -> None:
    if days:
        judged = simulate(days, seed)
        typer.echo(json.dumps(judged, ensure_ascii=False, indent=1))
        raise typer.Exit(1 if judged["broken"] else 0)
    if weeks:
        lived = simulate_weeks(weeks, seed)
        typer.echo(json.dumps(lived, ensure_ascii=False, indent=1))
        raise typer.Exit(1 if lived["broken"] else 0)
    if schedules:
        played = play_schedules(schedules, seed)
        typer.echo(json.dumps(played, ensure_ascii=False, indent=1))
        raise typer.Exit(1 if played["broken"] else 0)
    if theory:
        compared = check(max(4, theory), seed)
        typer.echo(json.dumps(compared, ensure_ascii=False, indent=1))
        raise typer.Exit(1 if compared["broken"] else 0)
    if conform:
        found = faults_of(sorted(find_benches()), told=partial(typer.echo, err=True))
        typer.echo(json.dumps(found, ensure_ascii=False, indent=1))
        raise typer.Exit(1 if any(found.values()) else 0)
    if power:
        _end(cut_powers(power, seed, Progress()))
    if calls:
        _end(fail_calls(calls, seed, Progress()))
    if months:
        _end(kill_closings(months, seed, Progress()))
    shutil.rmtree(folder, ignore_errors=True)
    if fuzz:
        _end(fire(fuzz, seed, folder.absolute(), Progress()))
    if canaries:
        kind = next((one for one in BROKERS if one == broker), None)
        if broker and kind is None:
            raise typer.BadParameter(f"one of {', '.join(BROKERS)}", param_hint="--broker")
        _end(look_for_canaries(canaries, seed, folder.absolute(), Progress(), broker=kind))
    if link:
        _end(storm(link, seed, folder.absolute(), Progress()))
    if with_mistakes:
        _end(mistakes(seed, folder.absolute(), Progress()))
    if whole_night:
        _end(night(seed, folder.absolute(), Progress()))
    if prints:
        printed = campaign(prints, seed, folder.absolute())
        typer.echo(json.dumps(printed, ensure_ascii=False, indent=1))
        raise typer.Exit(1 if printed["broken"] else 0)
    verdict = asyncio.run(Morning(kills, seed, folder.absolute()).run())
    typer.echo(json.dumps(verdict, ensure_ascii=False, indent=1))
    raise typer.Exit(1 if verdict["broken"] or not verdict["verified"] else 0)


def _end(found: dict[str, Any]) -> NoReturn:
    typer.echo(json.dumps(found, ensure_ascii=False, indent=1))
    raise typer.Exit(1 if found["broken"] else 0)


if __name__ == "__main__":
    # Programs under test are killed and their disks fail by the hundred: only what is broken is worth a line.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    typer.run(main)
