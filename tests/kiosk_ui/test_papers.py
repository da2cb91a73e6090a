"""The session machine with a paper in one's hand: status, rating, complaint; wrong ways lead nowhere, nothing stays."""

from typing import get_args

import pytest

from edge.api.citizen_schema import Found, LookUpRequest, Rated, RateRequest, RatingLook, VoiceRequest
from edge.api.schema import Catalogue, HallSnapshot
from edge.rules import dossier_records
from kiosk_ui.follow import HallLost
from kiosk_ui.terminal import present_told
from kiosk_ui.terminal.present import desk_rows, present
from kiosk_ui.terminal.state import Answered, Ask, CodeRead, EndCode, Failed, Problem, ReadCode, Tick
from tests.kiosk_ui.papers import CODE, FORWARDED, NUMBER, QUESTION, READY, REPLIED, RETURNED, SUPPLEMENT, TAKEN
from tests.kiosk_ui.test_booking import Run


@pytest.fixture
def run(catalogue: Catalogue, hall_seen: HallSnapshot) -> Run:
    return Run(catalogue.model_copy(update={"scanners": ("k1",)}), hall_seen)


def typed(run: Run, text: str) -> None:
    run.do(*(f"key {character}" for character in text))


def asked(run: Run) -> LookUpRequest | RatingLook | RateRequest | VoiceRequest:
    effect = run.last(Ask)
    assert isinstance(effect, Ask)
    return effect.request


def answer(run: Run, told: object) -> None:
    run.tell(Answered(run.shown.session, told))  # type: ignore[arg-type]


def look_up(run: Run) -> None:
    run.do("papers", "pick look_up")
    typed(run, NUMBER[-6:])
    run.do("next")
    typed(run, CODE)
    run.do("next")


def test_number_and_code_are_typed_and_the_course_is_shown(run: Run) -> None:
    look_up(run)
    request = asked(run)
    assert isinstance(request, LookUpRequest)
    assert (request.number, request.code, run.shown.page) == (NUMBER[-6:], CODE, "asking")
    answer(run, Found(case=READY))
    screen = present(run.shown).desk
    assert (run.shown.page, screen.status, screen.mood, screen.collect) == (
        "course",
        "结果到了，可以领取",
        "good",
        True,
    )
    assert screen.who == "申请人 金*"
    assert screen.course.split("\n")[0] == "11-30 09:10  可以领取"
    run.do("collect")
    assert (run.shown.page, run.shown.desk.found) == ("service", None)


def test_where_it_is_and_by_when_is_told(run: Run) -> None:
    look_up(run)
    answer(run, Found(case=FORWARDED))
    screen = present(run.shown).desk
    assert (screen.place, screen.due, screen.collect) == ("结果到 LH-0043 领取", "最晚 2026-12-01 办结", False)
    run.do("end")
    look_up(run)
    answer(run, Found(case=SUPPLEMENT))
    screen = present(run.shown).desk
    assert (screen.mood, screen.due) == ("bad", "这段时间不计入期限")
    assert "补材料" in screen.status


def test_a_result_that_went_back_is_not_said_to_be_on_its_way(run: Run) -> None:
    look_up(run)
    answer(run, Found(case=RETURNED))
    screen = present(run.shown).desk
    assert (screen.status, screen.mood, screen.place, screen.collect) == (
        "一直没有人领取，结果已退回，请到咨询台",
        "bad",
        "",
        False,
    )
    assert screen.course.split("\n")[0] == "12-30 09:10  无人领取，已退回办理单位"


def test_every_step_and_stage_of_a_case_has_its_words() -> None:
    assert set(get_args(dossier_records.Act)) <= set(present_told.ACTS)
    assert set(get_args(dossier_records.Stage)) <= set(present_told.STAGES)


def test_too_little_typed_goes_nowhere_and_codes_end_at_their_length(run: Run) -> None:
    run.do("papers", "pick look_up", "key 1", "next")
    assert (run.shown.desk.step, run.shown.desk.typed) == ("number", "1")
    run.do("key !", "key ab", "erase", "erase", "back", "pick rate")
    typed(run, CODE + "99")
    assert present(run.shown).desk.typed == "REMP E4FB"


def test_a_scanned_square_stands_for_both(run: Run) -> None:
    run.do("papers", "pick look_up", "scan")
    assert isinstance(run.last(ReadCode), ReadCode)
    run.tell(CodeRead(run.shown.session, f"{NUMBER}/{CODE}"))
    request = asked(run)
    assert isinstance(request, LookUpRequest)
    assert (request.number, request.code) == (NUMBER, CODE)


@pytest.mark.parametrize("square", [CODE, f"https://hall.example/r/{CODE}", f"https://hall.example/r/{CODE}/"])
def test_a_tickets_square_opens_the_rating(run: Run, square: str) -> None:
    run.do("papers", "pick rate", "scan")
    run.tell(CodeRead(run.shown.session, square))
    request = asked(run)
    assert isinstance(request, RatingLook)
    assert request.code == CODE


def test_a_foreign_square_is_told_and_the_scanner_stops(run: Run) -> None:
    run.do("papers", "pick rate", "scan")
    run.tell(CodeRead(run.shown.session, "https://advert.example/buy"))
    assert present(run.shown).problem_what == "这个码不是这一步要用的"
    run.do("again")
    assert run.shown.page == "scanning"
    run.do("back")
    assert isinstance(run.last(EndCode), EndCode)
    assert (run.shown.page, run.shown.desk.step) == ("keys", "rating")


