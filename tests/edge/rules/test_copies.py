"""Free pages: reserved before, counted by the end, never more than promised, forgotten with the day."""

import pytest

from edge.rules import copies
from edge.rules.commands import CloseDay, ConfigureSite, IssueTicket, OpenDay, StartBoot
from edge.rules.copy_commands import EndCopies, GrantCopies, ReserveCopies
from edge.rules.queue_commands import Holder
from edge.rules.refusal import Refusal
from edge.rules.roles import require
from tests.edge.rules.conftest import COPIES, DAY, Books

PERSON = "9c" * 32
KIOSK, JOB = "kiosk:k1", "job:printing"


def wish(pages=1, account=PERSON, kiosk="k1", kind="own", job="p:1"):
    by = "ticket" if account.startswith("t:") else "card"
    return ReserveCopies(kiosk=kiosk, kind=kind, pages=pages, account=account, by=by, job=job)


def reserve(hall, pages=1, account=PERSON, kiosk="k1"):
    (draft,) = hall.do(wish(pages, account, kiosk), f"kiosk:{kiosk}")
    return draft.subject


def ended(hall, uid, outcome="done", came=0, unsure=0):
    (draft,) = hall.do(EndCopies(copy_id=uid, outcome=outcome, came=came, unsure=unsure), JOB)
    return draft


def left(hall, account=PERSON):
    return copies.left(hall.state, COPIES, account), copies.left_in_hall(hall.state, COPIES)


def test_pages_are_reserved_before_they_are_printed_and_counted_by_the_end(hall):
    (draft,) = hall.do(wish(4), KIOSK)
    assert draft.kind == "copy.reserved"
    body = draft.body
    assert (body.printer, body.limit, body.date, body.item) == ("office-1", 6, DAY, "")
    assert left(hall) == (2, 16)
    ended(hall, draft.subject, came=4)
    assert left(hall) == (2, 16)


def test_what_did_not_come_out_is_not_charged(hall):
    ended(hall, reserve(hall, 4), "failed")
    assert left(hall) == (6, 20)


def test_pages_of_which_nobody_knows_cost_the_person_nothing_and_the_hall_its_paper(hall):
    draft = ended(hall, reserve(hall, 4), "unknown", came=1, unsure=3)
    assert (draft.body.came, draft.body.unsure) == (1, 3)
    assert left(hall) == (5, 16)


def test_a_printer_cannot_say_that_more_came_than_was_reserved(hall):
    draft = ended(hall, reserve(hall, 2), "unknown", came=9, unsure=9)
    assert (draft.body.came, draft.body.unsure) == (2, 0)


def test_a_print_has_one_end(hall):
    uid = reserve(hall)
    ended(hall, uid, came=1)
    again = EndCopies(copy_id=uid, outcome="done", came=1)
    assert hall.refused(again, JOB).code == "copy_not_running"
    assert hall.refused(again.model_copy(update={"copy_id": "copy:none"}), JOB).code == "copy_not_running"


def test_the_refusal_says_what_is_left_and_where_to_go(hall):
    ended(hall, reserve(hall, 5), came=5)
    refused = hall.refused(wish(2), KIOSK)
    assert (refused.code, refused.values) == ("copies_spent", {"left": 1, "area": "business"})
    assert (refused.who_can, refused.instead) == ("manager", "copy.grant")


def test_the_hall_has_a_ceiling_of_its_own(hall):
    for n in range(4):
        ended(hall, reserve(hall, 5, account=f"{n}" * 64), came=5)
    refused = hall.refused(wish(1), KIOSK)
    assert (refused.code, refused.values["left"]) == ("copies_hall_spent", 0)
    hall.do(GrantCopies(pages=3, why="large_case"), "lead:l01")
    assert left(hall)[1] == 3
    reserve(hall, 3)


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"pages": 6}, "copy_too_long"), ({"kiosk": "k9"}, "copies_off")],
)
def test_what_is_not_offered_is_refused(hall, changes, code):
    assert hall.refused(wish(1).model_copy(update=changes), KIOSK).code == code


def test_a_hall_without_the_service_offers_and_grants_nothing(hall):
    hall.books = Books(copies=type(COPIES)())
    assert hall.refused(wish(1), KIOSK).code == "copies_off"
    assert hall.refused(GrantCopies(pages=1, why="other"), "lead:l01").code == "copies_off"


def test_one_print_at_a_time_at_a_kiosk(hall):
    uid = reserve(hall)
    assert hall.refused(wish(1, account="1" * 64), KIOSK).code == "copy_running"
    reserve(hall, 1, kiosk="k2")
    ended(hall, uid, came=1)
    reserve(hall, 1)


