"""What stands in a pack's `theme.yaml`, and what a hall wears of it."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import Field, StringConstraints

from config.looks import Colours
from edge.site_sections.form import Section

FILE: Final = "theme.yaml"
COLOUR: Final = r"^#[0-9A-Fa-f]{6}$"
FILE_NAME: Final = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,60}\.(svg|png)$"
PAPER_NAME: Final = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,60}\.png$"
_Colour = Annotated[str, StringConstraints(pattern=COLOUR)]
_File = Annotated[str, StringConstraints(pattern=FILE_NAME)]
_Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]


class Name(Section):
    """What the logo says, for whoever does not see it; no language may be without."""

    hans: _Words = Field(alias="zh-Hans")
    hant: _Words = Field(alias="zh-Hant")
    en: _Words


class LogoFiles(Section):
    """Files of the pack's folder. `light`, `dark`: for light and dark ground; `paper`: black on white, for printers,
    None = papers bear no logo.
    """

    light: _File
    dark: _File
    paper: Annotated[str, StringConstraints(pattern=PAPER_NAME)] | None = None


class PackColours(Section):
    """None = the product's own. What they are for: config.looks.Colours."""

    main: _Colour | None = None
    accent: _Colour | None = None
    high_contrast: _Colour | None = None


class PackFile(Section):
    """The whole file."""

    name: Name
    logo: LogoFiles
    colours: PackColours = PackColours()


@dataclass(frozen=True, slots=True)
class Logo:
    """A checked file as it is served."""

    content: bytes
    type: str

    @property
    def data_url(self) -> str:
        return f"data:{self.type};base64,{b64encode(self.content).decode()}"


@dataclass(frozen=True, slots=True)
class Theme:
    """A pack without mistakes. `paper`: grey PNG in base64 for TicketLine.picture, '' = none. `name` by language."""

    name: Mapping[str, str]
    colours: Colours
    on_light: Logo
    on_dark: Logo
    paper: str = ""
