"""What may become of a turn: taken back, put aside, returned, sent on, several items; each with its refusals."""

import pytest

from edge.rules import commands as c
from edge.rules import queue_commands as q

MINUTE = 60_000


@pytest.fixture(autouse=True)
def nothing_lives_only_in_memory(hall):
    yield
    assert hall.replayed() == hall.state


def called(hall, window="w1"):
    return hall.do(c.CallNext(window=window))[-1].subject


def board(hall):
    return [line.number for line in hall.state.calls]


def returned(hall, window="w1"):
    return hall.do(q.ReturnTicket(window=window, reason="materials_missing"))


def transferred(hall, **where):
    return hall.do(q.TransferTicket(window="w1", reason="wrong_window", **where))


def test_an_undone_call_leaves_no_trace(hall):
    uid, other = hall.issue(), hall.issue()
    before = hall.state.tickets[uid].model_copy()
    assert called(hall) == uid
    hall.do(q.UndoCall(window="w1"))
    assert hall.state.tickets[uid].model_dump() == before.model_dump()
    assert (board(hall), hall.state.windows["w1"].ticket) == ([], "")
    assert called(hall, "w2") == uid
    assert called(hall) == other


def test_undo_has_its_time_and_only_before_a_recall_or_the_service(hall):
    assert hall.refused(q.UndoCall(window="w1")).code == "nobody_called"
    hall.issue()
    called(hall)
    hall.do(c.Recall(window="w1"))
    assert hall.refused(q.UndoCall(window="w1")).code == "undo_too_late"
    hall.issue()
    called(hall, "w2")
    hall.clock.ms += 10_001
    assert hall.refused(q.UndoCall(window="w2")).code == "undo_too_late"
    hall.do(c.StartService(window="w2"))
    assert hall.refused(q.UndoCall(window="w2")).code == "window_is_serving"


def test_an_undo_gives_the_guards_debt_back(hall):
    old = hall.issue()
    hall.clock.ms += 46 * MINUTE
    for _ in range(2):
        hall.do(q.SettleGreen(ticket=hall.issue(), ground="elderly", holds=True))
    hall.state.tickets[old].key = hall.clock.ms + 1  # behind the green ones, as if their bonus were larger
    hall.do(c.CallNext(window="w1"))
    assert hall.state.windows["w1"].owed == 1
    hall.do(c.FinishService(window="w1"))
    guard = hall.do(c.CallNext(window="w1"))[0]
    assert (guard.subject, guard.body.why, hall.state.windows["w1"].owed) == (old, "guard", 0)
    hall.do(q.UndoCall(window="w1"))
    assert hall.state.windows["w1"].owed == 1
    assert hall.do(c.CallNext(window="w1"))[0].subject == old
    hall.state.tickets[old].key = hall.replayed().tickets[old].key


def test_put_aside_and_taken_up_again_at_the_same_window(hall):
    uid = hall.issue()
    called(hall)
    assert hall.refused(q.HoldTicket(window="w1")).code == "not_in_service"
    hall.do(c.StartService(window="w1"))
    hall.do(q.HoldTicket(window="w1"))
    hall.issue()
    hall.do(c.FinishService(window="w1")) if called(hall) == uid else None
    assert hall.refused(q.ResumeTicket(window="w1", ticket=uid)).code == "window_has_called"
    assert hall.refused(q.ResumeTicket(window="w2", ticket=uid)).code == "ticket_held_elsewhere"
    hall.do(c.FinishService(window="w1"))
    hall.do(q.PauseWindow(window="w1", reason="break"))
    hall.do(q.ResumeTicket(window="w1", ticket=uid))
    assert (hall.state.tickets[uid].state, hall.state.windows["w1"].paused) == ("serving", "")
    hall.do(c.FinishService(window="w1"))
    assert hall.refused(q.ResumeTicket(window="w1", ticket=uid)).code == "ticket_not_held"


def test_a_window_taken_out_of_the_file_stays_while_papers_lie_there(hall):
    hall.issue("residence")
    called(hall)
    hall.do(c.StartService(window="w1"))
    hall.do(q.HoldTicket(window="w1"))
    setup = c.ConfigureSite(
        hash="1" * 64, windows=(hall.state.windows["w2"].setup,), services=tuple(hall.state.services.values())
    )
    hall.do(setup)
    assert set(hall.state.windows) == {"w1", "w2"}


def test_a_returned_ticket_keeps_its_place_twice(hall):
    first = hall.issue()
    for turn in range(3):
        late = hall.issue()
        assert called(hall) == first
        body = returned(hall)[0].body
        assert body.returns == turn + 1
    assert body.arrived > hall.state.tickets[late].arrived
    assert board(hall) == []
    assert called(hall) != first
    assert hall.refused(q.ReturnTicket(window="w2", reason="clerk_ends")).code == "nothing_to_finish"


