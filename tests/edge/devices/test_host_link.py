import asyncio
from pathlib import Path

import pytest

from drivers.contract import Event, Page, PageLine, PrintJob, Prompt
from drivers.errors import Absent, Gone, Late, OutcomeUnknown, PaperOut, Unsupported
from tests.edge.devices.rig import Rig, new_registry, rig, until
from tests.support import virtual_time

CALL = Page(lines=(PageLine(text="请A001号"),), fallback=(PageLine(text="暂停服务"),), lease=15.0)
JOB = PrintJob(id="job-1", lines=())


def states(made: Rig) -> dict[str, str]:
    return {status.id: status.state for status in made.registry.statuses()}


def in_rig(tmp_path: Path, test) -> None:
    async def main() -> None:
        async with rig(tmp_path) as made:
            await until(lambda: set(states(made).values()) == {"ready"})
            await test(made)

    virtual_time.run_virtual(main())


def test_a_verb_reaches_the_device_and_its_answer_comes_back(tmp_path):
    async def test(made: Rig) -> None:
        assert (await made.registry.call("printer-1", "status", deadline=5))["state"] == "ok"
        assert (await made.registry.call("printer-1", "print", JOB, deadline=5))["bytes"] == 1
        assert made.bench.printed == ["job-1"]

    in_rig(tmp_path, test)


def test_errors_keep_their_kind_across_the_link(tmp_path):
    async def test(made: Rig) -> None:
        made.bench.trouble["printer-1"] = PaperOut("roll")
        with pytest.raises(PaperOut, match="roll"):
            await made.registry.call("printer-1", "print", JOB, deadline=5)
        with pytest.raises(Unsupported):
            await made.registry.call("led-1", "print", JOB, deadline=5)

    in_rig(tmp_path, test)


def test_a_print_cut_off_is_of_unknown_outcome_and_a_question_is_only_late(tmp_path):
    async def test(made: Rig) -> None:
        made.bench.verb_seconds = 100.0
        with pytest.raises(OutcomeUnknown):
            await made.registry.call("printer-1", "print", JOB, deadline=2)

        made.bench.verb_seconds = 0.0
        busy = asyncio.ensure_future(made.host.attached["printer-1"]._turn.acquire())
        await busy
        with pytest.raises(Late):
            await made.registry.call("printer-1", "status", deadline=2)
        with pytest.raises(Late):  # it never began: nothing was printed, so nothing is unknown
            await made.registry.call("printer-1", "print", JOB, deadline=2)
        made.host.attached["printer-1"]._turn.release()

    in_rig(tmp_path, test)


def test_a_verb_waits_a_moment_for_a_host_on_its_way(tmp_path):
    async def test(made: Rig) -> None:
        await made.kill_hall()
        again = new_registry(made.happened, fence=2)
        asked = asyncio.ensure_future(again.call("printer-1", "print", JOB, deadline=30))
        await asyncio.sleep(1)
        made.hall = asyncio.ensure_future(again.serve(made.socket))
        assert (await asked)["bytes"] == 1

    in_rig(tmp_path, test)


def test_a_host_that_leaves_in_the_middle_makes_the_outcome_unknown(tmp_path):
    async def test(made: Rig) -> None:
        made.bench.verb_seconds = 100.0
        call = asyncio.ensure_future(made.registry.call("printer-1", "print", JOB, deadline=50))
        await asyncio.sleep(1)
        made.machine.cancel()
        with pytest.raises(OutcomeUnknown):
            await call
        assert states(made)["printer-1"] == "absent"
        with pytest.raises(Absent):
            await made.registry.call("printer-1", "status", deadline=5)

    in_rig(tmp_path, test)


