import gc
import time

import pytest

from edge.rules.commands import (
    CallNext,
    CloseDay,
    ConfigureSite,
    DisclosePart,
    FinishService,
    MissTicket,
    OpenDay,
    Recall,
    SignIn,
    SignOut,
    StartService,
)
from edge.rules.windows import BOARD_LINES


def kinds(drafts):
    return [draft.kind for draft in drafts]


def test_a_turn_from_call_to_question(hall):
    uid = hall.issue()
    assert kinds(hall.do(CallNext(window="w1"))) == ["ticket.called"]
    assert kinds(hall.do(StartService(window="w1"))) == ["service.started"]
    assert kinds(hall.do(FinishService(window="w1"))) == ["service.finished", "rating.asked"]
    ticket = hall.state.tickets[uid]
    assert (ticket.state, ticket.window, hall.state.windows["w1"].ticket) == ("done", "w1", "")
    question = hall.state.questions[hall.state.windows["w1"].question]
    assert (question.turn, question.state) == (ticket.turn, "asked")


def test_finish_on_a_called_ticket_starts_and_finishes(hall):
    hall.issue()
    hall.do(CallNext(window="w1"))
    assert kinds(hall.do(FinishService(window="w1"))) == ["service.started", "service.finished", "rating.asked"]


def test_the_next_question_ends_the_one_before(hall):
    for _ in range(2):
        hall.issue()
        hall.do(CallNext(window="w1"))
        drafts = hall.do(FinishService(window="w1"))
    assert kinds(drafts) == ["service.started", "service.finished", "rating.lapsed", "rating.asked"]
    assert drafts[2].body.why == "next_question"


def test_no_second_call_while_one_is_there(hall):
    hall.issue()
    hall.issue()
    hall.do(CallNext(window="w1"))
    refused = hall.refused(CallNext(window="w1"))
    assert (refused.code, refused.values, refused.who_can) == ("window_has_called", {"number": "A001"}, "clerk")
    hall.do(StartService(window="w1"))
    assert hall.refused(CallNext(window="w1")).code == "window_is_serving"
    assert hall.do(CallNext(window="w2"))[0].subject != hall.state.windows["w1"].ticket


def test_a_window_calls_only_what_it_offers_in_order(hall):
    residence, social = hall.issue("residence"), hall.issue("social")
    assert hall.do(CallNext(window="w2"))[0].subject == social
    assert hall.do(CallNext(window="w1"))[0].subject == residence
    hall.do(MissTicket(window="w2"))
    assert hall.refused(CallNext(window="w2")).code == "nobody_waiting"


def test_recalls_are_counted_and_move_the_board_line(hall):
    hall.issue()
    hall.issue()
    hall.do(CallNext(window="w1"))
    hall.do(CallNext(window="w2"))
    assert [hall.do(Recall(window="w1"))[0].body.call for _ in range(2)] == [2, 3]
    refused = hall.refused(Recall(window="w1"))
    assert (refused.code, refused.instead) == ("recalls_spent", "ticket.miss")
    assert [(line.number, line.call) for line in hall.state.calls] == [("A002", 1), ("A001", 3)]


@pytest.mark.parametrize("command", [Recall, MissTicket, StartService])
def test_only_a_called_ticket_is_recalled_missed_or_started(hall, command):
    assert hall.refused(command(window="w1")).code == "nobody_called"
    hall.issue()
    hall.do(CallNext(window="w1"))
    hall.do(StartService(window="w1"))
    assert hall.refused(command(window="w1")).code == "window_is_serving"


def test_nothing_to_finish_and_unknown_windows(hall):
    assert hall.refused(FinishService(window="w1")).code == "nothing_to_finish"
    for command in (CallNext, Recall, MissTicket, StartService, FinishService, SignOut):
        assert hall.refused(command(window="w9")).code == "window_unknown"


def test_a_frozen_ticket_neither_blocks_its_window_nor_is_called_again(hall):
    uid = hall.issue()
    hall.do(CallNext(window="w1"))
    hall.fold_unknown("ticket.beamed", uid)
    assert uid in hall.state.frozen
    assert hall.refused(CallNext(window="w1")).code == "nobody_waiting"
    hall.issue()
    hall.do(CallNext(window="w1"))
    hall.do(MissTicket(window="w1"))
    hall.do(CloseDay())
    assert not hall.state.frozen


