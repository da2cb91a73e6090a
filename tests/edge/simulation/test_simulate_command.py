"""`hallctl simulate` as it is typed."""

import json
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from edge.cli import app

FAST = ["simulate", "--days", "1", "--load", "0.7", "--windows", "2"]


def test_json_has_the_agreed_form() -> None:
    done = CliRunner().invoke(app, [*FAST, "--policy", "apq", "--seed", "9", "--json"])
    assert done.exit_code == 0
    found = json.loads(done.stdout)
    assert set(found) == {"policy", "classes", "overtakes", "idle_while_waiting", "wait_estimates"}
    assert found["policy"] == "apq"
    waits = {"mean", "p50", "p95", "max"}
    assert {klass: set(figures) for klass, figures in found["classes"].items()} == {
        "walk_in": waits,
        "green": waits,
        "appointment": waits | {"punctuality_p90"},
    }
    assert set(found["overtakes"]) == {"p95", "max", "beyond_bound"}
    assert set(found["wait_estimates"]) == {"rmse", "rmse_les", "rmse_queue_length", "p90_coverage", "bias"}
    assert all(value is not None for value in found["wait_estimates"].values())


@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant"])
def test_people_read_sentences_and_see_a_picture(tmp_path: Path, language: str) -> None:
    picture = tmp_path / "waits.png"
    done = CliRunner().invoke(app, ["--lang", language, *FAST, "--plot", str(picture)])
    assert done.exit_code == 0, done.output
    assert len(done.stdout.splitlines()) == 7
    with Image.open(picture) as image:
        colours = {colour for _, colour in image.convert("RGB").getcolors(1_000_000)}
    assert {(0x00, 0x72, 0xB2), (0x00, 0x9E, 0x73), (0xD5, 0x5E, 0x00)} <= colours


def test_a_wrong_scenario_names_its_line(tmp_path: Path) -> None:
    file = tmp_path / "odd.yaml"
    file.write_text("green: 0.1\nno_show: 0.1\n", "utf-8")
    done = CliRunner().invoke(app, ["--lang", "en", *FAST, "--scenario", str(file)])
    assert done.exit_code == 2
    assert "odd.yaml:2:1" in done.output
    assert "no_shows" in done.output


@pytest.mark.parametrize("option", [["--policy", "lottery"], ["--plot", "x.nothing"], ["--scenario", "none.yaml"]])
def test_what_cannot_be_done_ends_with_2(option: list[str]) -> None:
    assert CliRunner().invoke(app, [*FAST, *option]).exit_code == 2