def test_a_wrong_code_is_typed_again_and_nothing_of_it_stays(run: Run) -> None:
    look_up(run)
    run.tell(Failed(run.shown.session, Problem("desk", "query_unknown", "没有查到。")))
    assert (present(run.shown).problem_what, present(run.shown).problem_again) == ("没有查到。", "重新输入")
    run.do("again")
    assert (run.shown.page, run.shown.desk.step, run.shown.desk.typed, run.shown.desk.code) == (
        "keys",
        "number",
        "",
        "",
    )


def rated(run: Run, *steps: str) -> RateRequest:
    run.do("papers", "pick rate")
    typed(run, CODE)
    run.do("next")
    answer(run, QUESTION)
    run.do(*steps)
    request = asked(run)
    assert isinstance(request, RateRequest)
    return request


def test_a_good_level_is_sent_at_once_and_no_level_is_chosen_before(run: Run) -> None:
    run.do("papers", "pick rate")
    typed(run, CODE)
    run.do("next")
    answer(run, QUESTION)
    assert not present(run.shown).desk.can_next
    assert [row.picked for row in desk_rows(run.shown)] == [False] * 5
    run.do("next", "pick satisfied", "next")
    request = asked(run)
    assert isinstance(request, RateRequest)
    assert (request.level, request.reasons, request.code) == ("satisfied", (), CODE)
    answer(run, Rated(second=False))
    assert (run.shown.page, run.shown.desk.code) == ("rated", "")


def test_a_bad_level_asks_why_first(run: Run) -> None:
    request = rated(run, "pick dissatisfied", "next", "next", "pick unclear", "pick took_long", "pick unclear", "next")
    assert (request.level, request.reasons) == ("dissatisfied", ("took_long",))


def test_a_rating_that_is_over_offers_no_second_try(run: Run) -> None:
    run.do("papers", "pick rate")
    typed(run, CODE)
    run.do("next")
    run.tell(Failed(run.shown.session, Problem("desk", "rating_twice", "您的评价已经收到，谢谢您。")))
    assert present(run.shown).problem_again == ""


def complained(run: Run) -> VoiceRequest:
    run.do("papers", "pick voice", "pick complaint", "pick window", "skip", "pick waited", "pick other", "next")
    typed(run, "1380000")
    run.do("next")
    assert run.shown.page == "review"
    assert present(run.shown).desk.review.splitlines() == [
        "投诉",
        "关于 窗口或工作人员",
        "等候时间太长",
        "其他，请联系我",
        "联系电话 1380 000",
    ]
    run.do("next")
    request = asked(run)
    assert isinstance(request, VoiceRequest)
    return request


def test_a_complaint_is_reviewed_sent_and_its_number_shown(run: Run) -> None:
    request = complained(run)
    assert (request.about, request.ticket, request.points, request.contact) == (
        "window",
        "",
        ("waited", "other"),
        "1380000",
    )
    answer(run, TAKEN)
    screen = present(run.shown).desk
    assert (run.shown.page, screen.number, screen.code, screen.paper) == (
        "voiced",
        "T" + NUMBER,
        "REMP E4FB",
        "请取走登记单",
    )
    assert run.shown.desk.contact == ""


def test_a_lost_answer_is_asked_for_again_under_the_same_id(run: Run) -> None:
    request = complained(run)
    run.tell(Failed(run.shown.session, Problem("desk", "gone")))
    assert present(run.shown).problem_kept == "如果已经收到，不会重复登记"
    run.do("again")
    assert asked(run) == request
    run.tell(HallLost(0.0))
    run.session.handle(Tick(), 10.0)
    assert run.shown.page == "asking", "a complaint that may be entered stays on the screen"


def test_the_answer_to_a_complaint_is_read(run: Run) -> None:
    look_up(run)
    answer(run, Found(voice=REPLIED))
    assert run.shown.page == "answer"
    assert "综合窗口" in present(run.shown).desk.answer


def test_nothing_of_it_is_left_after_the_idle_time(run: Run) -> None:
    look_up(run)
    answer(run, Found(case=READY))
    run.session.handle(Tick(), 61.0)
    assert run.shown.warn_left is not None
    run.session.handle(Tick(), 81.0)
    assert (run.shown.page, run.shown.desk.step) == ("service", "")
    for secret in (CODE, NUMBER, "金*"):
        assert secret not in repr(run.shown)
        assert secret not in str(present(run.shown))


def test_an_answer_for_somebody_who_left_is_dropped(run: Run) -> None:
    look_up(run)
    session = run.shown.session
    run.do("end")
    run.tell(Answered(session, Found(case=READY)))
    assert run.shown.desk.found is None
    assert CODE not in repr(run.effects), "what was typed is in no trace"


@pytest.mark.parametrize("large", [False, True])
def test_never_more_choices_than_a_screen_may_have(run: Run, large: bool) -> None:
    run.do(*(["large"] if large else []), "papers", "pick voice", "pick suggestion", "pick site")
    most, seen = (4 if large else 6), []
    while True:
        rows = desk_rows(run.shown)
        assert len(rows) <= most
        seen += [row.id for row in rows]
        if present(run.shown).sheet_last:
            break
        run.do("sheet_next")
    assert len(seen) == len(set(seen)) == 12


def test_back_goes_one_step_at_a_time(run: Run) -> None:
    run.do("papers", "pick voice", "pick complaint", "pick window", "skip", "pick waited", "next", "skip")
    steps = []
    while run.shown.page != "service":
        steps.append(run.shown.desk.step)
        run.do("back")
    assert steps == ["review", "contact", "points", "ticket", "about", "type", "task"]
