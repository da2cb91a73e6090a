"""Devices fail one after the other: each is named in words, everything else goes on, and each comes back by itself."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from config import words
from hw_sim.demo.station import Station, station
from hw_sim.faults import Fault, FaultWord
from tests.system.evidence import on_panel, panel_shows, records, seen
from tests.system.people import SECOND_PIN, at_place, devices, press, signed_in, take_ticket
from tests.system.sites import change_site, one_more_device_of_an_unknown_driver

pytestmark = [pytest.mark.system, pytest.mark.asyncio(loop_scope="module")]

SOON = 12.0  # a heartbeat every 10 s, and a panel's page is renewed every 5 s


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hall(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Station]:
    """One device of the site has a driver that nobody knows, from the start."""
    folder: Path = tmp_path_factory.mktemp("station")
    async with station("station", folder, seed=4, with_screens=False) as made:
        change_site(folder, one_more_device_of_an_unknown_driver)
        await made.ready()
        yield made
        assert [name for name, program in made.programs.items() if program.restarts] == [], "nothing was restarted"


@pytest_asyncio.fixture(loop_scope="module")
async def kiosk(hall: Station) -> AsyncIterator[httpx.AsyncClient]:
    async with at_place(hall, "k1") as client:
        yield client


@pytest_asyncio.fixture(loop_scope="module")
async def technician(hall: Station) -> AsyncIterator[httpx.AsyncClient]:
    async with at_place(hall, "technician") as client:
        yield client


async def _becomes(technician: httpx.AsyncClient, device: str, *states: str, seconds: float = SOON) -> dict[str, Any]:
    """The device's line on the technician's page once it says one of `states`, in words when it is trouble."""

    async def look() -> dict[str, Any]:
        line = (await devices(technician))[device]
        return line if line["state"] in states else {}

    line: dict[str, Any] = await seen(look, seconds, f"{device} {' or '.join(states)}")
    if line["state"] != "ready":
        assert line["text"] == words.load("zh-Hans", "device")[f"{line['code']}.technician"]
    return line


async def _press(hall: Station, window: str, key: str, kind: str) -> dict[str, Any]:
    """A key at a window and the record that it made."""
    before = len(records(hall, kind))
    found: list[dict[str, Any]] = await press(
        hall.hall.device(f"keypad-{window}"), key, lambda: records(hall, kind)[before:], f"{kind} after {key}"
    )
    return found[-1]


async def _finish(hall: Station, window: str) -> None:
    await _press(hall, window, "evaluate", "service.finished")


async def _rate(hall: Station, window: str, value: int) -> None:
    pad, given = hall.hall.device(f"pad-{window}"), len(records(hall, "rating.given"))
    await seen(lambda: pad.view()["state"] == "rate", 20, "the pad asks")
    pad.act("rate", value=value)
    await seen(lambda: len(records(hall, "rating.given")) > given, 20, "the rating")


async def test_a_device_of_an_unknown_driver_is_named_and_all_others_run(
    hall: Station, technician: httpx.AsyncClient
) -> None:
    async def all_others_run() -> dict[str, Any]:
        shown = await devices(technician)
        assert shown.pop("wall-1")["state"] == "disabled"
        return shown if {line["state"] for line in shown.values()} <= {"ready", "busy"} else {}

    shown = await seen(all_others_run, 20, "every other device runs")
    assert len(shown) >= 10
    for program in ("halld", "devices"):
        assert "led.unheard-of" in (hall.folder / "logs" / f"{program}.log").read_text(), f"{program} names it"


@pytest.mark.parametrize(("fault", "code"), [(FaultWord.PAPER_OUT, "paper_out"), (FaultWord.COVER_OPEN, "cover_open")])
async def test_a_ticket_that_cannot_be_printed_is_a_ticket(
    hall: Station, kiosk: httpx.AsyncClient, technician: httpx.AsyncClient, fault: FaultWord, code: str
) -> None:
    printer = hall.hall.device("printer-1")
    printed = printer.view()["printed"]
    printer.set_fault(Fault(fault))
    ticket = await take_ticket(kiosk, f"without-{code}")

    async def failed() -> dict[str, Any]:
        now: dict[str, Any] = (await kiosk.get(f"/api/ticket/{ticket['ticket']}")).json()
        return now if now["print"] == "failed" else {}

    now = await seen(failed, 20, "the kiosk knows that nothing was printed")
    assert (now["state"], now["print_code"], now["number"]) == ("waiting", code, ticket["number"])
    assert (await _becomes(technician, "printer-1", "fault", seconds=20))["code"] == code
    assert printer.view()["printed"] == printed

    async with signed_in(hall, "w1") as clerk:
        called = await clerk.post("/api/window/w1/next", json={"id": f"call-{code}"})
        assert called.json()["ticket"]["number"] == ticket["number"], "it is called like any other"
        at_window = (await clerk.get("/api/window/w1")).json()["current"]
        assert (at_window["print"], at_window["print_code"]) == ("failed", code)
        assert (await clerk.get("/api/words/zh-Hans/device")).json()[f"{code}.clerk"]
        printer.clear_fault(fault)
        reprint = await clerk.post(f"/api/ticket/{ticket['ticket']}/reprint", json={"id": f"again-{code}"})
        assert reprint.status_code == 200, reprint.text
        await seen(lambda: printer.view()["printed"] == printed + 1, 30, "the ticket on paper")
        await seen(
            lambda: ticket["ticket"] in [r["subject"] for r in records(hall, "print.done")], 5, "the journal knows"
        )
        await clerk.post("/api/window/w1/finish", json={"id": f"finish-{code}"})
    paper = json.loads((hall.folder / "printed" / "printer-1" / f"{printed + 1:03d}.json").read_text())
    texts = [line["text"] for line in paper["lines"] if line.get("kind") == "text"]
    assert ticket["number"] in [text.strip() for text in texts]
    assert any("补打" in text for text in texts)
    assert records(hall, "print.done")[-1]["subject"] == ticket["ticket"]
    await _becomes(technician, "printer-1", "ready")


async def test_power_lost_in_the_middle_of_a_ticket_leaves_the_decision_to_a_person(
    hall: Station, kiosk: httpx.AsyncClient, technician: httpx.AsyncClient
) -> None:
    printer, tray = hall.hall.device("printer-1"), hall.folder / "printed" / "printer-1"
    before = printer.view()["printed"]
    printer._speed = 20.0
    ticket = await take_ticket(kiosk, "in-the-middle")
    await seen(lambda: printer.view()["half_a_ticket"], 30, "half of it is on paper")
    printer.set_fault(Fault(FaultWord.POWER_CUT))

    async def ended() -> dict[str, Any]:
        now: dict[str, Any] = (await kiosk.get(f"/api/ticket/{ticket['ticket']}")).json()
        return now if now["print"] != "printing" else {}

    now = await seen(ended, 30, "the kiosk hears how it ended")
    assert (now["print"], now["print_code"], now["state"]) == ("unknown", "outcome_unknown", "waiting")
    printer.clear_fault(FaultWord.POWER_CUT)
    printer._speed = None
    await _becomes(technician, "printer-1", "ready", seconds=40)
    assert printer.view()["printed"] <= before + 1, "nothing but its own half fell"
    started = len(records(hall, "print.started"))

    async with signed_in(hall, "w1") as clerk:
        (waiting,) = (await clerk.get("/api/window/w1")).json()["queue"]
        assert (waiting["ticket"], waiting["print"]) == (ticket["ticket"], "unknown")
        for _ in range(2):
            reprint = await clerk.post(f"/api/ticket/{ticket['ticket']}/reprint", json={"id": "again-in-the-middle"})
            assert reprint.status_code == 200, reprint.text
        await seen(
            lambda: ticket["ticket"] in [r["subject"] for r in records(hall, "print.done")], 10, "the journal knows"
        )
        await clerk.post("/api/window/w1/next", json={"id": "call-in-the-middle"})
        await clerk.post("/api/window/w1/finish", json={"id": "finish-in-the-middle"})
    assert len(records(hall, "print.started")) == started + 1
    half, whole = [json.loads(path.read_text()) for path in sorted(tray.glob("*.json"))[before:]]
    texts = [[line["text"].strip() for line in piece["lines"] if line.get("kind") == "text"] for piece in (half, whole)]
    assert "补打" not in texts[0]
    assert {ticket["number"], "补打"} <= set(texts[1])
    assert len(texts[0]) < len(texts[1]) - 1, "the half is a half, and nothing else hangs on it"


async def test_a_reader_that_answers_garbage(
    hall: Station, kiosk: httpx.AsyncClient, technician: httpx.AsyncClient
) -> None:
    reader = hall.hall.device("sam-1")
    reader.act("lay_card", card="card-1")
    for fault in (Fault(FaultWord.BAD_CHECKSUM), Fault(FaultWord.NOISE, 0.6)):
        reader.set_fault(fault)
        answer = await kiosk.post("/api/kiosk/k1/card", json={"id": f"read-{fault.word}", "seconds": 3})
        assert answer.status_code == 503, answer.text
        trouble = answer.json()
        assert trouble["text"] == words.load("zh-Hans", "device")[f"{trouble['code']}.citizen"]
        ticket = await take_ticket(kiosk, f"no-card-{fault.word}")
        assert (await _press(hall, "1", "call", "ticket.called"))["subject"] == ticket["ticket"]
        await panel_shows(hall, "led-1", f"请{ticket['number']}号", 20)
        await _finish(hall, "1")
    await _becomes(technician, "sam-1", "fault", "absent")
    reader.clear_faults()
    reader.act("lift_card")
    await _becomes(technician, "sam-1", "ready")
    reader.act("lay_card", card="card-1")
    answer = await kiosk.post("/api/kiosk/k1/card", json={"id": "read-well", "seconds": 10})
    assert answer.json()["name"] == "张*"
    reader.act("lift_card")


async def test_dead_panels_leave_the_other_windows_alone(
    hall: Station, kiosk: httpx.AsyncClient, technician: httpx.AsyncClient
) -> None:
    dead, mute = hall.hall.device("led-2"), hall.hall.device("led-1")
    numbers = [(await take_ticket(kiosk, f"dead-panel-{n}"))["number"] for n in range(2)]
    dead.set_fault(Fault(FaultWord.UNPLUG))
    assert (await _becomes(technician, "led-2", "absent", "fault"))["code"] in ("gone", "absent")
    await _press(hall, "1", "call", "ticket.called")
    await panel_shows(hall, "led-1", f"请{numbers[0]}号", 20)
    await _press(hall, "2", "call", "ticket.called")
    dead.clear_faults()
    await panel_shows(hall, "led-2", f"请{numbers[1]}号", SOON)
    await _becomes(technician, "led-2", "ready")

    mute.set_fault(Fault(FaultWord.SILENT))
    await _finish(hall, "1")
    assert (await _becomes(technician, "led-1", "fault", "absent"))["code"] == "late"
    await _finish(hall, "2")
    await _rate(hall, "2", 3)
    await seen(lambda: not on_panel(hall, "led-2", f"请{numbers[1]}号"), 20, "window 2 goes on")
    mute.clear_faults()
    await _becomes(technician, "led-1", "ready")
    await panel_shows(hall, "led-1", "1号窗口", 20)


async def test_a_panel_that_was_unplugged_shows_the_current_call_within_three_seconds_of_its_return(
    hall: Station, kiosk: httpx.AsyncClient, technician: httpx.AsyncClient
) -> None:
    panel = hall.hall.device("led-2")
    stale, current = [(await take_ticket(kiosk, f"unplugged-{n}"))["number"] for n in range(2)]
    await _press(hall, "2", "call", "ticket.called")
    await panel_shows(hall, "led-2", f"请{stale}号", 20)
    panel.set_fault(Fault(FaultWord.UNPLUG))
    await _becomes(technician, "led-2", "absent", "fault")
    await _finish(hall, "2")
    await _rate(hall, "2", 3)
    await _press(hall, "2", "call", "ticket.called")
    await asyncio.sleep(8)  # long enough for back-offs to have grown
    panel.clear_faults()
    begun = time.monotonic()
    await panel_shows(hall, "led-2", f"请{current}号", 3.0)
    print(f"the panel showed the call {time.monotonic() - begun:.2f} s after its return")
    assert not on_panel(hall, "led-2", f"请{stale}号")
    await _finish(hall, "2")


async def test_a_speaker_whose_folder_is_gone(
    hall: Station, kiosk: httpx.AsyncClient, technician: httpx.AsyncClient
) -> None:
    speaker = hall.hall.device("speaker-1")
    speaker.set_fault(Fault(FaultWord.UNPLUG))
    ticket = await take_ticket(kiosk, "unspoken")
    await _press(hall, "1", "call", "ticket.called")
    await panel_shows(hall, "led-1", f"请{ticket['number']}号", 20)
    # Noticed by the next call; one that was just begun is spoken to its end first, 12.4 s.
    await _becomes(technician, "speaker-1", "fault", "absent", seconds=30)
    await _finish(hall, "1")
    speaker.clear_faults()
    await _becomes(technician, "speaker-1", "ready")
    heard = len(speaker.view()["said"])
    loud = await take_ticket(kiosk, "spoken-again")
    await _press(hall, "1", "call", "ticket.called")
    await seen(lambda: speaker.view()["said"][heard:], 15, "a call is spoken again")
    assert loud["number"] in speaker.view()["said"][-1]["text"]
    await _finish(hall, "1")


async def test_a_converter_pulled_and_put_back(
    hall: Station, kiosk: httpx.AsyncClient, technician: httpx.AsyncClient
) -> None:
    line = hall.hall.device("rs485-1")
    line.set_fault(Fault(FaultWord.UNPLUG))
    await _becomes(technician, "rs485-1", "absent", "fault", seconds=20)
    for station_on_it in ("keypad-1", "keypad-2", "pad-1", "pad-2"):
        await _becomes(technician, station_on_it, "absent", "fault", seconds=20)
    ticket = await take_ticket(kiosk, "no-keypads")
    async with signed_in(hall, "w2", SECOND_PIN) as clerk:
        answer = await clerk.post("/api/window/w2/next", json={"id": "no-keypad-call"})
        assert answer.json()["ticket"]["number"] == ticket["number"], "the page calls without the keypad"
    line.clear_faults()
    await _becomes(technician, "keypad-2", "ready", seconds=20)
    await _becomes(technician, "pad-2", "ready", seconds=20)
    await _finish(hall, "2")
    await _rate(hall, "2", 4)
