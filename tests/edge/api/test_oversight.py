"""Supervision over HTTP: what the lead sees and may do, what a clerk may, and what neither learns."""

import json
from itertools import count
from typing import get_args

import httpx
import pytest

from edge.api import oversight_schema
from edge.rules import supervision
from edge.rules.commands import (
    AddRating,
    CallNext,
    FinishService,
    GiveRating,
    IssueTicket,
    ReviewTask,
    SignIn,
    StartService,
    UrgeComplaint,
)
from tests.edge.api.bench import DATE, Bench
from tests.edge.api.conftest import Served

SAID = "等了一个小时，态度也不好"
NAME, PHONE = "张测试", "13000000000"
_ids = count()


def act(**body: object) -> dict[str, object]:
    return {"id": f"oversight-{next(_ids):04d}", **body}


async def rated(hall: Bench, level: str = "dissatisfied", window: str = "w1", clerk: str = "c01") -> str:
    """A service and a bad rating of it by kiosk; the task."""

    async def do(command: object, actor: str = f"clerk:{clerk}") -> object:
        return await hall.execute(command, id=f"told-{next(_ids):04d}", actor=actor)  # type: ignore[arg-type]

    if hall.state.windows[window].clerk != clerk:
        await do(SignIn(window=window, clerk=clerk))
    await do(IssueTicket(service="general", channel="kiosk", place="k1"), "kiosk:k1")
    for command in (CallNext(window=window), StartService(window=window), FinishService(window=window)):
        await do(command)
    given = {"nonce": hall.state.windows[window].question, "level": level, "by": "kiosk"}
    await do(GiveRating.model_validate(given | {"reasons": ("took_long",), "text": SAID}), "kiosk:k1")
    return list(hall.state.tasks)[-1]


@pytest.fixture
async def lead(served: Served) -> httpx.AsyncClient:
    browser = served.browser()
    assert (await browser.post("/api/lead/session", json={"pin": "7531"})).status_code == 200
    return browser


async def step(browser: httpx.AsyncClient, what: str, uid: str, name: str, **body: object) -> httpx.Response:
    return await browser.post(f"/api/oversight/{what}/{uid}/{name}", json=act(**body))


async def test_a_task_goes_its_way_and_only_what_is_possible_is_offered(
    served: Served, lead: httpx.AsyncClient
) -> None:
    uid = await rated(served.hall)
    seen = (await lead.get("/api/oversight")).json()
    (task,) = seen["tasks"]
    assert (task["number"], task["window"], task["clerk"], task["state"]) == ("A001", "w1", "c01", "opened")
    assert task["steps"] == ["assign"]
    assert (task["pace"], seen["due"][0]["kind"], seen["leads"]) == ("in_time", "task", {"l01": "值班长一号"})
    early = await step(lead, "task", uid, "close")
    assert (early.status_code, early.json()["code"], early.json()["who_can"]) == (409, "task_not_now", "manager")
    assert "待分派" in early.json()["text"]
    way = [("assign", {"to": "l01"}), ("verify", {"verdict": "true"}), ("rectify", {"text": "已调整"})]
    way += [("reply", {"text": "已道歉"}), ("revisit", {"content": True}), ("close", {})]
    offered = []
    for name, body in way:
        answer = await step(lead, "task", uid, name, **body)
        assert answer.status_code == 200, answer.text
        (task,) = answer.json()["tasks"]
        offered.append(task["steps"])
    assert offered == [["assign", "verify"], ["rectify", "appeal"], ["reply", "appeal"], ["revisit"], ["close"], []]
    assert [line["step"] for line in task["history"]] == ["open", *(name for name, _ in way)]
    assert (task["history"][3]["by"], task["history"][3]["written"]) == ("lead:l01", True)
    assert task["verdict"] == "true"
    assert answer.json()["due"] == []  # no clock runs any more


async def test_what_was_written_is_read_only_with_a_record_of_it(served: Served, lead: httpx.AsyncClient) -> None:
    uid = await rated(served.hall)
    before = served.hall.state.seq
    note = await lead.post("/api/oversight/note", json=act(subject=uid, of="opinion", n=0))
    assert note.json() == {"text": SAID, "name": "", "contact": ""}
    assert served.hall.state.seq > before
    record = (await served.hall.journal.read(served.hall.state.seq - 1, 1))[0].record
    assert (record.kind, record.subject, record.actor, record.body) == (
        "note.shown",
        uid,
        "lead:l01",
        {"of": "opinion", "n": 0},
    )
    for of, n in (("opinion", 1), ("step", 0), ("step", 7)):
        empty = await lead.post("/api/oversight/note", json=act(subject=uid, of=of, n=n))
        assert (empty.status_code, empty.json()["code"]) == (409, "part_unknown")
    assert SAID not in (await lead.get("/api/oversight")).text


