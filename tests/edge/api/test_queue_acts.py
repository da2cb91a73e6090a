"""A clerk's acts beyond the plain five, over HTTP: what each does, what it answers, and whom it is denied."""

from typing import get_args

import httpx
import pytest

from edge.api import model
from edge.api.client import NotAllowed, RefusedError
from edge.api.queue_schema import CheckInRequest
from edge.rules import queue_records
from edge.rules.commands import CallNext, Holder, IssueTicket, MissTicket, StopIssuing
from edge.rules.queue_commands import CheckIn, MirrorBooking
from tests.edge.api.bench import DATE, PERSON, Bench
from tests.edge.api.conftest import Served

ACTS = {
    "resume": {"ticket": "t:X"},
    "revive": {"ticket": "t:X"},
    "return": {"reason": "wrong_window"},
    "transfer": {"to": "w2", "reason": "needs_other_window"},
    "call": {"number": "A001", "reason": "emergency"},
    "green": {"ticket": "t:X", "ground": "elderly", "holds": True},
    "pause": {"reason": "lunch", "until": 0},
}


class Window:
    """Window w1 and the clerk at it."""

    def __init__(self, hall: Bench, browser: httpx.AsyncClient) -> None:
        self.hall, self.browser, self.n = hall, browser, 0

    async def act(self, verb: str, **body: object) -> httpx.Response:
        self.n += 1
        return await self.browser.post(f"/api/window/w1/{verb}", json={"id": f"act-{self.n:05d}", **body})

    async def done(self, verb: str, **body: object) -> dict:  # type: ignore[type-arg]
        answer = await self.act(verb, **body)
        assert answer.status_code == 200, answer.text
        return answer.json()["ticket"]  # type: ignore[no-any-return]

    async def seen(self) -> dict:  # type: ignore[type-arg]
        return (await self.browser.get("/api/window/w1")).json()  # type: ignore[no-any-return]

    async def issue(self, **wish: object) -> str:
        self.n += 1
        wish = {"service": "general", "channel": "kiosk", "place": "k1", **wish}
        answer = await self.hall.execute(IssueTicket.model_validate(wish), id=f"issue-{self.n:05d}", actor="kiosk:k1")
        return answer.records[0].subject


@pytest.fixture
async def window(served: Served) -> Window:
    return Window(served.hall, await served.clerk())


async def test_undo_within_ten_seconds_and_the_moment_it_ends_is_told(window: Window) -> None:
    await window.issue()
    assert (await window.done("next"))["number"] == "A001"
    until = (await window.seen())["undo_until"]
    assert 0 < until - window.hall.now_ms() <= 10_000
    assert (await window.done("undo"))["state"] == "waiting"
    seen = await window.seen()
    assert (seen["current"], seen["undo_until"], seen["queue"][0]["number"]) == (None, 0, "A001")


async def test_put_aside_and_taken_up_again(window: Window) -> None:
    uid = await window.issue()
    await window.done("next")
    refused = await window.act("hold")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_in_service")
    await window.done("start")
    await window.done("hold")
    assert [one["number"] for one in (await window.seen())["held"]] == ["A001"]
    assert (await window.done("resume", ticket=uid))["state"] == "serving"
    assert (await window.seen())["held"] == []


async def test_sent_back_with_a_reason_keeps_its_place(window: Window) -> None:
    await window.issue()
    await window.issue()
    await window.done("next")
    assert (await window.done("return", reason="materials_missing"))["number"] == "A001"
    assert [one["number"] for one in (await window.seen())["queue"]] == ["A001", "A002"]


async def test_sent_on_to_a_window_or_to_another_service(window: Window) -> None:
    for _ in range(2):
        await window.issue()
    await window.done("next")
    moved = await window.done("transfer", to="w2", reason="needs_other_window")
    assert (moved["state"], moved["service"]) == ("waiting", "general")
    assert [one["number"] for one in (await window.seen())["queue"]] == ["A002"]
    await window.done("next")
    assert (await window.done("transfer", service="social", reason="wrong_window"))["service"] == "social"
    no = await window.act("transfer", service="nothing", reason="wrong_window")
    assert no.status_code == 409


async def test_out_of_turn_says_why_and_past_whom(window: Window) -> None:
    for _ in range(3):
        await window.issue()
    called = await window.done("call", number="3", reason="escorted")
    assert (called["number"], called["why"], called["over"], called["reason"]) == ("A003", "out_of_turn", 2, "escorted")
    assert (await window.act("call", number="A001", reason="guess")).status_code == 422


async def test_a_call_in_order_says_so(window: Window) -> None:
    await window.issue()
    assert (await window.done("next"))["why"] == "order"


