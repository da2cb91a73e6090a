"""What a test ticket says, whoever has it printed: a technician at the machine, or the centre by a command."""

from datetime import datetime
from typing import Final

from config.words import load
from drivers.contract import TicketLine
from edge.site import Site

_LANGUAGES: Final = ("zh-Hans", "zh-Hant", "en")


def trial_lines(site: Site, printer: str, at: datetime) -> tuple[TicketLine, ...]:
    """What a real ticket has of sizes, services' names, code and languages; says twice that it is no ticket."""
    words = load(site.language, "ticket")
    names = [service.name for service in site.services]
    return (
        TicketLine(text=site.hall.name.get(site.language, site.hall.name["zh-Hans"]), bold=True),
        TicketLine(text=words["test.mark"], bold=True),
        TicketLine(text=words["test.title"], size=4, bold=True),
        TicketLine(text="0123456789 ABCXYZ", size=2),
        TicketLine(text="|<--", align="left"),
        TicketLine(text="-->|", align="right"),
        *(TicketLine(text=name[language]) for name in names for language in _LANGUAGES if language in name),
        TicketLine(text=words.say("test.at", time=f"{at:%Y-%m-%d %H:%M}")),
        TicketLine(text=words.say("test.printer", printer=printer)),
        TicketLine(text=f"test {printer} {at:%Y-%m-%dT%H:%M:%S}", qr=True),
        TicketLine(text=words["test.mark"]),
        TicketLine(text=words.say("phone", phone=site.hall.phone)),
    )
