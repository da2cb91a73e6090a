"""Papers by post over the API: signed for once, by two where the list is not met, and given to the case in hand."""

from typing import Any

import httpx
import pytest

from tests.edge.api.conftest import Served
from tests.edge.api.test_case import Desk

PERMIT = "disability-certificate-apply"
LEAD, OWN = "7531", "2468"
LISTED = [{"material": "application-form", "sheets": 1}, {"material": "photo", "sheets": 2}]
SIGN: dict[str, Any] = {"waybill": "EMS-119-1", "courier": "ems", "item": PERMIT, "listed": LISTED, "counted": LISTED}


@pytest.fixture
async def desk(counter: Served) -> Desk:
    return Desk(counter, await counter.clerk())


async def parcels(desk: Desk) -> dict[str, Any]:
    answer = await desk.browser.get("/api/window/w1/parcels")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def ask(desk: Desk, path: str, **body: Any) -> httpx.Response:
    desk.acts += 1
    return await desk.browser.post(f"/api/window/w1/{path}", json={"id": f"post-{desk.acts:08}", **body})


async def test_signed_for_once_and_by_two_where_something_is_missing(desk: Desk) -> None:
    assert (await parcels(desk))["parcels"] == []
    short = SIGN | {"counted": LISTED[:1]}
    for pin in ("", OWN):
        alone = await ask(desk, "parcels", **short, pin=pin)
        assert (alone.status_code, alone.json()["code"]) == (409, "second_person"), alone.text
    assert (await ask(desk, "parcels", **short, pin="0000")).json()["code"] == "second_pin"
    signed = (await ask(desk, "parcels", **short, pin=LEAD)).json()
    (line,) = signed["parcels"]
    assert (line["waybill"], line["item_name"]["zh-Hans"], line["witness"]) == (
        "EMS-119-1",
        "残疾人证申领",
        "值班长一号",
    )
    differing = [(each["material"], each["listed"], each["counted"]) for each in line["differences"]]
    assert differing == [("photo", 2, 0)]
    assert [(each["material"], each["listed"], each["counted"]) for each in line["counted"]] == [
        ("application-form", 1, 1)
    ]
    again = await ask(desk, "parcels", **SIGN)
    assert (again.status_code, again.json()["code"]) == (409, "parcel_signed")
    whole = await ask(desk, "parcels", **(SIGN | {"waybill": "EMS-119-2"}))
    assert [each["witness"] for each in whole.json()["parcels"]] == ["值班长一号", ""]
    assert (await ask(desk, "parcels", **(SIGN | {"courier": "nobody"}))).status_code == 422


async def test_it_is_given_to_the_case_in_hand_of_its_item(desk: Desk) -> None:
    (parcel,) = (await ask(desk, "parcels", **SIGN)).json()["parcels"]
    path = f"parcels/{parcel['parcel']}/match"
    await desk.serve()
    await desk.open()
    told = await parcels(desk)
    assert (told["case"], told["case_item"]) == (desk.case, "resident-pension-claim")
    other = await ask(desk, path, case=desk.case)
    assert (other.status_code, other.json()["code"]) == (409, "parcel_other_item")
    assert "残疾人证申领" in other.json()["text"]
    await desk.right("case/drop", why="mistake")
    desk.case = ""
    await desk.open(PERMIT)
    matched = await ask(desk, path, case=desk.case)
    assert matched.json()["parcels"] == []
    assert [each.waybill for each in desk.served.hall.state.cases[desk.case].parcels] == ["EMS-119-1"]
    assert (await ask(desk, path, case=desk.case)).json()["code"] == "parcel_unknown"
    assert (await desk.browser.get("/api/window/w2/parcels")).status_code == 403
