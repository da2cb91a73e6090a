"""One case over eight days and two real stations, every step by its right actor over the API, wrong orders refused.

Five materials, two missing and one illegible: one notice; returned and received; handed over one sheet short; suspended
three working days by the unit; its result sent to another station, collected there by an agent, and rated badly, which
opens a task: given to a person, verified, put right by who was rated, answered, the citizen asked again, closed. At the
kiosk the same steps, masked.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from config import folder as config_folder
from config import words
from edge.catalogue import ServiceItem, load_catalogue
from edge.feeds.catalogue import body_of
from edge.masking import mask_name
from hw_sim.demo.station import Station, station
from sync.centre import feeds_cli
from sync.protocol import canonical
from sync.protocol.record import digest
from tests.system.calendar_days import begins_on, moves_to
from tests.system.counter import Counter, counter, fresh_id
from tests.system.evidence import records, seen, verified
from tests.system.people import LEAD_PIN, MESSENGER_PIN, PIN, SECOND_PIN, at_place, leading, signed_in
from tests.system.sites import change_site, with_a_lead

pytestmark = [pytest.mark.system, pytest.mark.kill, pytest.mark.asyncio, pytest.mark.timeout(540)]

SECONDS = 60.0
ITEM, UNIT = "disability-certificate-apply", "social-insurance"
MATERIALS = ("application-form", "id-card", "household-book", "photo", "residence-permit")
HERE, THERE = "LH-0042", "LH-0043"
NAME, NUMBER = "张测试", "119999199001010012"
AGENT = {"name": "代测试", "id_number": "119999199001010020"}
BY_AGENT = {"way": "counter", "collector": "agent", "proof": "id_card_and_authority"}
WORST_KEY = 0  # the left-most of five
FOUND, ANSWER = "等候时没有人说明原因", "已向办事人说明并改进"


@dataclass
class Desk:
    """A clerk at w1 of a station, as the page asks."""

    at: Counter

    async def ask(self, path: str, **wish: Any) -> Any:
        answer = await self.at.ask(path, **wish)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    async def no(self, code: str, who_can: str, path: str, **wish: Any) -> None:
        """Refused for this reason, in words, naming who can."""
        answer = await self.at.ask(path, **wish)
        assert answer.status_code == 409, f"{path}: {answer.status_code} {answer.text}"
        told = answer.json()
        assert (told["code"], told["who_can"]) == (code, who_can)
        assert len(told["text"]) > 8

    async def get(self, path: str) -> Any:
        answer = await self.at.browser.get(f"/api/window/w1/{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def stage(self, case: str, stage: str) -> Any:
        """Once the case has got there."""

        async def there() -> Any:
            found = await self.get(f"dossiers/{case}")
            return found if found["stage"] == stage else None

        return await seen(there, SECONDS, f"the case {stage}")


@asynccontextmanager
async def at_window(hall: Station, pin: str = PIN) -> AsyncIterator[Desk]:
    """Without a citizen: what is done with a case after its receipt needs no turn."""
    async with signed_in(hall, "w1", pin) as client:
        client.headers["accept-language"] = "zh-Hans"
        yield Desk(Counter(hall, "w1", client))


def _second_site(site: Any, broker: str) -> None:
    site["site"], site["codes"]["site_number"], site["centre"]["url"] = THERE, "043", broker
    others = [each for each in site["cases"]["elsewhere"] if each["site"] != THERE]
    site["cases"]["elsewhere"] = [*others, {"site": HERE, "name": {"zh-Hans": "样本社区公共服务站"}}]


def _item() -> dict[str, Any]:
    """One of the catalogue's, with five materials that it cannot do without and a promise of five working days."""
    body = body_of(load_catalogue(config_folder() / "catalogue").items[ITEM])
    assert [each["id"] for each in body["materials"]] == list(MATERIALS)
    body["materials"] = [{**each, "mandatory": True, "originals": 1, "copies": 2} for each in body["materials"]]
    body["limits"] = {**body["limits"], "promised": 5}
    body["decides"] = {"level": "department", "unit": UNIT, "name": {"zh-Hans": "社会保险经办机构"}}
    return {"id": ITEM, "body": body}


def _version() -> str:
    """Of the catalogue that the centre published: this one item."""
    body = ServiceItem.model_validate_json(json.dumps(_item()["body"]))
    return digest(canonical.encode({ITEM: body_of(body)}))


