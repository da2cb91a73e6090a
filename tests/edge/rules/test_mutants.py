"""The referee must notice: each known way to spoil a queue is put into the rules, and a few simulated days catch it."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from edge.rules import apply as folding
from edge.rules import bookings, comings, decide, pauses, queue, tickets, turns, windows
from edge.rules import commands as c
from edge.rules import queue_commands as q
from edge.rules.policies import Choice, choose
from tests.campaign.days import Day
from tests.edge.rules.crowd import Crowd
from tests.edge.rules.desk import Desk

Patch = pytest.MonkeyPatch


def changed(rule, **changes):
    """`rule` with its last draft's body changed; a change is a function of the body."""

    def spoiled(state, command, moment):
        drafts = rule(state, command, moment)
        if not drafts:
            return drafts
        body = drafts[-1].body
        new = {name: change(body, state, moment) for name, change in changes.items()}
        return [*drafts[:-1], drafts[-1].model_copy(update={"body": body.model_copy(update=new)})]

    return spoiled


def instead(patch: Patch, command: type, rule) -> None:
    patch.setitem(decide.DECISIONS, command, rule)


def fold(patch: Patch, kind: str, before: Callable) -> None:
    """`before` runs, then the real fold."""
    real = folding.FOLDS[kind]

    def spoiled(state, fact, body):
        before(state, fact, body)
        real(state, fact, body)

    patch.setitem(folding.FOLDS, kind, spoiled)


def utc_roll_over(patch: Patch) -> None:
    """Numbers begin anew at midnight UTC, which is 8 in the morning here, or whenever the UTC date changes."""
    seen = {"day": 0}
    real = tickets.made_ticket

    def made(state, moment, **how):
        day = (moment.now_ms + 12 * 3_600_000) // 86_400_000  # midnight in the middle of the hall's day
        if day != seen["day"]:
            seen["day"] = day
            state = state.model_copy(update={"counters": {}})
        return real(state, moment, **how)

    patch.setattr(tickets, "made_ticket", made)


def highest_plus_one(patch: Patch) -> None:
    """max() over the tickets that are still there."""
    real = tickets.made_ticket

    def made(state, moment, **how):
        counters: dict[str, int] = {}
        for ticket in state.tickets.values():
            if ticket.state in ("waiting", "called", "serving"):
                letter = ticket.number[0]
                counters[letter] = max(counters.get(letter, 0), int(ticket.number[1:]))
        return real(state.model_copy(update={"counters": counters}), moment, **how)

    patch.setattr(tickets, "made_ticket", made)


def counted(patch: Patch) -> None:
    """COUNT(*) of tickets that are there."""
    real = tickets.made_ticket

    def made(state, moment, **how):
        counters: dict[str, int] = {}
        for ticket in state.tickets.values():
            counters[ticket.number[0]] = counters.get(ticket.number[0], 0) + (ticket.state != "cancelled")
        return real(state.model_copy(update={"counters": counters}), moment, **how)

    patch.setattr(tickets, "made_ticket", made)


def revived_in_front(patch: Patch) -> None:
    spoiled = changed(comings.revive, key=lambda body, state, moment: state.tickets and body.key - 3_600_000)
    instead(patch, q.ReviveTicket, spoiled)


def revived_with_its_old_wait(patch: Patch) -> None:
    """The guard would call it first: its absence counts as waiting."""

    def revived(state, fact, body):
        came = state.tickets[fact.subject].since
        comings.revived(state, fact, body)
        state.tickets[fact.subject].since = came

    patch.setitem(folding.FOLDS, "ticket.revived", revived)


def returned_for_ever(patch: Patch) -> None:
    def spoiled(state, command, moment):
        return turns.give_back(
            state.model_copy(update={"queue": state.queue.model_copy(update={"returns": 99})}), command, moment
        )

    instead(patch, q.ReturnTicket, spoiled)


def called_without_looking(patch: Patch) -> None:
    """No check of the window's state."""
    patch.setattr(windows, "require_free", lambda state, window: None)


def called_twice(patch: Patch) -> None:
    """No check of the ticket's state."""
    patch.setattr(
        queue, "waiting", lambda state: (t for t in state.tickets.values() if t.state in ("waiting", "serving"))
    )


def transferred_to_the_front(patch: Patch) -> None:
    spoiled = changed(turns.transfer, key=lambda body, state, moment: body.key - 3_600_000)
    instead(patch, q.TransferTicket, spoiled)


def keyed_by_the_wall_clock(patch: Patch) -> None:
    for module in (tickets, comings, turns, bookings):
        patch.setattr(module, "arrival", lambda state, now_ms: now_ms)


def undo_keeps_the_board(patch: Patch) -> None:
    def uncalled(state, fact, body):
        lines = list(state.calls)
        turns.uncalled(state, fact, body)
        state.calls = lines

    patch.setitem(folding.FOLDS, "ticket.uncalled", uncalled)


