"""What to print for a job: a ticket or a complaint's slip from the state alone, a case's paper with its applicant
opened for the moment. All of them bear the hall's head, the city's unified logo where it has one.
"""

from collections.abc import Callable, Mapping
from typing import Final

from drivers.contract import TicketLine
from edge.catalogue import Catalogue
from edge.guides import Guides
from edge.reactions import complaint_slip, guide_slip, notice, receipt, slip, supplement
from edge.reactions.sealed import SealedPort
from edge.reactions.wording import Wording
from edge.rules.case_state import Case, CasePaper, Notice
from edge.rules.deadlines import Hours
from edge.rules.dossier_state import Dossier
from edge.rules.followup_state import Complaint
from edge.rules.state import State, Ticket
from edge.site import Site

EMPTY: Final = Catalogue("", {})
CatalogueOf = Callable[[str], Catalogue]
"""The catalogue of a version, or the newest where that one is not kept."""

Head = tuple[TicketLine, ...]
"""What every paper begins with, above the hall's name."""

CodeOf = Callable[[str], str]
"""A ticket's code for its paper alone (KeyRing.slip_code)."""


def no_code(ticket: str) -> str:
    """A hall without keys."""
    return ""


def no_catalogue(version: str) -> Catalogue:
    return EMPTY


class Papers:
    def __init__(
        self, site: Site, sealed: SealedPort, catalogue_of: CatalogueOf, code_of: CodeOf = no_code, head: Head = ()
    ) -> None:
        self._site = site
        self._sealed = sealed
        self._catalogue_of = catalogue_of
        self._code_of = code_of
        self._head = head

    def ticket(self, state: State, ticket: Ticket) -> tuple[TicketLine, ...]:
        return self._head + slip.lines(state, self._site, ticket, self._code_of(ticket.uid))

    def complaint(self, complaint: Complaint) -> tuple[TicketLine, ...]:
        return self._head + complaint_slip.lines(complaint, self._site)

    def guide(self, uid: str, hours: Hours, language: str, printed_at: str) -> tuple[TicketLine, ...]:
        """Raises KeyError: no such guide."""
        guides = Guides(self._catalogue_of(""), self._site, hours)
        return self._head + guide_slip.lines(guides, guides.item(uid), language, printed_at)

    async def case(self, case: Case, paper: CasePaper) -> tuple[TicketLine, ...]:
        """Raises PartGone, CannotOpen: without its applicant a paper is not printed."""
        wording = Wording(self._site, self._catalogue_of(case.catalogue))
        applicant = await self._sealed.open(case.opened_seq, case.applicant_h)
        if paper.what == "receipt":
            code = self._code_of(case.ticket)
            return self._head + receipt.lines(case, applicant, wording, paper.copies, code)
        given = next(each for each in case.notices if each.number == paper.number)
        return self._head + notice.lines(case, given, applicant, await self._text(given), wording, paper.copies)

    async def supplement(self, dossier: Dossier, paper: CasePaper) -> tuple[TicketLine, ...]:
        """As `case`; a case that another hall took in has no applicant here, and its paper no name."""
        wording = Wording(self._site, self._catalogue_of(""))
        applicant: Mapping[str, str] = {}
        if dossier.applicant_h:
            applicant = await self._sealed.open(dossier.opened_seq, dossier.applicant_h)
        given = next(each for each in dossier.supplements if each.number == paper.number)
        return self._head + supplement.lines(dossier, given, applicant, wording, paper.copies)

    async def _text(self, given: Notice) -> str:
        if not given.text_h:
            return ""
        return str((await self._sealed.open(given.seq, given.text_h))["text"])
