import pytest

from edge.rules.commands import CloseDay, EndPrint, StartBoot, StartPrint


@pytest.mark.parametrize("outcome", ["done", "failed", "unknown"])
def test_a_print_has_one_end(hall, outcome):
    uid = hall.issue()
    hall.do(StartPrint(ticket=uid, job="p:1", printer="printer-1"))
    assert hall.refused(StartPrint(ticket=uid, job="p:2", printer="printer-1")).code == "print_running"
    end = EndPrint(ticket=uid, job="p:1", outcome=outcome, code="" if outcome == "done" else "paper_out")
    assert hall.refused(end.model_copy(update={"job": "p:2"})).code == "print_not_running"
    assert hall.do(end)[0].kind == f"print.{outcome}"
    assert hall.refused(end).code == "print_not_running"
    assert hall.do(StartPrint(ticket=uid, job="p:2", printer="printer-1"))[0].body.copy_no == 2


def test_a_restart_leaves_running_prints_unknown(hall):
    printed, running, fresh = hall.issue(), hall.issue(), hall.issue()
    for uid, job in ((printed, "p:1"), (running, "p:2")):
        hall.do(StartPrint(ticket=uid, job=job, printer="printer-1"))
    hall.do(EndPrint(ticket=printed, job="p:1", outcome="done"))
    drafts = hall.do(StartBoot(boot="0" * 16, version="1"))
    assert [(d.kind, d.subject) for d in drafts] == [("boot.started", "site"), ("print.unknown", running)]
    assert hall.state.tickets[running].print_code == "outcome_unknown"
    assert hall.state.tickets[fresh].print == "none"


def test_an_end_after_the_day_is_refused_and_harmless(hall):
    uid = hall.issue()
    hall.do(StartPrint(ticket=uid, job="p:1", printer="printer-1"))
    hall.do(CloseDay())
    assert hall.refused(EndPrint(ticket=uid, job="p:1", outcome="done")).code == "ticket_unknown"