async def publish(hall: Station, feed: str, scope: str, *items: dict[str, Any]) -> None:
    """As the centre's people do, but without a process of its own for each word: it starts slower than it works."""
    path = hall.folder / "centre" / "items.json"
    path.write_text(json.dumps(items), "utf-8")
    words = ["publish", "--feeds", str(hall.feeds), "--signing-key", str(hall.signing_key)]
    done = CliRunner().invoke(feeds_cli.app, [*words, "--feed", feed, "--scope", scope, str(path)])
    assert done.exit_code == 0, done.output


async def said(hall: Station, case: str, n: int, what: str, **more: str) -> None:
    """The n-th word of the deciding unit about the case, through the centre."""
    body = {"case": case, "said": what, "unit": UNIT, **more}
    await publish(hall, "decisions", HERE, {"id": f"d:{case[5:]}:{n}", "body": body})


@pytest.fixture
async def halls(tmp_path: Path) -> AsyncIterator[tuple[Station, Station]]:
    async with AsyncExitStack() as stack:
        made = []
        for name, seed in (("first", 31), ("second", 32)):
            hall = await stack.enter_async_context(station("station", tmp_path / name, seed=seed, with_screens=False))
            change_site(hall.folder, with_a_lead)
            if made:
                broker = f"mqtt://127.0.0.1:{made[0].line.port}"
                change_site(hall.folder, lambda site, broker=broker: _second_site(site, broker))
                for program in hall.programs.values():  # the first's broker and centre serve both; it opens later
                    program.hold(True)
            begins_on(hall, "2026-11-23 09:00" if not made else "2026-11-30 09:00")
            made.append(hall)
        await made[0].ready(120)
        yield made[0], made[1]


async def _opens(hall: Station) -> None:
    for name in ("halld", "devices"):
        hall.programs[name].hold(False)
    await hall.ready(120)


async def test_the_whole_way_of_one_case(halls: tuple[Station, Station]) -> None:
    first, second = halls
    await publish(first, "catalogue", "local", _item())
    case = await _told_once(first)
    await moves_to(first, "2026-11-24 09:00")
    await _received(first, case)
    await _handed_over_one_sheet_short(first, case)
    async with asyncio.TaskGroup() as both:
        both.create_task(_opens(second))
        both.create_task(_suspended_and_decided(first, case))
    sent = await _sent_on(first, case)
    await _collected_by_an_agent(second, case, sent)
    await _noted_at_home(first, case)
    await _same_steps_at_the_kiosk(first, case)
    task = await _put_right(second)
    await asyncio.gather(*(moves_to(hall, "2026-12-01 09:00") for hall in halls))
    await _closed_when_the_citizen_was_asked(second, task)
    for hall in halls:
        async with at_window(hall) as desk:
            assert (await desk.get("dossiers"))["dossiers"] == [], "closed with its day, at both"
        assert await verified(hall) > 0
        for private in (NAME, NUMBER, *AGENT.values(), FOUND, ANSWER):
            raw = hall.journal.read_bytes() + hall.journal.with_name(hall.journal.name + "-wal").read_bytes()
            assert private.encode() not in raw


async def _told_once(hall: Station) -> str:
    """Monday: two of five are missing, one is illegible. One notice says all three."""
    async with counter(hall, "w1") as at:

        async def offered() -> bool:
            answer = await at.browser.get(f"/api/catalogue/items/{ITEM}")
            return answer.status_code == 200 and answer.json()["limit_days"] == 5

        await seen(offered, SECONDS, "the item of the centre")
        await at.open(ITEM, NAME, NUMBER)
        await at.paper("application-form", copies=2)
        await at.paper("id-card", copies=2)
        unclear = {"state": "defect", "form": "paper", "originals": 1, "copies": 2, "defect": "unclear"}
        await at.on_case("mark", material="household-book", **unclear)
        desk = Desk(at)
        await desk.no("case_lacks", "clerk", "case/receive", case=at.case)
        noticed = await at.on_case("notice")
        told = [(line["material"], line["why"]) for line in noticed["tell"]]
        assert told == [("household-book", "unclear"), ("photo", "missing"), ("residence-permit", "missing")]
        await desk.no("case_unknown", "nobody", f"dossiers/{at.case}/step", act="forward", unit=UNIT)
        await at.papers_end()
        await at.do("finish")
    (opened,) = records(hall, "case.opened")
    assert opened["body"]["catalogue"] == _version(), "the centre's catalogue came, and its version is in the case"
    assert len(records(hall, "case.noticed")) == 1
    assert records(hall, "case.noticed")[0]["body"]["differs"] is False
    return at.case


