r"""The session machine: one person's way from choosing a service to a number, with its time-outs and the wipe.

    choose service -> card or no card -> (reading -> holder) -> taking -> number -> wipe -> choose service
                   \-> a further item, green channel (back to card or no card)
    check in -> card, code or phone digits -> taking -> number
    papers in hand, guides -> the steps of desk.py; a guide leads to a number for its item
    printing and copying -> whose pages, by card or ticket -> the steps of copies.py

Pure: the moment (seconds, any monotonic origin) and the maker of ids are passed in. Results of an earlier
session are dropped. One wish (service and card) keeps one command id over all its retries.
"""

from collections.abc import Callable
from dataclasses import replace
from math import ceil
from typing import Final

from edge.api.queue_schema import CheckedIn, CheckInRequest
from edge.api.schema import MaskedHolder, TicketRequest, TicketSnapshot
from kiosk_ui.follow import CatalogueSeen, HallLost, HallSeen
from kiosk_ui.terminal import desk, desk_copies, desk_steps, guides
from kiosk_ui.terminal.copies import Copies
from kiosk_ui.terminal.sheets import further, sheets_of
from kiosk_ui.terminal.state import (
    TIMES,
    Answered,
    Ask,
    BookingFound,
    CardRead,
    CheckIn,
    CodeRead,
    Effect,
    EndCard,
    EndCode,
    EndCopies,
    Event,
    Failed,
    Fitted,
    Page,
    Problem,
    ReadCard,
    ReadCode,
    Snapshot,
    SpeakLanguage,
    StopWatching,
    TakeTicket,
    Tick,
    TicketSeen,
    TicketTaken,
    Times,
    Touch,
    WatchTicket,
)

_PRINT_PENDING: Final = ("none", "printing")
_PAPERS: Final[tuple[Page, ...]] = ("choices", "keys", "course", "answer", "review", "rated", "voiced", "guide", "copy")
_WAITS_FOR_PERSON: Final[tuple[Page, ...]] = (
    *("card", "more", "green", "holder", "booking", "digits", "problem"),
    *_PAPERS,
)
_STAYS: Final[tuple[Page, ...]] = ("taking", "number", "gone", "asking", "voiced")
_READS: Final[tuple[Page, ...]] = ("reading", "scanning")
_BY_THE_HALL: Final = (Answered, BookingFound, CardRead, CodeRead, TicketTaken)
PHONE_DIGITS: Final = 4


def _is_by_the_hall(event: Event) -> bool:
    """Whether only a hall that is there can have said so, a no included."""
    return isinstance(event, _BY_THE_HALL) or (isinstance(event, Failed) and event.problem.code != "gone")


