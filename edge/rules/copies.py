"""Free pages for citizens (打印复印): so many a person or ticket and day, so many the hall, never more by any order.

A print reserves its pages before the first byte and is counted by its end. Pages of which nobody knows whether they
came out (power lost, jam, kill) cost the person nothing and are told in the figures as unsure; the hall counts them as
paper. Nothing is printed again by itself.
"""

from typing import Final

from edge.rules import look
from edge.rules.codes import Code, refusal
from edge.rules.copy_commands import EndCopies, GrantCopies, ReserveCopies
from edge.rules.copy_records import CopyEnded, CopyGranted, CopyReserved
from edge.rules.copy_setup import CopySetup
from edge.rules.copy_state import Copies
from edge.rules.moment import Fact, Moment
from edge.rules.part import PrintState
from edge.rules.records import Draft
from edge.rules.state import State, Ticket

HALL: Final = "site"  # the account and subject of pages granted to the whole hall
PAGES: Final = "copies"  # frozen while pages of today are used that this release cannot read
CUT_OFF: Final = "outcome_unknown"  # code of a print that nobody saw end
_ENDS: Final[dict[str, PrintState]] = {"copy.done": "done", "copy.failed": "failed", "copy.unknown": "unknown"}


def account_of(ticket: Ticket) -> str:
    """Whose pages a ticket's are: the person's whose card was laid for it, so that nobody has both."""
    return ticket.person or ticket.uid


def of_job(state: State, job: str) -> Copies | None:
    """Of an earlier request, also from before a restart."""
    return next((each for each in state.copies.values() if each.job == job), None)


def limit(state: State, setup: CopySetup, account: str) -> int:
    """Pages of the account today, used or not."""
    own = setup.ticket if account.startswith("t:") else setup.person
    return own + state.copy_grants.get(account, 0)


def left(state: State, setup: CopySetup, account: str) -> int:
    """Of this account, whatever the hall has left; never less than 0, also after the site's file gave less."""
    used = sum(each.charged for each in _today(state) if each.account == account)
    return max(0, limit(state, setup, account) - used)


def left_in_hall(state: State, setup: CopySetup) -> int:
    used = sum(each.paper for each in _today(state))
    return max(0, setup.hall + state.copy_grants.get(HALL, 0) - used)


def reserve(state: State, command: ReserveCopies, moment: Moment) -> list[Draft]:
    """Pages of one print are counted before the first is printed.

    Raises Refusal: not offered here, too many at once, one is printing here, or none are left for him or the hall.
    """
    setup, date = moment.books.copies, look.open_day(state)
    printer = _offered(state, setup, command.kiosk)
    if command.pages > setup.most:
        raise refusal(Code.COPY_TOO_LONG, most=setup.most)
    if any(each.print == "printing" and each.kiosk == command.kiosk for each in state.copies.values()):
        raise refusal(Code.COPY_RUNNING)
    own = left(state, setup, command.account)
    if own < command.pages:
        raise refusal(Code.COPIES_SPENT, left=own, area=setup.area)
    if left_in_hall(state, setup) < command.pages:
        raise refusal(Code.COPIES_HALL_SPENT, left=left_in_hall(state, setup), area=setup.area)
    body = CopyReserved(
        kind=command.kind,
        item=command.item,
        pages=command.pages,
        account=command.account,
        by=command.by,
        limit=limit(state, setup, command.account),
        kiosk=command.kiosk,
        printer=printer,
        job=command.job,
        date=date,
    )
    return [_draft("copy.reserved", moment.new_id("copy"), body, moment)]


def end(state: State, command: EndCopies, moment: Moment) -> list[Draft]:
    """Never more pages than were reserved, whatever the printer says."""
    found = state.copies.get(command.copy_id)
    if found is None or found.print != "printing" or command.copy_id in state.frozen:
        raise refusal(Code.COPY_NOT_RUNNING)
    came = min(command.came, found.pages)
    unsure = min(command.unsure, found.pages - came)
    return [_ended(command.copy_id, found, command.outcome, came, unsure, command.code, moment)]


def cut_off(state: State, moment: Moment) -> list[Draft]:
    """Begun before a restart and never ended: the pages are in nobody's memory, and are not printed again."""
    return [
        _ended(uid, each, "unknown", 0, each.pages, CUT_OFF, moment)
        for uid, each in state.copies.items()
        if each.print == "printing" and uid not in state.frozen
    ]


def grant(state: State, command: GrantCopies, moment: Moment) -> list[Draft]:
    date = look.open_day(state)
    if not moment.books.copies.printers:
        raise refusal(Code.COPIES_OFF)
    ticket = look.by_number(state, command.number) if command.number else None
    body = CopyGranted(account=account_of(ticket) if ticket else HALL, pages=command.pages, why=command.why, date=date)
    return [_draft("copy.granted", ticket.uid if ticket else HALL, body, moment)]


def reserved(state: State, fact: Fact, body: CopyReserved) -> None:
    state.copies[fact.subject] = Copies(
        kind=body.kind, kiosk=body.kiosk, account=body.account, pages=body.pages, job=body.job, date=body.date
    )


def ended(state: State, fact: Fact, body: CopyEnded) -> None:
    found = state.copies.get(fact.subject)
    if found is not None:
        found.print, found.came, found.unsure, found.code = _ENDS[fact.kind], body.came, body.unsure, body.code


def granted(state: State, fact: Fact, body: CopyGranted) -> None:
    state.copy_grants[body.account] = state.copy_grants.get(body.account, 0) + body.pages


def begin_day(state: State) -> None:
    """Of another date: whose pages they were is forgotten. A print under way goes on and counts on its own date."""
    state.copies = {uid: each for uid, each in state.copies.items() if each.print == "printing"}
    state.copy_grants.clear()
    state.frozen.discard(PAGES)


def _today(state: State) -> list[Copies]:
    return [each for each in state.copies.values() if each.date == state.date]


def _offered(state: State, setup: CopySetup, kiosk: str) -> str:
    """The printer there."""
    printer = setup.printer(kiosk)
    if not printer:
        raise refusal(Code.COPIES_OFF)
    if PAGES in state.frozen:
        raise refusal(Code.SUBJECT_FROZEN)
    return printer


def _ended(uid: str, found: Copies, outcome: str, came: int, unsure: int, code: str, moment: Moment) -> Draft:
    body = CopyEnded(came=came, unsure=unsure, code=code, date=found.date)
    return _draft(f"copy.{outcome}", uid, body, moment)


def _draft(kind: str, subject: str, body: CopyReserved | CopyEnded | CopyGranted, moment: Moment) -> Draft:
    return Draft(kind=kind, subject=subject, actor=moment.actor, body=body, business_date=body.date)
