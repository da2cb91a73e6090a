from dataclasses import replace

import pytest

from edge.rules import case_ends, materials
from edge.rules import commands as c
from edge.rules.case_records import Point
from edge.rules.deadlines import Calendar
from tests.edge.rules.conftest import BOOKS
from tests.edge.rules.test_cases import H, page


def lacking(hall, case):
    refused = hall.refused(c.ReceiveCase(window="w1", case=case))
    assert (refused.code, refused.instead) == ("case_lacks", "case.notice")
    assert refused.values["count"] == len(refused.values["materials"].split(","))
    return refused.values["materials"]


def test_receiving_names_every_mandatory_material_that_is_not_as_wanted(hall):
    hall.serve()
    case = hall.open_case()
    assert lacking(hall, case) == "id-card,household-book"
    hall.complete(case)
    for bad in (
        {"state": "missing", "form": "none", "originals": 0, "copies": 0},
        {"state": "defect", "defect": "expired"},
        {"originals": 0},
        {"copies": 0},
        {"form": "scan"},
    ):
        hall.mark(case, "id-card", **bad)
        assert lacking(hall, case) == "id-card"
    hall.do(page(case))
    assert hall.do(c.ReceiveCase(window="w1", case=case))[0].body.marks[0].pages == (H,)


def test_what_need_not_be_there_holds_nothing_up(hall):
    hall.serve()
    case = hall.open_case()
    hall.complete(case)
    hall.mark(case, "photo", state="defect", defect="unclear")
    body = hall.do(c.ReceiveCase(window="w1", case=case))[0].body
    assert [(each.material, each.state) for each in body.marks] == [
        ("id-card", "provided"),
        ("household-book", "reused"),
        ("photo", "defect"),
    ]


@pytest.mark.parametrize(
    ("at", "received", "due"),
    [
        # 2026-11-23 is a Monday; in these books Wednesday 25 is a day off and Sunday 29 is worked.
        ("2026-11-23T17:29", "2026-11-23", "2026-11-30"),
        ("2026-11-23T17:31", "2026-11-24", "2026-12-01"),
        ("2026-11-24T09:00", "2026-11-24", "2026-12-01"),
        ("2026-11-24T23:59", "2026-11-26", "2026-12-02"),
        ("2026-11-25T10:00", "2026-11-26", "2026-12-02"),
        ("2026-11-28T10:00", "2026-11-29", "2026-12-04"),
        ("2026-12-24T10:00", "2026-12-24", "2026-12-31"),
    ],
)
def test_the_due_date_counts_working_days_from_the_day_that_counts(hall, at, received, due):
    hall.serve()
    case = hall.open_case()
    hall.complete(case)
    hall.at(at)
    body = hall.do(c.ReceiveCase(window="w1", case=case))[0].body
    assert (body.received, body.due, body.limit_days) == (received, due, 5)
    assert body.received_at[:16] == at


@pytest.mark.parametrize("at", ["2026-12-25T10:00", "2026-12-31T17:31", "2027-01-04T10:00"])
def test_a_year_without_a_calendar_is_never_guessed(hall, at):
    hall.serve()
    case = hall.open_case()
    hall.complete(case)
    hall.at(at)
    refused = hall.refused(c.ReceiveCase(window="w1", case=case))
    assert (refused.code, refused.values, refused.who_can) == ("calendar_unknown", {"year": 2027}, "technician")
    hall.books = replace(BOOKS, calendar=Calendar(frozenset(), frozenset(), frozenset({2026, 2027})))
    assert hall.do(c.ReceiveCase(window="w1", case=case))[0].body.due


def test_the_result_is_delivered_in_a_way_the_item_has(hall):
    hall.serve()
    case = hall.open_case()
    hall.complete(case)
    assert hall.refused(c.ReceiveCase(window="w1", case=case, delivery="bank")).code == "delivery_not_offered"
    body = hall.do(c.ReceiveCase(window="w1", case=case, delivery="mail", pickup="LH-0043"))[0].body
    assert (body.delivery, body.pickup) == ("mail", "LH-0043")


def test_query_codes_differ(hall):
    hall.serve()
    codes = set()
    for _ in range(20):
        case = hall.open_case("stamp")
        codes.add(hall.do(c.ReceiveCase(window="w1", case=case))[0].body.query_code)
    assert len(codes) == 20
    assert {len(code) for code in codes} == {8}