def test_clerks_take_over_only_between_citizens(hall):
    hall.do(SignIn(window="w1", clerk="c01"))
    assert hall.do(SignIn(window="w1", clerk="c01")) == []
    assert kinds(hall.do(SignIn(window="w1", clerk="c02"))) == ["clerk.signed_out", "clerk.signed_in"]
    hall.issue()
    assert hall.do(CallNext(window="w1"))[0].body.clerk == "c02"
    assert hall.refused(SignIn(window="w1", clerk="c01")).code == "window_taken"
    assert hall.refused(SignIn(window="w2", clerk="c02")).code == "clerk_busy_elsewhere"
    assert hall.refused(SignOut(window="w1")).code == "window_has_called"
    hall.do(FinishService(window="w1"))
    assert kinds(hall.do(SignIn(window="w2", clerk="c02"))) == ["clerk.signed_out", "clerk.signed_in"]
    assert hall.state.windows["w1"].clerk == ""
    assert hall.refused(SignOut(window="w1")).code == "clerk_not_signed_in"
    assert hall.refused(SignIn(window="w1", clerk="c09")).code == "clerk_unknown"


def test_a_window_taken_out_while_busy_stays_until_it_is_free(hall):
    hall.issue("residence")
    hall.do(SignIn(window="w1", clerk="c01"))
    hall.do(CallNext(window="w1"))
    setup = ConfigureSite(
        hash="1" * 64,
        windows=(hall.state.windows["w2"].setup,),
        services=tuple(hall.state.services.values()),
        clerks=("c02",),
    )
    assert kinds(hall.do(setup)) == ["clerk.signed_out", "site.configured"]
    assert hall.state.windows["w1"].setup.services == ()
    hall.do(FinishService(window="w1"))
    assert hall.do(setup) == []
    hall.do(setup.model_copy(update={"hash": "2" * 64}))
    assert set(hall.state.windows) == {"w2"}


def test_data_is_shown_only_where_the_ticket_is(hall):
    uid = hall.issue(person="p1")
    h = hall.state.tickets[uid].holder_h
    ask = DisclosePart(ticket=uid, h=h, purpose="greet_at_window", window="w1")
    assert hall.refused(ask).code == "part_not_at_window"
    hall.do(CallNext(window="w2"))
    assert hall.refused(ask).code == "part_not_at_window"
    assert hall.refused(ask.model_copy(update={"h": ""})).code == "part_unknown"
    assert kinds(hall.do(ask.model_copy(update={"window": "w2"}))) == ["part.disclosed"]


def test_days(hall):
    assert hall.refused(OpenDay(date="2026-11-24")).code == "day_already_open"
    waiting, called = hall.issue(), hall.issue("residence")
    hall.do(CallNext(window="w2"))
    hall.do(CallNext(window="w1"))
    hall.do(StartService(window="w2"))
    refused = hall.refused(CloseDay())
    assert (refused.code, refused.values) == ("day_in_service", {"windows": "w2"})
    hall.do(FinishService(window="w2"))
    left = hall.issue()
    closed = hall.do(CloseDay())[0]
    assert closed.body.expired == tuple(sorted((called, left)))
    assert waiting not in closed.body.expired
    assert not hall.state.tickets
    assert hall.state.windows["w1"].ticket == ""
    assert len(hall.state.questions) == 1
    assert hall.refused(CloseDay()).code == "day_closed"
    assert hall.refused(CallNext(window="w1")).code == "day_closed"
    assert hall.refused(OpenDay(date="2026-11-22")).code == "day_earlier"
    for wrong in ("2026-11-31", "20261124", "tomorrow", "2026-W48-1"):
        assert hall.refused(OpenDay(date=wrong)).code == "day_no_date"


def test_a_board_forgets_what_nobody_can_see(hall):
    for _ in range(BOARD_LINES + 5):
        hall.issue()
        hall.do(CallNext(window="w1"))
        hall.do(FinishService(window="w1"))
    assert len(hall.state.calls) <= BOARD_LINES + 1
    assert hall.state.calls[-1].number == f"A{BOARD_LINES + 5}"


def replay_seconds(hall):
    """Without the collector, which walks what a thousand tests before us have left."""
    gc.disable()
    try:
        began = time.thread_time()
        hall.replayed()
        return time.thread_time() - began
    finally:
        gc.enable()


def test_a_long_day_comes_back_quickly(hall):
    """Two thousand records a step: what one costs must not grow with the day."""
    spent = []
    for _ in range(3):
        for _ in range(170):
            hall.issue()
            hall.do(CallNext(window="w1"))
            hall.do(FinishService(window="w1"))
        spent.append(min(replay_seconds(hall) for _ in range(3)) / len(hall.records))
    assert spent[-1] < 3 * spent[0]
    assert spent[-1] < 0.0005
