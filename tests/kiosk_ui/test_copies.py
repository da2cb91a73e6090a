"""The session machine with printing and copying: whose pages, what is left, a look at the page, one print, the wipe."""

import pytest

from edge.api.schema import Catalogue, HallSnapshot
from kiosk_ui.follow import HallLost
from kiosk_ui.terminal.copies import LookCopies, OpenPapers, PrintCopies, TakePage
from kiosk_ui.terminal.present import desk_rows, present
from kiosk_ui.terminal.state import (
    Answered,
    Ask,
    CardRead,
    EndCard,
    EndCopies,
    Failed,
    Problem,
    ReadCard,
    Snapshot,
    Tick,
    Touch,
)
from tests.kiosk_ui.conftest import HOLDER
from tests.kiosk_ui.copy_pages import offer, page, papers, picture, printed
from tests.kiosk_ui.guide_pages import found
from tests.kiosk_ui.test_booking import Run


@pytest.fixture
def run(catalogue: Catalogue, hall_seen: HallSnapshot) -> Run:
    return Run(catalogue.model_copy(update={"scanners": ("k1",), "copiers": ("k1",)}), hall_seen)


def asked(run: Run) -> object:
    effect = run.last(Ask)
    assert isinstance(effect, Ask)
    return effect.request


def answer(run: Run, told: object) -> None:
    run.tell(Answered(run.shown.session, told))  # type: ignore[arg-type]


def by_card(run: Run, **changes: object) -> None:
    """At the menu, by card."""
    run.do("copies", "pick by_card")
    run.tell(CardRead(run.shown.session, HOLDER))
    run.do("confirm")
    answer(run, offer(**changes))


def with_page(run: Run) -> None:
    by_card(run)
    run.do("pick own", "take_page")
    answer(run, page(1))


def test_by_card_to_a_copy_that_was_looked_at(run: Run) -> None:
    run.do("copies")
    assert (run.shown.page, [row.id for row in desk_rows(run.shown)]) == ("choices", ["by_card", "by_ticket"])
    assert "不保存" in present(run.shown).desk.hint
    run.do("pick by_card")
    assert run.shown.page == "reading"
    assert isinstance(run.effects[-1], ReadCard)
    run.tell(CardRead(run.shown.session, HOLDER))
    assert (run.shown.page, present(run.shown).card_confirm) == ("holder", "是我，继续")
    run.do("confirm")
    assert asked(run) == LookCopies(card=HOLDER.card)
    answer(run, offer(left=4))
    assert present(run.shown).desk.hint == "今天还可以免费打印 4 页"
    run.do("pick own")
    assert (run.shown.page, present(run.shown).copy.print_) == ("copy", "")
    run.do("print", "add_page")  # nothing was taken yet
    assert run.shown.page == "copy"
    run.do("take_page")
    first = asked(run)
    assert isinstance(first, TakePage)
    assert not first.anew
    answer(run, page(1, "blurred"))
    shown = present(run.shown).copy
    assert (shown.note, shown.mood, shown.print_, shown.add) == ("有些模糊，可以重拍", "bad", "打印 1 页", True)
    assert shown.picture == f"data:image/jpeg;base64,{picture()}"
    run.do("take_page")
    again = asked(run)
    assert isinstance(again, TakePage)
    assert again.anew
    assert again.id != first.id
    answer(run, page(1))
    run.do("print")
    wish = asked(run)
    assert isinstance(wish, PrintCopies)
    assert (wish.kind, wish.item, wish.card) == ("own", "", HOLDER.card)
    assert present(run.shown).desk.asking == "正在打印，请稍候……"
    answer(run, printed("done", 1, left=3))
    shown = present(run.shown).copy
    assert (shown.note, shown.mood, shown.picture, shown.print_) == ("已打印 1 页，请取走打印件和原件", "good", "", "")
    assert shown.left == "今天还可以免费打印 3 页"
    run.do("copies")
    assert (run.shown.desk.step, present(run.shown).desk.hint) == ("copy_menu", "今天还可以免费打印 3 页")


def test_by_ticket_to_a_paper_of_an_item(run: Run) -> None:
    run.do("copies", "pick by_ticket", *(f"key {key}" for key in "7K3MX2PQ"), "next")
    assert asked(run) == LookCopies(code="7K3MX2PQ")
    answer(run, offer(left=2))
    run.do("pick item")
    answer(run, found())
    run.do("pick elderly")
    answer(run, found("elderly"))
    run.do("pick home-care-subsidy")
    assert asked(run) == OpenPapers("home-care-subsidy")
    answer(run, papers())
    assert [row.label for row in desk_rows(run.shown)] == ["办事指南（2 页）", "空白填写单（1 页）", "填写样本（1 页）"]
    run.do("pick form")
    assert present(run.shown).copy.note == "将打印 1 页"
    run.do("print")
    wish = asked(run)
    assert isinstance(wish, PrintCopies)
    assert (wish.kind, wish.item, wish.code) == ("form", "home-care-subsidy", "7K3MX2PQ")


