"""The reuse list over the API: the centre's sealed answer to an opened case, an earlier case, and a person's no."""

from dataclasses import replace
from random import Random
from typing import Any

import pytest

from edge.catalogue import Catalogue
from edge.catalogue.schema import KnownField, Reuse
from edge.feeds.decisions import Decisions
from edge.feeds.tables import Change
from sync.protocol import sealed_items
from tests.edge.api.bench import OTHER, PERSON, Bench
from tests.edge.api.conftest import Served
from tests.edge.api.test_case import CLAIM, Desk

SITE = "LH-0042"
ACCOUNT, ADDRESS = "6200-0000-0000-测试", "测试路 1 号 2 楼"
HELD = ({"what": "bank-account", "source": "base", "issued": "2026-01-05", "until": "2099-01-04"},)
FIELD = {"what": "address", "source": "base", "issued": "2026-01-05", "until": "2099-01-04"}
NAME = {"zh-Hans": "联系地址", "zh-Hant": "聯繫地址", "en": "Address"}


def listed(catalogue: Catalogue) -> Catalogue:
    """The catalogue with one information item on the reuse list."""
    item = catalogue.items[CLAIM].model_copy(
        update={"fields": (KnownField(id="address", name=NAME, reuse=Reuse(sources=("base",))),)}
    )
    return replace(catalogue, items={**catalogue.items, CLAIM: item})


async def centre_says(hall: Bench, case: str, *lines: dict[str, str], rev: int = 1, **values: str) -> str:
    """As it comes down the line, sealed for this site; returns why nothing followed, ''."""
    uid = f"r:{case[5:]}"
    body = {"do": "reuse.offer", "case": case, "origin": "base-1", "lines": list(lines)}
    sealed: dict[str, Any] = {}
    if values:
        sealed = sealed_items.seal(
            {"values": values}, feed="decisions", item=uid, site=SITE, public=hall.keys.exchange_public, to="x:1",
            random_bytes=Random(rev).randbytes,
        )  # fmt: skip
    item = {"id": uid, "rev": rev, "body": body, **sealed}
    decisions = Decisions(hall.engine, hall.keys, site=SITE)
    return await decisions.follow(Change(rev, "decisions", uid, rev, item))


@pytest.fixture
async def desk(counter: Served) -> Desk:
    counter.hall.use_catalogue(listed(counter.hall.catalogue))
    made = Desk(counter, await counter.clerk())
    await made.serve()
    return made


async def records(desk: Desk, kind: str) -> list[Any]:
    return [one.record for one in await desk.served.hall.journal.read(0, 1000) if one.record.kind == kind]


def line_of(case: dict[str, Any], material: str) -> dict[str, Any]:
    found: dict[str, Any] = next(line for line in case["materials"] if line["material"] == material)
    return found


async def test_what_the_base_library_holds_is_used_and_shown_to_this_window_only(desk: Desk) -> None:
    hall = desk.served.hall
    opened = await desk.open()
    assert line_of(opened, "bank-account")["held"] is None
    values = {"bank-account": ACCOUNT, "address": ADDRESS}
    assert await centre_says(hall, desk.case, *HELD, FIELD, **values) == ""
    now = await desk.now()
    assert now is not None
    held = line_of(now, "bank-account")["held"]
    assert (held["source"], held["origin"], held["until"], held["used"]) == ("base", "base-1", "2099-01-04", False)
    assert [(one["field"], one["name"]["en"]) for one in now["fields"]] == [("address", "Address")]
    path = "/api/window/w1/case/held"
    early = await desk.browser.get(f"{path}/address")
    assert (early.status_code, early.json()["code"]) == (409, "part_unknown"), "nobody looks who does not use it"
    await desk.give("id-card", originals=1)
    ready = await desk.right("case/reuse", what="bank-account")
    assert (ready["lacking"], line_of(ready, "bank-account")["state"]) == (0, "reused")
    asked = await desk.right("case/reuse", what="address")
    assert asked["fields"][0]["held"]["used"]
    shown = [(await desk.browser.get(f"{path}/{what}")).json() for what in ("bank-account", "address")]
    assert shown == [{"value": ACCOUNT}, {"value": ADDRESS}]
    assert (await desk.browser.get("/api/window/w2/case/held/address")).status_code == 403
    used = await records(desk, "reuse.used")
    assert [(one.subject, one.actor, one.body["what"]) for one in used] == [
        (desk.case, "clerk:c01", "bank-account"),
        (desk.case, "clerk:c01", "address"),
    ]
    assert len(await records(desk, "part.disclosed")) == 2, "who was shown what, and when"
    await desk.right("case/receive", delivery="bank")
    raw = b"".join([one.record.raw for one in await hall.journal.read(0, 1000)]).decode()
    for secret in (ACCOUNT, ADDRESS, PERSON.number):
        assert secret not in raw + str(now) + str(asked) + hall.state.model_dump_json()
    assert await centre_says(hall, desk.case, *HELD, rev=2) == "case_ended"


async def test_a_persons_no_asks_for_the_original_and_what_ran_out_is_not_offered(desk: Desk) -> None:
    hall = desk.served.hall
    await desk.open()
    over = {**HELD[0], "until": "2026-11-22"}
    assert await centre_says(hall, desk.case, over) == ""
    assert not hall.state.cases[desk.case].held
    await desk.refused("reuse_none", "case/reuse", what="bank-account")
    await centre_says(hall, desk.case, *HELD, rev=2)
    await desk.give("bank-account", state="reused", form="reused")
    assert len(await records(desk, "reuse.used")) == 1, "the mark of what is held is a use as well"
    declined = await desk.right("case/reuse/decline", what="bank-account", why="outdated")
    line = line_of(declined, "bank-account")
    assert (line["state"], line["lack"], line["held"]["declined"]) == (None, "missing", "outdated")
    assert "原件" in await desk.refused("reuse_declined", "case/reuse", what="bank-account")
    (told,) = await records(desk, "reuse.declined")
    assert (told.body["why"], told.body["origin"]) == ("outdated", "base-1"), "the centre hears what is to be corrected"


async def test_an_earlier_case_here_is_used_again_by_the_same_person_only(desk: Desk) -> None:
    await desk.open()
    await desk.give("id-card", originals=1)
    await desk.give("bank-account", copies=1, originals=1)
    number = (await desk.right("case/receive", delivery="bank"))["number"]
    desk.case = ""
    await _opened_by(desk, OTHER)
    await desk.refused("reuse_unknown", "case/earlier", number=number)
    await desk.refused("reuse_unknown", "case/earlier", number="R0000000")
    await desk.right("case/drop", why="mistake")
    desk.case = ""
    await _opened_by(desk, PERSON)
    found = await desk.right("case/earlier", number=number[-8:])
    held = line_of(found, "bank-account")["held"]
    assert (held["source"], held["origin"], held["has_value"]) == ("case", number, False)
    assert line_of(await desk.right("case/reuse", what="bank-account"), "bank-account")["state"] == "reused"
    offered = await records(desk, "reuse.offered")
    assert [one.body["origin"] for one in offered] == [number]
    assert not offered[0].data.get("sealed")


async def _opened_by(desk: Desk, card: Any) -> None:
    desk.served.hall.reader.lay(card)
    person = await desk.right("card", seconds=5)
    desk.case = (await desk.right("case", item=CLAIM, person=person["token"]))["case"]
