from dataclasses import replace

import pytest

from edge.rules import cases
from edge.rules import commands as c
from edge.rules.books import ItemFacts
from edge.rules.case_pages import PAGES
from edge.rules.state import State
from tests.edge.rules.conftest import APPLICANT, BOOKS, DAY, ITEMS

H = "3c" * 32


def page(case, h=H, material="id-card", **changes):
    given = {"window": "w1", "case": case, "material": material, "h": h, "size": 48_213, "kid": "k:1"}
    given |= {"nonce": "AAAAAAAAAAAAAAAA", "width": 1654, "height": 2339, "blur": 812}
    return c.AddPage.model_validate(given | changes)


def everything(case, window="w1"):
    """Each command that changes a case."""
    return [
        c.MarkMaterial(window=window, case=case, material="id-card", state="missing", form="none"),
        page(case, window=window),
        c.DropPage(window=window, case=case, h=H),
        c.ReceiveCase(window=window, case=case),
        c.GiveNotice(window=window, case=case),
        c.RefuseCase(window=window, case=case, reason="duplicate"),
        c.SetCaseAside(window=window, case=case, why="closing_time"),
        c.DropCase(window=window, case=case, why="mistake"),
    ]


def test_a_case_carries_what_its_catalogue_said_and_its_applicant_sealed(hall):
    ticket = hall.serve()
    (draft,) = hall.do(c.OpenCase(window="w1", item="permit", applicant=APPLICANT))
    assert (draft.kind, draft.subject[:5], draft.business_date) == ("case.opened", "case:", DAY)
    assert draft.private.owner == draft.subject
    assert draft.private.members == {"name": "张测试", "id_number": "119999199001010012", "phone": "13000000000"}
    assert draft.body.model_dump() == {
        "item": "permit",
        "catalogue": BOOKS.catalogue_version,
        "kind": "promised",
        "limit_days": 5,
        "materials": tuple(each.model_dump() for each in ITEMS["permit"].materials),
        "deliveries": ("counter", "mail"),
        "window": "w1",
        "clerk": "c01",
        "turn": hall.state.tickets[ticket].turn,
        "ticket": ticket,
    }
    assert hall.state.cases[draft.subject].applicant_h
    for secret in (repr(APPLICANT), str(APPLICANT), repr(draft), repr(hall.state)):
        assert "张测试" not in secret
        assert "119999199001010012" not in secret


def test_a_case_needs_a_served_ticket_a_clerk_and_a_known_item(hall):
    opening = c.OpenCase(window="w1", item="permit", applicant=APPLICANT)
    assert hall.refused(opening).code == "case_needs_clerk"
    hall.do(c.SignIn(window="w1", clerk="c01"))
    assert hall.refused(opening).code == "case_needs_turn"
    assert hall.refused(opening, "clerk:c02").code == "case_other_clerk"
    assert hall.refused(opening, "kiosk:k1").code == "case_other_clerk"
    hall.issue()
    hall.do(c.CallNext(window="w1"))
    assert hall.refused(opening).code == "case_needs_turn"
    hall.do(c.StartService(window="w1"))
    assert hall.refused(opening.model_copy(update={"item": "none"})).code == "item_unknown"
    assert hall.refused(opening.model_copy(update={"window": "w9"})).code == "window_unknown"
    hall.books = replace(BOOKS, items={})
    assert hall.refused(opening).code == "item_unknown"


def test_what_no_window_admits_is_refused_and_leaves_no_record(hall):
    hall.serve()
    hall.books = replace(BOOKS, items={"secret": replace(ITEMS["stamp"], id="secret", not_admitted=True)})
    before = len(hall.records)
    refused = hall.refused(c.OpenCase(window="w1", item="secret", applicant=APPLICANT))
    assert (refused.code, refused.values) == ("item_not_admitted", {"item": "secret", "where": "secret"})
    assert len(hall.records) == before


def test_one_open_case_a_turn_and_the_next_one_after_it(hall):
    hall.serve()
    first = hall.open_case()
    assert hall.refused(c.OpenCase(window="w1", item="stamp", applicant=APPLICANT)).code == "case_open"
    hall.complete(first)
    hall.do(c.ReceiveCase(window="w1", case=first))
    second = hall.open_case("stamp")
    assert hall.do(c.ReceiveCase(window="w1", case=second))[0].body.due == ""
    hall.finish()


@pytest.mark.parametrize("other", ["clerk:c02", "kiosk:k1", "guide:g1"])
def test_only_the_clerk_at_the_window_changes_a_case(hall, other):
    hall.serve()
    case = hall.open_case()
    for command in everything(case):
        assert hall.refused(command, other).code == "case_other_clerk"


