import asyncio
from collections.abc import Callable

import pytest

from drivers.contract import Driver, Printer, PrintJob, TicketLine
from drivers.errors import Absent, CoverOpen, Garbled, Jam, Late, NeedsHelp, OutcomeUnknown, PaperOut
from drivers.printer.escpos import EscPosPrinter

from .conftest import FINE, PeerPrinter

Make = Callable[..., EscPosPrinter]
JOB = PrintJob(id="t-1", lines=(TicketLine(text="A017", size=4), TicketLine(text="综合业务")))
NEXT = PrintJob(id="t-2", lines=(TicketLine(text="A018", size=4),))
OUT = {1: 0x1A, 2: 0x32, 3: 0x12, 4: 0x72}
REMAINS = b"\x1b@\x1bd\x06\x1dV\x00"


async def opened(device: EscPosPrinter, peer: PeerPrinter) -> EscPosPrinter:
    """A printer that was seen clean; what the first look cut off is forgotten."""
    await device.open()
    await device.check()
    peer.asked.clear()
    peer.printed.clear()
    peer.ticket_begun.clear()
    return device


async def test_what_the_contract_asks(printer: Make) -> None:
    assert isinstance(printer(), Driver)
    assert isinstance(printer(), Printer)


async def test_a_ticket(printer: Make, peer: PeerPrinter) -> None:
    device = await opened(printer(), peer)
    printed = await device.print(JOB)
    assert peer.asked == [1, 2, 4, 4, 3, 2]
    assert printed.bytes == len(peer.printed)
    assert printed.paper == "ok"
    assert peer.printed.startswith(b"\x1b@\x1c&")
    assert peer.printed.endswith(b"\x1dV\x00")
    await asyncio.wait_for(peer.idle.wait(), 30)
    assert peer.open_now == 0


async def test_the_wire_tap_keeps_no_ticket(printer: Make, peer: PeerPrinter) -> None:
    device = await opened(printer(), peer)
    printed = await device.print(JOB)
    chunks = device._link.tap.recent()
    assert [chunk.data for chunk in chunks if chunk.size == printed.bytes] == [b""]
    assert b"\x10\x04\x01" in [chunk.data for chunk in chunks]


async def test_the_same_id_is_printed_once(printer: Make, peer: PeerPrinter) -> None:
    device = await opened(printer(), peer)
    first, second = await asyncio.gather(device.print(JOB), device.print(JOB))
    assert first == second
    assert len(peer.printed) == first.bytes


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (OUT, PaperOut),
        ({1: 0x1A, 2: 0x16, 3: 0x12, 4: 0x12}, CoverOpen),
        ({1: 0x1A, 2: 0x52, 3: 0x1A, 4: 0x12}, Jam),
        ({1: 0x1A, 2: 0x12, 3: 0x12, 4: 0x12}, NeedsHelp),
        ({1: 0x12, 2: 0x12}, Late),
    ],
    ids=["out", "cover", "cutter", "offline", "silent"],
)
async def test_faults_before_the_first_byte(
    printer: Make, peer: PeerPrinter, status: dict[int, int], error: type[Exception]
) -> None:
    device = await opened(printer(), peer)
    peer.status = status
    with pytest.raises(error) as raised:
        await device.print(JOB)
    assert raised.type is error
    assert not peer.printed
    peer.status = dict(FINE)
    assert (await device.print(JOB)).paper == "ok"


async def test_near_end_only_warns(printer: Make, peer: PeerPrinter) -> None:
    device = await opened(printer(), peer)
    peer.status = {**FINE, 4: 0x1E}
    assert (await device.print(JOB)).paper == "near_end"
    assert (await device.check()).state == "warning"
    assert (await device.status()).state == "near_end"


