"""The reuse list: what is held of an applicant is offered, used, declined; never what the catalogue does not let."""

from dataclasses import replace

import pytest
from pydantic import SecretStr

from edge.rules import commands as c
from edge.rules import reuse
from edge.rules.about import About
from edge.rules.books import ItemFacts, Reusable
from edge.rules.case_records import Requirement
from edge.rules.reuse_commands import EarlierCase
from edge.rules.reuse_records import HeldLine
from edge.rules.reuse_state import Earlier
from edge.rules.state import State
from tests.edge.rules.conftest import BOOKS, ITEMS

CENTRE = "centre:site-feed"
REFERENCE = "粤A-0000-测试"
ADDRESS = "测试路 1 号"
BOTH = Reusable(("base", "case"))
LISTED = {"household-book": BOTH, "photo": Reusable(("base",), days=180), "address": Reusable(("base",))}
PERMIT = replace(ITEMS["permit"], reuse=LISTED)


@pytest.fixture
def hall(hall):
    hall.books = replace(BOOKS, items=ITEMS | {"permit": PERMIT})
    hall.serve()
    return hall


def held(what="household-book", source="base", issued="2026-01-05", until="2027-01-04"):
    return HeldLine(what=what, source=source, issued=issued, until=until)


def offer(case, *lines, rev=1, values=None):
    about = About(feed="decisions", id=f"r:{case}", rev=rev)
    values = {what: SecretStr(said) for what, said in (values or {}).items()}
    return c.OfferHeld(about=about, case=case, origin="base-1", lines=lines or (held(),), values=values)


def offered(hall, case, *lines, **more):
    return hall.do(offer(case, *lines, **more), CENTRE)


def use(case, what="household-book"):
    return c.UseHeld(window="w1", case=case, what=what)


def decline(case, what="household-book", why="outdated"):
    return c.DeclineHeld(window="w1", case=case, what=what, why=why)


def reused(case, material="household-book"):
    return c.MarkMaterial(window="w1", case=case, material=material, state="reused", form="reused")


def test_what_the_centre_holds_is_offered_and_its_values_are_sealed(hall):
    case = hall.open_case()
    values = {"household-book": REFERENCE, "address": ADDRESS, "id-card": "never asked for"}
    (made,) = offered(hall, case, held(), held("address", until=""), held("id-card"), values=values)
    assert [line.what for line in made.body.lines] == ["household-book", "address"], "the card is not on the list"
    assert made.private.members == {"values": {"household-book": REFERENCE, "address": ADDRESS}}
    assert made.private.owner == case
    for secret in (REFERENCE, ADDRESS):
        assert secret not in repr(made) + hall.state.model_dump_json() + repr(offer(case, values=values))
    kept = hall.state.cases[case].held
    assert (kept["household-book"].source, kept["household-book"].until, bool(kept["address"].h)) == (
        "base",
        "2027-01-04",
        True,
    )
    assert State.model_validate_json(hall.state.model_dump_json()) == hall.replayed() == hall.state


def test_the_use_is_a_record_of_who_relied_on_what_of_whom_and_marks_the_material(hall):
    case = hall.open_case()
    offered(hall, case)
    used, marked = hall.do(use(case))
    assert (used.kind, used.subject, used.actor) == ("reuse.used", case, "clerk:c01")
    told = used.body.model_dump()
    assert told == {
        "what": "household-book",
        "source": "base",
        "origin": "base-1",
        "until": "2027-01-04",
        "h": hall.state.cases[case].held["household-book"].h,
        "date": "2026-11-23",
        "window": "w1",
        "clerk": "c01",
    }
    assert (marked.kind, marked.body.state) == ("case.marked", "reused")
    assert hall.do(use(case)) == [], "once"
    hall.mark(case, "id-card")
    (received,) = hall.do(c.ReceiveCase(window="w1", case=case))
    assert [(each.material, each.state) for each in received.body.marks] == [
        ("id-card", "provided"),
        ("household-book", "reused"),
    ]