def test_back_goes_step_by_step_and_home_forgets_card_and_pages(run: Run) -> None:
    with_page(run)
    run.do("back")
    assert (run.shown.desk.step, run.shown.desk.copies.page) == ("copy_menu", None)
    assert any(isinstance(effect, EndCopies) for effect in run.effects)
    run.do("pick item")
    answer(run, found())
    run.do("back")
    assert run.shown.desk.step == "copy_menu"
    run.do("back")
    assert (run.shown.page, run.shown.desk.copies.on) == ("service", False)
    assert any(isinstance(effect, EndCard) for effect in run.effects)


def test_the_wipe_leaves_no_page_no_card_and_no_code(run: Run) -> None:
    with_page(run)
    assert picture() in str(run.shown.desk.copies.page.picture)  # type: ignore[union-attr]
    assert picture()[:40] not in repr(run.shown)
    before = run.shown.session
    run.do("end")
    assert run.shown == Snapshot(
        session=before + 1,
        page="service",
        catalogue=run.shown.catalogue,
        hall=run.shown.hall,
        online=True,
        scanner=True,
        copier=True,
        take_card=run.shown.take_card,
    )
    kinds = {type(effect) for effect in run.effects}
    assert {EndCopies, EndCard} <= kinds


@pytest.mark.parametrize(
    ("changes", "menu", "hint"),
    [
        ({}, ["own", "item"], "今天还可以免费打印 10 页"),
        ({"camera": False}, ["item"], "今天还可以免费打印 10 页"),
        ({"paper": "near_end"}, ["own", "item"], "今天还可以免费打印 10 页。打印机快没纸了，请少印几页"),
        ({"paper": "out"}, [], "打印机没有纸了。请告诉工作人员，或到商务区服务台打印"),
        ({"trouble": "absent"}, [], "打印机现在不能用。请告诉工作人员，或到商务区服务台打印"),
        ({"left": 0, "spent": "hall"}, [], "大厅今天的免费页数已经用完。请到商务区服务台找工作人员"),
    ],
)
def test_what_cannot_be_printed_is_said_before_anybody_takes_the_trouble(
    run: Run, changes: dict[str, object], menu: list[str], hint: str
) -> None:
    by_card(run, **changes)
    assert [row.id for row in desk_rows(run.shown)] == menu
    assert present(run.shown).desk.hint == hint


def test_used_up_says_where_to_go(run: Run) -> None:
    by_card(run, left=0, spent="own")
    assert present(run.shown).desk.hint.startswith("今天的免费页数已经用完")
    assert "商务区服务台" in present(run.shown).desk.hint
    run.do("pick own")
    assert run.shown.desk.step == "copy_menu"


def test_pages_that_cannot_be_printed_say_why_and_nothing_else(run: Run) -> None:
    """Others printed meanwhile: the hall has fewer pages left than he took."""
    by_card(run, left=1)
    run.do("pick own", "take_page")
    answer(run, page(2))
    shown = present(run.shown).copy
    assert (shown.mood, shown.left, shown.take, shown.print_) == ("bad", "", "", "")
    assert "不够印这一份" in shown.note


def test_not_enough_left_offers_no_print(run: Run) -> None:
    by_card(run, left=1)
    run.do("pick own", "take_page")
    answer(run, page(1))
    assert (present(run.shown).copy.print_, present(run.shown).copy.add) == ("打印 1 页", False)
    run.do("add_page")
    assert run.shown.page == "copy"


@pytest.mark.parametrize(
    ("paper", "came", "text"),
    [
        ("failed", 1, "只算这几页"),
        ("failed", 0, "没有打印出来"),
        ("unknown", 1, "1 页才算数"),
        ("unknown", 0, "不能确定"),
        ("printing", 0, "还没有结束"),
    ],
)
def test_an_end_that_is_not_good_is_told_plainly(run: Run, paper: str, came: int, text: str) -> None:
    with_page(run)
    run.do("print")
    answer(run, printed(paper, came))
    assert text in present(run.shown).copy.note
    assert present(run.shown).copy.over


