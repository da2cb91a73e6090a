"""Driver classes by the names that site files use, from the entry points of what is installed."""

from collections.abc import Collection
from importlib.metadata import EntryPoint, entry_points
from typing import Final, Protocol

from drivers.contract import Driver

GROUP: Final = "hall_edge.drivers"


class DriverBroken(Exception):
    """The entry point is there, but its class cannot be used; the text says why."""


class Drivers(Protocol):
    def names(self) -> Collection[str]: ...

    def load(self, name: str) -> type[Driver]:
        """Raises DriverBroken, KeyError."""


class InstalledDrivers:
    """Entry points `hall_edge.drivers`; a class is imported when a site file first names it."""

    def __init__(self) -> None:
        self._points: dict[str, EntryPoint] = {point.name: point for point in entry_points(group=GROUP)}

    def names(self) -> Collection[str]:
        return self._points.keys()

    def release(self) -> str:
        """Another text as soon as a driver comes, goes or has another version."""
        versions = {
            (name, point.value, point.dist.version if point.dist else "") for name, point in self._points.items()
        }
        return repr(sorted(versions))

    def load(self, name: str) -> type[Driver]:
        point = self._points[name]
        try:
            cls: type[Driver] = point.load()
        except Exception as error:  # foreign code: its import may raise anything
            raise DriverBroken(f"{type(error).__name__}: {error}") from error
        if not (hasattr(cls, "info") and hasattr(cls, "Config")):
            raise DriverBroken(f"{point.value} has no info or no Config")
        return cls
