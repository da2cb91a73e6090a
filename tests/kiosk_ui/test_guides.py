"""The session machine with the guides: topics, letters, sheets, paper, and on to a number for the item."""

import pytest

from edge.api.schema import Catalogue, HallSnapshot
from kiosk_ui.terminal.guides import FindGuides, GuidePrintedAs, OpenGuide, PrintGuide, sheets
from kiosk_ui.terminal.present import desk_rows, present
from kiosk_ui.terminal.present_guide import guide_rows
from kiosk_ui.terminal.sheets import sheets_of
from kiosk_ui.terminal.state import Answered, Ask, Failed, Fitted, Problem, TakeTicket
from tests.kiosk_ui.guide_pages import LONGEST, found, hall_guides, sheet
from tests.kiosk_ui.test_booking import Run


@pytest.fixture
def run(catalogue: Catalogue, hall_seen: HallSnapshot) -> Run:
    return Run(catalogue, hall_seen)


def asked(run: Run) -> object:
    effect = run.last(Ask)
    assert isinstance(effect, Ask)
    return effect.request


def answer(run: Run, told: object) -> None:
    run.tell(Answered(run.shown.session, told))  # type: ignore[arg-type]


def open_longest(run: Run) -> None:
    run.do("guides")
    answer(run, found())
    run.do("pick elderly")
    answer(run, found("elderly"))
    run.do(f"pick {LONGEST}")
    answer(run, sheet())


def test_by_topic_to_the_guide_and_to_a_number_for_it(run: Run) -> None:
    run.do("guides")
    assert (run.shown.page, asked(run)) == ("asking", FindGuides())
    answer(run, found())
    assert [row.label for row in desk_rows(run.shown)][:3] == ["按拼音首字母找", "养老", "残疾人服务"]
    run.do("pick elderly")
    assert asked(run) == FindGuides(topic="elderly")
    answer(run, found("elderly"))
    assert "居家养老服务补助申请" in [row.label for row in desk_rows(run.shown)]
    run.do(f"pick {LONGEST}")
    assert asked(run) == OpenGuide(LONGEST)
    answer(run, sheet())
    assert (run.shown.page, present(run.shown).guide.name) == ("guide", "居家养老服务补助申请")
    run.do("take")
    assert (run.shown.page, run.shown.service, run.shown.desk.step) == ("card", "general", "")
    run.do("no_card")
    assert isinstance(run.effects[-1], TakeTicket)


def test_by_letters_and_what_is_not_found(run: Run) -> None:
    run.do("guides")
    answer(run, found())
    run.do("pick letters", "key L", "key 3", "key N", "key Z")
    assert run.shown.desk.typed == "LNZ"  # letters only
    run.do("next")
    assert asked(run) == FindGuides(text="LNZ")
    answer(run, found().model_copy(update={"items": ()}))
    assert (run.shown.page, desk_rows(run.shown)) == ("choices", ())
    assert present(run.shown).desk.hint.startswith("没有找到")
    run.do("back")
    assert run.shown.desk.step == "topic"
    run.do("back")
    assert run.shown.page == "service"


def test_every_line_of_every_guide_is_on_some_sheet() -> None:
    """In each language, shape and size of text; a heading stands over its first line and where it goes on."""
    for item in hall_guides().find():
        shown = sheet(item.id)
        for language in ("zh-Hans", "zh-Hant", "en"):
            for tall in (False, True):
                for large in (False, True):
                    pages = sheets(shown, language, tall=tall, large=large)
                    assert all(page[0].heading and not page[-1].heading for page in pages)
                    told = "".join(line.text for page in pages for line in page if not line.heading)
                    assert told == "".join(line[language] for each in shown.sections for line in each.lines)


def test_sheets_turn_and_stop_at_their_ends(run: Run) -> None:
    run.tell(Fitted(tall=False))
    open_longest(run)
    last = sheets_of(run.shown) - 1
    assert last > 0
    first = guide_rows(run.shown)
    run.do("sheet_back")
    assert guide_rows(run.shown) == first
    run.do(*["sheet_next"] * (last + 3))
    assert run.shown.sheet == last
    assert guide_rows(run.shown) != first
    run.tell(Fitted(tall=True))
    run.do("end")
    assert (run.shown.page, run.shown.tall, run.shown.desk.guides.sheet) == ("service", True, None)


def test_paper_is_asked_for_once_and_its_end_is_shown_where_one_was(run: Run) -> None:
    open_longest(run)
    run.do("sheet_next", "print")
    request = asked(run)
    assert isinstance(request, PrintGuide)
    assert (request.item, run.shown.page) == (LONGEST, "asking")
    answer(run, GuidePrintedAs("failed"))
    assert (run.shown.page, run.shown.sheet) == ("guide", 1)
    assert present(run.shown).guide.paper.startswith("没有打印出来")
    run.do("print")
    again = asked(run)
    assert isinstance(again, PrintGuide)
    assert again.id != request.id
    answer(run, GuidePrintedAs("done"))
    assert present(run.shown).guide.can_print is False
    count = len(run.effects)
    run.do("print")
    assert len(run.effects) == count


def test_no_number_for_what_is_not_handled_here_or_while_the_hall_is_closed(run: Run) -> None:
    open_longest(run)
    answerless = run.shown.desk.guides.sheet
    assert answerless is not None
    assert present(run.shown).guide.can_take
    run.do("back", f"pick {LONGEST}")
    answer(run, sheet().model_copy(update={"service": ""}))
    assert not present(run.shown).guide.can_take
    run.do("take")
    assert run.shown.page == "guide"


def test_a_hall_that_does_not_answer_is_said_and_left(run: Run) -> None:
    run.do("guides")
    run.tell(Failed(run.shown.session, Problem("desk", "gone")))
    screen = present(run.shown)
    assert (run.shown.page, screen.problem_what) == ("problem", "暂时查不到办事指南")
    run.do("back", "back")
    assert run.shown.page == "service"
