"""The session machine with several items, the green channel, appointments and stopped services."""

from collections.abc import Callable

import pytest

from config.words import load
from edge.api.queue_schema import CheckedIn, CheckInRequest
from edge.api.schema import Catalogue, HallSnapshot, MaskedHolder, TicketSnapshot, WaitRange
from kiosk_ui.follow import CatalogueSeen, HallSeen
from kiosk_ui.terminal.booking import wait_line, wait_short
from kiosk_ui.terminal.present import present, service_rows
from kiosk_ui.terminal.session import Session
from kiosk_ui.terminal.state import (
    BookingFound,
    CardRead,
    CheckIn,
    CodeRead,
    Effect,
    EndCard,
    EndCode,
    Event,
    Failed,
    Problem,
    ReadCard,
    ReadCode,
    Snapshot,
    TakeTicket,
    TicketSeen,
    TicketTaken,
    Touch,
)

SLOT = 1_795_401_000_000  # 10:30 at the hall


class Run:
    def __init__(self, catalogue: Catalogue, hall: HallSnapshot) -> None:
        numbers = iter(range(1, 100))
        self.session = Session(lambda: f"request-{next(numbers):04d}", place="k1")
        self.effects: list[Effect] = []
        self.tell(CatalogueSeen(catalogue))
        self.tell(HallSeen(hall))

    def tell(self, event: Event) -> None:
        self.effects += self.session.handle(event, 0.0)

    def do(self, *steps: str) -> None:
        for step in steps:
            what, _, value = step.partition(" ")
            self.tell(Touch(what, value))  # type: ignore[arg-type]

    @property
    def shown(self) -> Snapshot:
        return self.session.snapshot

    def last(self, kind: type[Effect]) -> Effect:
        return [effect for effect in self.effects if isinstance(effect, kind)][-1]

    def asked(self) -> CheckInRequest:
        effect = self.last(CheckIn)
        assert isinstance(effect, CheckIn)
        return effect.request


@pytest.fixture
def start(catalogue: Catalogue, hall_seen: HallSnapshot) -> Callable[..., Run]:
    def start(**hall: object) -> Run:
        return Run(catalogue.model_copy(update={"scanners": ("k1",)}), hall_seen.model_copy(update=hall))

    return start


@pytest.fixture
def run(start: Callable[..., Run]) -> Run:
    return start()


def test_further_items_and_a_declared_ground_go_on_one_ticket(run: Run) -> None:
    run.do("choose social", "more", "choose general", "green", "declare pregnant")
    assert (run.shown.page, run.shown.more, run.shown.declared) == ("card", ("general",), "pregnant")
    screen = present(run.shown)
    assert (screen.items, screen.declared) == ("还要办：综合业务", "已申报：孕妇，窗口会核对")
    run.do("no_card")
    taking = run.last(TakeTicket)
    assert isinstance(taking, TakeTicket)
    assert (taking.request.service, taking.request.more, taking.request.declared) == (
        "social",
        ("general",),
        "pregnant",
    )


def test_an_item_is_added_once_and_three_are_the_most(run: Run) -> None:
    run.do("choose social", "more")
    assert [row.id for row in service_rows(run.shown)] == ["general", "residence"]
    run.do("choose social")
    assert run.shown.page == "more"
    run.do("choose general", "more", "choose residence")
    assert run.shown.more == ("general", "residence")
    assert not present(run.shown).can_more


def test_the_next_person_finds_nothing_of_it(run: Run) -> None:
    run.do("choose social", "more", "choose general", "green", "declare elderly", "end")
    assert (run.shown.page, run.shown.more, run.shown.declared) == ("service", (), "")
    run.do("booking", "by_phone", "digit 1", "digit 2", "end")
    assert (run.shown.digits, run.shown.booking) == ("", False)


def test_phone_digits_are_typed_erased_and_sent_whole(run: Run) -> None:
    run.do("booking", "by_phone", "digit 1", "digit 2", "digit 3", "check_in")
    assert run.shown.page == "digits"
    run.do("erase", "digit 9", "digit 0", "digit 5")
    assert (run.shown.digits, present(run.shown).digits) == ("1290", "1 2 9 0")
    run.do("check_in")
    assert (run.asked().phone, run.shown.page, run.shown.digits) == ("1290", "taking", "")


def test_a_card_checks_in_after_its_holder_agreed(run: Run, holder: MaskedHolder) -> None:
    run.do("booking", "by_card")
    assert isinstance(run.last(ReadCard), ReadCard)
    run.tell(CardRead(run.shown.session, holder))
    assert run.shown.page == "holder"
    run.do("confirm")
    assert run.asked().card == holder.card
    run.do("end")
    assert isinstance(run.last(EndCard), EndCard)


