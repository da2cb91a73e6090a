"""A scenario from a YAML file, or every mistake of it with its line."""

from pathlib import Path

import orjson
from pydantic import ValidationError

from edge.simulation.scenario import Scenario
from edge.site_check.mistakes import Mistake, SiteMistakes
from edge.site_check.places import read_sheet
from edge.site_check.schema import explain


def load_scenario(file: Path) -> Scenario:
    """Raises OSError, SiteMistakes with all of them."""
    scenario, mistakes = check_scenario(file.read_bytes())
    if scenario is None:
        raise SiteMistakes(mistakes)
    return scenario


def check_scenario(raw: bytes) -> tuple[Scenario | None, list[Mistake]]:
    """The scenario, None where there is any mistake."""
    sheet = read_sheet(raw)
    if sheet.mistakes:
        return None, sheet.mistakes
    try:
        # As JSON: there alone is a strict form free to take a list as a tuple.
        return Scenario.model_validate_json(orjson.dumps(sheet.data)), []
    except ValidationError as error:
        return None, explain(sheet, error.errors(), Scenario)