async def _received(hall: Station, case: str) -> None:
    """Tuesday: the applicant returns with everything; the result is to be fetched at the other station."""
    async with counter(hall, "w1") as at:
        await at.do("case/take-up", case=case)
        at.case = case
        for material in MATERIALS[2:]:
            await at.paper(material, copies=2)
        received = await at.on_case("receive", pickup=THERE)
        assert (received["counted"], received["due"]) == ("2026-11-24", "2026-12-01")
        await at.papers_end()
        await at.do("finish")


async def _handed_over_one_sheet_short(hall: Station, case: str) -> None:
    async with at_window(hall) as desk:
        found = await desk.get(f"dossiers/{case}")
        assert (found["stage"], found["light"], found["days_left"]) == ("received", "green", 5)
        await desk.no("flow_no_delegation", "centre", f"dossiers/{case}/step", act="accept")
        await desk.no("flow_at_desk", "clerk", f"dossiers/{case}/decide", outcome="granted")
        await desk.no("flow_at_desk", "clerk", f"dossiers/{case}/deliver", **BY_AGENT, **AGENT)
        await desk.no("flow_at_desk", "clerk", "batches", what="materials", to=UNIT, cases=[case])
        await desk.ask(f"dossiers/{case}/step", act="forward", unit=UNIT)
        await desk.no("flow_at_unit", "centre", f"dossiers/{case}/step", act="suspend", reason="hearing")
        sealed = await desk.ask("batches", what="materials", to=UNIT, cases=[case])
        assert [line["sheets"] for line in sealed["lines"]] == [3, 3, 3, 3, 3]
        counted = [{"case": case, "material": line["material"], "sheets": line["sheets"]} for line in sealed["lines"]]
        counted[-1]["sheets"] = 2
        sign = f"batches/{sealed['batch']}/sign"
        await desk.no("second_pin", "clerk", sign, counted=counted, pin="2468")
        signed = await desk.ask(sign, counted=counted, pin=MESSENGER_PIN)
        short = [(line["material"], line["sheets"], line["counted"]) for line in signed["lines"] if line["open"]]
        assert short == [("residence-permit", 3, 2)]
        settle = {"case": case, "material": "residence-permit", "outcome": "found_here"}
        await desk.no("second_person", "clerk", f"batches/{sealed['batch']}/settle", **settle, pin="2468")
        await desk.ask(f"batches/{sealed['batch']}/settle", **settle, pin=LEAD_PIN)
        rest = await desk.ask("batches", what="materials", to=UNIT, cases=[case])
        assert [(line["material"], line["sheets"]) for line in rest["lines"]] == [("residence-permit", 1)]
        last = [{"case": case, "material": "residence-permit", "sheets": 1}]
        await desk.ask(f"batches/{rest['batch']}/sign", counted=last, pin=MESSENGER_PIN)
        held = (await desk.get(f"dossiers/{case}"))["holdings"]
        assert {(one["here"], one["on_way"], one["there"], one["lost"]) for one in held} == {(0, 0, 3, 0)}


async def _suspended_and_decided(hall: Station, case: str) -> None:
    """Wednesday to Monday: the unit accepts, lets the clock stand still for three working days, and grants."""
    await moves_to(hall, "2026-11-25 09:00")
    await said(hall, case, 1, "suspend", reason="expert_review")
    async with at_window(hall) as desk:
        stayed = await desk.stage(case, "stayed")
        assert (stayed["due"], stayed["light"], stayed["offers"]) == ("", None, [])
        await desk.no("flow_at_unit", "centre", f"dossiers/{case}/step", act="resume")
    await moves_to(hall, "2026-11-30 09:00")
    await said(hall, case, 2, "resume")
    async with at_window(hall) as desk:
        resumed = await desk.stage(case, "forwarded")
        assert (resumed["due"], resumed["stops"]) == ("2026-12-04", [{"first": "2026-11-25", "last": "2026-11-29"}])
        await said(hall, case, 3, "granted")
        await desk.stage(case, "decided")