def test_a_code_checks_in_and_leaving_stops_the_scanner(run: Run) -> None:
    run.do("booking", "by_code")
    assert isinstance(run.last(ReadCode), ReadCode)
    run.do("back")
    assert isinstance(run.last(EndCode), EndCode)
    run.do("by_code")
    run.tell(CodeRead(run.shown.session - 1, "of somebody before"))
    assert run.shown.page == "scanning"
    run.tell(CodeRead(run.shown.session, "YY0001"))
    assert run.asked().code == "YY0001"


def test_without_a_scanner_no_code_is_asked(catalogue: Catalogue, hall_seen: HallSnapshot) -> None:
    run = Run(catalogue, hall_seen)
    run.do("booking", "by_code")
    assert (run.shown.page, present(run.shown).scanner) == ("booking", False)


@pytest.mark.parametrize(
    ("punctuality", "said"), [("early", "来早了"), ("on_time", "准时"), ("late", "晚到"), ("lapsed", "普通号")]
)
def test_tells_what_becomes_of_the_appointment(run: Run, ticket: TicketSnapshot, punctuality: str, said: str) -> None:
    run.do("booking", "by_phone", "digit 1", "digit 2", "digit 3", "digit 4", "check_in")
    found = CheckedIn.model_validate({"ticket": ticket.model_dump(), "punctuality": punctuality, "slot": SLOT})
    run.tell(BookingFound(run.shown.session, found))
    assert run.shown.page == "number"
    assert "10:30" in present(run.shown).slot
    assert said in present(run.shown).slot


def test_a_lapsed_booking_offers_an_ordinary_number_under_a_new_id(run: Run) -> None:
    run.do("booking", "by_phone", "digit 1", "digit 2", "digit 3", "digit 4", "check_in")
    first = run.asked()
    run.tell(Failed(run.shown.session, Problem("late", "booking_late", "晚到，已失效。")))
    assert present(run.shown).problem_late
    run.do("accept_late")
    second = run.asked()
    assert (first.accept_late, second.accept_late, second.phone) == (False, True, "1234")
    assert second.id != first.id


def test_an_answer_that_was_lost_is_asked_for_again_under_the_same_id(run: Run) -> None:
    run.do("booking", "by_phone", "digit 1", "digit 2", "digit 3", "digit 4", "check_in")
    first = run.asked()
    run.tell(Failed(run.shown.session, Problem("take", "gone")))
    run.do("again")
    assert run.asked() == first


@pytest.mark.parametrize(("why", "said"), [("forecast", "来不及"), ("manager", "停止取号")])
def test_a_stopped_service_says_why_and_what_to_do(start: Callable[..., Run], why: str, said: str) -> None:
    run = start(stopped={"social": why})
    row = next(row for row in service_rows(run.shown) if row.id == "social")
    assert (row.stopped, row.waiting) == (True, "已停止取号")
    run.do("choose social")
    screen = present(run.shown)
    assert (run.shown.page, said in screen.problem_what) == ("problem", True)
    assert "咨询台" in screen.problem_next
    run.do("back")
    assert run.shown.page == "service"


def test_the_wait_is_a_range_and_nothing_when_it_is_not_known(run: Run, ticket: TicketSnapshot) -> None:
    assert {row.wait for row in service_rows(run.shown)} == {""}
    run.do("choose social", "no_card")
    session = run.shown.session
    run.tell(TicketTaken(session, ticket))
    assert present(run.shown).wait == ""
    run.tell(TicketSeen(session, ticket.model_copy(update={"wait": WaitRange(p50=15, p90=25)})))
    assert present(run.shown).wait == "预计等 15 至 25 分钟"


@pytest.mark.parametrize(
    ("low", "high", "line", "short"),
    [
        (0, 0, "预计很快叫到您", "无需等候"),
        (0, 5, "预计等不超过 5 分钟", "不超过 5 分钟"),
        (5, 5, "预计等 5 分钟左右", "约 5 分钟"),
        (5, 15, "预计等 5 至 15 分钟", "约 5 至 15 分钟"),
    ],
)
def test_a_wait_is_told_as_a_person_would(low: int, high: int, line: str, short: str) -> None:
    words, wait = load("zh-Hans", "kiosk"), WaitRange(p50=low, p90=high)
    assert (wait_line(wait, words), wait_short(wait, words)) == (line, short)
