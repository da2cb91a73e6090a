"""Receipts and notices: what stands on them, where they are printed, and that a second print says the same."""

from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from drivers import errors
from edge.catalogue import load_catalogue
from edge.reactions import receipt
from edge.reactions.wording import Wording
from edge.rules import commands as c
from edge.rules.books import ItemFacts
from edge.rules.case_records import Requirement
from edge.rules.refusal import Refusal
from tests.edge.reactions import virtual
from tests.edge.reactions.rig import Opened, rig, station
from tests.edge.rules.conftest import APPLICANT, BOOKS

GOLDEN = Path(__file__).parent / "golden"
LANGUAGES = ["zh-Hans", "zh-Hant", "en"]
WORDS = {
    "permit": ("居住证申领", "居住證申領", "Residence permit"),
    "id-card": ("居民身份证", "居民身份證", "Identity card"),
    "household-book": ("居民户口簿", "居民戶口簿", "Household register"),
    "photo": ("近期免冠照片", "近期免冠照片", "Photograph"),
}
CATALOGUE = """
materials:
{materials}
items:
  - id: "permit"
    name: {permit}
    initials: ["jzzsl"]
    topic: "residence"
    kind: "promised"
    limits: {{promised: 5}}
    decides: {{level: "station"}}
    accepted_at: ["station", "street", "district"]
    materials:
      - {{of: "id-card", originals: 1, copies: 1}}
      - {{of: "household-book", originals: 1}}
      - {{of: "photo", originals: 2, mandatory: false}}
    fee: {{free: true}}
    delivery: ["counter", "mail"]
    codes: {{implementation: "11990000000000000000000"}}
    unverified: true
"""


def text(uid):
    return "{" + ", ".join(f'{lang}: "{word}"' for lang, word in zip(LANGUAGES, WORDS[uid], strict=True)) + "}"


@pytest.fixture
def catalogue(tmp_path):
    forms = {"id-card": "paper", "household-book": "reusable", "photo": "paper"}
    materials = "\n".join(f'  {uid}: {{name: {text(uid)}, form: "{form}"}}' for uid, form in forms.items())
    (tmp_path / "items.yaml").write_text(CATALOGUE.format(materials=materials, permit=text("permit")), "utf-8")
    return load_catalogue(tmp_path)


def window_printer(**changes):
    """The example station with a printer at window 1."""
    plain = station().model_dump(mode="json")
    plain["windows"][0]["printer"] = "printer-9"
    plain["devices"].append({"id": "printer-9", "driver": "printer.escpos", "link": "tcp://192.0.2.22:9100"})
    return station(windows=plain["windows"], devices=plain["devices"], **changes)


@asynccontextmanager
async def at_window(catalogue=None, site=None, sealed=None, **settings):
    """A hall where clerk c01 serves a ticket at window 1 and has opened a case."""
    sealed = sealed or Opened(APPLICANT.model_dump() | {"text": "张测试的户口不在本区"})
    if catalogue is not None:
        settings["catalogue_of"] = lambda version: catalogue
    async with rig(site or window_printer(), books=BOOKS, sealed=sealed, **settings) as it:
        await it.do(c.SignIn(window="w1", clerk="c01"))
        await it.issue()
        await it.call()
        await it.do(c.StartService(window="w1"))
        yield it


async def opened(it, item="permit"):
    return (await it.do(c.OpenCase(window="w1", item=item, applicant=APPLICANT))).records[0].subject


async def mark(it, case, material, **changes):
    given = {"window": "w1", "case": case, "material": material, "state": "provided", "form": "paper"}
    await it.do(c.MarkMaterial.model_validate(given | {"originals": 1, "copies": 1} | changes))


async def received(it):
    case = await opened(it)
    await mark(it, case, "id-card")
    await mark(it, case, "household-book", state="reused", form="reused", originals=0, copies=0)
    await mark(it, case, "photo", state="missing", form="none", originals=0, copies=0)
    await it.do(c.ReceiveCase(window="w1", case=case))
    return case


async def noticed(it):
    case = await opened(it)
    await mark(it, case, "id-card", state="defect", defect="expired")
    await mark(it, case, "photo", state="defect", defect="unclear")
    await it.do(c.GiveNotice(window="w1", case=case))
    return case