def test_a_transfer_keeps_when_it_came_and_names_where(hall):
    first, second = hall.issue("general"), hall.issue("social")
    assert called(hall) == first
    refused = [{"service": "nothing"}, {"service": "nowhere"}, {"service": ""}, {"to": "w9"}]
    codes = [hall.refused(q.TransferTicket(window="w1", reason="wrong_window", **one)).code for one in refused]
    assert codes == ["service_unknown", "service_not_offered", "transfer_to_itself", "window_unknown"]
    wrong = q.TransferTicket(window="w1", reason="wrong_window", service="residence", to="w2")
    assert hall.refused(wrong).code == "service_not_here"
    transferred(hall, service="social", to="w2")
    assert (hall.state.tickets[first].left, board(hall)) == (("social",), [])
    assert called(hall) == second  # w1 serves it too, but it was sent to w2
    assert called(hall, "w2") == first


def test_a_transfer_after_the_clock_was_set_back_gains_nothing(hall):
    first, second = hall.issue("social"), hall.issue("general")
    hall.clock.ms += 60 * MINUTE
    third = hall.issue("general")
    called(hall), called(hall, "w2")
    assert hall.state.windows["w2"].ticket == second
    hall.clock.ms -= 120 * MINUTE
    assert transferred(hall, service="general")[0].body.key == hall.state.tickets[first].arrived
    assert third in hall.state.tickets


def test_a_ticket_sent_to_a_window_that_goes_is_free_again(hall):
    uid = hall.issue("social")
    called(hall)
    transferred(hall, to="w2")
    hall.do(
        c.ConfigureSite(
            hash="2" * 64, windows=(hall.state.windows["w1"].setup,), services=tuple(hall.state.services.values())
        )
    )
    assert called(hall) == uid


def test_several_items_go_on_at_the_same_window_and_are_rated_once(hall):
    uid = hall.do(
        c.IssueTicket(service="general", more=("social", "general", "residence"), channel="kiosk", place="k1")
    )[0].subject
    assert hall.state.tickets[uid].left == ("general", "social", "residence")
    hall.do(c.SignIn(window="w2", clerk="c02"))
    assert called(hall, "w2") == uid
    kinds = [draft.kind for draft in hall.do(c.FinishService(window="w2"))]
    assert kinds == ["service.started", "service.finished", "ticket.advanced", "service.started"]
    ticket = hall.state.tickets[uid]
    assert (ticket.state, ticket.service, ticket.window, hall.state.windows["w2"].clerk) == (
        "serving", "social", "w2", "c02",
    )  # fmt: skip
    assert [draft.kind for draft in hall.do(c.FinishService(window="w2"))] == ["service.finished", "ticket.advanced"]
    assert (ticket.state, ticket.service, ticket.window, board(hall)) == ("waiting", "residence", "", [])
    called(hall)
    assert hall.do(c.FinishService(window="w1"))[-1].kind == "rating.asked"


def test_an_item_the_site_no_longer_offers_is_passed_over(hall):
    uid = hall.do(c.IssueTicket(service="general", more=("residence", "social"), channel="kiosk", place="k1"))[
        0
    ].subject
    called(hall, "w2")
    hall.do(
        c.ConfigureSite(
            hash="3" * 64, windows=(hall.state.windows["w2"].setup,), services=tuple(hall.state.services.values())[:2]
        )
    )
    hall.do(c.FinishService(window="w2"))
    assert (hall.state.tickets[uid].service, hall.state.tickets[uid].state) == ("social", "serving")
    assert hall.do(c.FinishService(window="w2"))[-1].kind == "rating.asked"


def test_a_call_by_number_is_out_of_turn_and_says_why(hall):
    hall.issue(), hall.issue()
    third = hall.issue()
    body = hall.do(q.CallTicket(window="w2", number="3", reason="escorted"))[0].body
    assert (body.why, body.reason, body.ahead, hall.state.tickets[third].state) == (
        "out_of_turn", "escorted", 2, "called",
    )  # fmt: skip
    assert hall.refused(q.CallTicket(window="w1", number="A003")).code == "ticket_not_waiting"
    assert hall.refused(q.CallTicket(window="w1", number="Z9")).code == "ticket_unknown"
    residence = hall.issue("residence")
    assert hall.refused(q.CallTicket(window="w2", number="C001")).code == "window_has_called"
    hall.do(c.FinishService(window="w2"))
    assert hall.refused(q.CallTicket(window="w2", number="C001")).code == "service_not_here"
    assert hall.refused(q.CallTicket(window="w1", number="1")).code == "number_unclear"
    assert residence in hall.state.tickets


def test_out_of_turn_may_be_forbidden(hall):
    hall.issue()
    hall.state.queue = hall.state.queue.model_copy(update={"out_of_turn": False})
    assert hall.refused(q.CallTicket(window="w1", number="A001")).code == "out_of_turn_forbidden"
    hall.state.queue = hall.replayed().queue
