from collections.abc import AsyncIterator

import pytest

from drivers.contract import Driver, Identifiable, Printer, PrintJob, TicketLine
from drivers.errors import (
    BadConfig,
    CoverOpen,
    Denied,
    DeviceError,
    Garbled,
    Jam,
    Late,
    NeedsHelp,
    OutcomeUnknown,
    PaperOut,
    Refused,
    ServiceDown,
    Unsupported,
    WrongDevice,
)
from drivers.links import make_link

from .conftest import Make
from .faulty import (
    CANCEL,
    GET_JOB,
    GET_JOBS,
    GET_PRINTER,
    PRINT_JOB,
    RESUME,
    Faulty,
    Job,
    faulty_printer,
    number,
    value,
)

JOB = PrintJob(id="p:00c2-7", lines=(TicketLine(text="回执"),))


@pytest.fixture
async def peer() -> AsyncIterator[Faulty]:
    async with faulty_printer() as printer:
        yield printer


async def test_what_the_contract_asks(driver: Make) -> None:
    device = driver("ipp://192.0.2.1/ipp/print")
    assert isinstance(device, Driver)
    assert isinstance(device, Printer)
    assert isinstance(device, Identifiable)


@pytest.mark.parametrize(
    ("reasons", "error"),
    [
        (["media-empty-error"], PaperOut),
        (["media-needed"], PaperOut),
        (["door-open-error", "media-empty-error"], CoverOpen),
        (["media-jam-error"], Jam),
        (["toner-empty-error"], NeedsHelp),
    ],
)
async def test_faults_before_the_job(driver: Make, peer: Faulty, reasons: list[str], error: type[DeviceError]) -> None:
    device = driver(peer.url)
    await device.open()
    peer.reasons = reasons
    assert (await device.check()).code == error.code
    with pytest.raises(error):
        await device.print(JOB)
    assert not peer.documents
    peer.reasons = ["none"]
    await device.print(JOB)
    assert len(peer.documents) == 1


async def test_low_paper_and_toner_only_warn(driver: Make, peer: Faulty) -> None:
    device = driver(peer.url)
    await device.open()
    peer.reasons = ["media-low-report", "toner-low-warning"]
    health = await device.check()
    assert (health.state, health.detail) == ("warning", "media-low, toner-low")
    assert (await device.print(JOB)).paper == "near_end"


async def test_a_queue_that_stopped_is_set_going_again(driver: Make, peer: Faulty, notes: list[str]) -> None:
    device = driver(peer.url)
    await device.open()
    peer.state, peer.reasons = 5, ["paused"]
    assert (await device.check()).state == "ready"
    assert notes == ["printer.queue_resumed"]
    peer.state, peer.reasons = 5, ["paused"]
    await device.print(JOB)
    assert len(peer.documents) == 1


@pytest.mark.parametrize("status", [0x0401, 0x0501], ids=["not allowed", "not known"])
async def test_a_queue_that_stays_stopped_is_explained(driver: Make, peer: Faulty, status: int) -> None:
    device = driver(peer.url)
    await device.open()
    peer.state, peer.reasons, peer.resume_status = 5, ["paused"], status
    health = await device.check()
    assert (health.state, health.code) == ("fault", "needs_help")
    assert "停在这里" in health.detail
    with pytest.raises(NeedsHelp, match="queue is stopped"):
        await device.print(JOB)


async def test_a_queue_that_somebody_stopped_on_purpose(driver: Make, peer: Faulty) -> None:
    device = driver(peer.url, resume=False)
    await device.open()
    peer.state, peer.reasons = 5, ["paused"]
    assert (await device.check()).code == "needs_help"
    assert RESUME not in peer.asked


async def test_a_stopped_queue_with_a_fault_is_not_resumed(driver: Make, peer: Faulty) -> None:
    device = driver(peer.url)
    await device.open()
    peer.state, peer.reasons = 5, ["paused", "media-jam"]
    assert (await device.check()).code == "jam"
    assert RESUME not in peer.asked


async def test_a_lost_answer_and_the_job_is_there(driver: Make, peer: Faulty) -> None:
    device = driver(peer.url)
    await device.open()
    peer.lose = {PRINT_JOB: 1, GET_JOBS: 0}
    await device.print(JOB)
    assert len(peer.documents) == 1
    assert peer.asked.count(PRINT_JOB) == 1


async def test_a_lost_answer_and_the_job_is_not_there(driver: Make, peer: Faulty) -> None:
    device = driver(peer.url, timeout=0.3)
    await device.open()
    peer.lose, peer.forget_jobs = {PRINT_JOB: 1}, True
    for _ in range(2):
        with pytest.raises(OutcomeUnknown):
            await device.print(JOB)
    assert peer.asked.count(PRINT_JOB) == 1