def test_a_press_while_the_hall_is_away_arrives_once_it_is_back(tmp_path):
    async def test(made: Rig) -> None:
        await made.kill_hall()
        made.bench.queue("led-1").put_nowait(Event(name="key", data={"key": "next"}))
        await asyncio.sleep(3)
        assert made.happened == []
        again = new_registry(made.happened, fence=2)
        made.hall = asyncio.ensure_future(again.serve(made.socket))
        await until(lambda: made.happened)
        await asyncio.sleep(3)
        assert [(h.id, h.device) for h in made.happened] == [(f"main:{'00' * 8}:1", "led-1")]
        assert list(made.host.outbox) == []

    in_rig(tmp_path, test)


def test_without_the_hall_a_display_says_so_within_ten_seconds_and_returns_with_it(tmp_path):
    async def test(made: Rig) -> None:
        made.registry.want("led-1", CALL)
        await until(lambda: ("led-1", ["请A001号"]) in made.bench.shown)
        await made.kill_hall()
        left = virtual_time.now()
        await until(lambda: made.bench.shown[-1] == ("led-1", ["暂停服务"]))
        assert 7.0 < virtual_time.now() - left <= 11.0
        await asyncio.sleep(60)
        assert made.bench.shown[-1] == ("led-1", ["暂停服务"])

        again = new_registry(made.happened, fence=2)
        again.want("led-1", CALL)
        made.hall = asyncio.ensure_future(again.serve(made.socket))
        await until(lambda: made.bench.shown[-1] == ("led-1", ["请A001号"]))

    in_rig(tmp_path, test)


def test_a_leased_page_is_renewed_before_the_lease_is_over(tmp_path):
    async def test(made: Rig) -> None:
        made.registry.want("led-1", CALL)
        await asyncio.sleep(31)
        assert made.bench.shown.count(("led-1", ["请A001号"])) >= 6

    in_rig(tmp_path, test)


def test_what_is_wanted_is_shown_again_to_a_device_that_returns(tmp_path):
    async def test(made: Rig) -> None:
        made.registry.want("led-1", CALL.model_copy(update={"lease": 0.0}))
        made.registry.want("pad-1", Prompt(nonce="n1", seconds=15))
        await until(lambda: ("rs485-1/station", "n1") in made.bench.shown)
        made.bench.shown.clear()
        made.bench.queue("led-1").put_nowait(Gone("pulled"))
        await until(lambda: ("led-1", ["请A001号"]) in made.bench.shown)
        assert made.bench.opened.count("led-1") == 2
        assert all(device == "led-1" for device, _ in made.bench.shown)

    in_rig(tmp_path, test)


def test_one_device_in_trouble_leaves_the_others_alone_and_is_never_given_up(tmp_path):
    async def test(made: Rig) -> None:
        made.bench.trouble["led-1"] = Absent("no answer")
        made.bench.queue("led-1").put_nowait(Gone("pulled"))
        await asyncio.sleep(3600)
        assert states(made) == {"led-1": "absent", "printer-1": "ready", "rs485-1": "ready", "pad-1": "ready"}
        assert made.bench.opened.count("printer-1") == 1
        del made.bench.trouble["led-1"]
        await until(lambda: states(made)["led-1"] == "ready", seconds=60)

    in_rig(tmp_path, test)


def test_a_station_in_trouble_does_not_take_its_line_down(tmp_path):
    async def test(made: Rig) -> None:
        made.bench.trouble["rs485-1/station"] = Late("no echo")
        made.bench.queue("rs485-1/station").put_nowait(Late("no echo"))
        await asyncio.sleep(30)
        assert states(made)["pad-1"] == "fault"
        assert states(made)["rs485-1"] == "ready"
        assert made.bench.opened.count("rs485-1") == 1

    in_rig(tmp_path, test)


def test_a_verb_of_an_older_hall_is_not_obeyed(tmp_path):
    async def test(made: Rig) -> None:
        made.host._fence = 5
        with pytest.raises(OutcomeUnknown):
            await made.registry.call("printer-1", "print", JOB, deadline=2)
        assert made.bench.printed == []

    in_rig(tmp_path, test)
