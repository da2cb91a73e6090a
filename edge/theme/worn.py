"""What a hall wears: the pack that its site file names, or its own look and why."""

from dataclasses import dataclass
from pathlib import Path

from drivers.contract import TicketLine
from edge.reactions.papers import Head
from edge.site import Site
from edge.site_check.mistakes import Mistake
from edge.theme.pack import Theme
from edge.theme.reading import theme_of


@dataclass(frozen=True, slots=True)
class Worn:
    """`theme` None: the product's own look; then `mistakes` say what is wrong with the pack, if one is named."""

    theme: Theme | None = None
    mistakes: tuple[Mistake, ...] = ()

    def head(self, language: str) -> Head:
        """Of every paper. A printer that draws no pictures prints the name in words."""
        if self.theme is None or not self.theme.paper:
            return ()
        name = self.theme.name.get(language) or self.theme.name["zh-Hans"]
        return (TicketLine(text=name, picture=self.theme.paper),)


def worn_by(site: Site, raw: bytes, site_file: Path) -> Worn:
    """Never raises: no pack is so broken that a hall stays shut. `raw`: what `site` was read from."""
    theme, mistakes = theme_of(site.theme, raw, site_file)
    return Worn(theme, tuple(mistakes))
