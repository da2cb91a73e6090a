"""From the clerk's first key to the printed receipt on the real journal: sealed on disk, opened for the paper only."""

import asyncio
import random
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from edge.clock import Ids
from edge.journal.errors import PartGone
from edge.reactions.jobs.printing import Printing
from edge.reactions.sealed import SealedParts
from edge.rules import commands as c
from edge.rules.apply import apply
from edge.rules.deadlines import Calendar
from edge.rules.state import State
from tests.edge.engine.conftest import CLOCK, hall, open_hall
from tests.edge.reactions.rig import station
from tests.edge.rules.conftest import APPLICANT, BOOKS

ANY_YEAR = replace(BOOKS, calendar=Calendar(frozenset(), frozenset(), frozenset(range(2000, 2101))))
SECRETS = (APPLICANT.name, APPLICANT.id_number, APPLICANT.phone, "户口不在本区")


class Printer:
    def __init__(self):
        self.jobs = asyncio.Queue()

    def want(self, device, state):
        raise AssertionError("nothing is shown here")

    async def call(self, device, verb, argument, *, deadline):
        self.jobs.put_nowait(argument)
        return {}


@asynccontextmanager
async def desk(folder, printer):
    """A running hall with its printing; `do` is clerk c01's keys."""
    async with hall(folder) as engine:
        engine.books = ANY_YEAR
        sealed = SealedParts(engine._journal)
        printing = Printing(engine, station(), printer, ids=Ids(CLOCK, random.Random(9).randbytes), sealed=sealed)
        task = asyncio.create_task(printing.run())
        await asyncio.sleep(0)

        async def do(command):
            return await engine.execute(command, id=Ids(CLOCK).new("c"), actor="clerk:c01")

        try:
            yield engine, printing, do
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def begin(engine, do):
    await open_hall(engine)
    await do(c.SignIn(window="w1", clerk="c01"))
    await do(c.IssueTicket(service="general", channel="clerk", place="w1"))
    await do(c.CallNext(window="w1"))
    await do(c.StartService(window="w1"))
    return (await do(c.OpenCase(window="w1", item="permit", applicant=APPLICANT))).records[0].subject


async def folded(engine):
    state = State()
    for record, _, _ in await engine._journal.read(0, 1_000, 10_000_000):
        apply(state, record)
    return state


async def test_a_draft_survives_a_power_cut_and_its_receipt_is_printed_twice_the_same(tmp_path):
    printer = Printer()
    with capture_logs() as logs:
        async with desk(tmp_path, printer) as (engine, _, do):
            case = await begin(engine, do)
            await do(_mark(case, "id-card"))
        async with desk(tmp_path, printer) as (engine, printing, do):
            assert engine.state.cases[case].marks["id-card"].state == "provided"
            await do(_mark(case, "household-book"))
            received = (await do(c.ReceiveCase(window="w1", case=case))).records[0]
            first = await printer.jobs.get()
            await _until(engine, lambda: engine.state.cases[case].papers[received.body["receipt"]].print == "done")
            again = {"id": "again-1", "actor": "clerk:c01"}
            await printing.reprint_paper(case, received.body["receipt"], **again)
            second = await printer.jobs.get()
            await _until(engine, lambda: engine.state.cases[case].papers[received.body["receipt"]].print == "done")
            assert engine.state == engine._ahead == await folded(engine)
    lines = [line for line in second.lines if line.text != "补打 1"]
    assert tuple(lines) == first.lines
    assert len(lines) == len(second.lines) - 1
    assert "申请人 张*" in {line.text for line in first.lines}
    assert received.body["number"] in first.lines[3].text
    _nowhere(tmp_path, logs)


async def test_a_refusals_text_is_sealed_and_stands_on_its_notice(tmp_path):
    printer = Printer()
    with capture_logs() as logs:
        async with desk(tmp_path, printer) as (engine, _, do):
            case = await begin(engine, do)
            await do(c.RefuseCase(window="w1", case=case, reason="other", text="户口不在本区"))
            job = await printer.jobs.get()
            assert "说明 户口不在本区" in {line.text for line in job.lines}
            await _until(engine, lambda: engine.state == engine._ahead)
            assert engine.state == await folded(engine)
    _nowhere(tmp_path, logs)


async def test_both_sealed_parts_of_a_case_open_with_its_one_key(tmp_path):
    printer = Printer()
    async with desk(tmp_path, printer) as (engine, _, do):
        case = await begin(engine, do)
        await do(c.RefuseCase(window="w1", case=case, reason="other", text="户口不在本区"))
        kept = engine.state.cases[case]
        sealed = SealedParts(engine._journal)
        assert await sealed.open(kept.opened_seq, kept.applicant_h) == APPLICANT.model_dump()
        notice = kept.notices[0]
        assert await sealed.open(notice.seq, notice.text_h) == {"text": "户口不在本区"}
        records = [record for record, _, _ in await engine._journal.read(0, 1_000, 10_000_000)]
        kids = {entry["kid"] for record in records for entry in record.data.get("sealed", ())}
        assert len(kids) == 1
        with pytest.raises(PartGone):
            await sealed.open(notice.seq, "")
        with pytest.raises(PartGone):
            await sealed.open(10_000, kept.applicant_h)


async def test_an_erased_applicant_is_not_on_paper_any_more(tmp_path):
    printer = Printer()
    async with desk(tmp_path, printer) as (engine, printing, do):
        case = await begin(engine, do)
        await do(c.GiveNotice(window="w1", case=case))
        await printer.jobs.get()
        (number,) = engine.state.cases[case].papers
        await _until(engine, lambda: engine.state.cases[case].papers[number].print == "done")
        await engine._journal.erase([engine.state.cases[case].applicant_h], "law", actor="system")
        await printing.reprint_paper(case, number, id="again-1", actor="clerk:c01")
        await _until(engine, lambda: engine.state.cases[case].papers[number].print == "failed")
        assert engine.state.cases[case].papers[number].print_code == "part_gone"
        assert printer.jobs.empty()


def _mark(case, material):
    given = {"window": "w1", "case": case, "material": material, "state": "provided", "form": "paper"}
    return c.MarkMaterial.model_validate(given | {"originals": 1, "copies": 1})


async def _until(engine, is_so):
    async with asyncio.timeout(30), engine.subscribe() as feed:
        while not is_so():
            await anext(feed)


def _nowhere(folder, logs):
    """No secret in any file of the journal or in a line of the log."""
    files = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    assert files
    for secret in SECRETS:
        assert not any(secret.encode() in data for data in files)
        assert secret not in str(logs)