async def test_green_is_settled_by_a_person(window: Window) -> None:
    await window.issue()
    uid = await window.issue(declared="pregnant")
    before = (await window.seen())["queue"]
    assert {one["number"]: one["declared"] for one in before} == {"A001": "", "A002": "pregnant"}
    assert (await window.done("green", ticket=uid, ground="pregnant", holds=True))["klass"] == "green"
    assert (await window.seen())["queue"][0]["number"] == "A002"
    denied = await window.done("green", ticket=uid, ground="pregnant", holds=False)
    assert (denied["klass"], denied["declared"]) == ("walk_in", "")


async def test_pause_with_a_planned_end_is_seen_and_ended(window: Window) -> None:
    until = window.hall.now_ms() + 1_200_000
    await window.done("pause", reason="lunch", until=until)
    assert {(w["paused"], w["until"]) for w in [(await window.seen())["window"]]} == {("lunch", until)}
    await window.done("work")
    assert (await window.seen())["window"]["paused"] == ""
    late = await window.act("pause", reason="lunch", until=1)
    assert (late.status_code, late.json()["code"]) == (409, "pause_end_past")


async def test_a_missed_one_comes_back_once(window: Window) -> None:
    uid = await window.issue()
    await window.done("next")
    await window.done("miss")
    assert [one["ticket"] for one in (await window.seen())["missed"]] == [uid]
    assert (await window.done("revive", ticket=uid))["state"] == "waiting"
    await window.done("next")
    await window.done("miss")
    assert (await window.seen())["missed"] == []
    assert (await window.act("revive", ticket=uid)).json()["code"] == "revive_spent"


async def test_several_items_show_what_is_left(window: Window) -> None:
    await window.issue(more=("social",))
    assert (await window.done("next"))["items"] == ["general", "social"]
    await window.done("start")
    await window.done("finish")
    left = [ticket.left for ticket in window.hall.state.tickets.values()]
    assert left == [("social",)]


@pytest.mark.parametrize("verb", ACTS)
async def test_every_act_is_for_the_clerk_of_that_window_alone(served: Served, verb: str) -> None:
    clerk, visitor, guide = await served.clerk(), served.browser(), served.browser()
    assert (await guide.post("/api/guide/session", json={"pin": "5579"})).status_code == 200
    body = {"id": "somebody-1", **ACTS[verb]}
    assert (await clerk.post(f"/api/window/w2/{verb}", json=body)).status_code == 403
    assert (await visitor.post(f"/api/window/w1/{verb}", json=body)).status_code == 401
    assert (await guide.post(f"/api/window/w1/{verb}", json=body)).status_code == 403


async def mirror(hall: Bench, booking: str, minutes: int, phone: str = "1234", person: str = PERSON.number) -> int:
    slot = hall.now_ms() + minutes * 60_000
    holder = Holder(ref=hall.person_ref(DATE, person), name=PERSON.name, id_number=person)
    command = MirrorBooking(
        booking=booking,
        date=DATE,
        slot=slot,
        service="general",
        holder=holder,
        phone=hall.person_ref(DATE, f"phone:{phone}"),
    )
    await hall.execute(command, id=f"mirror-{booking}", actor="site")
    return slot


@pytest.mark.parametrize(("minutes", "punctuality"), [(20, "early"), (-5, "on_time"), (-20, "late")])
async def test_check_in_by_code_tells_early_on_time_late(served: Served, minutes: int, punctuality: str) -> None:
    slot = await mirror(served.hall, "b:YY0001", minutes)
    client = served.client()
    served.hall.scanned.put_nowait("https://city.example/booking?code=YY0001")
    code = (await client.read_code(5)).text
    found = await client.check_in(CheckInRequest(id="check-in-1", code=code))
    assert (found.punctuality, found.slot, found.ticket.klass) == (punctuality, slot, "appointment")
    again = await client.check_in(CheckInRequest(id="check-in-1", code=code))
    assert again.ticket.number == found.ticket.number


async def test_check_in_by_card_forgets_the_card_and_repeats_its_answer(served: Served) -> None:
    await mirror(served.hall, "b:YY0001", 5)
    client = served.client()
    served.hall.reader.lay(PERSON)
    card = (await client.read_card(30)).card
    request = CheckInRequest(id="check-in-1", card=card)
    first = await client.check_in(request)
    assert first == await client.check_in(request)
    assert [ticket.booking for ticket in served.hall.state.tickets.values()] == ["b:YY0001"]


async def test_a_late_booking_offers_an_ordinary_number(served: Served) -> None:
    await mirror(served.hall, "b:YY0001", -50)
    client = served.client()
    with pytest.raises(RefusedError) as late:
        await client.check_in(CheckInRequest(id="check-in-1", phone="1234"))
    assert late.value.refused.code == "booking_late"
    assert "普通号" in late.value.refused.text
    found = await client.check_in(CheckInRequest(id="check-in-2", phone="1234", accept_late=True))
    assert (found.punctuality, found.ticket.klass) == ("lapsed", "walk_in")


