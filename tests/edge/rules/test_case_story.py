"""One case from its first paper to the agent who fetches its result at another station."""

from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import ValidationError

from edge.rules import case_ends
from edge.rules import commands as c
from edge.rules.about import About
from edge.rules.case_flow import BACK, FLOW, WAITS
from edge.rules.case_records import Requirement
from edge.rules.codes import _WAY_OUT, Code
from edge.rules.delegation import FlowSetup
from edge.rules.dossier_commands import Person
from edge.rules.dossier_records import Brought
from edge.rules.handover_records import Line
from edge.rules.state import State
from tests.edge.rules.conftest import BOOKS, DAY, DELEGATION, ITEMS, SETUP, Hall
from tests.edge.rules.conftest import FLOW as HERE

FIVE = tuple(Requirement(material=f"m{n}", mandatory=True, originals=1, copies=2) for n in range(1, 6))
CENTRE = "centre:site-feed"
AGENT = Person(name="代测试", id_number="119999199001010020")


def books(place: str):
    items = ITEMS | {"licence": replace(ITEMS["permit"], id="licence", materials=FIVE, limit_days=5)}
    return replace(BOOKS, items=items, flow=HERE.model_copy(update={"place": place}))


def site(place: str = "S042") -> Hall:
    hall = Hall(books=books(place))
    hall.do(SETUP)
    hall.do(c.OpenDay(date=DAY))
    return hall


def said(case: str, what: str, rev: int, **more: object) -> c.RecordDecision:
    about = About(feed="decisions", id=case, rev=rev)
    return c.RecordDecision(about=about, case=case, said=what, unit="unit-1", **more)


def step(hall: Hall, case: str, act: str, **more: object) -> None:
    hall.do(c.StepCase(window="w1", case=case, act=act, **more))


def next_day(hall: Hall, day: str) -> None:
    for window in hall.state.windows.values():
        if window.ticket:
            hall.finish(window.setup.id)
    hall.do(c.CloseDay())
    hall.at(f"{day}T09:00")
    hall.do(c.OpenDay(date=day))


def received(hall: Hall, pickup: str = "") -> str:
    """A case with all five materials."""
    hall.serve()
    case = hall.open_case("licence")
    for requirement in FIVE:
        hall.mark(case, requirement.material, originals=1, copies=2)
    hall.do(c.ReceiveCase(window="w1", case=case, pickup=pickup))
    return case


def through_registration(hall: Hall, case: str) -> None:
    step(hall, case, "arrive")
    step(hall, case, "verify")
    hall.do(c.RegisterResult(window="w1", case=case))


