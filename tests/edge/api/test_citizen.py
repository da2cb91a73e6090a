"""What a citizen reaches at a kiosk with a paper in his hand, and what he does not."""

import asyncio
import contextlib
import json
import logging
from collections.abc import Awaitable
from typing import Any

import pytest

from edge.api import routes_citizen
from edge.api.citizen_schema import LookUpRequest, RateRequest, RatingLook, VoiceRequest, VoiceTaken
from edge.api.client import HallClient, RefusedError
from edge.api.schema import TicketRequest
from edge.rules import followup_commands as f
from edge.rules.commands import CallNext, EndPrint, FinishService, SignIn, StartPrint, StartService
from edge.rules.followup_state import Complaint
from edge.rules.state import Ticket
from tests.edge.api.bench import PERSON, Bench, until
from tests.edge.api.conftest import Served
from tests.edge.api.test_case import Desk, desk

__all__ = ["desk"]
WORST = {"level": "very_dissatisfied", "reasons": ("sent_away",)}


def ask(number: str, code: str, id: str = "look-up-1") -> LookUpRequest:
    return LookUpRequest(id=id, number=number, code=code)


async def no(work: Awaitable[object]) -> str:
    """The code of a refusal, which speaks to a citizen."""
    with pytest.raises(RefusedError) as refused:
        await work
    assert refused.value.refused.text
    assert "technician" not in refused.value.refused.text
    return refused.value.refused.code


async def received(desk: Desk) -> dict[str, Any]:
    await desk.open()
    await desk.give("id-card", originals=1)
    await desk.right("case/mark", material="bank-account", state="reused", form="reused")
    return await desk.right("case/receive", delivery="bank")


# --- how a case stands ----------------------------------------------------------------------------


async def test_number_and_code_show_the_course_and_a_masked_name(desk: Desk) -> None:
    case = await received(desk)
    receipt = case["papers"][0]["number"]
    client = desk.served.client()
    for n, number in enumerate((case["number"], receipt, receipt[-6:].lower())):
        found = (await client.look_up(ask(number, case["query_code"], f"look-up-{n}"))).case
        assert found is not None
        assert (found.name, found.stage, found.number) == ("张*", "received", case["number"])
        assert [step.act for step in found.steps] == ["receive"]
        assert (found.due, found.delivery, found.follows) == (case["due"], "bank", True)
        assert found.item["zh-Hans"]
        everything = found.model_dump_json()
        assert PERSON.number not in everything
        assert "测试" not in everything
        assert "119999********" not in everything
    shown = [each.record for each in await desk.served.hall.journal.read(0, 1000) if each.record.kind == "case.shown"]
    assert [(record.actor, record.subject) for record in shown] == [("kiosk:k1", case["case"])] * 3
    assert case["query_code"] not in json.dumps([record.data for record in shown])


async def test_wrong_number_and_wrong_code_get_one_answer(desk: Desk) -> None:
    case = await received(desk)
    client = desk.served.client()
    answers = []
    for number, code in ((case["number"], "0" * 8), ("1" * 26, case["query_code"]), ("T" + "1" * 26, "0" * 8)):
        with pytest.raises(RefusedError) as refused:
            await client.look_up(ask(number, code))
        answers.append(refused.value.refused)
    assert len({answer.text for answer in answers[:2]}) == 1
    assert {answer.code for answer in answers} <= {"query_unknown", "complaint_unknown"}


