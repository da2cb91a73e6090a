"""What a page offers is what the rules take: no more, no less."""

import itertools

import pytest

from edge.rules import case_flow
from edge.rules.case_flow import FLOW
from edge.rules.codes import Code
from edge.rules.command import Command
from edge.rules.dossier_commands import DecideOnSite, Person, RegisterResult, StepCase
from edge.rules.dossier_commands import DeliverResult as Deliver
from edge.rules.dossier_offers import offers
from edge.rules.dossier_state import Dossier, Holding
from edge.rules.refusal import Refusal
from tests.edge.rules.conftest import Hall

STAGES = sorted({stage for stage, _ in FLOW} | {"moved", "closed"})
STEPS = sorted(StepCase.model_fields["act"].annotation.__args__)
PERSON = Person(name="代测试", id_number="119999199001010020")


def command(act: str, case: str):
    if act == "decide":
        return DecideOnSite(window="w1", case=case, outcome="granted")
    if act == "register":
        return RegisterResult(window="w1", case=case)
    if act == "deliver":
        return Deliver(window="w1", case=case, way="counter", collector="applicant", proof="id_card", person=PERSON)
    return StepCase(window="w1", case=case, act=act, reason="other", unit="unit-1")


@pytest.mark.parametrize(("item", "pickup"), list(itertools.product(("stamp", "permit"), ("", "S099"))))
def test_everything_offered_is_taken_and_nothing_else(hall: Hall, item: str, pickup: str) -> None:
    hall.serve()
    for stage in STAGES:
        for act in (*STEPS, "decide", "register", "deliver"):
            case = f"case:{stage}-{act}"
            kind = "instant" if item == "stamp" else "promised"
            hall.state.dossiers[case] = dossier = Dossier(
                uid=case, number="1", receipt="R1", query_code="Q", item=item, kind=kind, limit_days=None,
                received="2026-11-23", received_at="2026-11-23T09:00:00+08:00", due="", pickup=pickup,
                delivery="counter", stage=stage, back="accepted", outcome="granted",
            )  # fmt: skip
            offered = act in offers(dossier, hall.state.date, hall.books)
            assert taken(hall, command(act, case)) == offered, (stage, act)


def taken(hall: Hall, wish: Command) -> bool:
    try:
        hall.do(wish)
    except Refusal:
        return False
    return True


def test_papers_go_only_to_the_unit_that_has_the_case(hall: Hall) -> None:
    dossier = Dossier(
        uid="case:x", number="1", receipt="R1", query_code="Q", item="permit", kind="promised", limit_days=5,
        received="2026-11-23", received_at="2026-11-23T09:00:00+08:00", due="", pickup="", delivery="counter",
        holdings={"id-card": Holding(here=2)},
    )  # fmt: skip
    assert "papers" not in offers(dossier, "2026-11-23", hall.books)
    dossier.stage, dossier.unit = "forwarded", "unit-1"
    assert "papers" in offers(dossier, "2026-11-23", hall.books)
    dossier.holdings["id-card"] = Holding(here=0, on_way=2)
    assert "papers" not in offers(dossier, "2026-11-23", hall.books)


def test_a_case_that_stands_still_in_the_unit_is_the_units() -> None:
    assert case_flow.WAITS["stayed"] is Code.FLOW_AT_UNIT
    assert case_flow.acts_of("stayed", "clerk") == ()
