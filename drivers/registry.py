"""Which drivers are installed: the entry points of the group `hall_edge.drivers`."""

from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points

from pydantic import BaseModel

from drivers.contract import Driver, Info

GROUP = "hall_edge.drivers"
_VERBS = ("open", "check", "close", "events")


@dataclass(frozen=True, slots=True)
class BrokenDriver:
    """An entry point that cannot be used. `why` is for the technician."""

    name: str
    target: str
    why: str


def discover() -> dict[str, type[Driver] | BrokenDriver]:
    """Every driver by its entry-point name. A broken one never stops the others; it says why instead."""
    found: dict[str, type[Driver] | BrokenDriver] = {}
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: (entry.name, entry.value)):
        if entry.name in found:
            found[entry.name] = BrokenDriver(entry.name, entry.value, "two packages offer a driver of this name")
        else:
            found[entry.name] = _load(entry)
    return found


def _load(entry: EntryPoint) -> type[Driver] | BrokenDriver:
    try:
        cls = entry.load()
    except Exception as problem:  # noqa: BLE001 - importing runs the module: it may fail in any way at all
        return BrokenDriver(entry.name, entry.value, f"{type(problem).__name__}: {problem}")
    lacking = _lacking(cls)
    return BrokenDriver(entry.name, entry.value, lacking) if lacking else cls


def _lacking(cls: object) -> str:
    """What keeps `cls` from being a driver; empty when nothing does."""
    if not isinstance(cls, type):
        return "not a class"
    if not isinstance(getattr(cls, "info", None), Info):
        return "no `info`"
    config = getattr(cls, "Config", None)
    if not (isinstance(config, type) and issubclass(config, BaseModel)):
        return "no `Config` model"
    absent = [verb for verb in _VERBS if not callable(getattr(cls, verb, None))]
    return f"no `{absent[0]}`" if absent else ""