def undo_forgives(patch: Patch) -> None:
    instead(patch, q.UndoCall, changed(turns.undo, owed=lambda body, state, moment: 0 if body.owed else 1))


def refusal_changes(patch: Patch) -> None:
    """The rule counts before it looks."""
    real = comings.revive

    def spoiled(state, command, moment):
        if command.ticket in state.tickets:
            state.tickets[command.ticket].revived += 1
        return real(state, command, moment)

    instead(patch, q.ReviveTicket, spoiled)


def guard_never_repaid(patch: Patch) -> None:
    def careless(eligible, setup, *, owed, now_ms):
        return choose(eligible, setup, owed=0, now_ms=now_ms)

    patch.setattr(queue, "choose", careless)


def slot_before_its_time(patch: Patch) -> None:
    """An appointment an hour early goes before walk-ins who wait."""
    real = tickets.made_ticket

    def made(state, moment, **how):
        return real(state, moment, **how | {"not_before": max(0, how["not_before"] - 3_600_000)})

    patch.setattr(tickets, "made_ticket", made)


def idles_while_waiting(patch: Patch) -> None:
    """A window waits for the slot instead of taking who is there."""
    real = queue.next_for

    def lazy(state, window, now_ms) -> Choice | None:
        found = real(state, window, now_ms)
        return None if found is not None and found.why == "early" else found

    patch.setattr(queue, "next_for", lazy)


def green_by_word(patch: Patch) -> None:
    """Who declares is preferred, unseen."""
    real = tickets.issue

    def spoiled(state, command, moment):
        drafts = real(state, command, moment)
        if not command.declared:
            return drafts
        body = drafts[0].body.model_copy(update={"key": drafts[0].body.key - state.queue.green, "klass": "green"})
        return [drafts[0].model_copy(update={"body": body})]

    instead(patch, c.IssueTicket, spoiled)


def cut_off_at_closing(patch: Patch) -> None:
    """The day closes over who is served."""
    real = decide.DECISIONS[c.CloseDay]

    def spoiled(state, command, moment):
        drafts = real(state, command.model_copy(update={"abandon": True}), moment)
        return [draft for draft in drafts if draft.kind != "service.abandoned"]

    instead(patch, c.CloseDay, spoiled)


def two_tickets_a_person(patch: Patch) -> None:
    patch.setattr(tickets, "one_open_ticket", lambda state, person, prefixes: None)


def booking_used_twice(patch: Patch) -> None:
    def forgetful(state, fact, body):
        state.bookings[fact.subject].state = "booked"

    patch.setitem(folding.FOLDS, "booking.checked_in", forgetful)


def rest_with_a_citizen(patch: Patch) -> None:
    patch.setattr(pauses.look, "at_window", lambda state, place: None)


def out_of_memory(patch: Patch) -> None:
    """A value that only lives in the process."""

    def remember(state, fact, body):
        state.last_key += id(body) % 7 + 1

    fold(patch, "ticket.called", remember)


def items_forgotten(patch: Patch) -> None:
    """A ticket for three things is done after one."""

    def spoiled(state, command, moment):
        return [draft for draft in windows.finish(state, command, moment) if draft.kind != "ticket.advanced"]

    instead(patch, c.FinishService, spoiled)


MUTANTS = (
    utc_roll_over, highest_plus_one, counted, revived_in_front, revived_with_its_old_wait, returned_for_ever,
    called_without_looking, called_twice, transferred_to_the_front, keyed_by_the_wall_clock, undo_keeps_the_board,
    undo_forgives, refusal_changes, guard_never_repaid, slot_before_its_time, idles_while_waiting, green_by_word,
    cut_off_at_closing, two_tickets_a_person, booking_used_twice, rest_with_a_citizen, out_of_memory, items_forgotten,
)  # fmt: skip


def first_broken(days: int) -> str:
    """The first broken promise of a few halls' days, '' for none. A rule that fails altogether counts as broken."""
    for seed in range(-(-days // 10)):
        desk = Desk(seed)
        crowd = Crowd(random.Random(seed + 2))
        for number in range(10):
            try:
                Day(desk, crowd, number).run()
            except (KeyError, AttributeError, ValueError, TypeError, IndexError) as mistake:
                return desk.broken[0] if desk.broken else f"a rule fails: {mistake!r}"
            if desk.broken:
                return desk.broken[0]
    return ""


@contextmanager
def spoiled_by(mutant: Callable[[Patch], None]) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        mutant(patch)
        yield


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
def test_every_mutant_is_caught(mutant):
    with spoiled_by(mutant):
        assert first_broken(60)


def test_the_rules_themselves_are_not_caught():
    assert first_broken(10) == ""
