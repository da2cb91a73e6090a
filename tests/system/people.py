"""The people of a hall as its programs meet them: citizens at the kiosk, clerks in browsers, a technician."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx

from hw_sim.demo.station import Station
from tests.system.evidence import seen

PIN = "2468"  # clerk c01 of the example site; 1357 is c02
SECOND_PIN = "1357"
LEAD_PIN = "2402"  # where sites.with_a_lead named one
MESSENGER_PIN = "6601"
SECONDS = 15.0
FINGERS = 3


@asynccontextmanager
async def at_place(hall: Station, place: str) -> AsyncIterator[httpx.AsyncClient]:
    """A program on the local socket: a kiosk by its id, `board`, or `technician`."""
    transport = httpx.AsyncHTTPTransport(uds=str(hall.folder / "hall.sock"))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://hall", headers={"x-hall-place": place}, timeout=SECONDS
    ) as client:
        yield client


@asynccontextmanager
async def signed_in(hall: Station, window: str, pin: str = PIN) -> AsyncIterator[httpx.AsyncClient]:
    """A clerk's browser, the way its page asks: same origin, a cookie, JSON."""
    async with browser(hall) as client:
        answer = await client.post("/api/session", json={"window": window, "pin": pin})
        assert answer.status_code == 200, answer.text
        yield client


@asynccontextmanager
async def browser(hall: Station) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=hall.hall_url, headers={"origin": hall.hall_url}, timeout=SECONDS) as client:
        yield client


async def press(keypad: Any, key: str, look: Callable[[], Any], what: str) -> Any:
    """A finger on a key until `look` finds what it does.

    A keypad tries three times and then shows that nobody answered (caller.md section 1): on a line where everybody has
    just come back all three may meet another's frame, and a person presses again.
    """
    for finger in range(1, FINGERS + 1):
        given_up = keypad.view()["unanswered"] + 1
        keypad.act("press", key=key)
        try:
            await seen(lambda until=given_up: look() or keypad.view()["unanswered"] >= until, 20, what)
        except AssertionError as unseen:
            raise AssertionError(f"{unseen}; the keypad at press {finger}: {keypad.view()}") from None
        if found := look():
            return found
        print(f"{keypad.id}: nobody answered {key} at press {finger}")
    raise AssertionError(f"{keypad.id}: nobody answered {key}: {what}")


@asynccontextmanager
async def leading(hall: Station) -> AsyncIterator[httpx.AsyncClient]:
    """A shift leader's browser."""
    async with browser(hall) as client:
        client.headers["accept-language"] = "zh-Hans"
        answer = await client.post("/api/lead/session", json={"pin": LEAD_PIN})
        assert answer.status_code == 200, answer.text
        yield client


async def take_ticket(kiosk: httpx.AsyncClient, command: str, service: str = "general", card: str = "") -> Any:
    answer = await kiosk.post(
        "/api/kiosk/k1/ticket", json={"id": command, "service": service, **({"card": card} if card else {})}
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


async def devices(technician: httpx.AsyncClient) -> dict[str, dict[str, Any]]:
    """Every device as the technician's page shows it, by id."""
    answer = await technician.get("/api/technician/devices")
    assert answer.status_code == 200, answer.text
    return {device["id"]: device for device in answer.json()}