def test_a_print_whose_answer_was_lost_is_asked_for_under_the_same_id(run: Run) -> None:
    with_page(run)
    run.do("print")
    wish = asked(run)
    run.tell(Failed(run.shown.session, Problem("desk", "gone")))
    shown = present(run.shown)
    assert (run.shown.page, shown.problem_what) == ("problem", "连接断了，还不知道打印出来没有")
    assert (shown.problem_kept, shown.problem_again) == ("不会打印两次，也不会多算您的页数", "看结果")
    run.do("again")
    assert asked(run) == wish
    assert run.effects.count(run.last(Ask)) == 2


def test_what_the_hall_answers_stays_though_the_live_line_is_not_back_yet(run: Run) -> None:
    """A request of his own finds the hall before the line that waits longer after each try."""
    with_page(run)
    run.do("print")
    session = run.session
    session.handle(HallLost(0.0), 30.0)
    session.handle(Failed(run.shown.session, Problem("desk", "gone")), 30.0)
    session.handle(Touch("again"), 31.0)
    session.handle(Answered(run.shown.session, printed("unknown", 0)), 32.0)
    session.handle(Tick(), 34.9)
    session.handle(HallLost(0.0), 34.9)  # of a try that began before
    assert run.shown.page == "copy"
    assert "不能确定" in present(run.shown).copy.note
    session.handle(Tick(), 35.1)
    assert run.shown.page == "gone", "it is lost again, and for long"


def test_a_refusal_keeps_the_pages_that_were_taken(run: Run) -> None:
    with_page(run)
    run.do("print")
    run.tell(Failed(run.shown.session, Problem("desk", "copies_spent", "还剩 0 页")))
    shown = present(run.shown)
    assert (shown.problem_what, shown.problem_again) == ("还剩 0 页", "")  # one way back
    run.do("back")
    assert (run.shown.page, present(run.shown).copy.print_) == ("copy", "打印 1 页")


@pytest.mark.parametrize("way", ["again", "back"])
def test_pages_that_the_hall_has_forgotten_are_taken_again(run: Run, way: str) -> None:
    with_page(run)
    run.do("print")
    run.tell(Failed(run.shown.session, Problem("desk", "copy_no_pages", "没有留着")))
    assert (present(run.shown).problem_what, present(run.shown).problem_again) == ("没有留着", "重拍这一页")
    run.do(way)
    assert (run.shown.page, run.shown.desk.copies.page, present(run.shown).copy.print_) == ("copy", None, "")
    run.do("take_page")
    taken = asked(run)
    assert isinstance(taken, TakePage)
    assert not taken.anew


def test_a_card_that_the_hall_has_forgotten_is_laid_again(run: Run) -> None:
    with_page(run)
    run.do("print")
    run.tell(Failed(run.shown.session, Problem("desk", "card_session_over")))
    assert present(run.shown).problem_again == "再刷一次身份证"
    run.do("again")
    assert run.shown.page == "reading"
    run.tell(CardRead(run.shown.session, HOLDER))
    run.do("confirm")
    assert asked(run) == LookCopies(card=HOLDER.card)
    answer(run, offer())
    assert (run.shown.desk.step, run.shown.desk.copies.page) == ("copy_menu", None)


def test_a_code_that_no_ticket_has_is_typed_again(run: Run) -> None:
    run.do("copies", "pick by_ticket", *(f"key {key}" for key in "7K3MX2PQ"), "next")
    run.tell(Failed(run.shown.session, Problem("desk", "copy_no_ticket", "没有查到")))
    assert present(run.shown).problem_again == "重新输入"
    run.do("again")
    assert (run.shown.page, run.shown.desk.step, run.shown.desk.typed) == ("keys", "copy_code", "")


def test_a_card_that_cannot_be_read_may_be_laid_again_or_left(run: Run) -> None:
    run.do("copies", "pick by_card")
    run.tell(Failed(run.shown.session, Problem("card", "card_unreadable")))
    assert (run.shown.page, present(run.shown).card_skip) == ("problem", "不刷身份证")
    run.do("no_card")
    assert (run.shown.page, run.shown.desk.step) == ("choices", "copy_who")
    run.do("pick by_card", "back")
    assert (run.shown.page, run.shown.desk.step) == ("choices", "copy_who")


def test_a_kiosk_without_an_office_printer_shows_nothing_of_it(catalogue: Catalogue, hall_seen: HallSnapshot) -> None:
    run = Run(catalogue, hall_seen)
    run.do("copies")
    assert run.shown.page == "service"
    assert not present(run.shown).copier
    run.do("papers")
    assert "copies" not in [row.id for row in desk_rows(run.shown)]


def test_it_is_among_the_tasks_too(run: Run) -> None:
    run.do("papers")
    assert [row.id for row in desk_rows(run.shown)][-1] == "copies"
    run.do("pick copies")
    assert run.shown.desk.step == "copy_who"