async def test_guessing_has_to_wait_and_the_next_kiosk_does_not(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    case = await received(desk)
    client = desk.served.client()
    told = [await no(client.look_up(ask(case["number"], f"{n:08d}"))) for n in range(7)]
    assert told == ["query_unknown"] * 5 + ["query_wait"] * 2
    assert await no(client.look_up(ask(case["number"], case["query_code"]))) == "query_wait"
    assert await no(client.rating(RatingLook(id="rating-look", code="0" * 8))) == "query_wait", (
        "one limit for all codes"
    )


async def test_a_right_code_forgives_the_mistyped_ones_before(desk: Desk) -> None:
    case = await received(desk)
    client = desk.served.client()
    for n in range(4):
        for m in range(4):
            assert await no(client.look_up(ask(case["number"], f"{m:08d}"))) == "query_unknown"
        assert (await client.look_up(ask(case["number"], case["query_code"], f"look-up-{n}"))).case


async def test_an_erased_name_does_not_hide_the_case(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    case = await received(desk)

    async def erased(self: Bench, seq: int, h: str) -> dict[str, Any]:
        raise LookupError(h)

    monkeypatch.setattr(Bench, "opened", erased)
    found = (await desk.served.client().look_up(ask(case["number"], case["query_code"]))).case
    assert found is not None
    assert (found.name, found.stage) == ("", "received")


async def test_no_code_and_no_name_in_any_log(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    case = await received(desk)
    client = desk.served.client()
    await client.look_up(ask(case["number"], case["query_code"]))
    with contextlib.suppress(RefusedError):
        await client.look_up(ask(case["number"], "QQQQQQQQ"))
    for secret in (case["query_code"], "QQQQQQQQ", "测试", PERSON.number):
        assert secret not in caplog.text


# --- judging a service ----------------------------------------------------------------------------


async def finished(served: Served, window: str = "w1") -> Ticket:
    """A turn from the call to its end; the pad was not pressed."""
    hall = served.hall
    ticket = await served.client().take_ticket(_wish(f"ticket-{len(hall.state.tickets):04d}"))
    clerk = {"w1": "c01", "w2": "c02"}[window]
    for n, command in enumerate((CallNext(window=window), StartService(window=window), FinishService(window=window))):
        await hall.execute(command, id=f"{ticket.ticket}-{n}", actor=f"clerk:{clerk}")
    return hall.state.tickets[ticket.ticket]


def _wish(id: str) -> Any:
    return TicketRequest(id=id, service="general")


@pytest.fixture
async def served_turn(served: Served) -> Ticket:
    await served.hall.execute(SignIn(window="w1", clerk="c01"), id="sign-in-0001", actor="clerk:c01")
    return await finished(served)


def rate(code: str, id: str = "rate-0001", **more: object) -> RateRequest:
    return RateRequest.model_validate({"id": id, "code": code, "level": "satisfied"} | more)


async def test_the_papers_code_opens_the_question_once_and_a_second_beside_it(
    served: Served, served_turn: Ticket
) -> None:
    client, code = served.client(), served.hall.slip_code(served_turn.uid)
    asked = await client.rating(RatingLook(id="rating-look-1", code=f"https://hall.example/r/{code.lower()}"))
    assert (asked.window, asked.second, asked.closes - asked.ended) == ("1", False, 24 * 3_600_000)
    assert not (await client.rate(rate(code))).second
    assert not (await client.rate(rate(code))).second, "the same request is one opinion"
    assert (await client.rating(RatingLook(id="rating-look-2", code=code))).second
    assert (await client.rate(rate(code, "rate-0002", **WORST))).second
    assert await no(client.rating(RatingLook(id="rating-look-3", code=code))) == "rating_twice"
    assert await no(client.rate(rate(code, "rate-0003"))) == "rating_twice"
    given = [
        (record.kind, record.body["level"], record.body["by"])
        for each in await served.hall.journal.read(0, 1000)
        if (record := each.record).kind.startswith("rating.") and "level" in record.body
    ]
    assert given == [("rating.given", "satisfied", "kiosk"), ("rating.added", "very_dissatisfied", "kiosk")]


async def test_a_bad_level_wants_a_reason(served: Served, served_turn: Ticket) -> None:
    client, code = served.client(), served.hall.slip_code(served_turn.uid)
    assert await no(client.rate(rate(code, level="dissatisfied"))) == "rating_needs_reason"
    await client.rate(rate(code, **WORST))
    assert len(served.hall.state.tasks) == 1


async def test_foreign_early_and_late_codes_are_refused(
    served: Served, served_turn: Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = served.client()
    waiting = await client.take_ticket(_wish("ticket-early"))
    for wrong in (served_turn.uid, served.hall.slip_code(waiting.ticket), served_turn.number, "0" * 8):
        assert await no(client.rate(rate(wrong))) == "rating_no_code", wrong
    code = served.hall.slip_code(served_turn.uid)
    closes = next(iter(served.hall.state.questions.values())).closes
    monkeypatch.setattr(Bench, "now_ms", lambda self: closes + 1)
    assert await no(client.rating(RatingLook(id="rating-look-9", code=code))) == "rating_late"


async def test_the_ids_that_staff_see_are_no_codes(served: Served, served_turn: Ticket) -> None:
    """Nothing that a page of staff shows lets a clerk speak for a citizen."""
    clerk = await served.clerk()
    code = served.hall.slip_code(served_turn.uid)
    assert code not in (await clerk.get("/api/window/w1")).text
    records = json.dumps([each.record.data for each in await served.hall.journal.read(0, 1000)])
    assert code not in records
    refused = await clerk.post("/api/kiosk/k1/rate", json=rate(code).model_dump())
    assert refused.status_code == 404


# --- complaints and suggestions -------------------------------------------------------------------


def voice(id: str = "voice-0001", **more: object) -> VoiceRequest:
    wish = {"id": id, "type": "complaint", "about": "site", "points": ("waited", "sent_away")}
    return VoiceRequest.model_validate(wish | more)


async def complained(served: Served, wish: VoiceRequest, outcome: str = "done") -> VoiceTaken:
    """The hall prints its slip meanwhile."""
    hall, client = served.hall, served.client()
    asking = asyncio.create_task(client.complain(wish))
    before = len(hall.state.complaints)
    await until(lambda: len(hall.state.complaints) > before)
    uid = list(hall.state.complaints)[-1]
    start = StartPrint(what="complaint", complaint=uid, job=f"p:{uid}", printer="printer-1")
    await hall.execute(start, id=f"s-{uid[-12:]}", actor="job:printing")
    end = EndPrint.model_validate({"complaint": uid, "job": f"p:{uid}", "outcome": outcome, "code": ""})
    await hall.execute(end, id=f"e-{uid[-12:]}", actor="job:printing")
    return await asking


def the_one(hall: Bench) -> Complaint:
    (found,) = hall.state.complaints.values()
    return found


@pytest.mark.parametrize("outcome", ["done", "failed", "unknown"])
async def test_a_complaint_gets_its_number_and_tells_how_its_paper_is(served: Served, outcome: str) -> None:
    taken = await complained(served, voice(), outcome)
    assert taken.number.startswith("T119999042")
    assert (taken.paper, len(taken.query_code)) == (outcome, 8)
    kept = the_one(served.hall)
    assert (kept.anonymous, kept.about, kept.target, kept.copies) == (True, "site", "", 1)
    text = (await served.hall.opened(kept.seq, kept.text_h))["text"]
    assert text.count("\n") == 1
    again = await served.client().complain(voice())
    assert (again.number, len(served.hall.state.complaints)) == (taken.number, 1)


async def test_the_ticket_names_the_window_and_a_contact_is_sealed(served: Served, served_turn: Ticket) -> None:
    code = served.hall.slip_code(served_turn.uid)
    taken = await complained(served, voice(type="suggestion", ticket=code, contact="13800000000"))
    kept = the_one(served.hall)
    assert (taken.number[0], kept.about, kept.target, kept.anonymous) == ("J", "window", "w1", False)
    records = json.dumps([each.record.data for each in await served.hall.journal.read(0, 1000)])
    assert "13800000000" not in records
    assert await no(served.client().complain(voice("voice-0002", ticket="0" * 8))) == "rating_no_code"
    assert len(served.hall.state.complaints) == 1


async def test_the_answer_is_read_with_number_and_code(served: Served) -> None:
    taken = await complained(served, voice())
    kept, client = the_one(served.hall), served.client()
    found = (await client.look_up(ask(taken.number[-6:], taken.query_code))).voice
    assert found is not None
    assert (found.state, found.answer, found.due) == ("registered", "", kept.due)
    acts: list[Any] = [
        f.AcceptComplaint(complaint=kept.uid),
        f.InvestigateComplaint(complaint=kept.uid),
        f.ReplyComplaint.model_validate({"complaint": kept.uid, "text": "窗口已经增加人手。"}),
    ]
    for n, act in enumerate(acts):
        await served.hall.execute(act, id=f"lead-act-{n}", actor="lead:l01")
    found = (await client.look_up(ask(taken.number, taken.query_code, "look-up-2"))).voice
    assert found is not None
    assert (found.state, found.answer) == ("replied", "窗口已经增加人手。")
    assert "人手" not in repr(found)
    assert await no(client.look_up(ask(taken.number, "0" * 8))) == "complaint_unknown"


async def test_a_long_silent_printer_does_not_keep_its_author(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:

    monkeypatch.setattr(routes_citizen, "PAPER_SECONDS", 0.05)
    taken = await served.client().complain(voice())
    assert (taken.paper, taken.number[0]) == ("none", "T")


async def test_a_table_of_codes_is_no_help(served: Served, served_turn: Ticket) -> None:
    """Every ticket has its own code, the same each time, of the alphabet that keyboards offer."""
    hall: Bench = served.hall
    codes = {hall.slip_code(f"t:{n}") for n in range(500)}
    assert len(codes) == 500
    assert {character for code in codes for character in code} <= set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
    assert hall.slip_code("t:1") == hall.slip_code("t:1")


async def test_another_kiosks_place_is_denied(served: Served) -> None:
    client: HallClient = served.client()
    for what, body in (("look-up", ask("1" * 26, "0" * 8)), ("rate", rate("0" * 8)), ("complain", voice())):
        with pytest.raises(Exception, match="403"):
            await client._send("POST", f"/api/kiosk/k2/{what}", body)
