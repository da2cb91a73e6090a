"""A clerk's browser: signing in, calling, serving, and what goes wrong in words."""

from dataclasses import dataclass

import httpx

from edge.api.schema import TicketRequest, WindowSnapshot
from edge.api.sessions import TooManyTries, Tries
from tests.edge.api.bench import PERSON
from tests.edge.api.conftest import Served


async def act(clerk: httpx.AsyncClient, verb: str, id: str, window: str = "w1") -> httpx.Response:
    return await clerk.post(f"/api/window/{window}/{verb}", json={"id": id})


async def take(served: Served, id: str = "request-1", card: str = "") -> str:
    return (await served.client().take_ticket(TicketRequest(id=id, service="general", card=card))).ticket


async def test_one_citizen_from_call_to_finish(served: Served) -> None:
    clerk = await served.clerk()
    await take(served)
    for verb, state in (("next", "called"), ("recall", "called"), ("start", "serving"), ("finish", "done")):
        answer = await act(clerk, verb, f"press-{verb}")
        assert answer.status_code == 200, answer.text
        assert answer.json()["ticket"]["number"] == "A001"
        assert answer.json()["ticket"]["state"] == state
    seen = WindowSnapshot.model_validate_json((await clerk.get("/api/window/w1")).content)
    assert (seen.window.state, seen.current, seen.rating.state) == ("idle", None, "asked")


async def test_pressing_twice_with_one_id_calls_once(served: Served) -> None:
    clerk = await served.clerk()
    await take(served, "request-1")
    await take(served, "request-2")
    answers = [(await act(clerk, "next", "press-once")).json() for _ in range(3)]
    assert answers == [answers[0]] * 3
    assert len(served.hall.state.calls) == 1


async def test_refusal_comes_in_the_clerks_language(served: Served) -> None:
    clerk = await served.clerk()
    answer = await act(clerk, "next", "press-next")
    assert answer.status_code == 409
    assert answer.json()["code"] == "nobody_waiting"
    assert "没有人在等" in answer.json()["text"]
    english = await clerk.post(
        "/api/window/w1/next", json={"id": "press-again"}, headers={"Accept-Language": "en-GB,en;q=0.9,zh;q=0.1"}
    )
    assert english.json()["text"].isascii()


async def test_cookie_is_out_of_reach_of_scripts_and_other_sites(served: Served) -> None:
    answer = await served.browser().post("/api/session", json={"window": "w1", "pin": "2468"})
    cookies = answer.headers.get_list("set-cookie")
    assert len(cookies) == 2
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
    assert answer.json() == {"window": "w1", "clerk": "c01", "name": "窗口一号", "role": "clerk"}
    assert served.hall.state.windows["w1"].clerk == "c01"


async def test_wrong_pin_says_so_and_nothing_else(served: Served) -> None:
    answer = await served.browser().post("/api/session", json={"window": "w1", "pin": "0000"})
    assert answer.status_code == 401
    assert answer.json()["code"] == "wrong_pin"
    assert "登录码不对" in answer.json()["text"]
    assert served.hall.state.windows["w1"].clerk == ""


async def test_form_errors_do_not_repeat_what_was_typed(served: Served) -> None:
    answer = await served.browser().post("/api/session", json={"window": "w1", "pin": "7777777777777"})
    assert answer.status_code == 422
    assert "7777" not in answer.text


async def test_guessing_at_one_window_stops_nobody_else(served: Served) -> None:
    known = await served.clerk("w1")
    stranger = served.browser()
    tries = [await stranger.post("/api/session", json={"window": "w1", "pin": f"00{n:02}"}) for n in range(7)]
    assert [answer.status_code for answer in tries[:5]] == [401] * 5
    assert tries[-1].status_code == 429
    assert int(tries[-1].headers["retry-after"]) >= 1
    assert "其他窗口不受影响" in tries[-1].json()["text"]
    assert (await known.post("/api/session", json={"window": "w1", "pin": "2468"})).status_code == 200
    assert (await served.browser().post("/api/session", json={"window": "w2", "pin": "1357"})).status_code == 200


async def test_taking_over_a_window_ends_the_session_before(served: Served) -> None:
    first = await served.clerk("w1", "2468")
    await served.clerk("w1", "1357")
    assert (await first.get("/api/window/w1")).status_code == 401
    assert served.hall.state.windows["w1"].clerk == "c02"


async def test_one_clerk_at_a_window_in_service(served: Served) -> None:
    clerk = await served.clerk("w1", "2468")
    await take(served)
    await act(clerk, "next", "press-next")
    other = await served.browser().post("/api/session", json={"window": "w1", "pin": "1357"})
    assert other.status_code == 409
    assert other.json()["code"] == "window_taken"
    assert "窗口一号" in other.json()["text"]
    assert (await clerk.get("/api/window/w1")).status_code == 200