async def test_a_second_opinion_stands_beside_the_first(served: Served, lead: httpx.AsyncClient) -> None:
    uid = await rated(served.hall, "very_dissatisfied")
    nonce = served.hall.state.windows["w1"].question
    second = AddRating(nonce=nonce, level="satisfied")
    await served.hall.execute(second, id="second-opinion", actor="kiosk:k1")
    (task,) = (await lead.get("/api/oversight")).json()["tasks"]
    assert task["uid"] == uid
    assert [(each["level"], each["reasons"]) for each in task["opinions"]] == [
        ("very_dissatisfied", ["took_long"]),
        ("satisfied", []),
    ]


async def test_a_clerk_answers_his_own_and_learns_nothing_of_the_citizen(
    served: Served, lead: httpx.AsyncClient
) -> None:
    uid, other = await rated(served.hall), await rated(served.hall, window="w2", clerk="c02")
    await step(lead, "task", uid, "assign", to="l01")
    await step(lead, "task", uid, "verify", verdict="true")
    clerk = await served.clerk()
    answer = await clerk.get("/api/window/w1/tasks")
    (own,) = answer.json()
    assert (own["uid"], own["level"], own["steps"]) == (uid, "dissatisfied", ["rectify", "appeal"])
    task = served.hall.state.tasks[uid]
    for secret in (task.turn, task.ticket, task.number, SAID):
        assert secret not in answer.text
    for whose, name, code, who in (
        (other, "rectify", "task_other_clerk", "manager"),
        (uid, "verify", "not_your_role", "manager"),
        (uid, "review", "not_your_role", "centre"),
    ):
        no = await clerk.post(f"/api/window/w1/task/{whose}/{name}", json=act(verdict="untrue"))
        assert (no.status_code, no.json()["code"], no.json()["who_can"]) == (409, code, who)
    appeal = await clerk.post(f"/api/window/w1/task/{uid}/appeal", json=act(text="当时系统故障"))
    assert [each["state"] for each in appeal.json()] == ["appealed"]
    (card,) = [each for each in (await lead.get("/api/oversight")).json()["tasks"] if each["uid"] == uid]
    assert (card["steps"], card["waits_for"]) == ([], "centre")
    review = ReviewTask(task=uid, verdict="mistaken")
    await served.hall.execute(review, id="review-of-centre", actor="centre:district")
    (card,) = [each for each in (await lead.get("/api/oversight")).json()["tasks"] if each["uid"] == uid]
    assert (card["verdict"], card["steps"]) == ("mistaken", ["rectify", "reply"])


def complaint(**more: object) -> dict[str, object]:
    return act(type="complaint", channel="phone", about="window", target="w1", text=SAID, **more)


async def test_a_complaint_by_telephone_is_numbered_once_and_answered(served: Served, lead: httpx.AsyncClient) -> None:
    clerk = await served.clerk()
    said = complaint(name=NAME, contact=PHONE)
    told = (await clerk.post("/api/window/w1/complaint", json=said)).json()
    assert (await clerk.post("/api/window/w1/complaint", json=said)).json() == told  # a retry registers nothing twice
    assert told["number"].startswith("T119999042")
    assert len(told["query_code"]) == 8
    (card,) = (await lead.get("/api/oversight")).json()["complaints"]
    assert (card["number"], card["channel"], card["anonymous"], card["level"]) == (
        told["number"],
        "phone",
        False,
        "station",
    )
    assert card["steps"] == ["accept", "redirect"]
    uid = card["uid"]
    note = await lead.post("/api/oversight/note", json=act(subject=uid, of="step", n=0))
    assert note.json() == {"text": SAID, "name": NAME, "contact": PHONE}
    assert not any(secret in json.dumps(card) for secret in (SAID, NAME, PHONE))
    early = await step(lead, "complaint", uid, "escalate")
    assert (early.status_code, early.json()["code"]) == (409, "complaint_not_now")
    await step(lead, "complaint", uid, "accept")
    urge = await step(lead, "complaint", uid, "urge")
    assert (urge.status_code, urge.json()["who_can"]) == (409, "centre")
    await served.hall.execute(UrgeComplaint(complaint=uid), id="urge-of-centre", actor="centre:district")
    seen = (await lead.get("/api/oversight")).json()
    assert [(each["kind"], each["number"]) for each in seen["alarms"]] == [("complaint_urged", told["number"])]
    await step(lead, "complaint", uid, "investigate", text="已询问窗口")
    unsaid = await step(lead, "complaint", uid, "reply", text="  ")
    assert (unsaid.status_code, unsaid.json()["code"]) == (409, "complaint_needs_text")
    for name, body in (("reply", {"text": "已处理"}), ("revisit", {"content": False}), ("close", {})):
        answer = await step(lead, "complaint", uid, name, **body)
        assert answer.status_code == 200, answer.text
    (card,) = answer.json()["complaints"]
    assert (card["state"], card["answered"], card["content"], card["steps"]) == ("closed", True, False, [])
    assert answer.json()["alarms"] == []


