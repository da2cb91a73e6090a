from edge.rules.apply import apply
from edge.rules.commands import CallNext, CloseDay, FinishService, Holder, IssueTicket, MissTicket, OpenDay
from edge.rules.moment import Decided
from edge.rules.records import TicketIssued
from edge.rules.tickets import label


def issue(service):
    return IssueTicket(service=service, channel="kiosk", place="k1")


def test_numbers_count_by_letter_and_never_wrap(hall):
    assert [hall.state.tickets[hall.issue(s)].number for s in ("general", "social", "general")] == [
        "A001",
        "B001",
        "A002",
    ]
    hall.state.counters["A"] = 998
    assert hall.state.tickets[hall.issue()].number == "A999"
    assert hall.state.tickets[hall.issue()].number == "A1000"
    assert hall.state.counters["A"] == 1000
    assert label("AB", 7) == "AB007"


def test_a_date_opened_again_goes_on_and_a_new_date_starts_over(hall):
    hall.issue()
    hall.do(CloseDay())
    hall.do(OpenDay(date="2026-11-23"))
    assert hall.state.tickets[hall.issue()].number == "A002"
    hall.do(CloseDay())
    hall.do(OpenDay(date="2026-11-24"))
    assert hall.state.tickets[hall.issue()].number == "A001"


def test_one_open_ticket_a_person_and_letter_names_the_number(hall):
    hall.issue("general", person="p1")
    refused = hall.refused(IssueTicket(service="general", channel="kiosk", place="k1", holder=_holder("p1")))
    assert (refused.code, refused.values["number"]) == ("person_has_ticket", "A001")
    hall.issue("social", person="p1")
    hall.issue("general", person="p2")
    hall.do(CallNext(window="w1"))
    hall.do(MissTicket(window="w1"))
    assert hall.state.tickets[hall.issue("general", person="p1")].number == "A003"


def test_without_a_card_anybody_takes_a_number(hall):
    hall.issue()
    hall.issue()
    assert hall.state.counters["A"] == 2


def test_personal_data_is_private_and_never_printed(hall):
    drafts = hall.do(IssueTicket(service="general", channel="kiosk", place="k1", holder=_holder("p1")))
    private = drafts[0].private
    assert private.owner == drafts[0].subject
    assert set(private.members) == {"name", "id_number"}
    assert "119999" not in repr(drafts[0]) + str(drafts[0])
    assert "119999" not in drafts[0].body.model_dump_json()
    assert hall.state.tickets[drafts[0].subject].holder_h


def test_refusals(hall):
    assert hall.refused(issue("nothing")).code == "service_unknown"
    assert hall.refused(issue("nowhere")).code == "service_not_offered"
    hall.do(CloseDay())
    refused = hall.refused(issue("general"))
    assert (refused.code, refused.who_can, refused.instead) == ("day_closed", "manager", "day.open")


def test_people_ahead_are_those_the_same_windows_may_call_first(hall):
    first, second = hall.issue("residence"), hall.issue("social")
    third = hall.issue("general")
    assert [hall.state.tickets[t].ahead for t in (first, second, third)] == [0, 1, 2]
    hall.do(CallNext(window="w1"))
    assert hall.state.tickets[hall.issue()].ahead == 2


def test_a_clock_set_back_lets_nobody_overtake(hall):
    first = hall.issue()
    hall.clock.ms -= 3_600_000
    hall.issue()
    assert hall.do(CallNext(window="w1"))[0].subject == first
    hall.do(FinishService(window="w1"))


def test_an_unreadable_ticket_stops_new_numbers_until_the_next_day(hall):
    hall.fold_unknown("ticket.issued", "t:FUTURE", 9)
    assert hall.refused(issue("general")).code == "subject_frozen"
    hall.do(CloseDay())
    hall.do(OpenDay(date="2026-11-24"))
    hall.issue()


def test_a_record_is_only_copied(hall):
    body = TicketIssued(
        number="A077",
        service="general",
        items=("general",),
        area="a",
        channel="kiosk",
        place="k1",
        klass="walk_in",
        declared="",
        booking="",
        key=5,
        arrived=5,
        not_before=0,
        ahead=40,
        person="",
    )
    apply(hall.state, Decided(99, "ticket.issued", 2, "t:X", "kiosk:k1", "then", body))
    ticket = hall.state.tickets["t:X"]
    assert (ticket.number, ticket.ahead, ticket.issued_at, ticket.issued_seq) == ("A077", 40, "then", 99)


def _holder(ref):
    return Holder(ref=ref, name="张测试", id_number="119999199001010012")
