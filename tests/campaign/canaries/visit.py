"""One person's way through the hall, by the routes of its pages: kiosk, clerk's page, shift leader's page.

The door of `hall.py` is used for one thing: a scanned page that holds the person's data as bytes, which no camera can
be made to see; that route is taken, too, with the simulated camera's own paper.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count
from typing import Any, Final

import httpx

from hw_sim.demo.station import Station
from hw_sim.sam.cards import Card
from tests.campaign.canaries import hall as hall_program
from tests.campaign.canaries.crowd import Person
from tests.campaign.canaries.door import Door
from tests.campaign.canaries.openers import key_of
from tests.system.counter import Counter
from tests.system.people import at_place, browser, signed_in

ITEM: Final = "social-card-apply"
MATERIAL: Final = "id-card"
LEAD_PIN: Final = "7531"  # of the example station
EVERY: Final = 10  # acts that wait for a machine (a slip, a camera) are done by each tenth person
READER, CAMERA, KIOSK, WINDOW = "sam-1", "camera-1", "k1", "w1"


def card_of(person: Person) -> Card:
    number = person.number
    return Card(
        id=card_id(person), name=person.name, sex="1", nation="01", birth=number[6:14], number=number,
        address=f"{person.name}路1号", issuer="无此地公安局", from_="20200101", to="20400101",
    )  # fmt: skip


def card_id(person: Person) -> str:
    return f"canary-{person.n}"


class Visits:
    """`cases`: those received, by person. `told`: how often each route was taken; `lost`: what a page did not show that
    it must: a route that carries nothing proves nothing.
    """

    def __init__(
        self, made: Station, door: Door, kiosk: httpx.AsyncClient, desk: Counter, lead: httpx.AsyncClient
    ) -> None:
        self._made, self._door, self._kiosk, self._desk, self._lead = made, door, kiosk, desk, lead
        self._ids = count(1)
        self.cases: dict[int, str] = {}
        self.told: dict[str, int] = {}
        self.lost: list[str] = []

    @classmethod
    @asynccontextmanager
    async def open(cls, made: Station, door: Door) -> AsyncIterator["Visits"]:
        async with AsyncExitStack() as stack:
            kiosk = await stack.enter_async_context(at_place(made, KIOSK))
            clerk = await stack.enter_async_context(signed_in(made, WINDOW))
            lead = await stack.enter_async_context(browser(made))
            for client in (kiosk, clerk, lead):
                client.timeout = httpx.Timeout(60)
            signed = await lead.post("/api/lead/session", json={"pin": LEAD_PIN})
            assert signed.status_code == 200, signed.text
            made.hall.device(CAMERA).act("lay_page", page="id-copy")
            yield cls(made, door, kiosk, Counter(made, WINDOW, clerk), lead)

    async def of(self, person: Person) -> None:
        ticket = await self._ticket(person)
        for verb in ("next", "start"):
            await self._window(verb)
        self._see(person.name, (await self._get(self._desk.browser, "holder"))["name"], "holder")
        await self._case(person)
        await self._window("finish")
        await self._judge(person, ticket)
        if person.n % EVERY == 0:
            await self._read_by_the_lead(person)

    async def _ticket(self, person: Person) -> str:
        """By card at the kiosk: the person's data come in by the reader's wire."""
        reader = self._made.hall.device(READER)
        reader.act("lay_card", card=card_id(person))
        card = await self._at_kiosk("card", seconds=30)
        self._see(person.name, card["name"], "card")
        taken = await self._at_kiosk("ticket", service="general", card=card["card"])
        reader.act("lift_card")
        return str(taken["ticket"])

    async def _case(self, person: Person) -> None:
        desk = self._desk
        await desk.open(ITEM, person.name, person.number, person.phone)
        shown = await self._get(desk.browser, "case/applicant")
        self._see(person.name, shown["name"], "applicant")
        stored = await self._door.ask(do="seal", owner=desk.case, data=hall_program.encoded(person.page()))
        of = {"window": WINDOW, "case": desk.case, "material": MATERIAL, "width": 96, "height": 64}
        await self._door.do("page.add", "clerk:c01", **of, **stored)
        if person.n % EVERY == 0:
            answer = await desk.page(MATERIAL)
            assert answer.status_code == 200, answer.text
            self._count("camera")
        if person.n % 2:
            await self._on_case("refuse", reason="other", text=person.texts["refusal"])
            return
        await desk.paper(MATERIAL)
        received = await self._on_case("receive")
        self.cases[person.n] = desk.case
        if person.n % EVERY == 0:
            asked = {"number": received["number"], "code": received["query_code"]}
            found = await self._at_kiosk("look-up", **asked)
            self._see(person.name, found["case"]["name"], "look-up")

    async def _judge(self, person: Person, ticket: str) -> None:
        code = key_of(self._made.folder / "data").slip_code(ticket)  # as the slip in his hand says it
        await self._at_kiosk("rate", code=code, level="very_dissatisfied", text=person.texts["opinion"])
        about = {"type": "complaint", "channel": "window", "text": person.texts["complaint"]}
        await self._desk.do("complaint", **about, name=person.name, contact=person.phone)
        self._count("complaint")
        if person.n % EVERY == 0:
            voice = {"type": "complaint", "about": "site", "points": ["waited"]}
            await self._at_kiosk("complain", **voice, contact=person.phone)

    async def _read_by_the_lead(self, person: Person) -> None:
        """Who has the right reads it, which is on record; then writes it down again as what he looked into."""
        seen = await self._of_lead("get", "")
        task = max(one["uid"] for one in seen["tasks"])
        complaint = max(one["uid"] for one in seen["complaints"] if one["channel"] == "window")
        for subject, of, what in ((task, "opinion", "opinion"), (complaint, "step", "complaint")):
            note = await self._of_lead("post", "/note", subject=subject, of=of, n=0)
            self._see(person.texts[what], note["text"], f"note of {of}", masked=False)
        await self._of_lead("post", f"/complaint/{complaint}/accept", text=person.texts["complaint"])

    # asking ----------------------------------------------------------------------------------------------------------

    async def _at_kiosk(self, path: str, **wish: Any) -> Any:
        return self._told(path, await self._kiosk.post(f"/api/kiosk/{KIOSK}/{path}", json=self._with_id(wish)))

    async def _window(self, verb: str) -> None:
        await self._desk.do(verb, id=self._id())
        self._count(verb)

    async def _on_case(self, verb: str, **wish: Any) -> Any:
        self._count(verb)
        return await self._desk.on_case(verb, id=self._id(), **wish)

    async def _get(self, client: httpx.AsyncClient, path: str) -> Any:
        return self._told(path, await client.get(f"/api/window/{WINDOW}/{path}"))

    async def _of_lead(self, method: str, path: str, **wish: Any) -> Any:
        more: dict[str, Any] = {} if method == "get" else {"json": self._with_id(wish)}
        return self._told(
            f"lead{path.split('/complaint:')[0]}", await self._lead.request(method, f"/api/oversight{path}", **more)
        )

    def _told(self, path: str, answer: httpx.Response) -> Any:
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text}"
        self._count(path)
        return answer.json()

    def _count(self, what: str) -> None:
        self.told[what] = self.told.get(what, 0) + 1

    def _with_id(self, wish: dict[str, Any]) -> dict[str, Any]:
        return {"id": self._id(), **wish}

    def _id(self) -> str:
        return f"canary-visit-{next(self._ids)}"

    def _see(self, secret: str, shown: str, where: str, *, masked: bool = True) -> None:
        """The first character of a name stays behind its mask."""
        right = shown[:1] == secret[:1] and shown != secret if masked else shown == secret
        self.lost += [] if right else [f"{where} did not show what it must"]
