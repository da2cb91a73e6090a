"""YAML files of a folder into validated forms, with every mistake at its place."""

from collections.abc import Callable, Collection
from pathlib import Path
from typing import TypeVar

import orjson
from pydantic import BaseModel, ValidationError

from edge.catalogue.mistakes import Page
from edge.site_check.places import read_sheet
from edge.site_check.schema import explain

Form = TypeVar("Form", bound=BaseModel)


def read_page(file: Path) -> Page:
    """Raises OSError."""
    page = Page(file, read_sheet(file.read_bytes()))
    for mistake in page.sheet.mistakes:
        page.note(mistake)
    return page


def read_form(page: Page, form: type[Form]) -> Form | None:
    """The file's content, or None with the mistakes noted on the page. A number is no text here, a text no number."""
    if page.sheet.data is None:
        return None
    try:
        # As JSON: there alone is a strict form free to take a list as a tuple and a text as a date.
        return form.model_validate_json(orjson.dumps(page.sheet.data))
    except ValidationError as error:
        for mistake in explain(page.sheet, error.errors(), form):
            page.note(mistake)
        return None


def check_scalars(page: Page, names: Collection[str], is_right: Callable[[str], bool], code: str) -> None:
    """Note `code` for every text under one of the keys `names` that is not right."""
    for path, place in page.sheet.values.items():
        if path and path[-1] in names and place.text and not is_right(place.text):
            page.wrong(path, code, {"value": place.text})
