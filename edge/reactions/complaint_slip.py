"""登记回执 of a complaint or suggestion: number, query code, until when it is answered. Not a word of what it says."""

from config.words import load
from drivers.contract import TicketLine
from edge.reactions.views.displays import in_language
from edge.reactions.wording import left
from edge.rules.followup_state import Complaint
from edge.site import Site


def lines(complaint: Complaint, site: Site) -> tuple[TicketLine, ...]:
    words = load(site.language, "ticket")
    mark = [TicketLine(text=words["reprint"], bold=True)] if complaint.copies > 1 else []
    return (
        TicketLine(text=in_language(site.hall.name, site.language), bold=True),
        *mark,
        TicketLine(text=words[f"complaint.{complaint.type}"], size=2, bold=True),
        left(words.say("complaint.number", number=complaint.number), bold=True),
        left(words.say("case.query", code=complaint.query_code), bold=True),
        left(words.say("complaint.registered", date=complaint.registered)),
        left(words.say("complaint.due", date=complaint.due) if complaint.due else words["complaint.no_due"]),
        left(words["complaint.hint"]),
        TicketLine(text=f"{complaint.number}/{complaint.query_code}", qr=True),
        left(words.say("phone", phone=site.hall.phone)),
    )