async def test_paper_box_and_no_name_are_the_leads(served: Served, lead: httpx.AsyncClient) -> None:
    wish = act(type="suggestion", channel="paper_box", text="请多设座位")
    told = (await lead.post("/api/oversight/complaint", json=wish)).json()
    assert told["number"].startswith("J")
    (card,) = (await lead.get("/api/oversight")).json()["complaints"]
    assert (card["anonymous"], card["type"], card["about"]) == (True, "suggestion", "site")
    empty = await lead.post("/api/oversight/complaint", json=act(type="complaint", channel="window", text=" "))
    assert (empty.status_code, empty.json()["code"]) == (409, "complaint_needs_text")


async def test_forms_are_looked_at_before_anything_is_done(served: Served, lead: httpx.AsyncClient) -> None:
    uid = await rated(served.hall)
    before = served.hall.state.seq
    for name, body in (("assign", {}), ("assign", {"to": "l 01"}), ("verify", {}), ("hang", {})):
        assert (await step(lead, "task", uid, name, **body)).status_code == 422
    assert (await step(lead, "task", "task:x", "close")).status_code == 422
    assert served.hall.state.seq == before


async def test_figures_of_a_stretch_of_days(served: Served, lead: httpx.AsyncClient) -> None:
    await rated(served.hall)
    found = (await lead.get(f"/api/oversight/assessment/{DATE}/{DATE}")).json()
    assert (found["ratings"]["asked"], found["ratings"]["levels"]) == (1, {"dissatisfied": 1})
    assert found["tasks_by_clerk"]["c01"]["open"] == 1
    table = await lead.get(f"/api/oversight/assessment/{DATE}/{DATE}/table")
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert f"LH-0042,{DATE},{DATE},ratings,all,,asked,1" in table.text
    assert (await lead.get("/api/oversight/assessment/2020-01-01/2020-01-31")).status_code == 404


async def test_what_the_centre_holds_needs_a_person(served: Served, lead: httpx.AsyncClient) -> None:
    served.hall.line = served.hall.line.model_copy(update={"held": 2})
    (alarm,) = (await lead.get("/api/oversight")).json()["alarms"]
    assert (alarm["kind"], alarm["n"]) == ("centre_holds", 2)


async def test_another_windows_clerk_registers_nothing_here(served: Served) -> None:
    clerk = await served.clerk("w2", "1357")
    assert (await clerk.post("/api/window/w1/complaint", json=complaint())).status_code == 403
    assert (await clerk.get("/api/window/w1/tasks")).status_code == 403


async def test_a_dispute_that_is_not_there_cannot_be_settled(served: Served, lead: httpx.AsyncClient) -> None:
    asked = await lead.post("/api/oversight/dispute", json=act(item="decisions/d9"))
    assert (asked.status_code, asked.json()["code"]) == (409, "case_unknown")
    assert (await served.browser().post("/api/oversight/dispute", json=act(item="decisions/d9"))).status_code == 401


def test_every_alarm_of_the_rules_can_be_shown() -> None:
    """A kind that the page's form does not know would leave the lead without the whole page."""
    assert set(get_args(oversight_schema.AlarmKind)) == {*get_args(supervision.AlarmKind), "centre_holds"}
