"""A case after its receipt over the API: each act by whom it is, wrong ones refused in words, two persons a count."""

from dataclasses import replace
from typing import Any

import httpx
import pytest

from edge.books import SiteBooks
from edge.catalogue import Catalogue
from edge.catalogue.schema import PartLimit
from edge.rules.about import About
from edge.rules.commands import EndPrint
from edge.rules.dossier_commands import RecordDecision, RecordTask
from tests.edge.api.bench import Bench
from tests.edge.api.conftest import Served
from tests.edge.api.test_case import Desk

PERMIT = "disability-certificate-apply"  # form, identity card with a copy, two photos; counter or mail
UNIT = "disabled-federation"
INSTANT = "residence-registration"
LEAD, MESSENGER = "7531", "6601"
PERSON = {"name": "代测试", "id_number": "119999199001010020"}


@pytest.fixture
async def desk(counter: Served) -> Desk:
    made = Desk(counter, await counter.clerk())
    await made.serve()
    return made


async def ask(desk: Desk, path: str, /, **body: Any) -> httpx.Response:
    """Without a case of its own: these routes name it in the path."""
    desk.acts += 1
    return await desk.browser.post(f"/api/window/w1/{path}", json={"id": f"flow-{desk.acts:08}", **body})


async def do(desk: Desk, path: str, /, **body: Any) -> Any:
    answer = await ask(desk, path, **body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def no(desk: Desk, code: str, path: str, /, **body: Any) -> dict[str, Any]:
    answer = await ask(desk, path, **body)
    assert (answer.status_code, answer.json()["code"]) == (409, code), answer.text
    assert len(answer.json()["text"]) > 8
    found: dict[str, Any] = answer.json()
    return found


async def get(desk: Desk, path: str) -> Any:
    answer = await desk.browser.get(f"/api/window/w1/{path}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def received(desk: Desk, item: str = PERMIT, pickup: str = "") -> str:
    opened = await desk.open(item)
    for line in opened["materials"]:
        if line["mandatory"]:
            await desk.give(line["material"], originals=line["wanted_originals"], copies=line["wanted_copies"])
    await desk.right("case/receive", pickup=pickup)
    return desk.case


async def said(desk: Desk, case: str, what: str, rev: int) -> None:
    about = About(feed="decisions", id=f"d:{case}", rev=rev)
    command = RecordDecision.model_validate({"about": about, "case": case, "said": what, "unit": UNIT})
    await desk.served.hall.execute(command, id=f"centre-{case}-{rev}", actor="centre")


async def test_found_by_its_numbers_and_shown_with_what_can_be_done(desk: Desk) -> None:
    case = await received(desk)
    (line,) = (await get(desk, "dossiers"))["dossiers"]
    assert (line["case"], line["stage"], line["turn"]) == (case, "received", "flow_at_desk")
    assert line["offers"] == ["lack", "forward", "withdraw"]
    for text in (line["receipt"], line["receipt"].lower(), line["number"], line["number"][-7:]):
        assert [one["case"] for one in (await get(desk, f"dossiers?text={text}"))["dossiers"]] == [case]
    assert (await get(desk, "dossiers?text=R119999042019901010000100"))["dossiers"] == []
    whole = await get(desk, f"dossiers/{case}")
    assert [(one["act"], one["stage"]) for one in whole["timeline"]] == [("receive", "received")]
    assert {one["material"]: one["here"] for one in whole["holdings"]} == {
        "application-form": 1,
        "id-card": 2,
        "photo": 2,
    }
    by_code = await get(desk, f"dossiers?text={whole['query_code'].lower()}")
    assert [one["case"] for one in by_code["dossiers"]] == [case]
    missing = await desk.browser.get("/api/window/w1/dossiers/case:00000000000000000000000000")
    assert (missing.status_code, missing.json()["code"]) == (409, "case_unknown")
    assert (await desk.browser.get("/api/window/w2/dossiers")).status_code == 403


async def test_a_promised_case_to_its_unit_and_back_to_the_person(desk: Desk) -> None:
    case = await received(desk)
    assert (await no(desk, "flow_at_desk", f"dossiers/{case}/decide", outcome="granted"))["who_can"] == "clerk"
    await no(desk, "flow_needs_unit", f"dossiers/{case}/step", act="forward", unit="nobody-knows")
    await no(desk, "flow_needs_reason", f"dossiers/{case}/step", act="lack")
    there = await do(desk, f"dossiers/{case}/step", act="forward")  # to the unit that the catalogue names
    assert (there["stage"], there["unit_name"]["en"]) == ("forwarded", "District disabled persons' federation")
    assert there["offers"] == ["papers"]
    assert (await no(desk, "flow_at_unit", f"dossiers/{case}/step", act="arrive"))["who_can"] == "centre"
    await said(desk, case, "granted", 1)
    assert (await get(desk, f"dossiers/{case}"))["offers"] == ["arrive", "security_paper"]
    await no(desk, "flow_result_awaited", f"dossiers/{case}/register")
    await do(desk, f"dossiers/{case}/step", act="arrive")
    await do(desk, f"dossiers/{case}/step", act="verify")
    registered = await do(desk, f"dossiers/{case}/register")
    assert registered["entry"].startswith("Z119999042")
    ready = await do(desk, f"dossiers/{case}/step", act="shelve")
    assert (ready["stage"], ready["offers"]) == ("ready", ["deliver"])
    ways = {(one["way"], one["collector"]): (one["proof"], one["named"]) for one in ready["collections"]}
    assert ways == {
        ("counter", "applicant"): ("id_card", True),
        ("counter", "agent"): ("id_card_and_authority", True),
        ("mail", "courier"): ("delivery_note", False),
    }
    agent = {"way": "counter", "collector": "agent"}
    await no(desk, "collector_needs_proof", f"dossiers/{case}/deliver", **agent, proof="id_card", **PERSON)
    await no(desk, "collector_unnamed", f"dossiers/{case}/deliver", **agent, proof="id_card_and_authority")
    name_only = {**agent, "proof": "id_card_and_authority", "name": PERSON["name"]}
    await no(desk, "collector_unnamed", f"dossiers/{case}/deliver", **name_only)
    given = await do(desk, f"dossiers/{case}/deliver", **agent, proof="id_card_and_authority", **PERSON)
    assert (given["stage"], given["offers"]) == ("delivered", [])
    assert PERSON["id_number"] not in str(given)
    await no(desk, "flow_over", f"dossiers/{case}/deliver", **agent, proof="id_card_and_authority", **PERSON)
    records = [one.record for one in await desk.served.hall.journal.read(0, 1000)]
    (delivered,) = [record for record in records if record.kind == "result.delivered"]
    assert await desk.served.hall.journal.open_part(delivered, delivered.parts[0]) == PERSON


async def test_who_waits_in_the_hall_for_the_unit_is_timed_and_asked_back(desk: Desk) -> None:
    """Clerk's page, lead's page and board: waiting with a clock, then called back when the word is there."""
    case = await received(desk)
    assert not (await get(desk, f"dossiers/{case}"))["can_await"]
    there = await do(desk, f"dossiers/{case}/step", act="forward", unit=UNIT)
    assert there["can_await"]
    waits = await do(desk, f"dossiers/{case}/await")
    assert (waits["can_await"], waits["waits_since"] > 0) == (False, True)
    await no(desk, "case_awaited", f"dossiers/{case}/await")
    await do(desk, "hold")
    (held,) = (await desk.browser.get("/api/window/w1")).json()["held"]
    assert (held["awaits"], held["awaits_since"]) == ("waiting", waits["waits_since"])
    lead = await leading(desk)
    assert [line["kind"] for line in (await lead.get("/api/oversight")).json()["alarms"]] == ["citizen_waits"]
    board = desk.served.client("board")
    assert (await board.hall()).back == ()
    await said(desk, case, "granted", 1)
    (held,) = (await desk.browser.get("/api/window/w1")).json()["held"]
    assert held["awaits"] == "told"
    (alarm,) = (await lead.get("/api/oversight")).json()["alarms"]
    assert (alarm["kind"], alarm["number"], alarm["since"] != "") == ("citizen_to_call", held["number"], True)
    assert [(one.number, one.window) for one in (await board.hall()).back] == [(held["number"], "1")]
    await do(desk, "resume", ticket=held["ticket"])
    assert (await board.hall()).back == ()


async def leading(desk: Desk) -> httpx.AsyncClient:
    lead = desk.served.browser()
    answer = await lead.post("/api/lead/session", json={"pin": "7531"})
    assert answer.status_code == 200, answer.text
    return lead


async def test_the_card_of_who_collects_is_read_at_the_window(desk: Desk) -> None:
    case = await received(desk, INSTANT)
    await do(desk, f"dossiers/{case}/step", act="accept")
    await do(desk, f"dossiers/{case}/decide", outcome="granted")
    for act in ("arrive", "verify"):
        await do(desk, f"dossiers/{case}/step", act=act)
    await do(desk, f"dossiers/{case}/register")
    await do(desk, f"dossiers/{case}/step", act="shelve")
    read = await do(desk, "person", name="张测试", id_number="119999199001010012")
    one = {"way": "counter", "collector": "applicant", "proof": "id_card"}
    gone = await ask(desk, f"dossiers/{case}/deliver", **one, person="ab" * 16)
    assert gone.json()["code"] == "card_session_over"
    given = await do(desk, f"dossiers/{case}/deliver", **one, person=read["token"])
    assert given["stage"] == "delivered"


async def test_on_the_spot_only_under_a_delegation_and_with_its_seal(desk: Desk) -> None:
    case = await received(desk, INSTANT)
    before = await get(desk, f"dossiers/{case}")
    assert before["offers"] == ["accept", "lack", "forward", "withdraw"]
    assert before["delegation"]["number"] == "SAMPLE-2026-2"
    accepted = await do(desk, f"dossiers/{case}/step", act="accept")
    assert "decide" in accepted["offers"]
    decided = await do(desk, f"dossiers/{case}/decide", outcome="granted")
    assert decided["outcome"] == "granted"
    assert decided["seal_name"]["zh-Hans"] == "示例公安机关居住登记专用章（1）"
    hall = desk.served.hall
    other = await desk.served.hall.journal.read(0, 1000)
    (record,) = [one.record for one in other if one.record.kind == "case.decided"]
    assert (record.body["seal"], record.body["basis"]) == ("police-1", "SAMPLE-2026-2")
    assert hall.state.dossiers[case].seal == "police-1"


async def test_a_supplement_counts_the_papers_that_came(desk: Desk) -> None:
    case = await received(desk)
    lacking = await do(desk, f"dossiers/{case}/step", act="lack", reason="materials")
    assert (lacking["stage"], lacking["light"], lacking["offers"]) == ("supplement", None, ["supply", "withdraw"])
    free = await ask(desk, f"dossiers/{case}/step", act="supply", brought=[{"material": "两张照片", "sheets": 2}])
    assert free.status_code == 422
    brought = [{"material": "photo", "sheets": 2}]
    supplied = await do(desk, f"dossiers/{case}/step", act="supply", brought=brought)
    assert supplied["stage"] == "received"
    assert {one["material"]: one["here"] for one in supplied["holdings"]}["photo"] == 4


async def test_papers_change_hands_counted_by_two_and_a_difference_stays_in_sight(desk: Desk) -> None:
    case = await received(desk)
    await no(desk, "flow_at_desk", "batches", what="materials", to=UNIT, cases=[case])
    await do(desk, f"dossiers/{case}/step", act="forward", unit="social-insurance")
    (ready,) = (await get(desk, "batches"))["ready"]
    assert (ready["what"], ready["to"], ready["cases"]) == ("materials", "social-insurance", [case])
    await no(desk, "batch_wrong_place", "batches", what="materials", to=UNIT, cases=[case])
    sealed = await do(desk, "batches", what="materials", to="social-insurance", cases=[case])
    assert [(one["material"], one["sheets"], one["counted"]) for one in sealed["lines"]] == [
        ("application-form", 1, None),
        ("id-card", 2, None),
        ("photo", 2, None),
    ]
    assert sealed["sealed_by"] == "窗口一号"
    await no(desk, "batch_empty", "batches", what="materials", to="social-insurance", cases=[case])

    counted = [{"case": case, "material": one["material"], "sheets": one["sheets"]} for one in sealed["lines"]]
    counted[2]["sheets"] = 1
    sign = f"batches/{sealed['batch']}/sign"
    for pin in ("2468", "6602", "0000"):  # who sealed it, another unit's messenger, nobody
        await no(desk, "second_pin", sign, counted=counted, pin=pin)
    signed = await do(desk, sign, counted=counted, pin=MESSENGER)
    assert (signed["signer"], signed["differences"]) == ("示例取件员一", 1)
    assert [(one["counted"], one["open"]) for one in signed["lines"]] == [(1, False), (2, False), (1, True)]
    await no(desk, "batch_over", sign, counted=counted, pin=MESSENGER)

    settle = {"case": case, "material": "photo", "outcome": "found_here"}
    await no(desk, "second_person", f"batches/{sealed['batch']}/settle", **settle, pin="2468")
    settled = await do(desk, f"batches/{sealed['batch']}/settle", **settle, pin=LEAD)
    assert settled["differences"] == 0
    held = {one["material"]: one for one in (await get(desk, f"dossiers/{case}"))["holdings"]}
    assert (held["photo"]["here"], held["photo"]["there"]) == (1, 1)
    assert (await get(desk, "batches"))["ready"][0]["cases"] == [case], "the sheet that was left goes with the next"


async def test_a_result_for_another_hall_goes_in_a_batch_and_is_taken_in_there_once(desk: Desk) -> None:
    case = await received(desk, pickup="LH-0043")
    await do(desk, f"dossiers/{case}/step", act="forward", unit=UNIT)
    await said(desk, case, "granted", 1)
    for act in ("arrive", "verify"):
        await do(desk, f"dossiers/{case}/step", act=act)
    registered = await do(desk, f"dossiers/{case}/register")
    assert registered["offers"] == ["hand", "security_paper"]
    shelve = await no(desk, "result_for_other_site", f"dossiers/{case}/step", act="shelve")
    assert "LH-0043" in shelve["text"]
    sent = await do(desk, "batches", what="results", to="LH-0043", cases=[case])
    assert (sent["to_name"]["en"], sent["sheet"]["passengers"][0]["case"]) == ("Second Sample Station", case)
    await no(desk, "batch_signed_there", f"batches/{sent['batch']}/sign", counted=[], pin=LEAD)
    counted = sent["sheet"]["lines"]
    taken = {"batch": sent["batch"], "sheet": sent["sheet"], "counted": counted}
    await no(desk, "batch_over", "batches/take-in", **taken)
    other = {**taken, "batch": "batch:01ARZ3NDEKTSV4RRFFQ69G5FAV"}
    await no(desk, "batch_over", "batches/take-in", **other)
    moved = await get(desk, f"dossiers/{case}")
    assert (moved["stage"], moved["turn"]) == ("moving", "flow_result_elsewhere")


async def test_every_sheet_of_security_paper_is_in_stock_used_or_spoiled(desk: Desk) -> None:
    case = await received(desk, INSTANT)
    await no(desk, "second_person", "papers/stock", kind="permit", first=101, last=110, pin="2468")
    await no(desk, "second_pin", "papers/stock", kind="permit", first=101, last=110, pin="0000")
    await no(desk, "paper_range", "papers/stock", kind="permit", first=110, last=101, pin=LEAD)
    await do(desk, "papers/stock", kind="permit", first=101, last=110, pin=LEAD)
    await no(desk, "paper_known", "papers/stock", kind="permit", first=110, last=120, pin=LEAD)
    await no(desk, "paper_no_decision", "papers/use", kind="permit", serial=101, case=case)
    await do(desk, f"dossiers/{case}/step", act="accept")
    await do(desk, f"dossiers/{case}/decide", outcome="granted")
    await do(desk, "papers/use", kind="permit", serial=104, case=case)
    await no(desk, "paper_not_in_stock", "papers/use", kind="permit", serial=104, case=case)
    (stock,) = await do(desk, "papers/spoil", kind="permit", serial=101, why="misprint", pin=LEAD)
    assert stock == {
        "kind": "permit",
        "came": 10,
        "used": 1,
        "spoiled": 1,
        "left": 8,
        "runs": [{"first": 102, "last": 103}, {"first": 105, "last": 110}],
    }
    assert await get(desk, "papers") == [stock]


async def test_a_second_pin_is_not_guessed_and_signs_nobody_out(desk: Desk) -> None:
    for _ in range(5):
        await no(desk, "second_pin", "papers/stock", kind="permit", first=1, last=2, pin="0000")
    assert (await ask(desk, "papers/stock", kind="permit", first=1, last=2, pin="0000")).status_code == 429
    assert (await desk.browser.get("/api/session")).status_code == 200


async def test_what_is_lacking_is_told_once_on_paper(desk: Desk) -> None:
    case = await received(desk)
    points = [{"material": "photo", "why": "unclear"}, {"material": "id-card", "why": "too_few"}]
    asked = await do(desk, f"dossiers/{case}/step", act="lack", reason="materials", points=points)
    (given,) = asked["supplements"]
    told = [(line["material"], line["why"]) for line in given["points"]]
    assert told == [("id-card", "too_few"), ("photo", "unclear")]
    assert (given["unit"], given["print"], given["copies"]) == (False, "none", 0)
    await no(desk, "paper_unknown", f"dossiers/{case}/print", number="N00000000")
    await do(desk, f"dossiers/{case}/print", number=given["number"])
    (begun,) = (await get(desk, f"dossiers/{case}"))["supplements"]
    assert (begun["print"], begun["copies"]) == ("printing", 1)
    await no(desk, "print_running", f"dossiers/{case}/print", number=given["number"])
    await no(desk, "print_not_running", f"dossiers/{case}/came-out", number=given["number"])
    job = desk.served.hall.state.dossiers[case].papers[given["number"]].print_job
    end = EndPrint(case=case, job=job, outcome="unknown", code="late")
    await desk.served.hall.execute(end, id="end-of-print", actor="job:printing")
    (unknown,) = (await get(desk, f"dossiers/{case}"))["supplements"]
    assert unknown["print"] == "unknown"
    assert unknown["text"]
    seen = await do(desk, f"dossiers/{case}/came-out", number=given["number"])
    assert (seen["supplements"][0]["print"], seen["supplements"][0]["text"]) == ("done", "")


async def test_a_departments_part_has_a_limit_and_a_light_of_its_own(desk: Desk) -> None:
    """Every weekday of the bench's calendar is worked; it is Monday, 23 November."""
    case = await received(desk)
    await do(desk, f"dossiers/{case}/step", act="forward", unit=UNIT)
    await parts_noted(desk.served.hall, case)
    told = {one["task"]: one for one in (await get(desk, f"dossiers/{case}"))["tasks"]}
    check, visit = told["check"], told["visit"]
    assert (check["due"], check["limit_days"], check["light"], check["days_left"]) == ("2026-11-20", 3, "red", -1)
    assert (visit["due"], visit["limit_days"], visit["light"], visit["days_left"]) == ("2026-12-04", 9, "green", 9)
    assert check["unit_name"]["zh-Hans"] == "公安机关"
    lead = desk.served.browser()
    assert (await lead.post("/api/lead/session", json={"pin": LEAD})).status_code == 200
    lines = [one for one in (await lead.get("/api/oversight")).json()["due"] if one["kind"] == "part"]
    seen = [(one["unit_name"]["zh-Hans"], one["state"], one["pace"], one["left"]) for one in lines]
    assert seen == [("公安机关", "serial", "overdue", -1), ("卫生健康部门", "parallel", "in_time", 9)]


async def parts_noted(hall: Bench, case: str) -> None:
    """The catalogue times two departments; one began on 17 November, the other today."""
    shown, item = hall.catalogue, hall.catalogue.item(PERMIT)
    limits = item.limits.model_copy(
        update={"parts": (PartLimit(unit="police", promised=3), PartLimit(unit="health", promised=9))}
    )
    timed = Catalogue(shown.version, {**shown.items, PERMIT: item.model_copy(update={"limits": limits})})
    assert isinstance(hall.engine.books, SiteBooks)
    hall.engine.books = replace(hall.engine.books, catalogue=timed)
    for task, unit, mode, started in (("check", "police", "serial", "2026-11-17"), ("visit", "health", "parallel", "")):
        about = About(feed="decisions", id=f"{case}:{task}", rev=1)
        form = {"about": about, "case": case, "task": task, "unit": unit, "mode": mode, "started": started}
        command = RecordTask.model_validate(form | {"status": "running"})
        await hall.execute(command, id=f"noted-{task}", actor="centre")
