import asyncio

from drivers.errors import Absent
from tests.edge.reactions import virtual
from tests.edge.reactions.rig import rig


def calls(it):
    return [record.subject for record in it.journal.committed if record.kind == "ticket.called"]


def beeps(it):
    return [device for device, verb, _, _ in it.devices.calls if verb == "beep"]


def test_keys_do_what_they_say():
    async def main():
        async with rig() as it:
            await it.issue()
            await it.issue()
            for n, key in enumerate(("next", "recall", "start", "finish"), 1):
                await it.event("keypad-1", "key", n, key=key, digits="")
            assert it.kinds()[-5:] == [
                "ticket.called",
                "ticket.called",
                "service.started",
                "service.finished",
                "rating.asked",
            ]
            assert it.journal.committed[-1].actor == "keypad:keypad-1"
            assert it.journal.committed[-1].cmd == "main:b:4"
            await it.event("keypad-2", "key", 5, key="next", digits="")
            await it.event("keypad-2", "key", 6, key="miss", digits="")
            assert it.kinds()[-1] == "ticket.missed"
            assert beeps(it) == []

    virtual.run(main())


def test_a_press_reported_twice_under_one_id_is_one_press():
    async def main():
        async with rig() as it:
            await it.issue()
            for _ in range(3):
                await it.event("keypad-1", "key", 1, key="next", digits="")
                await asyncio.sleep(2)
            assert len(calls(it)) == 1
            assert beeps(it) == []

    virtual.run(main())


def test_an_identical_report_shortly_after_is_the_same_press():
    async def main():
        async with rig() as it:
            await it.issue()
            await it.event("keypad-1", "key", 1, key="next", digits="")
            for n in (2, 3):
                await asyncio.sleep(0.5)
                await it.event("keypad-1", "key", n, key="next", digits="")
            assert beeps(it) == []
            await asyncio.sleep(0.3)  # 1.3 s after the press that counted
            await it.event("keypad-1", "key", 4, key="next", digits="")
            assert beeps(it) == ["keypad-1"]

    virtual.run(main())


def test_another_key_or_another_keypad_between_makes_it_a_new_press():
    async def main():
        async with rig() as it:
            for _ in range(3):
                await it.issue()
            await it.event("keypad-1", "key", 1, key="next", digits="")
            await it.event("keypad-2", "key", 2, key="next", digits="")
            assert len(calls(it)) == 2
            await it.event("keypad-1", "key", 3, key="miss", digits="")
            await it.event("keypad-1", "key", 4, key="next", digits="")
            assert len(calls(it)) == 3

    virtual.run(main())


def test_a_refused_or_unknown_key_beeps_and_an_absent_keypad_holds_nobody_up():
    async def main():
        async with rig() as it:

            async def absent(_):
                raise Absent("cable")

            it.devices.on_call["beep"] = absent
            await it.event("keypad-1", "key", 1, key="next", digits="")
            await it.event("keypad-2", "key", 2, key="guard", digits="12")
            await it.event("keypad-9", "key", 3, key="next", digits="")
            assert beeps(it) == ["keypad-1", "keypad-2", "keypad-9"]
            assert it.kinds() == ["site.configured", "day.opened"]

    virtual.run(main())


def test_ratings_are_bound_to_the_question_asked():
    async def main():
        async with rig() as it:
            await it.issue()
            await it.event("keypad-1", "key", 1, key="next", digits="")
            await it.event("keypad-1", "key", 2, key="finish", digits="")
            nonce = it.devices.wants["pad-1"].nonce
            await it.event("pad-1", "rating", 3, nonce="r:old", level="satisfied")
            await it.event("pad-1", "rating", 4, nonce=nonce, level="excellent")
            await it.event("pad-1", "stray_rating", 5, value=3)
            assert it.state.questions[nonce].state == "asked"
            await it.event("pad-1", "rating", 6, nonce=nonce, level="satisfied")
            await it.event("pad-1", "rating", 7, nonce=nonce, level="dissatisfied")
            given = [record for record in it.journal.committed if record.kind == "rating.given"]
            assert [(r.body["level"], r.actor) for r in given] == [("satisfied", "pad:pad-1")]

    virtual.run(main())