async def test_phones_that_end_alike_ask_for_a_card(served: Served) -> None:
    await mirror(served.hall, "b:YY0001", 5)
    await mirror(served.hall, "b:YY0002", 9, person="119999198505050024")
    client = served.client()
    for phone, code in (("1234", "booking_unclear"), ("0000", "booking_unknown")):
        with pytest.raises(RefusedError) as no:
            await client.check_in(CheckInRequest(id=f"phone-{phone}", phone=phone))
        assert no.value.refused.code == code
    with pytest.raises(NotAllowed):
        await client.check_in(CheckInRequest(id="nothing-1"))


class Guide:
    def __init__(self, browser: httpx.AsyncClient) -> None:
        self.browser, self.n = browser, 0

    async def act(self, what: str, **body: object) -> httpx.Response:
        self.n += 1
        return await self.browser.post(f"/api/guide/{what}", json={"id": f"guide-{self.n:04d}", **body})


@pytest.fixture
async def guide(served: Served) -> Guide:
    browser = served.browser()
    assert (await browser.post("/api/guide/session", json={"pin": "0000"})).status_code == 401
    signed_in = await browser.post("/api/guide/session", json={"pin": "5579"})
    assert signed_in.json() == {"window": "", "clerk": "g01", "name": "引导员一号", "role": "guide"}
    return Guide(browser)


async def test_a_guide_takes_a_number_for_somebody_else(served: Served, guide: Guide) -> None:
    taken = await guide.act("ticket", service="general", more=["social"], declared="elderly")
    assert (taken.json()["number"], taken.json()["items"]) == ("A001", ["general", "social"])
    ticket = next(iter(served.hall.state.tickets.values()))
    assert (ticket.channel, ticket.place, ticket.declared) == ("guide", "k1", "elderly")
    seen = (await guide.browser.get("/api/guide")).json()
    assert [(one["number"], one["state"], one["declared"]) for one in seen["tickets"]] == [
        ("A001", "waiting", "elderly")
    ]


async def test_a_guide_checks_in_settles_brings_back_and_cancels(served: Served, guide: Guide) -> None:
    await mirror(served.hall, "b:YY0001", 5)
    assert (await guide.browser.get("/api/guide")).json()["booked"] == 1
    assert (await guide.act("check-in", phone="1234")).json()["punctuality"] == "early"
    assert (await guide.act("check-in", card="token")).status_code == 422
    uid = (await guide.act("ticket", service="general")).json()["ticket"]
    assert (await guide.act("green", ticket=uid, ground="disabled", holds=True)).json()["klass"] == "green"
    await served.hall.execute(CallNext(window="w1"), id="call-the-next", actor="clerk:c01")
    await served.hall.execute(MissTicket(window="w1"), id="miss-it-now", actor="clerk:c01")
    missed = next(one for one in (await guide.browser.get("/api/guide")).json()["tickets"] if one["state"] == "missed")
    assert missed["revivable"]
    assert (await guide.act("revive", ticket=missed["ticket"])).json()["state"] == "waiting"
    assert (await guide.act("cancel", ticket=uid)).json()["state"] == "cancelled"
    assert (await guide.act("cancel", ticket=uid)).json()["code"] == "ticket_not_waiting"


async def test_stopped_issuing_is_told_and_refused(served: Served, guide: Guide) -> None:
    await served.hall.execute(StopIssuing(service="general", why="forecast"), id="stop-general", actor="site")
    assert (await guide.browser.get("/api/hall")).json()["stopped"] == {"general": "forecast"}
    assert (await guide.act("ticket", service="general")).json()["code"] == "issuing_stopped"


async def test_a_guide_is_no_clerk_and_a_clerk_no_guide(served: Served, guide: Guide) -> None:
    assert (await guide.browser.get("/api/window/w1")).status_code == 403
    clerk = await served.clerk()
    assert (await clerk.get("/api/guide")).status_code == 403
    assert (await served.browser().post("/api/guide/ticket", json={"id": "x" * 8})).status_code == 401


async def test_bookings_of_others_stay_unseen(served: Served, guide: Guide) -> None:
    await mirror(served.hall, "b:YY0001", 5)
    await served.hall.execute(
        CheckIn(booking="b:YY0001", channel="kiosk", place="k1"), id="somebody-came", actor="kiosk:k1"
    )
    text = (await guide.browser.get("/api/guide")).text
    assert PERSON.name not in text
    assert PERSON.number not in text


@pytest.mark.parametrize("name", ["Klass", "Ground", "CallWhy", "OutOfTurnReason", "BackReason", "PauseReason"])
def test_the_api_and_the_rules_know_the_same_words(name: str) -> None:
    assert get_args(getattr(model, name)) == get_args(getattr(queue_records, name))