def test_a_mark_of_what_is_held_is_a_use_as_well_and_a_field_is_no_material(hall):
    case = hall.open_case()
    offered(hall, case, held(), held("address"))
    assert [each.kind for each in hall.do(reused(case))] == ["reuse.used", "case.marked"]
    hall.mark(case, "household-book", originals=1)
    assert [each.kind for each in hall.do(reused(case))] == ["reuse.used", "case.marked"], "again, after a paper"
    assert [each.kind for each in hall.do(use(case, "address"))] == ["reuse.used"]
    assert hall.do(use(case, "address")) == []
    assert hall.refused(use(case, "photo")).code == "reuse_none"


@pytest.mark.parametrize(
    "line",
    [
        held(until="2026-11-22"),
        held("photo", issued="2026-05-26"),
        held("photo", issued="", until=""),
        held("photo", source="case"),
        held("address", source="case"),
        held("id-card"),
        held("photo", issued="2026-02-30"),
    ],
    ids=["over", "too old", "no date", "no source of it", "no source of a field", "not listed", "no day"],
)
def test_what_has_run_out_or_is_not_on_the_list_is_not_offered(hall, line):
    case = hall.open_case()
    assert offered(hall, case, line) == []
    assert hall.state.cases[case].held == {}


def test_the_last_day_counts_and_an_age_bounds_it(hall):
    case = hall.open_case()
    offered(hall, case, held(until="2026-11-23"), held("photo", issued="2026-05-27", until="2030-01-01"))
    kept = hall.state.cases[case].held
    assert (kept["household-book"].until, kept["photo"].until) == ("2026-11-23", "2026-11-23")
    hall.do(use(case))


def test_what_runs_out_while_the_draft_waits_is_asked_for_again(hall):
    case = hall.open_case()
    offered(hall, case, held(until="2026-11-23"), held("address", until="2026-11-23"))
    hall.do(use(case))
    hall.mark(case, "id-card")
    hall.do(c.SetCaseAside(window="w1", case=case, why="fetching_materials"))
    hall.finish()
    hall.do(c.CloseDay())
    hall.at("2026-11-24T09:00")
    hall.do(c.OpenDay(date="2026-11-24"))
    hall.serve()
    hall.do(c.TakeUpCase(window="w1", case=case))
    refused = hall.refused(c.ReceiveCase(window="w1", case=case))
    assert (refused.code, refused.values) == ("reuse_expired", {"date": "2026-11-23"})
    assert hall.refused(use(case, "address")).code == "reuse_expired"
    hall.mark(case, "household-book", originals=1)
    hall.do(c.ReceiveCase(window="w1", case=case))


def test_an_answer_that_comes_after_the_clerks_own_mark_is_used_on_record_as_the_case_is_received(hall):
    case = hall.open_case()
    assert [each.kind for each in hall.do(reused(case))] == ["case.marked"]
    hall.mark(case, "id-card")
    offered(hall, case)
    used, received = hall.do(c.ReceiveCase(window="w1", case=case))
    assert (used.kind, used.body.what, used.body.origin) == ("reuse.used", "household-book", "base-1")
    assert received.kind == "case.received"


@pytest.mark.parametrize("why", ["wrong", "outdated", "unwilling"])
def test_the_applicant_may_say_no_and_the_original_is_asked_for(hall, why):
    case = hall.open_case()
    offered(hall, case)
    hall.do(use(case))
    hall.mark(case, "id-card")
    (made,) = hall.do(decline(case, why=why))
    assert (made.kind, made.body.why, made.body.origin) == ("reuse.declined", why, "base-1")
    assert hall.do(decline(case, why=why)) == []
    assert hall.refused(c.ReceiveCase(window="w1", case=case)).code == "case_lacks"
    assert hall.refused(use(case)).code == hall.refused(reused(case)).code == "reuse_declined"
    offered(hall, case, rev=2)
    assert hall.refused(use(case)).code == "reuse_declined", "whatever the centre says again"
    hall.mark(case, "household-book", originals=1)
    hall.do(c.ReceiveCase(window="w1", case=case))
    assert hall.replayed() == hall.state


