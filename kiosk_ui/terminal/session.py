"""The session machine: one person's way from choosing a service to a number, with its time-outs and the wipe.

    choose service -> card or no card -> (reading -> holder) -> taking -> number -> wipe -> choose service

Pure: the moment (seconds, any monotonic origin) and the maker of ids are passed in. Results of an earlier
session are dropped. One wish (service and card) keeps one command id over all its retries.
"""

from collections.abc import Callable
from dataclasses import replace
from math import ceil
from typing import Final

from edge.api.schema import MaskedHolder, TicketRequest, TicketSnapshot
from kiosk_ui.follow import CatalogueSeen, HallLost, HallSeen
from kiosk_ui.terminal.state import (
    TIMES,
    CardRead,
    Effect,
    EndCard,
    Event,
    Failed,
    Page,
    Problem,
    ReadCard,
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
_WAITS_FOR_PERSON: Final[tuple[Page, ...]] = ("card", "holder", "problem")


def sheet_size(large: bool) -> int:
    """Choices on one screen: never more than six, fewer when each must be larger (rule U16)."""
    return 4 if large else 6


class Session:
    """`handle` is the only way in; `snapshot` the only thing to look at."""

    def __init__(self, new_id: Callable[[], str], *, language: str = "zh-Hans", times: Times = TIMES) -> None:
        self._new_id = new_id
        self._times = times
        self._language = language
        self.snapshot = Snapshot(language=language)
        self._effects: list[Effect] = []
        self._now = 0.0
        self._touched_at = 0.0
        self._entered_at = 0.0
        self._settled_at: float | None = None
        self._take_card_until: float | None = None
        self._lost_at: float | None = None
        self._wish: tuple[str, str] | None = None
        self._attempt = ""

    def handle(self, event: Event, now: float) -> tuple[Effect, ...]:
        """Take one event; the effects are to be started in order. `now` never goes back."""
        self._effects = []
        self._now = now
        match event:
            case Touch():
                self._touch(event)
            case CatalogueSeen(catalogue):
                self._set(catalogue=catalogue)
            case HallSeen():
                self._heard(event)
            case HallLost(since):
                self._lost_at = since if self._lost_at is None else self._lost_at
            case CardRead(session, holder):
                self._card_read(session, holder)
            case Failed(session, problem):
                self._failed(session, problem)
            case TicketTaken(session, ticket):
                self._taken(session, ticket)
            case TicketSeen(session, ticket):
                self._ticket_seen(session, ticket)
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
                self._set(language=touch.value)
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
                self._enter("card", service=touch.value)
            case "service", "sheet_next":
                self._set(sheet=min(self.snapshot.sheet + 1, self._last_sheet()))
            case "service", "sheet_back":
                self._set(sheet=max(self.snapshot.sheet - 1, 0))
            case (("card" | "problem"), "card"):
                self._read()
            case (("card" | "reading" | "holder"), "no_card"):
                self._forget_card()
                self._take(card="")
            case "holder", "confirm" if self.snapshot.holder is not None:
                self._take(card=self.snapshot.holder.card)
            case "holder", "again":
                self._forget_card()
                self._read()
            case "problem", ("again" | "no_card"):
                self._after_problem(touch)
            case "card", "back":
                self._enter("service", service="")
            case (("reading" | "holder" | "problem"), "back"):
                self._go_back()
            case _:
                pass

    def _after_problem(self, touch: Touch) -> None:
        problem = self.snapshot.problem
        if problem is None:
            return
        if problem.kind == "card":
            if touch.do == "again":
                self._read()
            else:
                self._forget_card()
                self._take(card="")
        elif problem.kind == "take" and touch.do == "again":
            self._take(card=self._wish[1] if self._wish else "")

    def _go_back(self) -> None:
        problem = self.snapshot.problem
        self._forget_card()
        if problem is not None and problem.kind == "refused":
            self._enter("service", service="")
        else:
            self._enter("card")

    def _offers(self, service: str) -> bool:
        known = self.snapshot.catalogue
        open_now = self.snapshot.hall is not None and self.snapshot.hall.open
        return open_now and known is not None and any(entry.id == service for entry in known.services)

    def _last_sheet(self) -> int:
        known = self.snapshot.catalogue
        return max(0, ceil(len(known.services) / sheet_size(self.snapshot.large)) - 1) if known else 0

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
        wish = (self.snapshot.service, card)
        if wish != self._wish:
            self._wish = wish
            self._attempt = self._new_id()
        request = TicketRequest(id=self._attempt, service=self.snapshot.service, card=card)
        self._enter("taking")
        self._effects.append(TakeTicket(self.snapshot.session, request))

    def _taken(self, session: int, ticket: TicketSnapshot) -> None:
        if session != self.snapshot.session or self.snapshot.page != "taking":
            return
        self._forget_card()
        self._settled_at = None
        self._enter("number", ticket=ticket)
        self._effects.append(WatchTicket(session, ticket.ticket))

    def _failed(self, session: int, problem: Problem) -> None:
        page: Page = "reading" if problem.kind == "card" else "taking"
        if session == self.snapshot.session and self.snapshot.page == page:
            self._enter("problem", problem=problem)

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
        if page in ("taking", "number", "gone") or (problem is not None and problem.kind == "take"):
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
        if self.snapshot.page == "reading":
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
        if old.ticket is not None:
            self._effects.append(StopWatching())
        if old.language != self._language:
            self._effects.append(SpeakLanguage(self._language))
        self._wish, self._attempt = None, ""
        self._settled_at = None
        self._entered_at = self._touched_at = self._now
        self.snapshot = Snapshot(
            session=old.session + 1,
            page="service" if old.catalogue is not None else "starting",
            language=self._language,
            catalogue=old.catalogue,
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