async def test_signing_out(served: Served) -> None:
    clerk = await served.clerk()
    assert (await clerk.delete("/api/session")).status_code == 204
    assert served.hall.state.windows["w1"].clerk == ""
    assert (await clerk.get("/api/session")).status_code == 401


async def test_forged_and_foreign_cookies_are_nobody(served: Served) -> None:
    await served.clerk()
    for cookie in ("hall_session=" + "0" * 64, "hall_session=", "hall_browser=x", "\u00e9\u00e9;;="):
        browser = served.browser()
        answer = await browser.get("/api/session", headers={b"cookie": cookie.encode("latin-1")})
        assert answer.status_code == 401


async def test_holder_is_shown_masked_and_recorded_first(served: Served) -> None:
    clerk = await served.clerk()
    served.hall.reader.lay(PERSON)
    card = (await served.client().read_card(10)).card
    await take(served, card=card)
    await act(clerk, "next", "press-next")
    before = served.hall.state.seq
    answer = await clerk.get("/api/window/w1/holder")
    assert answer.json() == {"card": "", "name": "张*", "id_number": "119999********0012"}
    shown = [stored.record for stored in await served.hall.journal.read(before, 10)]
    assert [(record.kind, record.actor) for record in shown] == [("part.disclosed", "clerk:c01")]


async def test_holder_without_card_is_refused(served: Served) -> None:
    clerk = await served.clerk()
    await take(served)
    await act(clerk, "next", "press-next")
    assert (await clerk.get("/api/window/w1/holder")).status_code == 409


async def test_reprint(served: Served) -> None:
    clerk = await served.clerk()
    ticket = await take(served)
    await served.hall.print_ends(ticket, "failed", "paper_out")
    answer = await clerk.post(f"/api/ticket/{ticket}/reprint", json={"id": "reprint-1"})
    assert answer.json()["print"] == "printing"
    again = await clerk.post(f"/api/ticket/{ticket}/reprint", json={"id": "reprint-2"})
    assert (again.status_code, again.json()["code"]) == (409, "print_running")


async def test_a_clerk_who_saw_the_ticket_says_so(served: Served) -> None:
    clerk = await served.clerk()
    ticket = await take(served)
    assert (await clerk.post("/api/ticket/t:none/came-out", json={"id": "seen-0001"})).status_code == 409
    early = await clerk.post(f"/api/ticket/{ticket}/came-out", json={"id": "seen-0002"})
    assert (early.status_code, early.json()["code"]) == (409, "print_not_running")
    await served.hall.print_ends(ticket, "unknown", "outcome_unknown")
    assert (await served.browser().post(f"/api/ticket/{ticket}/came-out", json={"id": "seen-0003"})).status_code == 401
    answer = await clerk.post(f"/api/ticket/{ticket}/came-out", json={"id": "seen-0004"})
    assert (answer.json()["print"], answer.json()["number"]) == ("done", "A001")
    last = (await served.hall.journal.read(served.hall.state.seq - 1, 1))[0].record
    assert (last.kind, last.actor, last.body["code"]) == ("print.done", "clerk:c01", "seen_by_person")


async def test_a_waiting_ticket_says_how_its_print_ended(served: Served) -> None:
    clerk = await served.clerk()
    ticket = await take(served)
    await served.hall.print_ends(ticket, "unknown", "outcome_unknown")
    (waiting,) = (await clerk.get("/api/window/w1")).json()["queue"]
    assert (waiting["ticket"], waiting["print"]) == (ticket, "unknown")


async def test_health_and_words_for_everybody(served: Served) -> None:
    visitor = served.browser()
    served.hall.troubles["led-1"] = ("fault", "late")
    health = (await visitor.get("/api/health")).json()
    assert (health["ready"], health["site"], health["faults"]) == (True, "LH-0042", 1)
    words = (await visitor.get("/api/words/en/clerk")).json()
    assert words["act.next"] == "Next"
    assert (await visitor.get("/api/words/xx/clerk")).status_code == 422
    assert (await visitor.get("/api/words/en/..%2fsecret")).status_code in (404, 422)


@dataclass
class Turned:
    up: int = 0

    def now_ms(self) -> int:
        return self.up

    def up_ms(self) -> int:
        return self.up


def test_tries_wait_longer_and_a_right_pin_clears_them() -> None:
    clock = Turned()
    tries, key = Tries(clock), ("w1", "")
    waits = []
    for _ in range(16):
        try:
            tries.begin(key)
        except TooManyTries as wait:
            waits.append(wait.seconds)
            clock.up += wait.seconds * 1000
            tries.begin(key)
    assert waits[:3] == [5, 10, 20]
    assert max(waits) == 300
    tries.right(key)
    tries.begin(key)
    tries.begin(("w1", "known-browser"))
