import pytest

from edge.rules.case_commands import GiveNotice, ReceiveCase, TakeUpCase
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


def paper(hall):
    """A case received, and its receipt's number."""
    hall.serve()
    case = hall.open_case("stamp")
    return case, hall.do(ReceiveCase(window="w1", case=case))[0].body.receipt


@pytest.mark.parametrize("outcome", ["done", "failed", "unknown"])
def test_a_paper_of_a_case_has_one_end_and_may_be_printed_again(hall, outcome):
    case, number = paper(hall)
    start = StartPrint(what="receipt", case=case, paper=number, job="p:1", printer="printer-1")
    (draft,) = hall.do(start)
    assert (draft.subject, draft.v) == (case, 2)
    assert (draft.body.what, draft.body.paper, draft.body.copy_no) == ("receipt", number, 1)
    again = start.model_copy(update={"job": "p:2"})
    running = hall.refused(again)
    assert (running.code, running.values) == ("print_running", {"number": number})
    end = EndPrint(case=case, job="p:1", outcome=outcome)
    assert hall.refused(end.model_copy(update={"job": "p:2"})).code == "print_not_running"
    hall.do(end)
    assert hall.state.cases[case].papers[number].print == outcome
    assert hall.refused(end).code == "print_not_running"
    assert hall.do(again)[0].body.copy_no == 2


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"what": "notice"}, "paper_unknown"),
        ({"paper": "R1"}, "paper_unknown"),
        ({"case": "case:none"}, "case_unknown"),
        ({"what": "ticket"}, "ticket_unknown"),
    ],
)
def test_only_a_paper_that_exists_is_printed(hall, changes, code):
    case, number = paper(hall)
    start = StartPrint(what="receipt", case=case, paper=number, job="p:1", printer="printer-1")
    assert hall.refused(start.model_copy(update=changes)).code == code


def test_a_restart_leaves_a_running_receipt_unknown(hall):
    case, number = paper(hall)
    hall.do(StartPrint(what="receipt", case=case, paper=number, job="p:1", printer="printer-1"))
    drafts = hall.do(StartBoot(boot="0" * 16, version="1"))
    assert [(d.kind, d.subject) for d in drafts] == [("boot.started", "site"), ("print.unknown", case)]
    assert hall.state.cases[case].papers[number].print_code == "outcome_unknown"


def test_two_papers_of_one_case_print_at_the_same_time(hall):
    hall.serve()
    case = hall.open_case()
    notice = hall.do(GiveNotice(window="w1", case=case))[0].body.notice
    hall.do(TakeUpCase(window="w1", case=case))
    hall.complete(case)
    receipt = hall.do(ReceiveCase(window="w1", case=case))[0].body.receipt
    hall.do(StartPrint(what="notice", case=case, paper=notice, job="p:1", printer="a"))
    hall.do(StartPrint(what="receipt", case=case, paper=receipt, job="p:2", printer="b"))
    hall.do(EndPrint(case=case, job="p:1", outcome="failed", code="paper_out"))
    papers = hall.state.cases[case].papers
    assert (papers[notice].print, papers[receipt].print) == ("failed", "printing")


def test_a_person_who_saw_the_paper_ends_the_doubt(hall):
    """Only an unknown print of that very job, only once; who saw it stands in the record."""
    uid = hall.issue()
    case, number = paper(hall)
    for where in ({"ticket": uid}, {"case": case}):
        seen = EndPrint(**where, job="p:1", outcome="done", code="seen_by_person")
        what = {"what": "receipt", "paper": number} if "case" in where else {}
        assert hall.refused(seen).code == "print_not_running"
        hall.do(StartPrint(**where, **what, job="p:1", printer="printer-1"))
        assert hall.refused(seen).code == "print_not_running"
        hall.do(EndPrint(**where, job="p:1", outcome="unknown", code="late"))
        assert hall.refused(seen.model_copy(update={"job": "p:2"})).code == "print_not_running"
        for other in ({"code": ""}, {"outcome": "failed"}, {"outcome": "unknown"}):
            assert hall.refused(seen.model_copy(update=other)).code == "print_not_running"
        (draft,) = hall.do(seen)
        assert (draft.kind, draft.body.code) == ("print.done", "seen_by_person")
        assert draft.actor
        assert hall.refused(seen).code == "print_not_running"
    assert hall.state.tickets[uid].print == hall.state.cases[case].papers[number].print == "done"
