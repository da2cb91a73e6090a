"""A snapshot in words: everything the kiosk's pages show, as plain values, in the snapshot's language."""

from dataclasses import dataclass
from typing import Final, Literal

from config.words import Words, load
from edge.api.schema import Catalogue, HallSnapshot, ServiceEntry, TicketSnapshot
from kiosk_ui.terminal.booking import (
    booking_problem,
    declared_line,
    digits_line,
    items_line,
    more_button,
    slot_line,
    wait_line,
    wait_short,
)
from kiosk_ui.terminal.desk_screen import DeskScreen
from kiosk_ui.terminal.present_copies import CopyScreen, copy_screen
from kiosk_ui.terminal.present_desk import ChoiceRow, choice_rows, desk_problem, desk_screen
from kiosk_ui.terminal.present_guide import GuideScreen, guide_screen
from kiosk_ui.terminal.session import PHONE_DIGITS
from kiosk_ui.terminal.sheets import MOST_ITEMS, further, services_shown, sheet_size, sheets_of
from kiosk_ui.terminal.state import Page, Problem, Snapshot

_CARD_WHAT: Final = {
    "no_answer": "problem.no_card",
    "late": "problem.no_card",
    "card_moved": "problem.card_moved",
    "card_unreadable": "problem.card_unreadable",
    "garbled": "problem.card_unreadable",
    "busy": "problem.reader_busy",
}
_CARD_NEXT: Final = {
    "problem.no_card": "problem.next_lay",
    "problem.card_moved": "problem.next_lay",
    "problem.card_unreadable": "problem.next_other_side",
}
# What a card is laid down for: a number, a booking, pages to print.
_CARD_CONFIRM: Final = {
    "number": "holder.confirm",
    "booking": "holder.confirm_booking",
    "copies": "holder.confirm_copies",
}
_CARD_SKIP: Final = {"number": "card.skip", "booking": "booking.other", "copies": "copies.skip"}
PrintMood = Literal["wait", "good", "bad"]


@dataclass(frozen=True, slots=True)
class Screen:
    """Ready texts; '' = nothing to show. The page binds to these names and decides nothing."""

    page: Page
    session: int
    language: str
    large: bool
    contrast: bool
    help: bool
    hall_name: str
    hall_short: str
    phone: str
    note: str
    closed: bool
    sheet: str
    sheet_first: bool
    sheet_last: bool
    step: int
    service: str
    reading_left: str
    holder_name: str
    holder_id: str
    problem_what: str
    problem_kept: str
    problem_next: str
    problem_again: str
    problem_no_card: bool
    number: str
    place: str
    ahead: str
    paper: str
    paper_mood: PrintMood
    problem_late: bool
    take_card: str
    return_line: str
    warn_line: str
    items: str
    declared: str
    declared_ground: str
    more_button: str
    can_more: bool
    is_booking: bool
    card_confirm: str
    card_skip: str
    scanner: bool
    digits: str
    digits_full: bool
    slot: str
    wait: str
    desk: DeskScreen
    guide: GuideScreen
    copier: bool
    copy: CopyScreen


@dataclass(frozen=True, slots=True)
class ServiceRow:
    id: str
    name: str
    prefix: str
    area: str
    waiting: str
    wait: str
    stopped: bool


_STEPS: Final[dict[Page, int]] = {
    "card": 2,
    "more": 2,
    "green": 2,
    "reading": 2,
    "holder": 2,
    "booking": 2,
    "digits": 2,
    "scanning": 2,
    "problem": 2,
    "taking": 3,
    "number": 3,
}


def present(s: Snapshot) -> Screen:
    words = load(s.language, "kiosk")
    known = s.catalogue
    sheets = sheets_of(s)
    what, kept, then, again = _problem(s, words)
    paper, mood = _paper(s, words)
    return Screen(
        page=s.page,
        session=s.session,
        language=s.language,
        large=s.large,
        contrast=s.contrast,
        help=s.help,
        hall_name=in_language(known.hall, s.language) if known else words["bar.no_name"],
        hall_short=in_language(known.hall_short, s.language) if known else words["bar.no_name"],
        phone=words.say("bar.phone", phone=known.complaint_phone) if known else "",
        note=_note(s, words),
        closed=s.hall is not None and not s.hall.open,
        sheet=words.say("service.sheet", sheet=s.sheet + 1, sheets=sheets) if sheets > 1 else "",
        sheet_first=s.sheet == 0,
        sheet_last=s.sheet >= sheets - 1,
        step=0 if s.desk.step else _STEPS.get(s.page, 1),
        service=_service_name(s),
        reading_left=_count(words, "reading.left", s.reading_left),
        holder_name=s.holder.name if s.holder else "",
        holder_id=s.holder.id_number if s.holder else "",
        problem_what=what,
        problem_kept=kept,
        problem_next=then,
        problem_again=again,
        problem_no_card=s.problem is not None and s.problem.kind == "card",
        problem_late=s.problem is not None and s.problem.kind == "late",
        number=s.ticket.number if s.ticket else "",
        place=_place(s, words),
        ahead=_ahead(s.ticket, words),
        paper=paper,
        paper_mood=mood,
        take_card=words["number.take_card"] if s.card_used and s.page == "number" else "",
        return_line=_count(words, "number.return", s.return_left),
        warn_line=_count(words, "idle.line", s.warn_left),
        items=items_line(s, words, in_language),
        declared=declared_line(s, words),
        declared_ground=s.declared,
        more_button=more_button(s, words),
        can_more=len(s.more) + 1 < MOST_ITEMS and bool(further(s)),
        is_booking=s.booking,
        card_confirm=words[_CARD_CONFIRM[_card_for(s)]],
        card_skip=words[_CARD_SKIP[_card_for(s)]],
        scanner=s.scanner,
        digits=digits_line(s.digits, PHONE_DIGITS),
        digits_full=len(s.digits) == PHONE_DIGITS,
        slot=slot_line(s, words),
        wait=wait_line(s.ticket.wait if s.ticket else None, words),
        desk=desk_screen(s.desk, words, s.language, scanner=s.scanner, large=s.large),
        guide=guide_screen(s, words),
        copier=s.copier,
        copy=copy_screen(s.desk.copies, s.desk.step, words, s.language),
    )


