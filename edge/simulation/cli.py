"""`hallctl simulate`: what a policy does to waiting people, through the hall's own rules."""

import json
from pathlib import Path
from typing import Annotated, Any, get_args

import typer

from edge.cli_words import language, say
from edge.rules.queue_setup import PolicyName, QueueSetup
from edge.simulation import plot, report
from edge.simulation.forecasting import HallForecast
from edge.simulation.guests import Findings
from edge.simulation.run import Plan, run
from edge.simulation.scenario import Scenario
from edge.simulation.scenario_file import load_scenario
from edge.site_check.mistakes import SiteMistakes


def simulate(
    policy: Annotated[str, typer.Option(help=say("help.simulate_policy"))] = "vt",
    windows: Annotated[int, typer.Option(min=1, max=99, help=say("help.simulate_windows"))] = 3,
    load: Annotated[float, typer.Option(min=0.01, max=3, help=say("help.simulate_load"))] = 0.85,
    days: Annotated[int, typer.Option(min=1, max=36_500, help=say("help.simulate_days"))] = 200,
    seed: Annotated[int, typer.Option(help=say("help.simulate_seed"))] = 1,
    scenario: Annotated[Path | None, typer.Option(help=say("help.simulate_scenario"))] = None,
    plot_file: Annotated[Path | None, typer.Option("--plot", help=say("help.simulate_plot"))] = None,
    as_json: Annotated[bool, typer.Option("--json", help=say("help.json"))] = False,
) -> None:
    if policy not in get_args(PolicyName):
        raise typer.BadParameter(say("simulate.policies", known=", ".join(get_args(PolicyName))), param_hint="--policy")
    scene = Scenario() if scenario is None else _read(scenario)
    queue = QueueSetup.model_validate({"policy": policy})
    plan = Plan(scenario=scene, load=load, windows=windows, days=days, seed=seed)
    found = run(plan, queue, HallForecast())
    summary = report.summary(found, queue)
    if plot_file is not None:
        _plot(plot_file, found, plan, policy)
    if as_json:
        typer.echo(json.dumps(summary, ensure_ascii=False))
    else:
        _tell(summary, report.people(found))


def _read(file: Path) -> Scenario:
    try:
        return load_scenario(file)
    except OSError as error:
        typer.echo(say("check.no_file", file=file.name, problem=error.strerror or error), err=True)
        raise typer.Exit(2) from error
    except SiteMistakes as wrong:
        for mistake in wrong.mistakes:
            typer.echo(f"{file.name}:{mistake.sentence(language())}", err=True)
        raise typer.Exit(2) from wrong


def _plot(file: Path, found: list[Findings], plan: Plan, policy: str) -> None:
    places = len(plan.scenario.desks(plan.windows))
    facts = {"policy": policy, "windows": places, "load": plan.load, "days": plan.days, "seed": plan.seed}
    labels = plot.Labels(
        title=say("simulate.title", **facts),
        waits=say("simulate.waits"),
        hours=say("simulate.hours"),
        mean=say("simulate.mean"),
        p95=say("simulate.p95"),
        classes={klass: say(f"simulate.{klass}") for klass in report.CLASSES},
    )
    try:
        plot.save(file, plot.bars(found, plan.scenario), labels)
    except (OSError, ValueError) as error:
        typer.echo(say("simulate.no_plot", file=file.name, problem=error), err=True)
        raise typer.Exit(2) from error


def _tell(summary: dict[str, Any], people: dict[str, int]) -> None:
    typer.echo(say("simulate.people", **people))
    for klass in report.CLASSES:
        figures = {name: _shown(value) for name, value in summary["classes"][klass].items()}
        typer.echo(say("simulate.class", klass=say(f"simulate.{klass}"), **figures))
    typer.echo(say("simulate.punctual", p90=_shown(summary["classes"]["appointment"]["punctuality_p90"])))
    overtakes = {name: _shown(value) for name, value in summary["overtakes"].items()}
    typer.echo(say("simulate.overtakes", idle=summary["idle_while_waiting"], **overtakes))
    typer.echo(say("simulate.estimates", **{name: _shown(value) for name, value in summary["wait_estimates"].items()}))


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"