async def test_paper_runs_out_within_the_ticket(printer: Make, peer: PeerPrinter) -> None:
    device = await opened(printer(), peer)
    peer.after, peer.in_turn_after = OUT, None
    with pytest.raises(OutcomeUnknown, match="no paper"):
        await device.print(JOB)
    await asyncio.wait_for(peer.idle.wait(), 30)
    assert peer.printed.endswith(b"\x1dV\x00\x1b@")


async def test_an_unknown_outcome_is_never_repeated_and_its_remains_are_cut_off(
    printer: Make, peer: PeerPrinter
) -> None:
    device = await opened(printer(), peer)
    peer.drop_after = 1
    with pytest.raises(OutcomeUnknown):
        await device.print(JOB)
    peer.drop_after = None
    peer.printed.clear()
    with pytest.raises(OutcomeUnknown):
        await device.print(JOB)
    assert not peer.printed
    printed = await device.print(NEXT)
    assert peer.printed.startswith(REMAINS + b"\x1b@\x1c&")
    assert printed.bytes + len(REMAINS) == len(peer.printed)
    peer.printed.clear()
    await device.print(NEXT.model_copy(update={"id": "t-3"}))
    assert not peer.printed.startswith(REMAINS)


async def test_what_hangs_there_is_cut_off_at_the_next_look(printer: Make, peer: PeerPrinter) -> None:
    device = await opened(printer(), peer)
    peer.drop_after = 1
    with pytest.raises(OutcomeUnknown):
        await device.print(JOB)
    peer.drop_after = None
    peer.printed.clear()
    for _ in range(3):
        assert (await device.check()).state == "ready"
    assert peer.printed == REMAINS


async def test_nothing_is_cut_while_the_printer_still_works(printer: Make, peer: PeerPrinter) -> None:
    device = await opened(printer(), peer)
    peer.after, peer.in_turn_after = dict(FINE), None
    with pytest.raises(OutcomeUnknown):
        await device.print(JOB)
    await asyncio.wait_for(peer.idle.wait(), 30)
    peer.printed.clear()
    assert (await device.check()).state == "ready"
    assert not peer.printed
    with pytest.raises(Late, match="still busy"):
        await device.print(NEXT)
    assert not peer.printed


async def test_another_process_knows_of_the_broken_ticket(printer: Make, peer: PeerPrinter) -> None:
    device = await opened(printer(), peer)
    peer.drop_after = 1
    with pytest.raises(OutcomeUnknown):
        await device.print(JOB)
    peer.drop_after = None
    peer.printed.clear()
    later = printer()
    await later.open()
    await later.check()
    assert peer.printed == REMAINS
    peer.printed.clear()
    after_that = printer()
    await after_that.open()
    await after_that.check()
    assert not peer.printed


async def test_a_real_time_clear_where_the_printer_has_it(printer: Make, peer: PeerPrinter) -> None:
    device = await opened(printer(clear="realtime"), peer)
    peer.after, peer.in_turn_after = OUT, None
    with pytest.raises(OutcomeUnknown):
        await device.print(JOB)
    await asyncio.wait_for(peer.idle.wait(), 30)
    assert peer.printed.endswith(bytes.fromhex("10 14 08 01 03 14 01 06 02 08 1b 40"))


@pytest.mark.parametrize(
    "status",
    [{1: 0x5A, 2: 0x1A, 3: 0x12, 4: 0x12}, {1: 0x1A, 2: 0x52, 3: 0x52, 4: 0x12}],
    ids=["paper is fed by button", "head hot"],
)
async def test_what_passes_by_itself_is_no_fault(printer: Make, peer: PeerPrinter, status: dict[int, int]) -> None:
    device = await opened(printer(), peer)
    peer.status = status
    assert (await device.check()).state == "busy"
    assert (await device.status()).code == ""
    waiting = asyncio.ensure_future(device.print(JOB))
    while peer.asked.count(1) < 6:
        await asyncio.sleep(0.01)
    assert not peer.printed
    peer.status = dict(FINE)
    assert (await waiting).paper == "ok"