def test_no_other_window_changes_a_case(hall):
    hall.serve("w1", "c01")
    case = hall.open_case()
    hall.serve("w2", "c02")
    for command in everything(case, "w2"):
        refused = hall.refused(command, "clerk:c02")
        assert (refused.code, refused.values) == ("case_elsewhere", {"window": "w1"})
    take = c.TakeUpCase(window="w2", case=case)
    assert hall.refused(take, "clerk:c02").code == "case_elsewhere"
    for command in everything("case:none"):
        assert hall.refused(command).code == "case_unknown"


def end_received(hall, case):
    hall.complete(case)
    hall.do(c.ReceiveCase(window="w1", case=case))


def end_noticed(hall, case):
    hall.do(c.GiveNotice(window="w1", case=case))


def end_refused(hall, case):
    hall.do(c.RefuseCase(window="w1", case=case, reason="not_our_authority"))


def end_dropped(hall, case):
    hall.do(c.DropCase(window="w1", case=case, why="withdrawn"))


def end_aside(hall, case):
    hall.do(c.SetCaseAside(window="w1", case=case, why="fetching_materials"))


@pytest.mark.parametrize(
    ("ending", "code"),
    [
        (end_received, "case_ended"),
        (end_refused, "case_ended"),
        (end_dropped, "case_ended"),
        (end_noticed, "case_noticed"),
        (end_aside, "case_aside"),
    ],
)
def test_what_is_not_in_hand_cannot_be_changed(hall, ending, code):
    hall.serve()
    case = hall.open_case()
    ending(hall, case)
    for command in everything(case):
        assert hall.refused(command).code == code
    if code == "case_ended":
        assert hall.refused(c.TakeUpCase(window="w1", case=case)).code == "case_ended"
    hall.finish()


def test_a_turn_with_an_open_case_is_not_finished(hall):
    ticket = hall.serve()
    case = hall.open_case()
    refused = hall.refused(c.FinishService(window="w1"))
    assert (refused.code, refused.who_can, refused.instead) == ("case_open", "clerk", "case.set_aside")
    assert hall.refused(c.CloseDay()).code == "day_in_service"
    end_aside(hall, case)
    hall.finish()
    assert hall.state.tickets[ticket].state == "done"


def test_a_draft_is_there_after_a_crash(hall):
    hall.serve()
    case = hall.open_case()
    hall.mark(case, "id-card")
    hall.do(page(case))
    hall.state = hall.replayed()
    hall.do(c.StartBoot(boot="0" * 16, version="1"))
    assert hall.state.cases[case].pages_of("id-card") == (H,)
    hall.complete(case)
    assert hall.do(c.ReceiveCase(window="w1", case=case))[0].kind == "case.received"


def test_a_case_set_aside_waits_over_night_and_goes_on_at_another_window(hall):
    hall.serve()
    case = hall.open_case()
    hall.mark(case, "id-card")
    end_aside(hall, case)
    hall.finish()
    hall.do(c.CloseDay())
    assert hall.state.cases[case].state == "aside"
    hall.do(c.OpenDay(date="2026-11-24"))
    ticket = hall.serve("w2", "c02")
    (draft,) = hall.do(c.TakeUpCase(window="w2", case=case), "clerk:c02")
    assert (draft.body.window, draft.body.clerk, draft.body.ticket) == ("w2", "c02", ticket)
    assert hall.state.cases[case].marks["id-card"].state == "provided"
    assert hall.refused(c.FinishService(window="w2")).code == "case_open"


def test_taking_up_needs_a_turn_without_an_open_case(hall):
    hall.serve()
    case = hall.open_case()
    end_aside(hall, case)
    hall.open_case("stamp")
    take = c.TakeUpCase(window="w1", case=case)
    assert hall.refused(take).code == "case_open"
    assert hall.refused(take.model_copy(update={"case": "case:none"})).code == "case_unknown"
    assert hall.refused(take, "clerk:c02").code == "case_other_clerk"


def test_ended_cases_leave_with_their_day_and_waiting_ones_after_ninety(hall):
    hall.serve()
    ended = hall.open_case()
    end_received(hall, ended)
    waiting = [hall.open_case()]
    end_noticed(hall, waiting[0])
    waiting.append(hall.open_case())
    end_aside(hall, waiting[1])
    hall.finish()
    hall.do(c.CloseDay())
    assert list(hall.state.cases) == waiting
    for date, left in (("2027-02-21", waiting), ("2027-02-22", [])):
        hall.do(c.OpenDay(date=date))
        drafts = hall.do(c.CloseDay(), "system")
        assert [d.body.why for d in drafts if d.kind == "case.dropped"] == ["lapsed"] * (len(waiting) - len(left))
        assert list(hall.state.cases) == left
    assert cases.KEEP_DAYS == 90