async def _sent_on(hall: Station, case: str) -> dict[str, Any]:
    async with at_window(hall) as desk:
        await desk.no("flow_result_awaited", "clerk", f"dossiers/{case}/register")
        for act in ("arrive", "verify"):
            await desk.ask(f"dossiers/{case}/step", act=act)
        await desk.ask(f"dossiers/{case}/register")
        await desk.no("result_for_other_site", "clerk", f"dossiers/{case}/step", act="shelve")
        sent = await desk.ask("batches", what="results", to=THERE, cases=[case])
        await desk.no("flow_result_elsewhere", "clerk", f"dossiers/{case}/deliver", **BY_AGENT, **AGENT)
        answer = await desk.at.browser.get(f"/api/window/w1/batches/{sent['batch']}/sheet")
        told: dict[str, Any] = answer.json()
        return told


async def _collected_by_an_agent(hall: Station, case: str, sent: dict[str, Any]) -> None:
    """At the other station: counted in by another person than who sealed it, given to the agent, rated at the pad."""
    counted = sent["sheet"]["lines"]
    forged = {**sent, "sheet": {**sent["sheet"], "number": sent["sheet"]["number"][:-1] + "X"}, "counted": counted}
    async with at_window(hall) as desk:  # clerk c01 there bears the same id as who sealed it
        await desk.no("second_person", "clerk", "batches/take-in", **sent, counted=counted)
    async with counter(hall, "w1", SECOND_PIN) as at:
        desk = Desk(at)
        await desk.no("batch_altered", "technician", "batches/take-in", **forged)
        await desk.ask("batches/take-in", **sent, counted=counted)
        await desk.no("batch_over", "nobody", "batches/take-in", **sent, counted=counted)
        (line,) = (await desk.get("dossiers"))["dossiers"]
        assert (line["case"], line["stage"], line["origin"], line["offers"]) == (case, "ready", HERE, ["deliver"])
        only_own = {**BY_AGENT, "proof": "id_card"}
        await desk.no("collector_needs_proof", "clerk", f"dossiers/{case}/deliver", **only_own, **AGENT)
        await desk.no("collector_unnamed", "clerk", f"dossiers/{case}/deliver", **BY_AGENT)
        await desk.ask(f"dossiers/{case}/deliver", **BY_AGENT, **AGENT)
        await desk.no("flow_over", "nobody", f"dossiers/{case}/deliver", **BY_AGENT, **AGENT)
        await at.do("finish")
        pad = hall.hall.device("pad-1")
        await seen(lambda: pad.view()["state"] == "rate", SECONDS, "the pad asks")
        pad.act("rate", value=WORST_KEY)
        await seen(lambda: records(hall, "task.opened"), SECONDS, "the task of a bad rating")
    (task,) = records(hall, "task.opened")
    assert (task["body"]["level"], task["body"]["clerk"]) == ("very_dissatisfied", "c02")


async def _noted_at_home(hall: Station, case: str) -> None:
    """What the other station signed, told by the centre to which both send; nobody here may give the result out."""
    async with at_window(hall) as desk:
        moved = await desk.stage(case, "moved")
        assert [step["act"] for step in moved["timeline"]] == [
            *("receive", "forward", "suspend", "resume", "decide", "arrive", "verify", "register", "hand", "confirm"),
        ]
        await desk.no("flow_result_elsewhere", "clerk", f"dossiers/{case}/deliver", **BY_AGENT, **AGENT)


async def _same_steps_at_the_kiosk(hall: Station, case: str) -> None:
    """With number and code of the receipt: the clerk's steps, in their order, and nobody's name or number."""
    async with at_window(hall) as desk:
        clerks = await desk.get(f"dossiers/{case}")
    paper = {"number": clerks["receipt"], "code": clerks["query_code"]}
    async with at_place(hall, "k1") as kiosk:
        kiosk.headers["accept-language"] = "zh-Hans"

        async def look_up(**wanted: str) -> Any:
            return await kiosk.post("/api/kiosk/k1/look-up", json={"id": fresh_id("look-up"), **wanted})

        wrong = await look_up(**{**paper, "code": "22222222"})
        assert (wrong.status_code, wrong.json()["code"]) == (409, "query_unknown")
        found = await look_up(**paper)
    assert found.status_code == 200, found.text
    shown = found.json()["case"]
    assert shown["steps"] == [{"act": line["act"], "at": line["at"]} for line in clerks["timeline"]]
    assert (shown["stage"], shown["where"], shown["name"]) == (clerks["stage"], THERE, mask_name(NAME))
    for private in (NAME, NUMBER, *AGENT.values()):
        assert private not in found.text


