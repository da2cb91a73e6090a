"""What the hall wears: to screens a sheet, to browser pages a stylesheet and a logo, to the technician a report.

Everything served here was checked when the pack was read (edge/theme); a hall without a good pack wears its own look,
and these answers say so without a hole anywhere.
"""

from fastapi import HTTPException, Request, Response

from config.looks import page_colours
from edge.api.access import allow
from edge.api.pages import page
from edge.api.routes_public import Hall
from edge.api.theme_schema import ThemeReport, ThemeSheet
from edge.theme.pack import Theme

# A logo with words in it is wider than the square of the own mark; both stay inside the bar. Whose hall it is comes
# first where there is little room: the logo gets smaller, then the name has two lines and the page's title goes.
_LOGO_IN_BAR = """\
.bar-mark{width:auto;max-width:min(14rem,15vw);height:40px;object-fit:contain}
@media(max-width:1500px){
.bar-mark{max-width:10vw}
.bar-hall strong{white-space:normal;line-height:1.2}
.bar-hall span{display:none}
}"""


@allow("visitor", "clerk", "guide", "lead", "technician", "kiosk", "board")
async def sheet(hall: Hall) -> ThemeSheet:
    theme = hall.worn.theme
    if theme is None:
        return ThemeSheet()
    return ThemeSheet(
        name=dict(theme.name),
        main=theme.colours.main,
        accent=theme.colours.accent,
        high_contrast=theme.colours.high_contrast,
        on_light=theme.on_light.data_url,
        on_dark=theme.on_dark.data_url,
    )


@allow("visitor", "clerk", "guide", "lead", "technician")
async def page_theme(name: str, hall: Hall) -> Response:
    if name == "theme.css":
        return Response(_style(hall.worn.theme), media_type="text/css; charset=utf-8")
    if name != "mark":
        raise HTTPException(404, "no such part of a theme")
    if hall.worn.theme is None:
        return await page("shared", "mark.svg")
    logo = hall.worn.theme.on_dark
    return Response(logo.content, media_type=logo.type)


@allow("technician")
async def report(request: Request, hall: Hall) -> ThemeReport:
    language = request.state.language
    mistakes = tuple(mistake.sentence(language) for mistake in hall.worn.mistakes)
    return ThemeReport(wanted=hall.site.theme, worn=hall.worn.theme is not None, mistakes=mistakes)


def _style(theme: Theme | None) -> str:
    if theme is None:
        return ""
    variables = ";".join(f"--{name}:{colour}" for name, colour in page_colours(theme.colours).items())
    return f":root{{{variables}}}\n{_LOGO_IN_BAR}\n"
