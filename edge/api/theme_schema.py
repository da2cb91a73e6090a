"""What a hall wears, for screens and for the technician.

GET  /api/theme                      -> ThemeSheet                  (everybody; empty = the product's own look)
GET  /api/technician/theme           -> ThemeReport
GET  /theme/theme.css, /theme/mark   stylesheet and logo of the browser pages
"""

from pydantic import Field

from edge.api.model import Model


class ThemeSheet(Model):
    """A city's theme pack. Colours `#RRGGBB`, '' = the product's own. Logos are data URLs, by what they stand on."""

    name: dict[str, str] = Field(default_factory=dict)
    main: str = ""
    accent: str = ""
    high_contrast: str = ""
    on_light: str = ""
    on_dark: str = ""


class ThemeReport(Model):
    """`wanted`: what the site file names, '' = nothing; `worn`: it is used. `mistakes` in the reader's language."""

    wanted: str
    worn: bool
    mistakes: tuple[str, ...] = ()
