"""How a case stands, for who has a number of it and the query code; for everybody else one answer."""

import pytest

from edge.rules import case_queries
from edge.rules import commands as c
from edge.rules.codes import Code
from tests.edge.rules.test_case_story import received, site

KIOSK = "kiosk:k1"


@pytest.fixture
def hall():
    return site()


@pytest.fixture
def dossier(hall):
    return hall.state.dossiers[received(hall)]


def ask(number, code):
    return c.ShowCase(number=number, query_code=code)


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("which", ["number", "receipt"])
def test_either_number_whole_or_its_end_opens_with_the_code(hall, dossier, which, whole):
    number = getattr(dossier, which)
    typed = number if whole else number[-6:]
    (shown,) = hall.do(ask(typed, dossier.query_code), KIOSK)
    assert (shown.kind, shown.subject, shown.body.h) == ("case.shown", dossier.uid, dossier.applicant_h)


def test_typing_is_forgiven_where_it_cannot_mean_anything_else(hall, dossier):
    code = dossier.query_code
    loose = f" {code[:4].lower()}-{code[4:]} ".replace("0", "O").replace("1", "l")
    assert hall.do(ask(f" {dossier.number.lower()} ", loose), KIOSK)


def test_a_wrong_code_and_a_wrong_number_are_told_the_same(hall, dossier):
    other = "Z" * 8 if dossier.query_code != "Z" * 8 else "Y" * 8
    wrong = [
        (dossier.number, other),
        (dossier.number, ""),
        (dossier.number, dossier.query_code[:7]),
        ("4" * 26, dossier.query_code),
        (dossier.number[-5:], dossier.query_code),
        ("", dossier.query_code),
        (dossier.query_code, dossier.number),
    ]
    told = [hall.refused(ask(*each), KIOSK) for each in wrong]
    assert {(each.code, each.who_can, each.instead, str(each.values)) for each in told} == {
        (Code.QUERY_UNKNOWN, "citizen", "case.show", "{}")
    }


def test_a_case_that_ended_with_its_receipt_is_found_on_its_day(hall, dossier):
    case = hall.state.cases[dossier.uid]
    del hall.state.dossiers[dossier.uid]
    assert case_queries.find(hall.state, dossier.number, dossier.query_code) is case


def test_a_clerk_has_his_own_way(hall, dossier):
    refused = hall.refused(ask(dossier.number, dossier.query_code), "clerk:c01")
    assert (refused.code, refused.who_can) == (Code.NOT_YOUR_ROLE, "citizen")


def test_a_case_that_is_not_understood_is_not_shown(hall, dossier):
    hall.state.frozen.add(dossier.uid)
    assert hall.refused(ask(dossier.number, dossier.query_code), KIOSK).code == Code.SUBJECT_FROZEN
