"""After the receipt: what must be brought is told once; a result nobody fetches goes back in the end."""

from dataclasses import replace

from edge.rules import commands as c
from edge.rules import supplements
from edge.rules.case_records import Point
from edge.rules.codes import Code
from tests.edge.rules.test_case_story import (
    AGENT,
    CENTRE,
    HERE,
    next_day,
    received,
    said,
    site,
    step,
    through_registration,
)

SEAL = Point(material="m1", why="no_seal")
OLD = Point(material="m2", why="expired")


def told(hall, case):
    return [(each.number, each.differs, each.added) for each in hall.state.dossiers[case].supplements]


def test_a_second_list_that_differs_raises_an_alarm_and_the_same_one_none() -> None:
    hall = site()
    case = received(hall)
    step(hall, case, "lack", reason="materials", points=(SEAL,))
    ((number, differs, _),) = told(hall, case)
    assert (number[0], differs, supplements.differing(hall.state)) == ("N", False, [])
    next_day(hall, "2026-11-24")
    hall.do(c.SignIn(window="w1", clerk="c01"))
    step(hall, case, "supply")
    step(hall, case, "lack", reason="materials", points=(SEAL, SEAL))
    assert told(hall, case)[1] == (number, False, 0)
    step(hall, case, "supply")
    step(hall, case, "lack", reason="materials", points=(OLD, SEAL))
    (_, differs, added) = told(hall, case)[2]
    assert (differs, added) == (True, 1)
    assert [each.uid for each, _ in supplements.differing(hall.state)] == [case]
    step(hall, case, "supply")
    step(hall, case, "lack", reason="materials", points=(SEAL, OLD))
    assert told(hall, case)[3][1] is False
    assert hall.replayed() == hall.state
    assert hall.state.case_counters["N"] == 1


def test_the_unit_s_list_is_kept_like_the_hall_s() -> None:
    hall = site()
    case = received(hall)
    step(hall, case, "forward", unit="unit-1")
    hall.do(said(case, "lack", 1, reason="materials", points=(SEAL,)), CENTRE)
    step(hall, case, "supply")
    hall.do(said(case, "lack", 2, reason="materials", points=(OLD,)), CENTRE)
    assert [differs for _, differs, _ in told(hall, case)] == [False, True]


def test_a_result_nobody_fetches_may_still_be_given_and_goes_back_by_a_person_only() -> None:
    for end in ("deliver", "return"):
        hall = site()
        hall.books = replace(hall.books, flow=HERE.model_copy(update={"reminders": (1,), "unclaimed_days": 2}))
        case = received(hall)
        step(hall, case, "forward", unit="unit-1")
        hall.do(said(case, "granted", 1), CENTRE)
        through_registration(hall, case)
        step(hall, case, "shelve")
        for day in ("2026-11-24", "2026-11-25", "2026-11-26"):
            next_day(hall, day)
        dossier = hall.state.dossiers[case]
        assert (dossier.stage, dossier.reminded) == ("unclaimed", 1)
        hall.do(c.SignIn(window="w1", clerk="c01"))
        refused = hall.refused(c.StepCase(window="w1", case=case, act="shelve"))
        assert (refused.code, refused.who_can, refused.instead) == (
            Code.FLOW_RESULT_UNCLAIMED,
            "clerk",
            "result.deliver",
        )
        deliver = c.DeliverResult(
            window="w1", case=case, way="counter", collector="agent", proof="id_card_and_authority", person=AGENT
        )
        if end == "deliver":
            hall.do(deliver)
        else:
            step(hall, case, "return")
            assert hall.refused(deliver).code == Code.FLOW_OVER
        next_day(hall, "2026-11-27")
        assert hall.state.dossiers == {}
        assert hall.replayed() == hall.state
