"""A clerk at a window, through the same API as the clerk's page: signs in, takes a case in, receives it."""

import uuid
from typing import Any, Final, Self

import httpx

PIN: Final = "2468"  # of the first clerk of every example site
ITEM: Final = "social-card-apply"  # where the hall accepts it; else the one that asks for least


class Refused(Exception):
    """The hall said no, or could not; its words."""


class ClerkAtWindow:
    """One browser's session. Every wish has an id of its own, as the page makes them."""

    def __init__(self, hall_url: str, window: str) -> None:
        self._window = window
        self._item = ITEM
        self._materials: list[dict[str, Any]] = []  # that a case cannot do without
        headers = {"origin": hall_url, "accept-language": "zh-Hans"}
        self._http = httpx.AsyncClient(base_url=hall_url, headers=headers, timeout=30.0)

    async def __aenter__(self) -> Self:
        await self._post("/api/session", {"window": self._window, "pin": PIN})
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def start(self) -> None:
        await self._post(self._path("start"), self._act())
        await self._choose_item()

    async def _choose_item(self) -> None:
        offered = [brief["id"] for brief in await self._get("/api/catalogue/items")]
        sheets = [await self._get(f"/api/catalogue/items/{uid}") for uid in ([ITEM] if ITEM in offered else offered)]
        needed = {sheet["id"]: [one for one in sheet["materials"] if one["mandatory"]] for sheet in sheets}
        # The page on the counter is the citizen's first paper, so an item that wants none will not do.
        self._item = min((uid for uid, wanted in needed.items() if wanted), key=lambda uid: len(needed[uid]))
        self._materials = needed[self._item]

    async def open_case(self, name: str, id_number: str) -> dict[str, Any]:
        """For a person who gives name and number by word of mouth."""
        person = await self._post(self._path("person"), {**self._act(), "name": name, "id_number": id_number})
        return await self._post(self._path("case"), {**self._act(), "item": self._item, "person": person["token"]})

    async def take_page(self, case: str) -> dict[str, Any]:
        """What lies under the window's camera."""
        return await self._post(
            self._path("case/page"), {**self._act(), "case": case, "material": self._materials[0]["id"]}
        )

    async def mark_provided(self, case: str) -> None:
        """Everything the item cannot do without."""
        for material in self._materials:
            paper = {"form": "paper", "originals": material["originals"], "copies": material["copies"]}
            wish = {"case": case, "material": material["id"], "state": "provided", **paper}
            await self._post(self._path("case/mark"), {**self._act(), **wish})

    async def receive(self, case: str) -> dict[str, Any]:
        return await self._post(self._path("case/receive"), {**self._act(), "case": case})

    async def case(self) -> dict[str, Any]:
        found: dict[str, Any] = await self._get(self._path("case"))
        return found

    def _path(self, rest: str) -> str:
        return f"/api/window/{self._window}/{rest}"

    def _act(self) -> dict[str, str]:
        return {"id": f"visit-{uuid.uuid4().hex}"}

    async def _get(self, path: str) -> Any:
        return self._read(await self._http.get(path))

    async def _post(self, path: str, wish: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = self._read(await self._http.post(path, json=wish))
        return found

    @staticmethod
    def _read(answer: httpx.Response) -> Any:
        if answer.status_code >= 400:
            raise Refused(f"{answer.request.url.path}: {answer.status_code} {answer.text}")
        return answer.json() if answer.content else {}