def test_each_by_its_right_actor_and_only_while_the_case_is_open(hall):
    case = hall.open_case()
    for actor in ("clerk:c01", "kiosk:k1", "lead:l01", "system"):
        assert hall.refused(offer(case), actor).code == "not_your_role"
    offered(hall, case)
    for command in (use(case), decline(case)):
        assert hall.refused(command, "clerk:c02").code == "case_other_clerk"
        assert hall.refused(command, CENTRE).code == "case_other_clerk"
    assert hall.refused(decline(case, "photo")).code == "reuse_none"
    assert hall.refused(offer("case:none"), CENTRE).code == "case_unknown"
    hall.mark(case, "id-card")
    hall.do(use(case))
    hall.do(c.ReceiveCase(window="w1", case=case))
    assert hall.refused(offer(case), CENTRE).code == "case_ended"
    assert hall.refused(use(case)).code == "case_ended"


def test_values_are_shown_only_after_they_were_used(hall):
    case = hall.open_case()
    offered(hall, case, values={"household-book": REFERENCE})
    h = hall.state.cases[case].held["household-book"].h
    show = c.DisclosePart(case=case, h=h, purpose="fill_case", window="w1")
    assert hall.refused(show).code == "part_unknown"
    hall.do(use(case))
    (shown,) = hall.do(show)
    assert (shown.kind, shown.body.h, shown.actor) == ("part.disclosed", h, "clerk:c01")


def end_of_first(hall, **brought):
    first = hall.open_case()
    hall.mark(first, "id-card")
    hall.mark(first, "household-book", **brought)
    (received,) = hall.do(c.ReceiveCase(window="w1", case=first))
    return received.body


def told(received, *materials):
    return EarlierCase(number=received.number, day=received.received, materials=materials)


def earlier(case, found):
    return c.OfferEarlier(window="w1", case=case, found=found)


def test_an_earlier_case_of_the_same_person_is_offered(hall):
    first = end_of_first(hall, originals=1)
    case = hall.open_case()
    assert hall.refused(earlier(case, None)).code == "reuse_unknown", "no such case, or somebody else's"
    (made,) = hall.do(earlier(case, told(first, "household-book")))
    assert (made.body.origin, made.private) == (first.number, None)
    assert [(line.what, line.source, line.issued) for line in made.body.lines] == [
        ("household-book", "case", "2026-11-23")
    ]
    hall.do(reused(case))
    hall.mark(case, "id-card")
    hall.do(c.ReceiveCase(window="w1", case=case))


def test_what_was_itself_only_reused_is_no_source_and_an_earlier_case_is_known_for_ninety_days(hall):
    offered_first = end_of_first(hall, state="reused", form="reused", originals=0, copies=0)
    case = hall.open_case()
    assert hall.refused(earlier(case, told(offered_first))).code == "reuse_nothing"
    hall.do(c.DropCase(window="w1", case=case, why="mistake"))
    kept = end_of_first(hall, originals=1)
    hall.books = replace(hall.books, items={"other": ItemFacts("other", "promised", 5, (_plain("photo"),), reuse={})})
    other = hall.open_case("other")
    assert hall.refused(earlier(other, told(kept, "household-book"))).code == "reuse_nothing"
    hall.do(c.DropCase(window="w1", case=other, why="mistake"))
    for day, code in (("2027-02-21", "reuse_nothing"), ("2027-02-22", "reuse_unknown")):
        hall.finish()
        hall.do(c.CloseDay())
        hall.at(f"{day}T09:00")
        hall.do(c.OpenDay(date=day))
        hall.serve()
        again = hall.open_case("other")
        assert hall.refused(earlier(again, told(kept, "household-book"))).code == code
        hall.do(c.DropCase(window="w1", case=again, why="mistake"))


def test_what_of_a_case_may_be_used_again_is_told_by_its_two_records(hall):
    case = hall.open_case()
    hall.mark(case, "id-card")
    hall.mark(case, "household-book", originals=1)
    hall.do(c.ReceiveCase(window="w1", case=case))
    opened, received = (
        next(each for each in hall.records if each.kind == kind) for kind in ("case.opened", "case.received")
    )
    number = received.body.number
    assert reuse.told_by(opened, received) == Earlier(
        number, "2026-11-23", ("household-book",), opened.seq, opened.parts[0]
    )
    assert reuse.told_by(replace(opened, parts=()), received) is None
    assert reuse.told_by(received, opened) is None


def _plain(material):
    return Requirement(material=material, mandatory=True, originals=1, copies=0)