def test_a_ticket_without_a_card_has_pages_of_its_own(hall):
    uid = hall.issue()
    account = copies.account_of(hall.state.tickets[uid])
    assert account == uid
    ended(hall, reserve(hall, 2, account=account), came=2)
    assert hall.refused(wish(1, account=account), KIOSK).code == "copies_spent"


def test_nobody_has_the_pages_of_his_card_and_of_his_ticket(hall):
    holder = Holder(ref=PERSON, name="张测试", id_number="119999199001010012")
    (draft,) = hall.do(IssueTicket(service="general", channel="kiosk", place="k1", holder=holder), KIOSK)
    account = copies.account_of(hall.state.tickets[draft.subject])
    assert account == PERSON
    ended(hall, reserve(hall, 5, account=account), came=5)
    assert left(hall)[0] == 1


def test_a_lead_gives_more_to_the_holder_of_a_ticket_and_says_why(hall):
    uid = hall.issue()
    number = hall.state.tickets[uid].number
    (draft,) = hall.do(GrantCopies(number=number, pages=7, why="in_need"), "lead:l01")
    assert (draft.kind, draft.subject, draft.actor, draft.body.why) == ("copy.granted", uid, "lead:l01", "in_need")
    assert left(hall, uid)[0] == 9
    assert hall.refused(GrantCopies(number="A999", pages=1, why="other"), "lead:l01").code == "ticket_unknown"


@pytest.mark.parametrize("actor", ["clerk:c01", "guide:g01", "kiosk:k1", "gateway:x"])
def test_only_a_lead_gives_more(actor):
    with pytest.raises(Refusal) as refused:
        require(GrantCopies(pages=1, why="other"), actor)
    assert refused.value.who_can == "manager"


def test_a_restart_leaves_a_running_print_unknown_and_begins_nothing(hall):
    uid = reserve(hall, 3)
    drafts = hall.do(StartBoot(boot="0" * 16, version="1"), "system")
    assert [(d.kind, d.subject) for d in drafts] == [("boot.started", "site"), ("copy.unknown", uid)]
    assert (drafts[1].body.came, drafts[1].body.unsure, drafts[1].body.code) == (0, 3, "outcome_unknown")
    assert left(hall) == (6, 17)
    assert hall.refused(EndCopies(copy_id=uid, outcome="done", came=3), JOB).code == "copy_not_running"


def test_the_day_forgets_whose_pages_they_were(hall):
    ended(hall, reserve(hall, 5), came=5)
    hall.do(GrantCopies(pages=3, why="other"), "lead:l01")
    hall.do(CloseDay())
    assert hall.refused(wish(1), KIOSK).code == "day_closed"
    hall.do(OpenDay(date=DAY))
    assert left(hall) == (1, 18)  # the same date goes on
    hall.do(CloseDay())
    hall.do(OpenDay(date="2026-11-24"))
    assert left(hall) == (6, 20)
    assert PERSON not in hall.state.model_dump_json()


def test_a_print_over_the_turn_of_the_day_counts_on_its_own_date(hall):
    uid = reserve(hall, 5)
    hall.do(CloseDay())
    hall.do(OpenDay(date="2026-11-24"))
    assert left(hall) == (6, 20)
    draft = ended(hall, uid, came=5)
    assert (draft.body.date, draft.business_date) == (DAY, DAY)
    assert left(hall) == (6, 20)


def test_fewer_pages_in_the_site_file_take_nothing_back(hall):
    ended(hall, reserve(hall, 5), came=5)
    less = type(COPIES)(person=2, ticket=1, hall=3, most=5, printers=COPIES.printers, area="business")
    assert (copies.left(hall.state, less, PERSON), copies.left_in_hall(hall.state, less)) == (0, 0)


def test_pages_that_this_release_cannot_read_stop_the_rest_of_the_day(hall):
    hall.fold_unknown("copy.reserved", "copy:X", 9)
    assert hall.refused(wish(1), KIOSK).code == "subject_frozen"
    hall.do(CloseDay())
    hall.do(OpenDay(date="2026-11-24"))
    reserve(hall)


def test_the_site_may_be_configured_anew_meanwhile(hall):
    uid = reserve(hall, 2)
    hall.do(ConfigureSite(hash="1" * 64, windows=(), services=()), "system")
    ended(hall, uid, came=2)
    assert left(hall)[0] == 4
