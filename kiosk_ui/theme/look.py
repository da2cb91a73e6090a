"""What a screen wears: the city's colours and its unified logo (统一LOGO), or the product's own look."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from config.looks import Colours
from edge.api.client import HallError
from edge.api.theme_schema import ThemeSheet
from kiosk_ui.hall_port import Hall

_log = logging.getLogger(__name__)
_TRY_AGAIN_SECONDS: Final = 3.0
_LOOK_AGAIN_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Look:
    """`on_light`, `on_dark`: the logo for such a ground as a data URL, '' = the city gave none. `name` by language."""

    colours: Colours = field(default_factory=Colours)
    on_light: str = ""
    on_dark: str = ""
    name: Mapping[str, str] = field(default_factory=dict)

    def logo_name(self, language: str) -> str:
        return self.name.get(language) or self.name.get("zh-Hans", "")


OWN: Final = Look()


def look_of(sheet: ThemeSheet) -> Look:
    return Look(
        Colours(main=sheet.main, accent=sheet.accent, high_contrast=sheet.high_contrast),
        on_light=sheet.on_light,
        on_dark=sheet.on_dark,
        name=sheet.name,
    )


async def follow_look(hall: Hall, wear: Callable[[Look], None]) -> None:
    """Never returns. A hall that started again may have another pack; one that does not answer takes nothing off."""
    worn = OWN
    while True:
        wait = _LOOK_AGAIN_SECONDS
        try:
            look = look_of(await hall.theme())
        except HallError as error:
            _log.info("the hall's theme is not known: %s", type(error).__name__)
            wait = _TRY_AGAIN_SECONDS
        else:
            if look != worn:
                worn = look
                wear(look)
        await asyncio.sleep(wait)