def test_the_whole_way_of_one_case():
    hall, station = site(), site("S043")
    hall.serve()
    case = hall.open_case("licence")

    # Two of five are missing, one is illegible: one notice tells all three.
    hall.mark(case, "m1", originals=1, copies=2)
    hall.mark(case, "m2", originals=1, copies=2)
    hall.mark(case, "m3", state="defect", originals=1, copies=2, defect="unclear")
    (given,) = hall.do(c.GiveNotice(window="w1", case=case))
    assert [(point.material, point.why) for point in given.body.points] == [
        ("m3", "unclear"),
        ("m4", "missing"),
        ("m5", "missing"),
    ]
    assert not case_ends.differing(hall.state)

    # The applicant returns with everything: received, with a due date five working days on.
    next_day(hall, "2026-11-24")
    hall.serve()
    hall.do(c.TakeUpCase(window="w1", case=case))
    for material in ("m3", "m4", "m5"):
        hall.mark(case, material, originals=1, copies=2)
    hall.do(c.ReceiveCase(window="w1", case=case, pickup="S043"))
    dossier = hall.state.dossiers[case]
    assert (dossier.stage, dossier.due) == ("received", "2026-12-01")  # 25th off, Sunday 29th worked

    # Nobody here may decide a promised case; it goes to its unit, and there the edge cannot move it.
    assert hall.refused(c.DecideOnSite(window="w1", case=case, outcome="granted")).code == Code.FLOW_AT_DESK
    step(hall, case, "forward", unit="unit-1")
    for act in ("accept", "suspend", "resume", "withdraw", "arrive"):
        refused = hall.refused(c.StepCase(window="w1", case=case, act=act, reason="hearing"))
        assert (refused.code, refused.who_can) in (
            (Code.FLOW_AT_UNIT, "centre"),
            (Code.FLOW_NO_DELEGATION, "centre"),
        )

    # Handed over one page short: both sides see the difference until two persons settle it.
    (sealed,) = hall.do(c.SealBatch(window="w1", what="materials", to="unit-1", cases=(case,)))
    lines = sealed.body.sheet.lines
    assert sum(line.sheets for line in lines) == 15
    short = (*lines[:4], Line(case=case, material="m5", sheets=2))
    sign = c.SignBatch(window="w1", batch=sealed.subject, signer="u77", counted=short)
    assert hall.refused(sign.model_copy(update={"signer": "c01"})).code == Code.SECOND_PERSON
    (signed,) = hall.do(sign)
    assert [(each.material, each.sheets, each.counted) for each in signed.body.differences] == [("m5", 3, 2)]
    assert hall.refused(sign).code == Code.BATCH_OVER
    settle = c.SettleDifference(
        window="w1", batch=sealed.subject, case=case, material="m5", outcome="found_here", witness="u77"
    )
    assert hall.refused(settle.model_copy(update={"witness": "c01"})).code == Code.SECOND_PERSON
    hall.do(settle)
    assert hall.state.batches[sealed.subject].is_over
    assert (dossier.holdings["m5"].here, dossier.holdings["m5"].there) == (1, 2)

    # The unit accepts, and suspends for three days; they do not count.
    hall.do(said(case, "accept", 1), CENTRE)
    next_day(hall, "2026-11-26")
    hall.do(said(case, "suspend", 2, reason="expert_review"), CENTRE)
    assert (dossier.stage, dossier.due) == ("stayed", "")
    next_day(hall, "2026-11-29")
    hall.do(said(case, "resume", 3), CENTRE)
    assert (dossier.stage, dossier.due) == ("forwarded", "2026-12-03")  # 26th and 27th did not count
    assert hall.do(said(case, "resume", 3), CENTRE) == []  # the line brought it twice

    # Decided; its result arrives, is verified and registered, and may be given out only at the chosen station.
    hall.do(said(case, "granted", 4), CENTRE)
    hall.do(c.SignIn(window="w1", clerk="c01"))
    assert hall.refused(c.RegisterResult(window="w1", case=case)).code == Code.FLOW_RESULT_AWAITED
    through_registration(hall, case)
    refused = hall.refused(c.StepCase(window="w1", case=case, act="shelve"))
    assert (refused.code, refused.values) == (Code.RESULT_FOR_OTHER_SITE, {"site": "S043"})
    (sent,) = hall.do(c.SealBatch(window="w1", what="results", to="S043", cases=(case,)))
    deliver = c.DeliverResult(
        window="w1", case=case, way="counter", collector="agent", proof="id_card_and_authority", person=AGENT
    )
    assert hall.refused(deliver).code == Code.FLOW_RESULT_ELSEWHERE

    # The station counts it in; one who sealed it may not. Its agent needs both cards and the authority.
    station.do(c.SignIn(window="w1", clerk="c02"), "clerk:c02")
    take = c.TakeInBatch(window="w1", batch=sent.subject, sheet=sent.body.sheet, counted=sent.body.sheet.lines)
    forged = sent.body.sheet.model_copy(update={"to": "S042"})
    assert station.refused(take.model_copy(update={"sheet": forged}), "clerk:c02").code == Code.BATCH_NOT_FOR_US
    station.do(take, "clerk:c02")
    assert station.refused(take, "clerk:c02").code == Code.BATCH_OVER
    copied = deliver.model_copy(update={"proof": "id_card"})
    assert station.refused(copied, "clerk:c02").code == Code.COLLECTOR_NEEDS_PROOF
    (given,) = station.do(deliver, "clerk:c02")
    assert given.private is not None
    assert "119999199001010020" not in given.body.model_dump_json()
    assert station.refused(deliver, "clerk:c02").code == Code.FLOW_OVER

    # The centre tells the first hall; both close with their days.
    about = About(feed="handovers", id=sent.subject, rev=1)
    counted = sent.body.sheet.lines
    note = c.NoteBatch(about=about, batch=sent.subject, hash=sent.body.sheet.hash, signer="c02", counted=counted)
    hall.do(note, CENTRE)
    assert hall.do(note, CENTRE) == []
    assert hall.refused(deliver).code == Code.FLOW_RESULT_ELSEWHERE
    assert [line.act for line in dossier.steps] == [
        *("receive", "forward", "accept", "suspend", "resume", "decide", "arrive", "verify", "register"),
        *("hand", "confirm"),
    ]
    for place in (hall, station):
        place.do(c.CloseDay())
        assert place.state.dossiers == {}
        assert place.state.batches == {}
        assert place.replayed() == place.state

    # The same sheet another day gives no second right to deliver.
    station.do(c.OpenDay(date="2026-11-30"))
    assert station.refused(take, "clerk:c02").code == Code.BATCH_OVER