async def test_trouble_said_once_is_not_believed(printer: Make, peer: PeerPrinter) -> None:
    device = await opened(printer(), peer)
    peer.once = {4: 0x72}
    assert (await device.check()).state == "ready"
    assert peer.asked == [1, 2, 4] * 2


async def test_strange_bytes_are_counted_and_change_nothing(
    printer: Make, peer: PeerPrinter, notes: list[tuple[str, dict[str, object]]]
) -> None:
    device = await opened(printer(), peer)
    peer.before_answer = bytes.fromhex("55 FF 80")
    assert (await device.check()).state == "ready"
    assert (await device.print(JOB)).paper == "ok"
    assert ("printer.strange_bytes", {"count": 9}) in notes


async def test_a_slip_that_names_the_link(printer: Make, peer: PeerPrinter) -> None:
    device = await opened(printer(), peer)
    await device.identify(3.0)
    assert f"tcp://127.0.0.1:{peer.port}".encode() in peer.printed


async def test_no_answer_at_the_end(printer: Make, peer: PeerPrinter) -> None:
    device = await opened(printer(), peer)
    peer.after, peer.in_turn_after = {}, None
    with pytest.raises(OutcomeUnknown):
        await device.print(JOB)


async def test_a_printer_without_gs_r_gets_no_ticket_until_it_is_said_so(printer: Make, peer: PeerPrinter) -> None:
    device = await opened(printer(), peer)
    peer.in_turn = None
    with pytest.raises(Late, match="completion"):
        await device.print(JOB)
    assert not peer.printed


async def test_silence_behind_the_ticket_is_not_its_end(printer: Make, peer: PeerPrinter) -> None:
    device = await opened(printer(), peer)
    peer.in_turn_after = None
    with pytest.raises(OutcomeUnknown, match="no word"):
        await device.print(JOB)


async def test_completion_by_status_alone(printer: Make, peer: PeerPrinter) -> None:
    device = await opened(printer(completion="status"), peer)
    await device.print(JOB)
    assert b"\x1dr" not in peer.printed
    assert peer.asked == [1, 2, 4, 4, 3, 2]


async def test_cancelled_after_the_first_byte(printer: Make, peer: PeerPrinter) -> None:
    device = await opened(printer(timeout=5), peer)
    peer.in_turn_after = None
    job = asyncio.ensure_future(device.print(JOB))
    await asyncio.wait_for(peer.ticket_begun.wait(), 30)
    assert (await device.check()).state == "busy"
    assert (await device.status()).state == "unknown"
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    with pytest.raises(OutcomeUnknown):
        await device.print(JOB)


async def test_automatic_status_between_the_answers(printer: Make, peer: PeerPrinter) -> None:
    device = await opened(printer(), peer)
    peer.before_answer = bytes.fromhex("10 00 00 0F")
    assert (await device.print(JOB)).paper == "ok"


async def test_check_says_what_is_wrong_and_lets_go(printer: Make, peer: PeerPrinter) -> None:
    device = await opened(printer(), peer)
    assert (await device.check()).state == "ready"
    peer.status = OUT
    before = peer.sessions
    health = await device.check()
    assert (health.state, health.code) == ("fault", "paper_out")
    assert (await device.status()).code == "paper_out"
    await asyncio.wait_for(peer.idle.wait(), 30)
    assert peer.sessions == before + 2


async def test_a_printer_without_paper_opens(printer: Make, peer: PeerPrinter) -> None:
    peer.status = OUT
    await printer().open()


async def test_something_else_answers(printer: Make, peer: PeerPrinter) -> None:
    peer.status = {}
    peer.status[1] = 0xFF
    with pytest.raises(Garbled):
        await printer().open()


async def test_nobody_there(printer: Make, peer: PeerPrinter) -> None:
    await peer.stop()
    with pytest.raises(Absent):
        await printer().open()