async def refused(it):
    case = await opened(it)
    await it.do(c.RefuseCase(window="w1", case=case, reason="other", text="张测试的户口不在本区"))
    return case


def printers(it):
    return [device for device, verb, _, _ in it.devices.calls if verb == "print"]


def page_of(job):
    marks = {"left": "", "centre": "^", "right": ">"}
    return "\n".join(f"[QR {line.text}]" if line.qr else f"{marks[line.align]}{line.text}" for line in job.lines) + "\n"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("ending", [received, noticed, refused], ids=lambda ending: ending.__name__)
def test_what_stands_on_the_paper(catalogue, ending, language):
    async def main():
        async with at_window(catalogue, window_printer(language=language)) as it:
            await ending(it)
            (job,) = it.devices.arguments("print")
            return page_of(job)

    golden = GOLDEN / f"{ending.__name__}.{language}.txt"
    assert virtual.run(main()) == golden.read_text("utf-8")


@pytest.mark.parametrize("ending", [received, noticed, refused], ids=lambda ending: ending.__name__)
def test_a_second_print_is_the_first_with_its_mark(catalogue, ending):
    async def main():
        async with at_window(catalogue) as it:
            case = await ending(it)
            (number,) = it.state.cases[case].papers
            for n in (1, 2):
                for _ in range(2):
                    await it.reactions.printing.reprint_paper(case, number, id=f"again-{n}", actor="clerk:c01")
                    await it.settle()
            first, *again = it.devices.arguments("print")
            assert len(again) == 2
            for n, job in enumerate(again, 1):
                marks = [line for line in job.lines if line.text == f"补打 {n}"]
                assert len(marks) == 1
                assert tuple(line for line in job.lines if line not in marks) == first.lines
            assert it.state.cases[case].papers[number].print == "done"
            assert len({job.id for job in (first, *again)}) == 3

    virtual.run(main())


def test_started_is_committed_before_the_applicant_is_read_and_the_first_byte():
    async def main():
        seen = []

        class Watched(Opened):
            async def open(self, seq, h):
                seen.append(it.kinds()[-1])
                return await super().open(seq, h)

        async with at_window(sealed=Watched(APPLICANT.model_dump())) as it:

            async def printing(job):
                seen.append(it.kinds()[-1])

            it.devices.on_call["print"] = printing
            case = await received(it)
            assert seen == ["print.started", "print.started"]
            assert it.kinds()[-3:] == ["case.received", "print.started", "print.done"]
            started = it.journal.committed[-2]
            assert (started.subject, started.body["what"], started.v) == (case, "receipt", 2)
            assert printers(it) == ["printer-9"]

    virtual.run(main())


def test_a_window_without_a_printer_uses_the_halls_first():
    async def main():
        async with at_window(site=station()) as it:
            case = await received(it)
            (number,) = it.state.cases[case].papers
            await it.reactions.printing.reprint_paper(case, number, id="again", actor="clerk:c01")
            await it.settle()
            assert printers(it) == ["printer-1", "printer-1"]

    virtual.run(main())


def test_a_hall_without_a_printer_receives_all_the_same():
    async def main():
        async with at_window(site=station(kiosks=[])) as it:
            case = await received(it)
            kept = it.state.cases[case]
            assert (kept.state, [paper.print for paper in kept.papers.values()]) == ("received", ["none"])
            with pytest.raises(Refusal, match="no_printer"):
                await it.reactions.printing.reprint_paper(case, *kept.papers, id="again", actor="clerk:c01")

    virtual.run(main())


@pytest.mark.parametrize(
    ("error", "outcome"), [("paper_out", "failed"), ("outcome_unknown", "unknown"), ("late", "unknown")]
)
def test_every_outcome_is_kept_and_a_reprint_follows(error, outcome):
    async def main():
        async with at_window() as it:

            async def printing(_):
                raise errors.by_code(error)

            it.devices.on_call["print"] = printing
            case = await received(it)
            (paper,) = it.state.cases[case].papers.values()
            assert (paper.print, paper.print_code, paper.copies) == (outcome, error, 1)
            assert len(it.devices.arguments("print")) == 1
            it.devices.on_call.clear()
            await it.reactions.printing.reprint_paper(case, paper.number, id="again", actor="clerk:c01")
            await it.settle()
            (paper,) = it.state.cases[case].papers.values()
            assert (paper.print, paper.copies) == ("done", 2)

    virtual.run(main())