@pytest.mark.parametrize("lost", [1, 3])
async def test_lost_answers_while_the_job_is_followed(driver: Make, peer: Faulty, lost: int) -> None:
    device = driver(peer.url)
    await device.open()
    peer.lose = {GET_JOB: lost}
    await device.print(JOB)
    assert len(peer.documents) == 1


async def test_a_job_refused_by_the_printer_may_be_sent_again(driver: Make, peer: Faulty) -> None:
    device = driver(peer.url)
    await device.open()
    peer.refuse_job = 0x040B
    with pytest.raises(Refused):
        await device.print(JOB)
    peer.refuse_job = 0
    await device.print(JOB)
    assert len(peer.documents) == 1


@pytest.mark.parametrize(
    ("state", "begun", "error"),
    [(8, False, Refused), (7, False, Refused), (8, True, OutcomeUnknown), (7, True, OutcomeUnknown)],
)
async def test_jobs_that_end_without_a_page(
    driver: Make, peer: Faulty, state: int, begun: bool, error: type[DeviceError]
) -> None:
    device = driver(peer.url)
    await device.open()
    peer.new_job = Job(0, "", state, begun)
    with pytest.raises(error) as raised:
        await device.print(JOB)
    assert raised.type is error


@pytest.mark.parametrize(("begun", "error"), [(False, Refused), (True, OutcomeUnknown)])
async def test_a_job_that_does_not_end_is_withdrawn(
    driver: Make, peer: Faulty, begun: bool, error: type[DeviceError]
) -> None:
    device = driver(peer.url, timeout=0.2)
    await device.open()
    peer.new_job = Job(0, "", 3, begun)
    with pytest.raises(error):
        await device.print(JOB)
    assert peer.asked.count(CANCEL) == 1
    assert peer.jobs[-1].state == 7


async def test_a_job_kept_waiting_for_paper_is_withdrawn(driver: Make, peer: Faulty) -> None:
    device = driver(peer.url, timeout=0.2)
    await device.open()
    peer.reasons, peer.new_job = ["media-empty-warning"], Job(0, "", 3, begun=False)
    with pytest.raises(PaperOut):
        await device.print(JOB)
    assert peer.jobs[-1].state == 7
    peer.reasons, peer.new_job = ["none"], Job(0, "")
    with pytest.raises(Refused):
        await device.print(JOB)
    await device.print(JOB.model_copy(update={"id": "p:00c2-8"}))


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"http_status": 401}, Denied),
        ({"http_status": 503}, ServiceDown),
        ({"content_type": "text/html"}, WrongDevice),
        ({"formats": ["application/postscript"]}, Unsupported),
        ({"lose": {GET_PRINTER: 1}}, DeviceError),
    ],
)
async def test_what_cannot_be_opened(
    driver: Make, peer: Faulty, changes: dict[str, object], error: type[DeviceError]
) -> None:
    for name, changed in changes.items():
        setattr(peer, name, changed)
    with pytest.raises(error):
        await driver(peer.url).open()


async def test_an_answer_cut_off_at_every_place(driver: Make, peer: Faulty) -> None:
    device = driver(peer.url)
    await device.open()
    await device.check()
    for length in range(0, peer.length, 7):
        peer.cut = length
        with pytest.raises((Garbled, Late)):
            await device.check()
    peer.cut = None
    assert (await device.check()).state == "ready"


@pytest.mark.parametrize(
    "more",
    [
        value(0x44, "printer-state", b"idle"),
        value(0x44, "pwg-raster-document-resolution-supported", b"300dpi"),
        number(0x21, "printer-is-accepting-jobs", 1),
        number(0x21, "printer-uuid", 1),
    ],
)
async def test_facts_in_another_syntax_are_garbled(driver: Make, peer: Faulty, more: bytes) -> None:
    peer.formats, peer.more = ["image/pwg-raster"], more
    with pytest.raises(Garbled):
        await driver(peer.url).open()


async def test_a_resolution_the_printer_does_not_know_is_passed_over(driver: Make, peer: Faulty) -> None:
    peer.formats, peer.more = ["image/pwg-raster"], value(0x12, "pwg-raster-document-resolution-supported", b"")
    await driver(peer.url).open()


@pytest.mark.parametrize("url", ["ipp:///x", "ipp://user:secret@192.0.2.1/x", "ipp://192.0.2.1:x/y"])
async def test_addresses_that_are_none(driver: Make, url: str) -> None:
    with pytest.raises(BadConfig):
        driver(url)


async def test_addresses(driver: Make) -> None:
    link = make_link("ipp://192.0.2.1/ipp/print", driver("ipp://192.0.2.1/x")._ctx)
    assert (link.name, link.http) == ("ipp://192.0.2.1:631/ipp/print", "http://192.0.2.1:631/ipp/print")