def _card_for(s: Snapshot) -> str:
    if s.desk.copies.on:
        return "copies"
    return "booking" if s.booking else "number"


def desk_rows(s: Snapshot) -> tuple[ChoiceRow, ...]:
    return choice_rows(s.desk, load(s.language, "kiosk"), s.language, s.sheet, sheet_size(s.large))


def service_rows(s: Snapshot) -> tuple[ServiceRow, ...]:
    """The services of the sheet that is shown: never more than six choices a screen."""
    if s.catalogue is None:
        return ()
    words = load(s.language, "kiosk")
    queues = s.hall.queues if s.hall else ()
    counts, waits = {one.service: one.waiting for one in queues}, {one.service: one.wait for one in queues}
    stopped = s.hall.stopped if s.hall else {}
    size = sheet_size(s.large)
    return tuple(
        ServiceRow(
            id=entry.id,
            name=in_language(entry.name, s.language),
            prefix=entry.prefix,
            area=area_name(s.catalogue, entry.area, s.language),
            waiting=words["stopped.short"] if entry.id in stopped else waiting_line(counts.get(entry.id, 0), words),
            wait="" if entry.id in stopped else wait_short(waits.get(entry.id), words),
            stopped=entry.id in stopped,
        )
        for entry in services_shown(s)[s.sheet * size : (s.sheet + 1) * size]
    )


def in_language(texts: dict[str, str], language: str) -> str:
    """The site's own words; Simplified Chinese always exists."""
    return texts.get(language) or texts.get("zh-Hans", "")


def area_name(catalogue: Catalogue, area: str, language: str) -> str:
    return in_language(catalogue.areas.get(area, {}), language) or area


def waiting_line(count: int, words: Words) -> str:
    return words.say("service.waiting", count=count) if count else words["service.nobody"]


def window_number(hall: HallSnapshot | None, window: str) -> str:
    """As people say it: the number on the wall, not the id."""
    numbers = {brief.id: brief.number for brief in hall.windows} if hall else {}
    return numbers.get(window, window)


def _count(words: Words, key: str, seconds: int | None) -> str:
    return "" if seconds is None else words.say(key, seconds=seconds)


def _entry(s: Snapshot) -> ServiceEntry | None:
    services = s.catalogue.services if s.catalogue else ()
    wanted = s.ticket.service if s.ticket else s.service
    return next((entry for entry in services if entry.id == wanted), None)


def _service_name(s: Snapshot) -> str:
    entry = _entry(s)
    return in_language(entry.name, s.language) if entry else ""


def _note(s: Snapshot, words: Words) -> str:
    if s.take_card:
        return words["number.take_card"]
    if s.hall is not None and not s.hall.open:
        return words["service.closed"]
    return s.hall.notice if s.hall else ""


def _place(s: Snapshot, words: Words) -> str:
    if s.ticket is None or s.catalogue is None:
        return ""
    area = area_name(s.catalogue, s.ticket.area, s.language)
    windows = words["number.and"].join(window_number(s.hall, window) for window in s.ticket.windows)
    return words.say("number.place", area=area, windows=windows) if windows else area


def _ahead(ticket: TicketSnapshot | None, words: Words) -> str:
    if ticket is None:
        return ""
    if ticket.state == "called":
        return words["number.called"]
    if ticket.state != "waiting":
        return ""
    return words.say("number.ahead", count=ticket.ahead) if ticket.ahead else words["number.first"]


def _paper(s: Snapshot, words: Words) -> tuple[str, PrintMood]:
    if s.ticket is None:
        return "", "wait"
    match s.ticket.print:
        case "done":
            return words["number.paper_done"], "good"
        case "failed":
            return words.say("number.paper_failed", number=s.ticket.number), "bad"
        case "unknown":
            return words.say("number.paper_unknown", number=s.ticket.number), "bad"
        case _ if s.paper_late or not s.online:
            return words.say("number.paper_late", number=s.ticket.number), "bad"
        case _:
            return words["number.paper_wait"], "wait"


def _problem(s: Snapshot, words: Words) -> tuple[str, str, str, str]:
    """What happened, what is kept, what to do next, and the label of trying again ('' = no use)."""
    problem = s.problem
    if problem is None:
        return "", "", "", ""
    if s.desk.step and problem.kind != "card":
        return desk_problem(problem, s.desk, words)
    kept = words.say("problem.kept", service=_service_name(s)) if s.service else words["problem.kept_refused"]
    if problem.kind in ("code", "late", "stopped") or (s.booking and problem.kind == "card"):
        return booking_problem(problem, words)
    match problem:
        case Problem(kind="card", code=code):
            what = _CARD_WHAT.get(code, "problem.reader_down")
            then = _CARD_NEXT.get(what, "problem.next_no_card")
            return words[what], kept, words[then], words["problem.again_card"]
        case Problem(kind="take", code="gone"):
            return (
                words["problem.unsure"],
                words["problem.kept_unsure"],
                words["problem.next_unsure"],
                words["problem.again_take"],
            )
        case Problem(kind="take"):
            return words["problem.not_taken"], kept, words["problem.next_take"], words["problem.again_take"]
        case _:
            then = problem.instead or words["problem.next_desk"]
            return problem.text or words["problem.not_taken"], words["problem.kept_refused"], then, ""