def test_an_erased_applicant_fails_the_print_and_nothing_else():
    async def main():
        async with at_window(sealed=Opened()) as it:
            case = await received(it)
            (paper,) = it.state.cases[case].papers.values()
            assert (paper.print, paper.print_code) == ("failed", "part_gone")
            assert not printers(it)
            await it.issue(channel="kiosk")
            assert len(it.devices.arguments("print")) == 1

    virtual.run(main())


def test_papers_that_do_not_exist_are_not_printed():
    async def main():
        async with at_window() as it:
            case = await received(it)
            for wrong, number, code in (("case:none", "R1", "case_unknown"), (case, "R1", "paper_unknown")):
                with pytest.raises(Refusal, match=code):
                    await it.reactions.printing.reprint_paper(wrong, number, id=f"again-{code}", actor="clerk:c01")

    virtual.run(main())


def test_no_name_or_number_of_a_person_stands_on_a_paper_or_in_a_record(catalogue):
    async def main():
        async with at_window(catalogue) as it:
            await received(it)
            await it.do(c.FinishService(window="w1"))
            (job,) = it.devices.arguments("print")
            records = "".join(record.raw.decode() for record in it.journal.committed)
            for secret in (APPLICANT.name, APPLICANT.id_number, APPLICANT.phone):
                assert secret not in page_of(job)
                assert secret not in records

    virtual.run(main())


def test_after_closing_time_the_paper_says_which_day_counts():
    async def main():
        async with at_window() as it:
            it.clock.wall_shift = 9 * 3_600_000
            await received(it)
            page = page_of(it.devices.arguments("print")[0])
            assert "收件时间 2026-11-23 18:" in page
            assert "按 2026-11-24 收件计算期限" in page
            assert "最晚办结日期 2026-12-01" in page

    virtual.run(main())


def test_without_a_limit_or_a_catalogue_a_paper_still_says_what_is_known():
    async def main():
        books = replace(BOOKS, items={"permit": ItemFacts("permit", "instant", None, _PLAIN, ("mail",))})
        async with at_window() as it:
            it.engine.books = books
            case = await opened(it)
            await mark(it, case, "id-card", form="scan", originals=0, copies=0)
            add = {"h": "3c" * 32, "size": 1, "kid": "k:1", "nonce": "AA==", "width": 1, "height": 1}
            await it.do(c.AddPage(window="w1", case=case, material="id-card", **add))
            await it.do(c.ReceiveCase(window="w1", case=case, delivery="mail"))
            page = page_of(it.devices.arguments("print")[0])
            for said in ("事项 permit", "1. id-card", "扫描 1 页", "以受理机关通知为准", "领取方式 邮寄"):
                assert said in page
            for unsaid in ("领取地点", "承诺期限", "未收材料", "实施编码"):
                assert unsaid not in page

    virtual.run(main())


def test_a_case_not_received_has_no_receipt(catalogue):
    async def main():
        async with at_window() as it:
            case = it.state.cases[await opened(it)]
            with pytest.raises(ValueError, match="not received"):
                receipt.lines(case, APPLICANT.model_dump(), Wording(it.site, catalogue), 1)

    virtual.run(main())


_PLAIN = (Requirement(material="id-card", mandatory=True, originals=1, copies=1),)


@pytest.mark.parametrize("kind", ["complaint", "suggestion"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_complaints_slip_says_its_number_and_code_and_not_what_was_said(kind, language):
    async def main():
        async with rig(station(language=language), books=BOOKS) as it:
            told = {"type": kind, "channel": "kiosk", "text": "张测试等了一个小时", "contact": "13800000000"}
            await it.do(c.RegisterComplaint.model_validate(told), actor="kiosk:k1")
            (job,) = it.devices.arguments("print")
            return page_of(job)

    assert virtual.run(main()) == (GOLDEN / f"{kind}.{language}.txt").read_text("utf-8")
