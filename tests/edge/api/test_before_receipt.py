"""Before a receipt, over the API: a draft is looked through, and a department is asked to the window."""

import pytest

from tests.edge.api.conftest import Served
from tests.edge.api.test_case import Desk

PERMIT = "disability-certificate-apply"
UNIT = "disabled-federation"


@pytest.fixture
async def desk(counter: Served) -> Desk:
    made = Desk(counter, await counter.clerk())
    await made.serve()
    return made


async def test_a_draft_is_looked_through_and_what_was_found_stands_until_something_changes(desk: Desk) -> None:
    opened = await desk.open(PERMIT)
    assert (opened["precheck"], opened["decides"]) == (None, UNIT)
    found = await desk.right("case/precheck", unit=UNIT)
    told = found["precheck"]
    assert told["unit_name"]["en"] == "District disabled persons' federation"
    assert [line["why"] for line in told["points"]] == [line["why"] for line in found["tell"]]
    assert (told["stands"], found["state"], found["number"]) == (True, "draft", "")
    later = await desk.give(found["tell"][0]["material"], originals=9, copies=9)
    assert (later["precheck"]["stands"], later["precheck"]["points"]) == (False, told["points"])
    again = await desk.right("case/precheck")
    assert (again["precheck"]["unit"], again["precheck"]["stands"]) == ("", True)
    assert len(again["precheck"]["points"]) == len(told["points"]) - 1
    assert (await desk.post("case/precheck", unit="nobody-knows")).status_code == 422
    await desk.right("case/drop", why="mistake")
    await desk.refused("case_ended", "case/precheck")


async def test_a_department_is_asked_once_and_how_it_ended_is_recorded(desk: Desk) -> None:
    async def called() -> dict[str, object] | None:
        answer = await desk.browser.get("/api/window/w1")
        found: dict[str, object] | None = answer.json()["guidance"]
        return found

    assert await called() is None
    assert (await desk.post("guidance/call", unit="nobody-knows")).status_code == 422
    assert "指导" in await desk.refused("guidance_not_called", "guidance/end", outcome="came")
    await desk.right("guidance/call", unit=UNIT)
    now = await called()
    assert now is not None
    assert now["unit"] == UNIT
    assert "残疾人联合会" in await desk.refused("guidance_called", "guidance/call", unit="police")
    assert (await desk.right("guidance/end", outcome="by_phone"))["ticket"]["state"] == "serving"
    assert await called() is None
    units = (await desk.browser.get("/api/catalogue/units")).json()
    assert (units[UNIT]["zh-Hans"], "" in units) == ("区残疾人联合会", False)
    await desk.right("finish")
    await desk.refused("nobody_called", "guidance/call", unit=UNIT)


async def test_only_the_clerk_of_the_window_does_either(desk: Desk) -> None:
    other = await desk.served.clerk("w2", "1357")
    for path, body in (("guidance/call", {"unit": UNIT}), ("case/precheck", {"case": desk.case})):
        answer = await other.post(f"/api/window/w1/{path}", json={"id": "another-window-1", **body})
        assert answer.status_code == 403, answer.text