def test_a_result_that_was_not_counted_in_can_be_kept_only_where_it_was_sealed():
    hall, station = site(), site("S043")
    case = received(hall, "S043")
    step(hall, case, "forward", unit="unit-1")
    hall.do(said(case, "granted", 1), CENTRE)
    through_registration(hall, case)
    (sent,) = hall.do(c.SealBatch(window="w1", what="results", to="S043", cases=(case,)))
    station.do(c.SignIn(window="w1", clerk="c02"), "clerk:c02")
    station.do(c.TakeInBatch(window="w1", batch=sent.subject, sheet=sent.body.sheet, counted=()), "clerk:c02")
    about = About(feed="decisions", id="n1", rev=1)
    hall.do(c.NoteBatch(about=about, batch=sent.subject, hash=sent.body.sheet.hash, signer="c02", counted=()), CENTRE)
    settle = c.SettleDifference(
        window="w1", batch=sent.subject, case=case, material="result", outcome="found_here", witness="u77"
    )
    refused = station.refused(settle, "clerk:c02")
    assert (refused.code, refused.values) == (Code.BATCH_SENT_BACK, {"site": "S042"})
    station.do(settle.model_copy(update={"outcome": "found_there"}), "clerk:c02")
    assert station.state.batches[sent.subject].is_over
    assert station.state.dossiers == {}
    hall.do(settle)
    assert hall.state.dossiers[case].stage == "ready"


def test_an_instant_case_is_decided_here_under_its_delegation_with_its_seal(hall):
    hall.serve()
    case = hall.open_case("stamp")
    hall.do(c.ReceiveCase(window="w1", case=case))
    step(hall, case, "accept")
    (decided,) = hall.do(c.DecideOnSite(window="w1", case=case, outcome="granted"))
    assert (decided.body.unit, decided.body.seal, decided.body.basis) == ("unit-1", "seal-unit-1", "D-1")
    with pytest.raises(ValidationError):  # nobody names a seal, so nobody names a wrong one
        c.DecideOnSite.model_validate({"window": "w1", "case": case, "outcome": "granted", "seal": "seal-unit-2"})


def test_of_two_delegations_the_one_that_holds_on_the_day_gives_the_seal(hall):
    later = DELEGATION.model_copy(
        update={"number": "D-2", "unit": "unit-2", "seal": "seal-unit-2", "first": "2026-11-24", "last": "2026-12-31"}
    )
    hall.books = replace(hall.books, flow=HERE.model_copy(update={"delegations": (later, DELEGATION)}))
    seals = []
    for day in (DAY, "2026-11-24", "2026-11-27"):
        if day != DAY:
            next_day(hall, day)
        hall.serve()
        case = hall.open_case("stamp")
        hall.do(c.ReceiveCase(window="w1", case=case))
        step(hall, case, "accept")
        (decided,) = hall.do(c.DecideOnSite(window="w1", case=case, outcome="granted"))
        seals.append((decided.body.seal, decided.body.unit, decided.body.basis))
    assert seals == [("seal-unit-1", "unit-1", "D-1"), *[("seal-unit-2", "unit-2", "D-2")] * 2]


def test_a_case_goes_to_the_unit_that_the_catalogue_names(hall):
    """统一登记和分类处理: received at this site, decided by the unit named, or the one a clerk names."""
    hall.serve()
    hall.books = replace(hall.books, items={"permit": replace(ITEMS["permit"], unit="unit-9"), "stamp": ITEMS["stamp"]})
    case = hall.open_case()
    hall.complete(case)
    hall.do(c.ReceiveCase(window="w1", case=case))
    nobodys = hall.open_case("stamp")
    hall.do(c.ReceiveCase(window="w1", case=nobodys))
    (routed,) = hall.do(c.StepCase(window="w1", case=case, act="forward"))
    assert (routed.body.unit, hall.state.dossiers[case].unit, hall.state.dossiers[case].stage) == (
        "unit-9",
        "unit-9",
        "forwarded",
    )
    assert hall.refused(c.StepCase(window="w1", case=nobodys, act="forward")).code == "flow_needs_unit"
    assert hall.do(c.StepCase(window="w1", case=nobodys, act="forward", unit="unit-1"))[0].body.unit == "unit-1"


def test_a_delegation_ends_with_its_last_day(hall):
    hall.serve()
    case = hall.open_case("stamp")
    hall.do(c.ReceiveCase(window="w1", case=case))
    step(hall, case, "accept")
    next_day(hall, "2026-11-27")
    refused = hall.refused(c.DecideOnSite(window="w1", case=case, outcome="granted"))
    assert (refused.code, refused.who_can) == (Code.FLOW_NO_DELEGATION, "centre")


