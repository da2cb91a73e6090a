"""补正告知书: what stands on it, that it is printed where it was asked for, and that a second print says the same."""

import pytest

from edge.reactions import supplement
from edge.reactions.wording import Wording
from edge.rules import commands as c
from edge.rules.about import About
from edge.rules.case_records import Point
from edge.rules.refusal import Refusal
from tests.edge.reactions import test_papers, virtual
from tests.edge.reactions.test_papers import GOLDEN, LANGUAGES, at_window, page_of, received, window_printer

catalogue = test_papers.catalogue
POINTS = (Point(material="photo", why="unclear"), Point(material="id-card", why="too_few"))


async def asked_for(it):
    case = await received(it)
    await it.do(c.StepCase(window="w1", case=case, act="lack", reason="materials", points=POINTS))
    return case


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_stands_on_it(catalogue, language):
    async def main():
        async with at_window(catalogue, window_printer(language=language)) as it:
            await asked_for(it)
            _, job = it.devices.arguments("print")
            return page_of(job)

    golden = GOLDEN / f"supplement.{language}.txt"
    assert virtual.run(main()) == golden.read_text("utf-8")


def test_it_is_printed_at_its_window_and_again_on_another_day(catalogue):
    async def main():
        async with at_window(catalogue) as it:
            case = await asked_for(it)
            (number,) = it.state.dossiers[case].papers
            assert it.state.dossiers[case].papers[number].print == "done"
            await it.do(c.FinishService(window="w1"))
            await it.do(c.CloseDay())
            await it.do(c.OpenDay(date="2026-11-24"))
            assert case not in it.state.cases
            await it.reactions.printing.reprint_paper(case, number, id="again", actor="clerk:c01", window="w1")
            await it.settle()
            kept = it.state.dossiers[case].papers[number]
            assert (kept.print, kept.copies) == ("done", 2)
            first, again = it.devices.arguments("print")[1:]
            assert [device for device, verb, _, _ in it.devices.calls if verb == "print"][1:] == ["printer-9"] * 2
            lines = page_of(again).splitlines()
            assert lines.pop(1) == "^补打 1"
            assert lines == page_of(first).splitlines()
            with pytest.raises(Refusal, match="paper_unknown"):
                await it.reactions.printing.reprint_paper(case, "N000", id="none", actor="clerk:c01")

    virtual.run(main())


def test_what_the_unit_asks_for_waits_until_a_clerk_prints_it(catalogue):
    async def main():
        async with at_window(catalogue) as it:
            case = await received(it)
            await it.do(c.StepCase(window="w1", case=case, act="forward", unit="unit-1"))
            about = About(feed="decisions", id=f"d:{case}:1", rev=1)
            word = c.RecordDecision(
                about=about, case=case, said="lack", unit="unit-1", reason="materials", points=POINTS
            )
            await it.do(word, actor="centre")
            await it.settle()
            (number,) = it.state.dossiers[case].papers
            assert it.state.dossiers[case].papers[number].print == "none"
            await it.reactions.printing.reprint_paper(case, number, id="first", actor="clerk:c01", window="w1")
            await it.settle()
            page = page_of(it.devices.arguments("print")[-1])
            assert "要求补正的部门 unit-1" in page
            assert "补打" not in page

    virtual.run(main())


def test_a_case_that_another_hall_took_in_has_a_paper_without_a_name(catalogue):
    async def main():
        async with at_window(catalogue) as it:
            case = await asked_for(it)
            dossier = it.state.dossiers[case]
            lines = supplement.lines(dossier, dossier.supplements[0], {}, Wording(window_printer(), catalogue), 1)
            assert not any("申请人 " in line.text or "张" in line.text for line in lines)

    virtual.run(main())
