"""How many pages are free at the hall's printers (打印复印), as the site's file says; without that section none."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class CopySetup:
    """Pages of a business day: of a person who laid his card, of a ticket without one, of the whole hall; `most` of one
    print. `printers`: by kiosk, where it is offered. `area`: where a person goes for more.
    """

    person: int = 0
    ticket: int = 0
    hall: int = 0
    most: int = 0
    printers: tuple[tuple[str, str], ...] = ()
    area: str = ""

    def printer(self, kiosk: str) -> str:
        """'' where this kiosk offers none."""
        return dict(self.printers).get(kiosk, "")


NO_COPIES: Final = CopySetup()