def test_a_notice_names_everything_at_once(hall):
    hall.serve()
    case = hall.open_case()
    hall.mark(case, "id-card", state="defect", defect="expired")
    hall.mark(case, "photo", state="defect", defect="unclear")
    body = hall.do(c.GiveNotice(window="w1", case=case))[0].body
    assert [(point.material, point.why) for point in body.points] == [
        ("id-card", "expired"),
        ("household-book", "missing"),
        ("photo", "unclear"),
    ]
    assert (body.differs, body.added, body.digest) == (False, 0, materials.digest(body.points))
    assert case_ends.differing(hall.state) == []


def test_there_is_no_notice_when_nothing_is_lacking(hall):
    hall.serve()
    case = hall.open_case()
    hall.complete(case)
    hall.mark(case, "photo", state="missing", form="none", originals=0, copies=0)
    refused = hall.refused(c.GiveNotice(window="w1", case=case))
    assert (refused.code, refused.instead) == ("case_complete", "case.receive")


def test_a_second_notice_that_differs_raises_an_alarm(hall):
    hall.serve()
    case = hall.open_case()
    hall.mark(case, "id-card")
    first = hall.do(c.GiveNotice(window="w1", case=case))[0].body
    hall.do(c.TakeUpCase(window="w1", case=case))
    again = hall.refused(c.GiveNotice(window="w1", case=case))
    assert (again.code, again.values) == ("notice_given", {"number": first.notice})
    hall.mark(case, "household-book", copies=0)
    hall.mark(case, "id-card", state="defect", defect="not_original")
    second = hall.do(c.GiveNotice(window="w1", case=case))[0].body
    assert (second.differs, second.added) == (True, 1)
    assert [(each.uid, given.number) for each, given in case_ends.differing(hall.state)] == [(case, second.notice)]
    hall.do(c.TakeUpCase(window="w1", case=case))
    hall.complete(case)
    hall.do(c.ReceiveCase(window="w1", case=case))
    assert [paper.what for paper in hall.state.cases[case].papers.values()] == ["notice", "notice", "receipt"]


def test_a_list_that_only_became_shorter_differs_and_adds_nothing(hall):
    hall.serve()
    case = hall.open_case()
    hall.do(c.GiveNotice(window="w1", case=case))
    hall.do(c.TakeUpCase(window="w1", case=case))
    hall.mark(case, "id-card")
    body = hall.do(c.GiveNotice(window="w1", case=case))[0].body
    assert (body.differs, body.added) == (True, 0)


def test_a_refusal_has_a_reason_and_its_text_is_sealed(hall):
    hall.serve()
    case = hall.open_case()
    assert hall.refused(c.RefuseCase(window="w1", case=case, reason="other")).code == "reason_needs_text"
    assert hall.refused(c.RefuseCase(window="w1", case=case, reason="other", text="  ")).code == "reason_needs_text"
    command = c.RefuseCase(window="w1", case=case, reason="other", text="张测试的户口不在本区")
    assert "张测试" not in repr(command) + str(command) + command.model_dump_json()
    (draft,) = hall.do(command)
    assert draft.private.owner == case
    assert draft.private.members == {"text": "张测试的户口不在本区"}
    assert draft.body.notice[0] == "B"
    assert hall.state.cases[case].notices[0].text_h
    other = hall.open_case()
    assert hall.do(c.RefuseCase(window="w1", case=other, reason="suspended"))[0].private is None


def test_a_reason_outside_the_list_is_no_command():
    with pytest.raises(ValueError):
        c.RefuseCase.model_validate({"window": "w1", "case": "case:1", "reason": "too_busy"})
    with pytest.raises(ValueError):
        c.RefuseCase.model_validate({"window": "w1", "case": "case:1"})


def test_the_digest_of_a_list_stays_the_same_for_ever():
    points = (Point(material="id-card", why="missing"), Point(material="photo", why="unclear"))
    assert materials.digest(points) == "687236300278806dc551e0d5533cfe3d6452582c7d7fbe3c68ef9011f09a9d8e"
    assert materials.digest(points[::-1]) != materials.digest(points)
