"""What a person reads when something does not go: from the word lists, in his language and for his role."""

from collections.abc import Iterable
from typing import Final

from config import words
from drivers.errors import DeviceError
from edge.api.access import Reader
from edge.api.schema import Refused, Trouble
from edge.catalogue import Catalogue
from edge.rules.refusal import Refusal
from edge.site import Site
from edge.site_sections.form import Text

_UNKNOWN_TROUBLE: Final = "device_error"
_UNKNOWN_REFUSAL: Final = "refusal.unknown"
_NO_ITEMS: Final = Catalogue("", {})


def refused(refusal: Refusal, site: Site, reader: Reader, language: str, catalogue: Catalogue = _NO_ITEMS) -> Refused:
    values = {name: _spoken(site, catalogue, language, name, str(value)) for name, value in refusal.values.items()}
    text = (
        _say(language, "refusal", f"{refusal.code}.{reader}", values)
        or _say(language, "clerk", f"refusal.{refusal.code}", values)
        or words.load(language, "clerk").say(_UNKNOWN_REFUSAL)
    )
    return Refused(code=refusal.code, text=text, who_can=refusal.who_can, instead=refusal.instead)


def trouble(code: str, reader: Reader, language: str, *, retry: bool) -> Trouble:
    return Trouble(code=code, text=device_text(code, reader, language), retry=retry)


def of_device(error: DeviceError, reader: Reader, language: str) -> Trouble:
    """Only the code crosses: `detail` is for the log."""
    return trouble(error.code, reader, language, retry=error.retry)


def device_text(code: str, reader: Reader, language: str) -> str:
    """'' for no trouble."""
    if not code:
        return ""
    return _say(language, "device", f"{code}.{reader}", {}) or words.load(language, "device").say(
        f"{_UNKNOWN_TROUBLE}.{reader}"
    )


def _say(language: str, name: str, key: str, values: dict[str, str]) -> str:
    """'' when this list has no such text, or needs a value that nobody gave."""
    try:
        return words.load(language, name).say(key, **values)
    except (FileNotFoundError, KeyError):
        return ""


def _spoken(site: Site, catalogue: Catalogue, language: str, name: str, value: str) -> str:
    """Ids as people say them: a window's number, an area's or a clerk's name, what materials are called."""
    if name in ("window", "windows"):
        numbers = {window.id: window.number for window in site.windows}
        return ", ".join(numbers.get(part.strip(), part.strip()) for part in value.split(","))
    if name == "area":
        return _own(language, (each.name for each in site.areas if each.id == value), value)
    if name == "clerk":
        return next((clerk.name for clerk in site.clerks if clerk.id == value), value)
    if name == "state":
        return _say(language, "lead", f"step.{value}", {}) or value
    if name == "unit":
        return _own(language, (catalogue.units().get(value),), value)
    if name == "item":
        return _own(language, (each.name for each in catalogue.items.values() if each.id == value), value)
    if name == "where":  # an item that no window takes in says who does
        closed = (each.not_admitted for each in catalogue.items.values() if each.id == value)
        return _own(language, (each.where for each in closed if each), "")
    if name == "materials":
        named = (_material(catalogue, language, part) for part in value.split(","))
        return words.load(language, "ticket")["window_join"].join(named)
    return value


def _material(catalogue: Catalogue, language: str, uid: str) -> str:
    """The same in every item that wants it."""
    wanted = (each.name for item in catalogue.items.values() for each in item.materials if each.id == uid)
    return _own(language, wanted, uid)


def _own(language: str, names: Iterable[Text | None], otherwise: str) -> str:
    found = (name for each in names if each for spoken, name in each.items() if spoken == language)
    return next(found, otherwise)