def test_a_draft_whose_ticket_froze_blocks_no_window_and_can_be_taken_up(hall):
    ticket = hall.serve()
    case = hall.open_case()
    hall.fold_unknown("ticket.teleported", ticket)
    assert hall.refused(c.ReceiveCase(window="w1", case=case)).code == "case_aside"
    hall.issue()
    hall.do(c.CallNext(window="w1"))
    hall.do(c.StartService(window="w1"))
    hall.do(c.TakeUpCase(window="w1", case=case))
    hall.complete(case)
    hall.do(c.ReceiveCase(window="w1", case=case))


def test_a_frozen_case_is_left_alone_and_blocks_nobody(hall):
    hall.serve()
    case = hall.open_case()
    hall.fold_unknown("case.teleported", case)
    for command in (*everything(case), c.TakeUpCase(window="w1", case=case)):
        assert hall.refused(command).code == "subject_frozen"
    hall.finish()
    hall.do(c.CloseDay())
    assert case in hall.state.cases


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"material": "passport"}, "material_unknown"),
        ({"state": "missing", "form": "paper"}, "mark_unclear"),
        ({"state": "missing", "form": "none", "originals": 1}, "mark_unclear"),
        ({"state": "provided", "form": "reused"}, "mark_unclear"),
        ({"state": "provided", "form": "none"}, "mark_unclear"),
        ({"state": "provided", "defect": "expired"}, "mark_unclear"),
        ({"state": "defect"}, "mark_unclear"),
        ({"state": "reused", "form": "reused", "originals": 0, "copies": 0}, "material_not_reusable"),
    ],
)
def test_a_mark_says_one_thing(hall, changes, code):
    hall.serve()
    mark = {"window": "w1", "case": hall.open_case(), "material": "id-card", "state": "provided", "form": "paper"}
    mark |= {"originals": 1, "copies": 1} | changes
    assert hall.refused(c.MarkMaterial.model_validate(mark)).code == code


def test_the_same_mark_twice_is_one_record(hall):
    hall.serve()
    case = hall.open_case()
    assert len(hall.mark(case, "id-card")) == 1
    assert hall.mark(case, "id-card") == []
    assert len(hall.mark(case, "id-card", copies=2)) == 1


def test_pages_keep_their_numbers(hall):
    hall.serve()
    case = hall.open_case()
    hs = [f"{n:064x}" for n in range(4)]
    assert [hall.do(page(case, h))[0].body.page for h in hs[:3]] == [1, 2, 3]
    assert hall.refused(page(case, hs[0])).code == "page_twice"
    assert hall.refused(page(case, hs[3], "passport")).code == "material_unknown"
    hall.do(c.DropPage(window="w1", case=case, h=hs[2]))
    assert hall.refused(c.DropPage(window="w1", case=case, h=hs[2])).code == "page_unknown"
    assert hall.do(page(case, hs[3]))[0].body.page == 4
    assert hall.do(page(case, hs[2], "photo"))[0].body.page == 1
    assert hall.state.cases[case].pages_of("id-card") == (hs[0], hs[1], hs[3])


def test_a_case_has_room_for_so_many_pages(hall):
    hall.serve()
    case = hall.open_case()
    one = hall.do(page(case))[0].body
    hall.state.cases[case].pages.update({str(n): one for n in range(PAGES - 1)})
    assert hall.refused(page(case, "4d" * 32)).code == "pages_full"


def test_only_the_clerk_with_the_draft_is_shown_its_applicant(hall):
    hall.serve()
    case = hall.open_case()
    h = hall.state.cases[case].applicant_h
    show = c.DisclosePart(case=case, h=h, purpose="fill_case", window="w1")
    assert hall.do(show)[0].subject == case
    assert hall.refused(show.model_copy(update={"h": "0" * 64})).code == "part_unknown"
    assert hall.refused(show, "clerk:c02").code == "case_other_clerk"
    end_aside(hall, case)
    assert hall.refused(show).code == "case_aside"


def test_a_case_is_read_back_from_its_json(hall):
    hall.serve()
    case = hall.open_case()
    hall.do(page(case))
    end_noticed(hall, case)
    end_received(hall, hall.open_case())
    assert State.model_validate_json(hall.state.model_dump_json()) == hall.state
    assert hall.replayed() == hall.state


def test_a_new_catalogue_changes_no_open_case(hall):
    hall.serve()
    case = hall.open_case()
    hall.books = replace(BOOKS, catalogue_version="cd" * 32, items={"permit": ItemFacts("permit", "instant", None, ())})
    hall.complete(case)
    body = hall.do(c.ReceiveCase(window="w1", case=case))[0].body
    assert (body.catalogue, body.limit_days) == (BOOKS.catalogue_version, 5)
