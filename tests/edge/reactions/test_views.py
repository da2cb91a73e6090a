"""Golden texts: what a citizen, a clerk and a pad see in every state of a window."""

from pathlib import Path

import pytest

from edge.reactions.views import displays
from edge.rules.commands import CloseDay, FinishService, GiveRating, MissTicket, StartService
from edge.rules.state import State
from tests.edge.reactions import virtual
from tests.edge.reactions.rig import rig, station

GOLDEN = Path(__file__).parent / "golden"


def seen(devices, window="1"):
    page = devices.wants[f"led-{window}"]
    keypad = devices.wants[f"keypad-{window}"]
    prompt = devices.wants[f"pad-{window}"]
    lines = [("** " if line.big else "   ") + line.text for line in page.lines]
    pad = "ask" if prompt else "-"
    return "\n".join([*lines, f"   keypad {keypad.ticket or '-'} {keypad.waiting}", f"   pad {pad}"])


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
def test_a_window_through_the_day(language):
    async def main():
        shown = []
        async with rig(station(language=language)) as it:

            def look(name):
                shown.append(f"[{name}]\n{seen(it.devices)}")

            look("open")
            await it.issue()
            await it.issue()
            look("two wait")
            await it.call()
            look("called")
            await it.do(StartService(window="w1"))
            look("serving")
            await it.do(FinishService(window="w1"))
            look("finished")
            nonce = it.devices.wants["pad-1"].nonce
            await it.do(GiveRating(nonce=nonce, level="satisfied"), "pad:pad-1")
            look("rated")
            await it.call()
            await it.do(MissTicket(window="w1"))
            look("missed")
            await it.do(CloseDay())
            look("closed")
            fallback = it.devices.wants["led-1"].fallback
            shown.append("[fallback]\n" + "\n".join(line.text for line in fallback))
            assert it.devices.wants["led-1"].lease == 15.0
        return "\n\n".join(shown) + "\n"

    assert virtual.run(main()) == (GOLDEN / f"window.{language}.txt").read_text("utf-8")


def test_the_same_state_is_told_in_the_same_words():
    async def main():
        async with rig() as it:
            await it.issue()
            await it.call()
            before = dict(it.devices.wants)
            await it.issue("residence")
            assert it.devices.wants["led-1"] == before["led-1"]
            assert it.devices.wants["pad-1"] is None

    virtual.run(main())


def test_the_keypad_has_three_digits():
    async def main():
        async with rig() as it:
            it.engine._ahead.counters["A"] = 1233
            await it.issue()
            await it.call()
            assert it.devices.wants["keypad-1"].ticket == "234"

    virtual.run(main())


def test_a_window_that_the_rules_do_not_know_yet_shows_its_sign():
    site = station()
    page = displays.page(State(), site, site.windows[0])
    assert page.lines[0].text == "1号窗口 综合窗口"
    assert page.lines[1].text == "现在不在服务时间"


@pytest.mark.parametrize(
    ("columns", "rows"),
    [
        (24, ["综合业务 社保医保", "户政居住"]),
        (26, ["综合业务 社保医保 户政居住"]),
        (25, ["综合业务 社保医保", "户政居住"]),
        (4, ["综合业务", "社保医保", "户政居住"]),
    ],
)
def test_no_service_name_is_torn_apart(columns, rows):
    assert displays.packed(["综合业务", "社保医保", "户政居住"], columns) == rows


def test_a_window_without_services_shows_its_number():
    site = station()
    window = site.windows[0].model_copy(update={"services": ()})
    assert len(displays.page(State(open=True), site, window).lines) == 1
