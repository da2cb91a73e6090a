import asyncio
from pathlib import Path

import pytest

from drivers import errors
from edge.reactions import slip
from edge.rules.commands import EndPrint, IssueTicket, StartBoot, StartPrint
from edge.rules.refusal import Refusal
from tests.edge.reactions import virtual
from tests.edge.reactions.rig import rig, station

UNSURE = {errors.OutcomeUnknown, errors.Late, errors.Garbled, errors.DriverFault, errors.Quarantined}
ALL = sorted(errors._ALL.values(), key=lambda cls: cls.code)


def test_started_is_committed_before_the_first_byte_and_done_after():
    async def main():
        async with rig() as it:

            async def printing(job):
                kinds = it.kinds()
                assert kinds[-1] == "print.started"
                assert it.journal.committed[-1].body["job"] == job.id

            it.devices.on_call["print"] = printing
            uid = await it.issue(channel="kiosk")
            ticket = it.state.tickets[uid]
            assert (ticket.print, ticket.copies) == ("done", 1)
            assert it.kinds()[-3:] == ["ticket.issued", "print.started", "print.done"]
            assert [(c[0], c[1]) for c in it.devices.calls] == [("printer-1", "print")]

    virtual.run(main())


@pytest.mark.parametrize("cls", ALL, ids=lambda cls: cls.code)
def test_every_error_has_its_outcome(cls):
    async def main():
        async with rig() as it:

            async def printing(_):
                raise errors.by_code(cls.code)

            it.devices.on_call["print"] = printing
            ticket = it.state.tickets[await it.issue(channel="kiosk")]
            assert ticket.print == ("unknown" if cls in UNSURE else "failed")
            assert ticket.print_code == cls.code
            assert ticket.state == "waiting"
            assert len(it.devices.arguments("print")) == 1

    virtual.run(main())


def test_one_job_at_a_time_in_order():
    async def main():
        async with rig() as it:
            gate = asyncio.Event()
            running = []

            async def printing(job):
                running.append(job.id)
                assert len(running) == 1
                await gate.wait()
                running.remove(job.id)

            it.devices.on_call["print"] = printing
            uids = [await it.issue(channel="kiosk") for _ in range(3)]
            assert [it.state.tickets[u].print for u in uids] == ["printing", "none", "none"]
            gate.set()
            await it.settle()
            await it.settle()
            assert [it.state.tickets[u].print for u in uids] == ["done"] * 3
            texts = [job.lines[1].text for job in it.devices.arguments("print")]
            assert texts == ["A001", "A002", "A003"]

    virtual.run(main())


def test_only_a_kiosk_with_a_printer_prints_by_itself():
    async def main():
        async with rig() as it:
            await it.issue(channel="clerk")
            await it.do(IssueTicket(service="general", channel="kiosk", place="k9"))
            assert not it.devices.calls

    virtual.run(main())


def test_a_reprint_says_so_and_one_id_prints_once():
    async def main():
        async with rig() as it:
            uid = await it.issue(channel="kiosk")
            for _ in range(3):
                await it.reactions.printing.reprint(uid, id="again-0001", actor="clerk:c01")
                await it.settle()
            first, second = it.devices.arguments("print")
            assert first.id != second.id
            assert [line.text for line in second.lines if line.text not in {f.text for f in first.lines}] == ["补打"]
            assert it.state.tickets[uid].print == "done"
            assert it.state.tickets[uid].copies == 2

    virtual.run(main())


def test_a_reprint_is_refused_while_printing_and_without_a_printer():
    async def main():
        async with rig() as it:
            it.devices.on_call["print"] = lambda _: asyncio.Event().wait()
            uid = await it.issue(channel="kiosk")
            with pytest.raises(Refusal, match="print_running"):
                await it.reactions.printing.reprint(uid, id="again-0001", actor="clerk:c01")
            with pytest.raises(Refusal, match="ticket_unknown"):
                await it.reactions.printing.reprint("t:none", id="again-0002", actor="clerk:c01")
        async with rig(station(kiosks=[])) as it:
            uid = await it.issue()
            with pytest.raises(Refusal, match="no_printer"):
                await it.reactions.printing.reprint(uid, id="again-0001", actor="clerk:c01")

    virtual.run(main())


def test_a_print_cut_off_by_a_crash_is_unknown_and_never_begun_again():
    async def main():
        async with rig() as it:
            it.devices.on_call["print"] = lambda _: asyncio.Event().wait()
            uid = await it.issue(channel="kiosk")
        async with rig(journal=it.journal) as again:
            await again.do(StartBoot(boot="1" * 16, version="1"))
            assert again.state.tickets[uid].print == "unknown"
            assert not again.devices.calls

    virtual.run(main())


@pytest.mark.parametrize(("seconds", "printed"), [(30, 1), (600, 0)])
def test_a_print_not_begun_before_a_crash_is_begun_while_its_person_may_still_wait(seconds: int, printed: int):
    async def main():
        async with rig() as it:
            it.devices.on_call["print"] = lambda _: asyncio.Event().wait()
            await it.issue(channel="kiosk")
            queued = await it.issue(channel="kiosk")
            assert it.state.tickets[queued].print == "none"
        await asyncio.sleep(seconds)
        async with rig(journal=it.journal) as again:
            await again.do(StartBoot(boot="1" * 16, version="1"))
            assert len(again.devices.arguments("print")) == printed
            assert again.state.tickets[queued].print == ("done" if printed else "none")

    virtual.run(main())


def test_somebody_elses_end_does_not_stop_the_printer_worker():
    async def main():
        async with rig() as it:

            async def printing(job):
                it.devices.on_call.clear()
                ticket = next(t.uid for t in it.state.tickets.values() if t.print_job == job.id)
                await it.do(EndPrint(ticket=ticket, job=job.id, outcome="unknown"))

            it.devices.on_call["print"] = printing
            first = await it.issue(channel="kiosk")
            second = await it.issue(channel="kiosk")
            assert [it.state.tickets[u].print for u in (first, second)] == ["unknown", "done"]

    virtual.run(main())


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
def test_what_stands_on_the_paper(language):
    async def main():
        async with rig(station(language=language)) as it:
            await it.issue()
            uid = await it.issue(channel="kiosk")
            lines = it.devices.arguments("print")[0].lines
            assert [line.text for line in lines if line.qr] == [uid]
            assert [line.text for line in lines if line.size == 4] == ["A002"]
            assert slip.lines(it.state, it.site, it.state.tickets[uid]) == lines
            return "\n".join(line.text for line in lines if not line.qr) + "\n"

    golden = Path(__file__).parent / "golden" / f"slip.{language}.txt"
    assert virtual.run(main()) == golden.read_text("utf-8")


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
def test_a_ticket_tells_the_code_by_which_its_service_is_judged(language):
    async def main():
        async with rig(station(language=language)) as it:
            uid = await it.issue(channel="kiosk")
            lines = slip.lines(it.state, it.site, it.state.tickets[uid], code="REMPE4FB")
            return "\n".join(f"[QR {line.text}]" if line.qr else line.text for line in lines) + "\n"

    golden = Path(__file__).parent / "golden" / f"slip_with_code.{language}.txt"
    assert virtual.run(main()) == golden.read_text("utf-8")


def test_a_started_print_of_another_printer_is_left_alone():
    async def main():
        async with rig() as it:
            uid = await it.issue()
            await it.do(StartPrint(ticket=uid, job="p:x", printer="elsewhere"))
            assert not it.devices.calls

    virtual.run(main())
