"""A case over the API: from the card to the receipt, and every way it is told no."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, get_args

import httpx
import pytest

from config import words
from drivers.errors import CardMoved, Gone
from edge.api.case_schema import PersonWarning
from edge.api.schema import TicketRequest
from edge.catalogue.schema import Kiosk, NotAdmitted
from edge.journal.errors import DiskFull, FileNotKept
from tests.edge.api.bench import PERSON
from tests.edge.api.conftest import Served

CLAIM = "resident-pension-claim"  # identity card; bank account, which may be reused; 20 working days


@dataclass
class Desk:
    served: Served
    browser: httpx.AsyncClient
    case: str = ""
    acts: int = 0

    async def post(self, what: str, /, **body: Any) -> httpx.Response:
        self.acts += 1
        body = {"id": f"act-{self.acts:08}", **({"case": self.case} if self.case else {}), **body}
        return await self.browser.post(f"/api/window/w1/{what}", json=body)

    async def right(self, what: str, /, **body: Any) -> dict[str, Any]:
        answer = await self.post(what, **body)
        assert answer.status_code == 200, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def refused(self, code: str, what: str, /, **body: Any) -> str:
        answer = await self.post(what, **body)
        assert (answer.status_code, answer.json()["code"]) == (409, code), answer.text
        return str(answer.json()["text"])

    async def now(self) -> dict[str, Any] | None:
        answer = await self.browser.get("/api/window/w1/case")
        assert answer.status_code == 200
        return answer.json()  # type: ignore[no-any-return]

    async def serve(self) -> None:
        await self.served.client().take_ticket(TicketRequest(id=f"citizen-{self.acts}", service="general"))
        for verb in ("next", "start"):
            await self.right(verb)

    async def open(self, item: str = CLAIM) -> dict[str, Any]:
        self.served.hall.reader.lay(PERSON)
        person = await self.right("card", seconds=5)
        made = await self.right("case", item=item, person=person["token"])
        self.case = made["case"]
        return made

    async def give(self, material: str, **body: Any) -> dict[str, Any]:
        return await self.right("case/mark", material=material, **({"state": "provided", "form": "paper"} | body))

    async def disclosures(self) -> int:
        stored = await self.served.hall.journal.read(0, 1000)
        return sum(each.record.kind == "part.disclosed" for each in stored)


@pytest.fixture
async def desk(counter: Served) -> Desk:
    made = Desk(counter, await counter.clerk())
    await made.serve()
    return made


async def test_from_the_card_to_the_receipt(desk: Desk) -> None:
    hall = desk.served.hall
    hall.reader.lay(PERSON)
    person = await desk.right("card", seconds=5)
    assert (person["name"], person["id_number"]) == ("张*", "119999********0012")
    opened = await desk.right("case", item=CLAIM, person=person["token"])
    desk.case = opened["case"]
    assert (opened["state"], opened["limit_days"], opened["lacking"]) == ("draft", 20, 2)
    assert opened["due"] > opened["counted"] > "2026"
    assert [line["lack"] for line in opened["materials"]] == ["missing", "missing"]
    assert opened["materials"][1]["reusable"]
    assert PERSON.number not in str(opened)
    assert (await desk.give("id-card", originals=1))["lacking"] == 1
    ready = await desk.right("case/mark", material="bank-account", state="reused", form="reused")
    assert (ready["lacking"], ready["tell"]) == (0, [])
    received = await desk.right("case/receive", delivery="bank")
    assert received["state"] == "received"
    assert received["number"].startswith("11999904201")
    assert received["due"] == opened["due"]
    assert [paper["what"] for paper in received["papers"]] == ["receipt"]
    await hall.paper_ends(desk.case, "failed", "paper_out")
    now = await desk.now()
    assert now is not None
    assert now["papers"][0]["print"] == "failed"
    assert "纸" in now["papers"][0]["text"]
    again = await desk.right("case/reprint", what="receipt")
    assert (again["papers"][0]["print"], again["papers"][0]["copies"]) == ("printing", 2)
    assert await desk.refused("print_not_running", "case/came-out", what="receipt")
    await hall.end_reprint(desk.case, "unknown", "late")
    seen = await desk.right("case/came-out", what="receipt")
    assert (seen["papers"][0]["print"], seen["papers"][0]["text"]) == ("done", "")
    await desk.right("finish")
    assert await desk.now() is None


async def test_who_asks_for_what_no_window_admits_hears_where_it_is_taken_in(desk: Desk) -> None:
    hall = desk.served.hall
    where = {"zh-Hans": "请到区保密局(凤凰路 1 号)办理。", "zh-Hant": "請到區保密局辦理。", "en": "Ask the office."}
    closed = hall.catalogue.items[CLAIM].model_copy(
        update={"not_admitted": NotAdmitted(why="secret", where=where), "kiosk": Kiosk(shown=False)}
    )
    hall.use_catalogue(replace(hall.catalogue, items={**hall.catalogue.items, CLAIM: closed}))
    found = (await desk.browser.get("/api/catalogue/items", params={"text": "养老金申领"})).json()
    assert [one["elsewhere"] for one in found if one["id"] == CLAIM] == [where]
    assert [one["elsewhere"] for one in found if one["id"] != CLAIM].count(None) == len(found) - 1
    hall.reader.lay(PERSON)
    person = await desk.right("card", seconds=5)
    told = await desk.refused("item_not_admitted", "case", item=CLAIM, person=person["token"])
    assert where["zh-Hans"] in told
    assert closed.name["zh-Hans"] in told
    assert not hall.state.cases


async def test_the_live_window_carries_the_case(desk: Desk) -> None:
    before = (await desk.browser.get("/api/window/w1")).json()
    assert before["case"] is None
    await desk.open()
    assert (await desk.browser.get("/api/window/w1")).json()["case"]["case"] == desk.case


async def test_what_the_reader_could_not_read_is_said(desk: Desk) -> None:
    desk.served.hall.reader.lay(
        PERSON.model_copy(update={"warnings": ("photo_missing", "append_unread", "odd_1", "odd_2")})
    )
    person = await desk.right("card", seconds=5)
    assert person["warnings"] == ["photo_missing", "append_unread", "reader_note"]
    assert person["name"] == "张*"


def test_every_warning_has_words_in_every_language() -> None:
    for language in words.LANGUAGES:
        texts = words.load(language, "clerk")
        assert all(texts.say(f"person_warning.{each}") for each in get_args(PersonWarning))


async def test_a_typed_person_is_warned_about_and_let_in(desk: Desk) -> None:
    typed = {"name": "张测试", "id_number": "11999919900101001x", "phone": "13000000000"}
    person = await desk.right("person", **typed)
    assert person["warnings"] == ["number_check_digit"]
    assert (await desk.right("person", **(typed | {"id_number": "H1234"})))["warnings"] == ["number_form"]
    stale = await desk.post("case", item=CLAIM, person=person["token"])
    assert (stale.status_code, stale.json()["code"]) == (503, "card_session_over")
    person = await desk.right("person", **typed)
    desk.case = (await desk.right("case", item=CLAIM, person=person["token"]))["case"]
    shown = (await desk.browser.get("/api/window/w1/case/applicant")).json()
    assert (shown["name"], shown["id_number"], shown["token"]) == ("张*", "119999********001X", "")
    assert await desk.disclosures() == 1


async def test_a_read_ends_with_its_asker_and_needs_a_turn(desk: Desk) -> None:
    reader = desk.served.hall.reader
    asking = asyncio.create_task(desk.post("card", seconds=60))
    await reader.waiting.wait()
    busy = await desk.post("card", seconds=1)
    assert (busy.status_code, busy.json()["code"]) == (503, "busy")
    asking.cancel()
    await asyncio.wait_for(reader.stopped.wait(), 30)
    reader.lay(CardMoved("moved"))
    moved = await desk.post("card", seconds=5)
    assert moved.json()["code"] == "card_moved"
    await desk.right("finish")
    for what, body in (("card", {}), ("person", {"name": "张测试", "id_number": "1"})):
        assert "开始办理" in await desk.refused("case_needs_turn", what, **body)


async def test_wrong_orders_are_refused_in_words(desk: Desk) -> None:
    assert await desk.refused("case_unknown", "case/receive", case="case:none")
    await desk.open()
    person = await desk.right("person", name="李样本", id_number="119999198505050024")
    assert "暂存" in await desk.refused("case_open", "case", item=CLAIM, person=person["token"])
    assert "2 样" in await desk.refused("case_lacks", "case/receive", delivery="bank")
    assert await desk.refused("mark_unclear", "case/mark", material="id-card", state="missing", form="paper")
    assert await desk.refused("material_unknown", "case/mark", material="x", state="missing", form="none")
    assert await desk.refused("material_unknown", "case/page", material="x")
    assert desk.served.hall.camera.taken == 0
    assert await desk.refused("reason_needs_text", "case/refuse", reason="other")
    assert "还有一件" in await desk.refused("case_open", "finish")
    told = await desk.right("case/notice")
    assert [line["why"] for line in told["tell"]] == ["missing", "missing"]
    assert await desk.refused("case_noticed", "case/receive")
    assert await desk.refused("case_ended", "case/page", material="id-card")
    again = await desk.right("case/take-up")
    assert again["earlier_notices"] == [told["papers"][0]["number"]]
    assert told["papers"][0]["number"] in await desk.refused("notice_given", "case/notice")
    await desk.give("id-card", originals=1)
    await desk.give("bank-account", copies=1)
    assert await desk.refused("case_complete", "case/notice")
    assert await desk.refused("delivery_not_offered", "case/receive", delivery="mail")
    assert await desk.refused("paper_unknown", "case/reprint", what="receipt")


async def test_refused_dropped_and_set_aside(desk: Desk) -> None:
    await desk.open()
    refused = await desk.right("case/refuse", reason="other", text="不属于本站")
    assert (refused["state"], refused["refused_for"]) == ("refused", "other")
    assert "不属于本站" not in str(refused)
    await desk.open()
    assert (await desk.right("case/drop", why="mistake"))["state"] == "dropped"
    await desk.open()
    aside = await desk.right("case/aside", why="fetching_materials")
    assert aside["state"] == "aside"
    waiting = (await desk.browser.get("/api/window/w1/cases")).json()
    assert [(each["case"], each["state"], each["item"]) for each in waiting] == [(desk.case, "aside", CLAIM)]
    await desk.right("finish")
    await desk.serve()
    assert (await desk.right("case/take-up"))["state"] == "draft"


async def test_pages_are_taken_sealed_shown_and_taken_again(desk: Desk) -> None:
    hall = desk.served.hall
    await desk.open()
    hall.camera.lay("blurred", "cut_off")
    line = (await desk.right("case/page", material="id-card"))["materials"][0]
    page = line["pages"][0]
    assert (page["page"], page["warnings"]) == (1, ["blurred", "cut_off"])
    shown = await desk.browser.get(f"/api/window/w1/case/page/{page['h']}")
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")
    assert shown.headers["cache-control"] == "no-store"
    assert shown.content[:3] == b"\xff\xd8\xff"
    assert await desk.disclosures() == 1
    hall.camera.lay()
    line = (await desk.right("case/page", material="id-card", replaces=page["h"]))["materials"][0]
    assert [(each["page"], each["warnings"]) for each in line["pages"]] == [(2, [])]
    gone = await desk.browser.get(f"/api/window/w1/case/page/{page['h']}")
    assert gone.json()["code"] == "page_unknown"
    kept = line["pages"][0]["h"]
    path = f"/api/window/w1/case/page/{kept}?case={desk.case}&id=drop-0001"
    answer = await desk.browser.delete(path)
    assert answer.json()["materials"][0]["pages"] == []
    assert (await desk.browser.delete(path)).status_code == 200  # the same id answers the same again
    assert (await desk.browser.delete(path.replace("0001", "0002"))).json()["code"] == "page_unknown"


async def test_one_request_takes_one_picture_however_often_it_is_sent(desk: Desk) -> None:
    await desk.open()
    body = {"id": "one-picture", "case": desk.case, "material": "id-card"}
    answers = await asyncio.gather(*(desk.browser.post("/api/window/w1/case/page", json=body) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {200}
    assert (await desk.browser.post("/api/window/w1/case/page", json=body)).status_code == 200
    assert desk.served.hall.camera.taken == 1
    assert len(desk.served.hall.files) == 1


async def test_a_camera_that_hangs_or_is_gone_says_so_and_may_be_tried_again(desk: Desk) -> None:
    camera = desk.served.hall.camera
    await desk.open()
    camera.hangs = True
    late = await desk.post("case/page", id="same-request", material="id-card")
    assert (late.status_code, late.json()["code"]) == (503, "late")
    assert late.json()["text"]
    camera.hangs, camera.trouble = False, Gone("pulled")
    assert (await desk.post("case/page", id="same-request", material="id-card")).json()["code"] == "gone"
    camera.trouble = None
    made = await desk.right("case/page", id="same-request", material="id-card")
    assert len(made["materials"][0]["pages"]) == 1
    desk.served.hall.files.lose()
    lost = await desk.browser.get(f"/api/window/w1/case/page/{made['materials'][0]['pages'][0]['h']}")
    assert (lost.status_code, lost.json()["code"]) == (503, "absent")


async def test_the_catalogue_is_searched_and_tells_what_nobody_checked(desk: Desk) -> None:
    async def found(text: str) -> list[str]:
        answer = await desk.browser.get("/api/catalogue/items", params={"text": text})
        return [item["id"] for item in answer.json()]

    assert (await found("yljlq"))[0] == CLAIM
    assert (await found("养老金申领"))[0] == CLAIM
    assert "unemployment-benefit" not in await found("失业保险金")  # not accepted at a station
    assert len(await found("")) > 30
    sheet = (await desk.browser.get(f"/api/catalogue/items/{CLAIM}")).json()
    assert (sheet["unverified"], "materials" in sheet["unverified_facts"]) == (True, True)
    assert [material["id"] for material in sheet["materials"]] == ["id-card", "bank-account"]
    assert (await desk.browser.get("/api/catalogue/items/nothing")).json()["code"] == "item_unknown"


async def test_another_windows_clerk_is_kept_out(desk: Desk) -> None:
    await desk.open()
    page = (await desk.right("case/page", material="id-card"))["materials"][0]["pages"][0]["h"]
    other = await desk.served.clerk("w2", "1357")
    for path in ("case", "cases", "case/applicant", f"case/page/{page}"):
        assert (await other.get(f"/api/window/w1/{path}")).status_code == 403
    assert (await other.get(f"/api/window/w2/case/page/{page}")).json()["code"] == "page_unknown"
    body = {"id": "stranger-1", "case": desk.case, "material": "id-card", "state": "missing", "form": "none"}
    assert (await other.post("/api/window/w1/case/mark", json=body)).status_code == 403
    assert (await other.post("/api/window/w2/case/mark", json=body)).status_code == 409
    bodies: dict[str, dict[str, Any]] = {
        "card": {},
        "person": {"name": "张测试", "id_number": "1"},
        "case": {"item": CLAIM, "person": "x"},
        "case/take-up": {},
        "case/page": {"material": "id-card"},
        "case/receive": {},
        "case/notice": {},
        "case/refuse": {"reason": "duplicate"},
        "case/aside": {"why": "closing_time"},
        "case/drop": {"why": "mistake"},
        "case/reprint": {"what": "receipt"},
        "case/came-out": {"what": "receipt"},
    }
    for what, more in bodies.items():
        asked = {"id": "stranger-2", "case": desk.case, **more}
        assert (await other.post(f"/api/window/w1/{what}", json=asked)).status_code == 403, what
    assert await desk.disclosures() == 0


async def test_an_answer_that_got_lost_is_given_again(desk: Desk) -> None:
    desk.served.hall.reader.lay(PERSON)
    person = await desk.right("card", seconds=5)
    body = {"id": "open-once", "item": CLAIM, "person": person["token"]}
    first, second = [await desk.browser.post("/api/window/w1/case", json=body) for _ in range(2)]
    assert first.json() == second.json()
    assert len(desk.served.hall.state.cases) == 1


async def test_a_draft_is_there_again_after_the_hall_has_started_anew(desk: Desk) -> None:
    await desk.open()
    before = await desk.give("id-card", originals=1)
    kept = desk.served.hall.state.cases[desk.case].model_copy(deep=True)
    await desk.served.hall.engine.restore()
    assert desk.served.hall.state.cases[desk.case] == kept
    assert await desk.now() == before | {"seq": desk.served.hall.state.seq}


async def test_forms_are_checked_and_never_sent_back(desk: Desk) -> None:
    wrong = await desk.post("person", name="", id_number="119999199001010012")
    assert wrong.status_code == 422
    assert "119999199001010012" not in wrong.text
    checks: list[Callable[[], Awaitable[httpx.Response]]] = [
        lambda: desk.post("case/mark", case="c", material="m", state="lost", form="none"),
        lambda: desk.post("case/receive", case="c", pickup="../etc"),
        lambda: desk.post("case/page", case="c", material="m", replaces="short"),
        lambda: desk.post("case/drop", case="c", why="lapsed"),
        lambda: desk.browser.delete(f"/api/window/w1/case/page/{'a' * 64}?case=c&id=x"),
    ]
    for check in checks:
        assert (await check()).status_code == 422


@pytest.mark.parametrize(("error", "code"), [(DiskFull, "disk_full"), (FileNotKept, "file_not_kept")])
async def test_a_page_that_finds_no_room_is_said_as_that(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, error: type[Exception], code: str
) -> None:
    await desk.open()

    async def no_room(owner: str, data: bytes) -> None:
        raise error("no room")

    monkeypatch.setattr(desk.served.hall, "seal_file", no_room)
    answer = await desk.post("case/page", material="id-card")
    assert (answer.status_code, answer.json()["code"]) == (503, code)
    assert "这一页没有" in answer.json()["text"]
    assert (await desk.now())["materials"][0]["pages"] == []  # type: ignore[index]