@dataclass
class Lead:
    """A shift leader, as his page asks about one task."""

    at: Any
    task: str

    async def card(self) -> Any:
        answer = await self.at.get("/api/oversight")
        assert answer.status_code == 200, answer.text
        return next(each for each in answer.json()["tasks"] if each["uid"] == self.task)

    async def step(self, step: str, **wish: Any) -> None:
        answer = await self._ask(step, **wish)
        assert answer.status_code == 200, f"{step}: {answer.text}"

    async def not_now(self, state: str, *steps: str) -> None:
        """Each refused because of where the task stands, and not offered either."""
        offered = (await self.card())["steps"]
        for step in steps:
            answer = await self._ask(step)
            assert (answer.status_code, answer.json()["code"]) == (409, "task_not_now"), f"{step}: {answer.text}"
            assert f"“{words.load('zh-Hans', 'lead')[f'step.{state}']}”" in answer.json()["text"]
            assert step not in offered

    async def _ask(self, step: str, **wish: Any) -> Any:
        needed = {"assign": {"to": "l01"}, "verify": {"verdict": "true"}, "revisit": {"content": True}}
        body = {"id": fresh_id(step), **needed.get(step, {}), **wish}
        return await self.at.post(f"/api/oversight/task/{self.task}/{step}", json=body)


async def _put_right(hall: Station) -> str:
    """The lead looks into the bad rating; the rated clerk, and no other, says what he put right."""
    (opened,) = records(hall, "task.opened")
    task: str = opened["subject"]
    async with leading(hall) as client:
        lead = Lead(client, task)
        await lead.not_now("opened", "verify", "rectify", "reply", "revisit", "close", "appeal")
        await lead.step("assign", to="l01")
        await lead.not_now("assigned", "rectify", "reply", "revisit", "close", "appeal")
        async with at_window(hall, SECOND_PIN) as rated:
            (own,) = await rated.get("tasks")
            assert (own["uid"], own["level"], own["steps"]) == (task, "very_dissatisfied", [])
            await rated.no("not_your_role", "manager", f"task/{task}/verify", verdict="untrue")
            foreign = await rated.at.browser.post(f"/api/oversight/task/{task}/verify", json={"id": fresh_id("no")})
            assert foreign.status_code == 403, foreign.text
        await lead.step("verify", verdict="true", text=FOUND)
        await lead.not_now("verified", "assign", "verify", "reply", "revisit", "close")
        async with at_window(hall) as other:
            assert await other.get("tasks") == []
            await other.no("task_other_clerk", "manager", f"task/{task}/rectify")
        async with at_window(hall, SECOND_PIN) as rated:
            await rated.ask(f"task/{task}/rectify")
            await rated.no("not_your_role", "manager", f"task/{task}/reply")
        await lead.not_now("rectifying", "assign", "verify", "rectify", "revisit", "close")
        await lead.step("reply", text=ANSWER)
        await lead.not_now("replied", "reply", "rectify", "close", "appeal")
    return task


async def _closed_when_the_citizen_was_asked(hall: Station, task: str) -> None:
    """The next day: the task stands where it stood, and is closed only after the citizen was asked again."""
    async with leading(hall) as client:
        lead = Lead(client, task)
        await lead.not_now("replied", "close")
        await lead.step("revisit", content=True)
        await lead.not_now("revisited", "reply", "revisit", "appeal")
        await lead.step("close")
        await lead.not_now("closed", "assign", "verify", "rectify", "reply", "revisit", "close", "appeal")
        card = await lead.card()
    steps = [(line["step"], line["by"]) for line in card["history"]]
    assert [step for step, _ in steps] == ["open", "assign", "verify", "rectify", "reply", "revisit", "close"]
    assert [by for _, by in steps[1:]] == ["lead:l01", "lead:l01", "clerk:c02", "lead:l01", "lead:l01", "lead:l01"]
    assert (card["verdict"], card["content"], card["steps"]) == ("true", True, [])
