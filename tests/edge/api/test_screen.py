"""The citizen's screen at a window: his own data, masked, as long as his turn, at his window only."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from edge.api.client import NotAllowed
from edge.api.schema import NOT_YOUR_TOPIC
from tests.edge.api.bench import OTHER, PERSON
from tests.edge.api.conftest import Served
from tests.edge.api.test_case import CLAIM, Desk
from tests.edge.api.test_live import closed_with, first

CANARIES = (PERSON.name, PERSON.number, OTHER.name, OTHER.number, PERSON.number[6:14])
OWN = {"name": "张*", "id_number": "119999********0012"}


class Screen:
    def __init__(self, line: ClientConnection) -> None:
        self._line = line
        self.texts: list[str] = []

    async def until(self, good: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        """The first picture that is like this; every byte that came is kept."""
        async with asyncio.timeout(20):
            while True:
                self.texts.append(str(await self._line.recv()))
                picture = json.loads(self.texts[-1]).get("screen")
                if picture and good(picture):
                    return dict(picture)


@asynccontextmanager
async def watching(served: Served, cookie: str, *topics: str) -> AsyncIterator[ClientConnection]:
    headers = {"Cookie": f"hall_session={cookie}"}
    uri = f"ws://127.0.0.1:{served.port}/api/live"
    async with connect(uri, origin=served.origin, additional_headers=headers) as line:  # type: ignore[arg-type]
        await line.send(json.dumps({"topics": topics}))
        yield line


@pytest.fixture
async def desk(counter: Served) -> Desk:
    return Desk(counter, await counter.clerk())


async def test_the_person_sees_his_own_masked_data_until_the_turn_ends(desk: Desk) -> None:
    async with watching(desk.served, desk.browser.cookies["hall_session"], "screen:w1") as line:
        screen = Screen(line)
        idle = await screen.until(lambda seen: seen["state"] == "idle")
        assert (idle["number"], idle["person"], idle["case"], idle["rating"]) == ("1", None, None, False)
        assert idle["hours"]
        assert idle["kind"]["zh-Hans"]
        await desk.serve()
        await screen.until(lambda seen: seen["state"] == "serving")
        desk.served.hall.reader.lay(PERSON)
        person = await desk.right("card", seconds=5)
        assert (await screen.until(lambda seen: seen["person"]))["person"] == OWN
        opened = await desk.right("case", item=CLAIM, person=person["token"])
        desk.case = opened["case"]
        seen = await screen.until(lambda seen: seen["case"])
        assert seen["person"] == OWN
        assert [each["state"] for each in seen["case"]["materials"]] == ["open", "open"]
        assert (seen["case"]["number"], seen["case"]["due"]) == ("", opened["due"])
        await desk.give("id-card", originals=1)
        await desk.give("bank-account", state="missing", form="none")
        seen = await screen.until(lambda seen: all(each["state"] != "open" for each in seen["case"]["materials"]))
        assert [(each["state"], each["why"]) for each in seen["case"]["materials"]] == [
            ("there", ""),
            ("missing", "missing"),
        ]
        await desk.give("bank-account", state="reused", form="reused")
        received = await desk.right("case/receive", delivery="bank")
        seen = await screen.until(lambda seen: seen["case"] and seen["case"]["received"])
        assert (seen["case"]["number"], seen["case"]["due"]) == (received["number"], received["due"])
        assert seen["person"] == OWN
        await desk.right("finish")
        over = await screen.until(lambda seen: seen["state"] == "idle")
        assert (over["person"], over["case"], over["ticket"], over["rating"]) == (None, None, "", True)
    sent = "".join(screen.texts)
    assert not [canary for canary in (*CANARIES, received["query_code"]) if canary in sent]
    assert not {"queue", "devices", "link", "clerk", "window"} & set(over)


async def test_somebody_new_never_stands_beside_the_case_of_another(desk: Desk) -> None:
    await desk.serve()
    await desk.open()
    async with watching(desk.served, desk.browser.cookies["hall_session"], "screen:w1") as line:
        screen = Screen(line)
        await screen.until(lambda seen: seen["case"] and seen["person"] == OWN)
        desk.served.hall.reader.lay(OTHER)
        await desk.right("card", seconds=5)
        seen = await screen.until(lambda seen: seen["person"] and seen["person"] != OWN)
        assert (seen["person"]["name"], seen["case"]) == ("李*", None)
        await desk.browser.delete("/api/window/w1/person")
        seen = await screen.until(lambda seen: seen["case"])
        assert seen["person"] is None


async def test_the_next_citizen_sees_nothing_of_the_one_before(desk: Desk) -> None:
    await desk.serve()
    desk.served.hall.reader.lay(PERSON)
    await desk.right("card", seconds=5)
    await desk.right("finish")
    await desk.serve()
    async with watching(desk.served, desk.browser.cookies["hall_session"], "screen:w1") as line:
        seen = await Screen(line).until(lambda seen: seen["state"] == "serving")
        assert (seen["person"], seen["case"]) == (None, None)


async def test_only_the_windows_own_session_may_watch(desk: Desk) -> None:
    async with watching(desk.served, desk.browser.cookies["hall_session"], "screen:w2") as line:
        assert await closed_with(line) == NOT_YOUR_TOPIC
    for place in ("board", "k1"):
        with pytest.raises(NotAllowed):
            await first(desk.served.client(place).live("screen:w1"))