def test_a_result_nobody_fetches_is_told_again_after_7_30_and_90_days():
    hall = site()
    hall.books = replace(hall.books, flow=HERE.model_copy(update={"reminders": (1, 3)}))
    case = received(hall)
    step(hall, case, "forward", unit="unit-1")
    hall.do(said(case, "granted", 1), CENTRE)
    through_registration(hall, case)
    step(hall, case, "shelve")
    told = []
    for day in ("2026-11-24", "2026-11-25", "2026-11-26", "2026-11-27"):
        next_day(hall, day)
        told.append(hall.state.dossiers[case].reminded)
    assert told == [0, 1, 1, 2]
    assert FlowSetup().reminders == (7, 30, 90)
    assert hall.replayed() == hall.state


def test_a_supplement_stops_the_clock_and_its_papers_are_counted():
    hall = site()
    case = received(hall)
    assert hall.refused(c.StepCase(window="w1", case=case, act="lack")).code == Code.FLOW_NEEDS_REASON
    step(hall, case, "lack", reason="materials")
    assert hall.state.dossiers[case].due == ""
    next_day(hall, "2026-11-26")
    step(hall, case, "supply", brought=(Brought(material="extra", sheets=4),))
    dossier = hall.state.dossiers[case]
    assert (dossier.stage, dossier.due) == ("received", "2026-12-01")  # without: 2026-11-30
    assert dossier.holdings["extra"].here == 4


def test_departments_parts_are_shown_as_the_centre_says():
    hall = site()
    case = received(hall)
    about = About(feed="decisions", id="t1", rev=1)
    task = c.RecordTask(about=about, case=case, task="visit", unit="unit-2", mode="serial", status="running")
    assert hall.refused(task, CENTRE).code == Code.FLOW_AT_DESK
    step(hall, case, "forward", unit="unit-1")
    assert hall.refused(task).code == Code.FLOW_AT_UNIT
    hall.do(task, CENTRE)
    assert hall.do(task, CENTRE) == []
    hall.do(task.model_copy(update={"about": About(feed="decisions", id="t1", rev=2), "status": "done"}), CENTRE)
    assert [(each.unit, each.mode, each.status) for each in hall.state.dossiers[case].tasks.values()] == [
        ("unit-2", "serial", "done")
    ]


def test_every_sheet_of_security_paper_is_in_stock_used_or_spoiled():
    hall = site()
    case = received(hall)
    stock = c.StockPaper(window="w1", kind="permit", first=1, last=10, witness="c02")
    assert hall.refused(stock.model_copy(update={"witness": "c01"})).code == Code.SECOND_PERSON
    assert hall.refused(stock.model_copy(update={"last": 0})).code == Code.PAPER_RANGE
    hall.do(stock)
    assert hall.refused(stock.model_copy(update={"first": 10, "last": 20})).code == Code.PAPER_KNOWN
    use = c.UsePaper(window="w1", kind="permit", serial=4, case=case)
    assert hall.refused(use).code == Code.PAPER_NO_DECISION
    step(hall, case, "forward", unit="unit-1")
    hall.do(said(case, "granted", 1), CENTRE)
    hall.do(use)
    spoil = c.SpoilPaper(window="w1", kind="permit", serial=5, why="misprint", witness="c02")
    hall.do(spoil)
    assert hall.refused(spoil).values == {"serial": 5}
    held = hall.state.stocks["permit"]
    assert (held.came, held.used, held.spoiled, held.left) == (10, 1, 1, 8)
    assert hall.replayed() == hall.state


def test_without_flow_settings_a_case_ends_with_its_receipt():
    hall = site()
    hall.books = replace(hall.books, flow=FlowSetup())
    received(hall)
    assert hall.state.dossiers == {}


def test_the_table_leads_from_the_receipt_to_the_close_and_every_stage_says_who_goes_on():
    reached, grows = {"received"}, True
    while grows:
        more = {move.to for (at, _), move in FLOW.items() if at in reached and move.to != BACK}
        grows, reached = not more <= reached, reached | more
    assert reached == set(WAITS)
    assert {at for at, _ in FLOW} == set(WAITS) - {"closed"}
    centre_only = {at for (at, _), move in FLOW.items() if move.who == {"centre"}}
    assert {_WAY_OUT[WAITS[at]][0] for at in centre_only - {"moving"}} == {"centre"}


def test_a_snapshot_brings_back_dossiers_and_batches():
    hall = site()
    case = received(hall)
    step(hall, case, "forward", unit="unit-1")
    hall.do(c.SealBatch(window="w1", what="materials", to="unit-1", cases=(case,)))
    assert State.model_validate_json(hall.state.model_dump_json()) == hall.state


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
def test_every_stage_has_a_refusal_in_words(language):
    text = Path("config/words").joinpath(language, "refusal.toml").read_text("utf-8")
    assert all(f"[{code.value}]" in text for code in WAITS.values())
