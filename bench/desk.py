"""What every topic gets."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Desk:
    """`folder`: this topic's own, empty. `tell`: a line of progress for the person who waits."""

    folder: Path
    tell: Callable[[str], None]

    def drawer(self, name: str) -> Path:
        """A new folder within."""
        made = self.folder / name
        made.mkdir(parents=True)
        return made