class Session:
    """`handle` is the only way in; `snapshot` the only thing to look at."""

    def __init__(
        self, new_id: Callable[[], str], *, place: str = "", language: str = "zh-Hans", times: Times = TIMES
    ) -> None:
        self._new_id = new_id
        self._times = times
        self._place = place
        self._language = language
        self.snapshot = Snapshot(language=language)
        self._effects: list[Effect] = []
        self._now = 0.0
        self._touched_at = 0.0
        self._entered_at = 0.0
        self._settled_at: float | None = None
        self._take_card_until: float | None = None
        self._lost_at: float | None = None
        self._heard_at = 0.0
        self._wish: TicketRequest | CheckInRequest | desk_steps.Request | None = None

    def handle(self, event: Event, now: float) -> tuple[Effect, ...]:
        """Take one event; the effects are to be started in order. `now` never goes back."""
        self._effects = []
        self._now = now
        if _is_by_the_hall(event):
            self._heard_at, self._lost_at = now, None  # it is there again, whatever the live line knows yet
        match event:
            case Touch():
                self._touch(event)
            case CatalogueSeen(catalogue):
                here = self._place
                self._set(catalogue=catalogue, scanner=here in catalogue.scanners, copier=here in catalogue.copiers)
            case HallSeen():
                self._heard(event)
            case HallLost(since):
                self._lost_at = max(since, self._heard_at) if self._lost_at is None else self._lost_at
            case CardRead(session, holder):
                self._card_read(session, holder)
            case CodeRead(session, text):
                if session != self.snapshot.session or self.snapshot.page != "scanning":
                    pass
                elif self.snapshot.desk.step:
                    self._scanned(text)
                else:
                    self._check_in(CheckInRequest(id=self._new_id(), code=text[:256]))
            case Answered(session, answer):
                self._answered(session, answer)
            case BookingFound(session, found):
                self._found(session, found)
            case Failed(session, problem):
                self._failed(session, problem)
            case TicketTaken(session, ticket):
                self._taken(session, ticket)
            case TicketSeen(session, ticket):
                self._ticket_seen(session, ticket)
            case Fitted(tall):
                self._set(tall=tall)
            case Tick():
                pass
        self._let_time_pass()
        return tuple(self._effects)

    # --- what people do -----------------------------------------------------------------------------

    def _touch(self, touch: Touch) -> None:
        self._touched_at = self._now
        if self.snapshot.page == "number" and self._settled_at is not None:
            self._settled_at = self._now
        match touch.do:
            case "language":
                self._set(language=touch.value, sheet=0)
                self._effects.append(SpeakLanguage(touch.value))
            case "large":
                self._set(large=not self.snapshot.large, sheet=0)
            case "contrast":
                self._set(contrast=not self.snapshot.contrast)
            case "help":
                self._set(help=True)
            case "help_close":
                self._set(help=False)
            case "end" if self.snapshot.page not in ("starting", "gone"):
                self._end()
            case "stay" | "touched":
                pass
            case _:
                self._step(touch)

    def _step(self, touch: Touch) -> None:
        """A press counts only on the page it belongs to: the second tap of a double tap does nothing."""
        match self.snapshot.page, touch.do:
            case "service", "choose" if self._offers(touch.value):
                self._choose(touch.value)
            case "service", "booking" if self._is_open():
                self._enter("booking", booking=True)
            case "service", "papers" if self.snapshot.online:
                offered = Copies(here=self.snapshot.copier)
                self._enter("choices", desk=desk_steps.Desk(step="task", copies=offered), sheet=0)
            case "service", "copies" if self.snapshot.online and self.snapshot.copier:
                self._follow(desk_copies.asked())
            case "service", "guides" if self.snapshot.online:
                self._follow(desk.guides_asked())
            case (("service" | "more" | "choices" | "guide"), "sheet_next"):
                self._set(sheet=min(self.snapshot.sheet + 1, self._last_sheet()))
            case (("service" | "more" | "choices" | "guide"), "sheet_back"):
                self._set(sheet=max(self.snapshot.sheet - 1, 0))
            case "card", ("more" | "green"):
                self._set(sheet=0)
                self._enter("more" if touch.do == "more" else "green")
            case "more", "choose" if touch.value in self._further():
                self._enter("card", sheet=0, more=(*self.snapshot.more, touch.value))
            case "green", "declare":
                self._enter("card", declared=touch.value)
            case (("card" | "problem"), "card"):
                self._read()
            case (("card" | "reading" | "holder"), "no_card"):
                self._go_without_card()
            case "holder", "confirm" if self.snapshot.holder is not None:
                self._confirmed(self.snapshot.holder.card)
            case "holder", "again":
                self._forget_card()
                self._read()
            case "problem", ("again" | "no_card" | "accept_late"):
                self._after_problem(touch)
            case "card", "back":
                self._enter("service", service="", more=(), declared="")
            case (("more" | "green"), "back"):
                self._enter("card", sheet=0)
            case "booking", "back":
                self._enter("service", booking=False)
            case (("scanning" | "problem"), "back") if self.snapshot.desk.step:
                self._back_to_papers()
            case (("reading" | "holder"), "back") if self.snapshot.desk.copies.on:
                self._go_without_card()
            case (("reading" | "holder" | "problem"), "back"):
                self._go_back()
            case page, _ if page in _PAPERS:
                self._step_of_papers(touch)
            case (("booking" | "scanning" | "digits"), _) if not self.snapshot.desk.step:
                self._step_of_booking(touch)
            case _:
                pass

    def _step_of_booking(self, touch: Touch) -> None:
        page, digits = self.snapshot.page, self.snapshot.digits
        if page == "scanning" and touch.do in ("by_phone", "back"):
            self._effects.append(EndCode())
        match page, touch.do:
            case "booking", "by_card":
                self._read()
            case "booking", "by_code" if self.snapshot.scanner:
                self._scan()
            case (("booking" | "scanning"), "by_phone"):
                self._enter("digits", digits="")
            case "digits", "digit" if touch.value.isdigit() and len(digits) < PHONE_DIGITS:
                self._set(digits=digits + touch.value)
            case "digits", "erase":
                self._set(digits=digits[:-1])
            case "digits", "check_in" if len(digits) == PHONE_DIGITS:
                self._check_in(CheckInRequest(id=self._new_id(), phone=digits))
            case (("scanning" | "digits"), "back"):
                self._enter("booking", digits="")

    def _step_of_papers(self, touch: Touch) -> None:
        page, now = self.snapshot.page, self.snapshot.desk
        if touch.do == "scan" and page == "keys" and desk_steps.may_scan(now) and self.snapshot.scanner:
            self._scan()
        elif touch.do == "collect" and page == "course":
            self._enter("service", desk=desk_steps.NOTHING)
        elif page == "guide" and touch.do in ("print", "take"):
            self._use_guide(touch.do)
        elif page == "choices" and now.step == "copy_who" and (touch.do, touch.value) == ("pick", "by_card"):
            self._read()
        elif touch.do == "back" or page in ("choices", "keys", "review", "copy"):
            move = desk.press(now, touch.do, touch.value)
            if move is not None:
                self._follow(move)

    def _use_guide(self, do: str) -> None:
        now = self.snapshot.desk
        sheet = now.guides.sheet
        if sheet is None:
            return
        if do == "print" and sheet.prints and now.guides.paper != "done":
            self._follow(desk_steps.Move(now, ask=True))
        elif do == "take" and self._offers(sheet.service):
            self._set(desk=desk_steps.NOTHING, sheet=0)
            self._choose(sheet.service)

    def _follow(self, move: desk_steps.Move) -> None:
        if self.snapshot.desk.copies.page is not None and move.desk.copies.page is None:
            self._effects.append(EndCopies())
        if move.home:
            self._forget_card()
            self._enter("service", desk=desk_steps.NOTHING, sheet=0)
        elif move.ask:
            self._set(desk=move.desk)
            self._send(desk.request(move.desk, self._new_id()))
        elif move.desk.step == self.snapshot.desk.step and self.snapshot.page == desk_steps.page_of(move.desk):
            self._set(desk=move.desk)
        else:
            self._enter(desk_steps.page_of(move.desk), desk=move.desk, sheet=0)

    def _scanned(self, text: str) -> None:
        move = desk.scanned(self.snapshot.desk, text)
        if move is None:
            self._enter("problem", problem=Problem("code", "another"))
        else:
            self._follow(move)

    def _answered(self, session: int, answer: desk_steps.Answer) -> None:
        if session == self.snapshot.session and self.snapshot.page == "asking":
            page, told = desk.answered(self.snapshot.desk, answer)
            stays = isinstance(answer, guides.GuidePrintedAs)
            self._enter(page, desk=told, sheet=self.snapshot.sheet if stays else 0)

    def _back_to_papers(self) -> None:
        if self.snapshot.page == "scanning":
            self._effects.append(EndCode())
        self._enter(desk_steps.page_of(self.snapshot.desk), sheet=0)

    def _choose(self, service: str) -> None:
        why = self.snapshot.hall.stopped.get(service) if self.snapshot.hall else None
        if why:
            self._enter("problem", service=service, problem=Problem("stopped", why))
        else:
            self._enter("card", service=service)

    def _go_without_card(self) -> None:
        self._forget_card()
        if self.snapshot.desk.copies.on:
            self._enter(desk_steps.page_of(self.snapshot.desk), sheet=0)
        elif self.snapshot.booking:
            self._enter("booking")
        else:
            self._take(card="")

    def _confirmed(self, card: str) -> None:
        if self.snapshot.desk.copies.on:
            self._follow(desk_copies.with_card(self.snapshot.desk, card))
        elif self.snapshot.booking:
            self._check_in(CheckInRequest(id=self._new_id(), card=card))
        else:
            self._take(card=card)

    def _after_problem(self, touch: Touch) -> None:
        problem = self.snapshot.problem
        if problem is None:
            return
        match problem.kind, touch.do:
            case "card", "again":
                self._read()
            case "card", "no_card":
                self._go_without_card()
            case "code", "again":
                self._scan()
            case "take", "again" if self._wish is not None:
                self._send(self._wish)
            case "desk", "again" if problem.code == "card_session_over":
                self._read()
            case "desk", "again" if problem.text == "" and self._wish is not None:
                self._send(self._wish)
            case "desk", "again":
                self._follow(desk_steps.Move(desk.again(self.snapshot.desk)))
            case "late", "accept_late" if isinstance(self._wish, CheckInRequest):
                self._check_in(self._wish.model_copy(update={"id": self._new_id(), "accept_late": True}))

    def _go_back(self) -> None:
        problem = self.snapshot.problem
        self._forget_card()
        if self.snapshot.booking:
            self._enter("booking", digits="")
        elif problem is not None and problem.kind in ("refused", "stopped"):
            self._enter("service", service="", more=(), declared="")
        else:
            self._enter("card")

    def _is_open(self) -> bool:
        return self.snapshot.hall is not None and self.snapshot.hall.open

    def _offers(self, service: str) -> bool:
        known = self.snapshot.catalogue
        return self._is_open() and known is not None and any(entry.id == service for entry in known.services)

    def _further(self) -> tuple[str, ...]:
        return further(self.snapshot)

    def _last_sheet(self) -> int:
        return sheets_of(self.snapshot) - 1

    # --- card and ticket ----------------------------------------------------------------------------

    def _read(self) -> None:
        self._enter("reading", card_used=True)
        self._effects.append(ReadCard(self.snapshot.session, self._times.reading))

    def _forget_card(self) -> None:
        if self.snapshot.card_used:
            self._effects.append(EndCard())
        self._set(holder=None)

    def _card_read(self, session: int, holder: MaskedHolder) -> None:
        if session == self.snapshot.session and self.snapshot.page == "reading":
            self._enter("holder", holder=holder)
        else:  # the person has gone on or away while the card was being read
            self._effects.append(EndCard())

    def _take(self, card: str) -> None:
        s = self.snapshot
        wish = TicketRequest(id=self._new_id(), service=s.service, card=card, more=s.more, declared=s.declared)
        if isinstance(self._wish, TicketRequest) and self._wish.model_copy(update={"id": wish.id}) == wish:
            wish = self._wish
        self._send(wish)

    def _scan(self) -> None:
        self._enter("scanning")
        self._effects.append(ReadCode(self.snapshot.session, self._times.reading))

    def _check_in(self, wish: CheckInRequest) -> None:
        self._send(wish)

    def _send(self, wish: TicketRequest | CheckInRequest | desk_steps.Request) -> None:
        """The same request again keeps its id: the hall answers it once."""
        self._wish = wish
        session = self.snapshot.session
        match wish:
            case TicketRequest():
                self._enter("taking", digits="")
                self._effects.append(TakeTicket(session, wish))
            case CheckInRequest():
                self._enter("taking", digits="")
                self._effects.append(CheckIn(session, wish))
            case _:
                self._enter("asking")
                self._effects.append(Ask(session, wish))

    def _found(self, session: int, found: CheckedIn) -> None:
        if session == self.snapshot.session and self.snapshot.page == "taking":
            self._set(punctuality=found.punctuality, slot=found.slot)
        self._taken(session, found.ticket)

    def _taken(self, session: int, ticket: TicketSnapshot) -> None:
        if session != self.snapshot.session or self.snapshot.page != "taking":
            return
        self._forget_card()
        self._settled_at = None
        self._enter("number", ticket=ticket)
        self._effects.append(WatchTicket(session, ticket.ticket))

    def _failed(self, session: int, problem: Problem) -> None:
        pages: dict[str, Page] = {"card": "reading", "code": "scanning", "desk": "asking"}
        page = pages.get(problem.kind, "taking")
        if session == self.snapshot.session and self.snapshot.page == page:
            self._enter("problem", problem=problem, desk=desk.failed(self.snapshot.desk, problem.code))

    def _ticket_seen(self, session: int, ticket: TicketSnapshot) -> None:
        shown = self.snapshot.ticket
        if session == self.snapshot.session and shown is not None and shown.ticket == ticket.ticket:
            self._set(ticket=ticket)

    # --- the hall comes and goes --------------------------------------------------------------------

    def _heard(self, event: HallSeen) -> None:
        self._lost_at = None
        self._set(hall=event.hall, online=True)
        if self.snapshot.page in ("starting", "gone") and self.snapshot.catalogue is not None:
            self._wipe()

    def _check_loss(self) -> None:
        if self._lost_at is None or self._now - self._lost_at < self._times.loss_grace:
            return
        self._set(online=False)
        page, problem = self.snapshot.page, self.snapshot.problem
        if page in _STAYS or (problem is not None and problem.kind in ("take", "desk")):
            return  # a number that may exist, or does, is never taken off the screen
        self._wipe()
        self._set(page="gone")

    # --- time ---------------------------------------------------------------------------------------

    def _let_time_pass(self) -> None:
        self._check_loss()
        if self._take_card_until is not None and self._now >= self._take_card_until:
            self._take_card_until = None
        self._set(take_card=self._take_card_until is not None)
        self._count_reading()
        self._count_idle()
        self._count_return()

    def _count_reading(self) -> None:
        left: int | None = None
        if self.snapshot.page in _READS:
            left = max(0, ceil(self._entered_at + self._times.reading - self._now))
        self._set(reading_left=left)

    def _count_idle(self) -> None:
        idle = self._times.idle_large if self.snapshot.large else self._times.idle
        over = self._now - self._touched_at - idle
        page = self.snapshot.page
        given_up = page in _WAITS_FOR_PERSON and over >= self._times.warning
        if given_up or (over >= 0 and self._is_dressed_up()):
            self._end()
        warns = self.snapshot.page in _WAITS_FOR_PERSON and over >= 0
        self._set(warn_left=ceil(self._times.warning - over) if warns else None)

    def _is_dressed_up(self) -> bool:
        """Somebody set the home page up for himself and left: the next person finds it neutral."""
        s = self.snapshot
        at_home = s.page in ("service", "gone")
        return at_home and (s.large or s.contrast or s.help or s.sheet > 0 or s.language != self._language)

    def _count_return(self) -> None:
        ticket = self.snapshot.ticket
        if self.snapshot.page != "number" or ticket is None:
            self._set(return_left=None, paper_late=False)
            return
        late = self._now - self._entered_at >= self._times.print_wait
        settled = ticket.print not in _PRINT_PENDING or late
        self._set(paper_late=late and ticket.print in _PRINT_PENDING)
        if not settled:
            self._set(return_left=None)
            return
        if self._settled_at is None:
            self._settled_at = self._now
        stay = self._times.number if ticket.print == "done" else self._times.number_no_paper
        left = self._settled_at + stay * (2 if self.snapshot.large else 1) - self._now
        if left <= 0:
            self._end()
        else:
            self._set(return_left=ceil(left))

    # --- ends ---------------------------------------------------------------------------------------

    def _end(self) -> None:
        self._wipe()
        if not self.snapshot.online:
            self._set(page="gone")

    def _wipe(self) -> None:
        """Nothing of this person stays: not the card, the wish, the number, the settings."""
        old = self.snapshot
        if old.card_used:
            self._effects.append(EndCard())
            self._take_card_until = self._now + self._times.take_card if old.page != "number" else None
        if old.page == "scanning":
            self._effects.append(EndCode())
        if old.desk.copies.on:
            self._effects.append(EndCopies())
        if old.ticket is not None:
            self._effects.append(StopWatching())
        if old.language != self._language:
            self._effects.append(SpeakLanguage(self._language))
        self._wish = None
        self._settled_at = None
        self._entered_at = self._touched_at = self._now
        self.snapshot = Snapshot(
            session=old.session + 1,
            page="service" if old.catalogue is not None else "starting",
            language=self._language,
            tall=old.tall,
            catalogue=old.catalogue,
            scanner=old.scanner,
            copier=old.copier,
            hall=old.hall,
            online=old.online,
        )

    def _enter(self, page: Page, **changes: object) -> None:
        self._entered_at = self._touched_at = self._now
        if page != "problem":
            changes.setdefault("problem", None)
        self._set(page=page, help=False, **changes)

    def _set(self, **changes: object) -> None:
        now = self.snapshot
        if any(getattr(now, name) != value for name, value in changes.items()):
            self.snapshot = replace(now, **changes)  # type: ignore[arg-type]
