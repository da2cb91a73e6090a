"""Papers by post: signed for once, counted against the sender's list, given to one case."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from edge.rules import commands as c
from edge.rules.codes import Code
from edge.rules.parcel_records import Sheets
from edge.rules.parcels import differences
from tests.edge.rules.conftest import Hall

CENTRE = "centre"
LISTED = (Sheets(material="id-card", sheets=2), Sheets(material="household-book", sheets=1))
SIGN = c.SignParcel(
    window="w1",
    waybill="EMS-1190001",
    courier="ems",
    item="permit",
    listed=LISTED,
    counted=LISTED[:1],
    witness="l01",
)
sheets = st.lists(st.builds(Sheets, material=st.sampled_from(["a", "b", "c"]), sheets=st.integers(1, 9)), max_size=6)


def test_a_parcel_is_signed_for_once_with_what_is_missing(hall: Hall) -> None:
    assert hall.refused(SIGN).code == Code.CASE_NEEDS_CLERK
    hall.do(c.SignIn(window="w1", clerk="c01"))
    (signed,) = hall.do(SIGN)
    assert [(each.material, each.listed, each.counted) for each in signed.body.differences] == [
        ("household-book", 1, 0)
    ]
    again = hall.refused(SIGN)
    assert (again.code, again.values) == (Code.PARCEL_SIGNED, {"date": "2026-11-23"})
    assert hall.refused(SIGN.model_copy(update={"waybill": "X-0002", "item": "none"})).code == Code.ITEM_UNKNOWN


def test_nobody_says_alone_that_something_was_not_in_it(hall: Hall) -> None:
    hall.do(c.SignIn(window="w1", clerk="c01"))
    for witness in ("", "c01"):
        assert hall.refused(SIGN.model_copy(update={"witness": witness})).code == Code.SECOND_PERSON
    (signed,) = hall.do(SIGN)
    assert hall.state.parcels[signed.subject].witness == "l01"
    whole = SIGN.model_copy(update={"waybill": "EMS-2", "counted": LISTED, "witness": ""})
    (alone,) = hall.do(whole)
    assert (alone.body.differences, alone.body.witness) == ((), "")


def test_it_belongs_to_one_case_of_its_item_and_counts_as_no_receipt(hall: Hall) -> None:
    hall.do(c.SignIn(window="w1", clerk="c01"))
    (signed,) = hall.do(SIGN)
    hall.serve()
    other = hall.open_case("stamp")
    refused = hall.refused(c.MatchParcel(window="w1", parcel=signed.subject, case=other))
    assert (refused.code, refused.who_can, refused.instead) == (Code.PARCEL_OTHER_ITEM, "clerk", "case.open")
    hall.do(c.DropCase(window="w1", case=other, why="mistake"))
    case = hall.open_case("permit")
    match = c.MatchParcel(window="w1", parcel=signed.subject, case=case)
    hall.do(match)
    assert hall.refused(match).code == Code.PARCEL_UNKNOWN
    assert [each.waybill for each in hall.state.cases[case].parcels] == ["EMS-1190001"]
    assert hall.refused(c.ReceiveCase(window="w1", case=case)).code == Code.CASE_LACKS
    hall.complete(case)
    hall.do(c.ReceiveCase(window="w1", case=case))
    assert hall.replayed() == hall.state


def test_a_parcel_without_a_case_stays_in_sight_and_its_waybill_is_known_for_ninety_days(hall: Hall) -> None:
    hall.do(c.SignIn(window="w1", clerk="c01"))
    (signed,) = hall.do(SIGN)
    for day, known in (("2027-02-21", True), ("2027-02-22", False)):
        hall.do(c.CloseDay())
        hall.at(f"{day}T09:00")
        hall.do(c.OpenDay(date=day))
        assert (signed.subject in hall.state.parcels, SIGN.waybill in hall.state.waybills) == (True, known)
    assert hall.replayed() == hall.state


@given(listed=sheets, counted=sheets)
def test_differences_are_exactly_what_one_side_has_more(listed: list[Sheets], counted: list[Sheets]) -> None:
    said, found = Counter(), Counter()
    for lines, of in ((listed, said), (counted, found)):
        for line in lines:
            of[line.material] += line.sheets
    told = {each.material: each.counted - each.listed for each in differences(tuple(listed), tuple(counted))}
    assert told == {m: found[m] - said[m] for m in "abc" if found[m] != said[m]}


def expect(rev: int = 1, **more: object) -> c.ExpectParcel:
    told = {
        "about": {"feed": "decisions", "id": "m:1", "rev": rev},
        "application": "WS-2026-0117",
        "item": "permit",
        "listed": LISTED,
    }
    return c.ExpectParcel.model_validate(told | more)


def test_an_announced_parcel_is_counted_against_the_list_of_its_online_application(hall: Hall) -> None:
    hall.do(c.SignIn(window="w1", clerk="c01"))
    assert hall.refused(expect(), "clerk:c01").code == Code.NOT_YOUR_ROLE
    assert hall.refused(expect(item="none"), CENTRE).code == Code.ITEM_UNKNOWN
    (expected,) = hall.do(expect(), CENTRE)
    assert hall.do(expect(), CENTRE) == [], "the line may bring it twice"
    (corrected,) = hall.do(expect(rev=2, waybill=SIGN.waybill), CENTRE)
    assert corrected.subject == expected.subject
    other = SIGN.model_copy(update={"item": "stamp"})
    assert hall.refused(other).code == Code.PARCEL_OTHER_ITEM
    typed = SIGN.model_copy(update={"listed": LISTED[:1], "witness": ""})
    assert hall.refused(typed).code == Code.SECOND_PERSON, "what the clerk typed as the list does not count"
    (signed,) = hall.do(SIGN.model_copy(update={"listed": ()}))
    assert (signed.subject, signed.body.application, signed.body.listed) == (expected.subject, "WS-2026-0117", LISTED)
    assert [each.material for each in signed.body.differences] == ["household-book"]
    assert hall.state.expected == {}
    assert hall.do(expect(rev=3), CENTRE) == [], "it has come"
    assert hall.replayed() == hall.state


def test_what_is_announced_is_taken_back_or_forgotten_after_three_months(hall: Hall) -> None:
    (expected,) = hall.do(expect(), CENTRE)
    (gone,) = hall.do(c.TakeBackDecision(about=expect(rev=2).about), CENTRE)
    assert (gone.kind, gone.subject, gone.body.gone, hall.state.expected) == (
        "parcel.expected",
        expected.subject,
        True,
        {},
    )
    hall.do(expect(rev=3), CENTRE)
    hall.do(c.CloseDay())
    for day, there in (("2027-02-21", True), ("2027-02-22", False)):
        hall.do(c.OpenDay(date=day))
        assert bool(hall.state.expected) is there
        hall.do(c.CloseDay())
    assert hall.replayed() == hall.state
