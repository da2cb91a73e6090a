"""The session machine in virtual time."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.api.schema import Catalogue, HallSnapshot, MaskedHolder, TicketSnapshot
from kiosk_ui.follow import CatalogueSeen, HallLost, HallSeen
from kiosk_ui.terminal.session import Session
from kiosk_ui.terminal.state import (
    DOES,
    CardRead,
    Effect,
    EndCard,
    Event,
    Failed,
    Problem,
    ReadCard,
    Snapshot,
    StopWatching,
    TakeTicket,
    Tick,
    TicketSeen,
    TicketTaken,
    Touch,
    WatchTicket,
)


@dataclass
class Run:
    """A session with its clock; `do` touches, `wait` lets seconds pass one by one."""

    session: Session
    now: float = 1000.0
    effects: list[Effect] = field(default_factory=list)

    @property
    def shown(self) -> Snapshot:
        return self.session.snapshot

    def tell(self, event: Event) -> tuple[Effect, ...]:
        effects = self.session.handle(event, self.now)
        self.effects += effects
        return effects

    def do(self, what: str, value: str = "") -> tuple[Effect, ...]:
        return self.tell(Touch(what, value))  # type: ignore[arg-type]

    def wait(self, seconds: int) -> None:
        for _ in range(seconds):
            self.now += 1.0
            self.tell(Tick())

    def requests(self) -> list[TakeTicket]:
        return [effect for effect in self.effects if isinstance(effect, TakeTicket)]


@pytest.fixture
def start(catalogue: Catalogue, hall_seen: HallSnapshot) -> Callable[[], Run]:
    def start() -> Run:
        ids = iter(range(10_000))
        run = Run(Session(lambda: f"attempt-{next(ids):04d}"))
        run.tell(CatalogueSeen(catalogue))
        run.tell(HallSeen(hall_seen))
        return run

    return start


@pytest.fixture
def run(start: Callable[[], Run]) -> Run:
    return start()


@pytest.fixture
def with_card(run: Run, holder: MaskedHolder) -> Run:
    run.do("choose", "general")
    run.do("card")
    run.tell(CardRead(run.shown.session, holder))
    return run


def taken(run: Run, ticket: TicketSnapshot, printed: str = "printing") -> None:
    run.tell(TicketTaken(run.shown.session, ticket.model_copy(update={"print": printed})))


def test_starts_when_catalogue_and_hall_are_known(run: Run) -> None:
    assert run.shown.page == "service"


def test_number_without_a_card(run: Run, ticket: TicketSnapshot) -> None:
    run.do("choose", "general")
    assert run.shown.page == "card"
    run.do("no_card")
    assert run.shown.page == "taking"
    taken(run, ticket)
    assert (run.shown.page, run.shown.ticket is not None) == ("number", True)
    assert run.requests()[0].request.card == ""
    assert not any(isinstance(effect, ReadCard) for effect in run.effects)


def test_number_with_a_card_forgets_the_holder_at_once(with_card: Run, ticket: TicketSnapshot) -> None:
    assert with_card.shown.page == "holder"
    with_card.do("confirm")
    assert with_card.requests()[0].request.card == "card-token-1"
    taken(with_card, ticket)
    assert with_card.shown.holder is None
    assert EndCard() in with_card.effects
    assert WatchTicket(with_card.shown.session, ticket.ticket) in with_card.effects


def test_a_second_tap_does_nothing(run: Run) -> None:
    run.do("choose", "general")
    run.do("choose", "social")
    run.do("no_card")
    assert run.do("no_card") == ()
    assert (run.shown.service, len(run.requests())) == ("general", 1)


def test_every_retry_of_one_wish_has_one_command_id(run: Run) -> None:
    run.do("choose", "general")
    run.do("no_card")
    for _ in range(3):
        run.tell(Failed(run.shown.session, Problem("take", "gone")))
        assert run.shown.page == "problem"
        run.do("again")
    assert [each.request.id for each in run.requests()] == ["attempt-0000"] * 4


def test_another_wish_has_another_command_id(run: Run) -> None:
    run.do("choose", "general")
    run.do("no_card")
    run.tell(Failed(run.shown.session, Problem("refused", "closed")))
    run.do("back")
    run.do("choose", "social")
    run.do("no_card")
    assert [each.request.id for each in run.requests()] == ["attempt-0000", "attempt-0001"]


def test_the_next_person_never_gets_the_last_ones_command_id(run: Run) -> None:
    for _ in range(2):
        run.do("choose", "general")
        run.do("no_card")
        run.do("end")
    assert len({each.request.id for each in run.requests()}) == 2


def test_reader_trouble_leads_on_without_a_card(run: Run) -> None:
    run.do("choose", "general")
    run.do("card")
    run.tell(Failed(run.shown.session, Problem("card", "card_unreadable")))
    assert (run.shown.page, run.shown.service) == ("problem", "general")
    run.do("no_card")
    assert run.requests()[0].request.card == ""


def test_warns_after_a_minute_and_wipes_after_twenty_seconds_more(with_card: Run) -> None:
    session = with_card.shown.session
    with_card.wait(59)
    assert with_card.shown.warn_left is None
    with_card.wait(1)
    assert with_card.shown.warn_left == 20
    with_card.wait(19)
    assert with_card.shown.warn_left == 1
    with_card.wait(1)
    assert (with_card.shown.page, with_card.shown.session) == ("service", session + 1)
    assert with_card.shown.holder is None
    assert with_card.effects[-1] == EndCard()


def test_one_touch_extends_again_and_again(with_card: Run) -> None:
    for _ in range(12):
        with_card.wait(75)
        assert with_card.shown.warn_left == 5
        with_card.do("touched")
        assert with_card.shown.warn_left is None
    assert with_card.shown.page == "holder"


def test_large_mode_waits_twice_as_long(with_card: Run) -> None:
    with_card.do("large")
    with_card.wait(119)
    assert with_card.shown.warn_left is None
    with_card.wait(1)
    assert with_card.shown.warn_left == 20


def test_home_set_up_by_somebody_who_left_becomes_neutral(run: Run) -> None:
    run.do("language", "en")
    run.do("contrast")
    run.do("help")
    run.wait(60)
    assert run.shown.language == "zh-Hans"
    assert not run.shown.contrast
    assert not run.shown.help


def test_nobody_at_home_changes_nothing(run: Run) -> None:
    before = run.shown
    run.wait(600)
    assert run.shown is before


def test_number_goes_fifteen_seconds_after_the_paper(run: Run, ticket: TicketSnapshot) -> None:
    run.do("choose", "general")
    run.do("no_card")
    taken(run, ticket)
    run.wait(10)
    assert run.shown.return_left is None
    run.tell(TicketSeen(run.shown.session, ticket))
    assert run.shown.return_left == 15
    run.wait(14)
    assert run.shown.page == "number"
    run.wait(1)
    assert (run.shown.page, run.shown.ticket) == ("service", None)
    assert StopWatching() in run.effects


@pytest.mark.parametrize("printed", ["failed", "unknown"])
def test_number_stays_longer_without_paper(run: Run, ticket: TicketSnapshot, printed: str) -> None:
    run.do("choose", "general")
    run.do("no_card")
    taken(run, ticket, printed)
    assert run.shown.return_left == 30


def test_a_silent_printer_does_not_keep_the_number_for_ever(run: Run, ticket: TicketSnapshot) -> None:
    run.do("choose", "general")
    run.do("no_card")
    taken(run, ticket, "none")
    run.wait(20)
    assert run.shown.paper_late
    run.wait(30)
    assert run.shown.page == "service"


def test_a_touch_keeps_the_number_longer(run: Run, ticket: TicketSnapshot) -> None:
    run.do("choose", "general")
    run.do("no_card")
    taken(run, ticket, "done")
    run.wait(10)
    run.do("touched")
    assert run.shown.return_left == 15


def test_reminds_of_the_card_after_leaving_early(with_card: Run) -> None:
    with_card.do("end")
    assert (with_card.shown.page, with_card.shown.take_card) == ("service", True)
    with_card.wait(10)
    assert not with_card.shown.take_card


def test_a_short_loss_is_not_shown(run: Run, hall_seen: HallSnapshot) -> None:
    run.tell(HallLost(run.now))
    run.wait(2)
    run.tell(HallSeen(hall_seen))
    run.wait(10)
    assert (run.shown.page, run.shown.online) == ("service", True)


def test_loss_wipes_says_so_and_recovers(with_card: Run, hall_seen: HallSnapshot) -> None:
    with_card.tell(HallLost(with_card.now))
    with_card.wait(3)
    assert (with_card.shown.page, with_card.shown.holder) == ("gone", None)
    with_card.do("end")
    assert with_card.shown.page == "gone"
    with_card.tell(HallSeen(hall_seen))
    assert with_card.shown.page == "service"


def test_loss_never_takes_a_number_off_the_screen(run: Run, ticket: TicketSnapshot) -> None:
    run.do("choose", "general")
    run.do("no_card")
    taken(run, ticket, "failed")
    run.tell(HallLost(run.now - 60))
    run.wait(29)
    assert run.shown.page == "number"
    run.wait(1)
    assert run.shown.page == "gone"


def test_results_of_an_earlier_session_are_dropped(
    with_card: Run, ticket: TicketSnapshot, holder: MaskedHolder
) -> None:
    old = with_card.shown.session
    with_card.do("end")
    late = with_card.tell(CardRead(old, holder))
    with_card.tell(TicketTaken(old, ticket))
    assert late == (EndCard(),)
    assert (with_card.shown.page, with_card.shown.holder, with_card.shown.ticket) == ("service", None, None)


def test_a_closed_day_offers_nothing(run: Run, hall_seen: HallSnapshot) -> None:
    run.tell(HallSeen(hall_seen.model_copy(update={"open": False})))
    run.do("choose", "general")
    assert run.shown.page == "service"


def test_switching_language_and_size_loses_nothing(with_card: Run) -> None:
    before = with_card.shown
    for what, value in (("language", "en"), ("large", ""), ("contrast", ""), ("help", ""), ("help_close", "")):
        with_card.do(what, value)
    after = with_card.shown
    assert (after.page, after.holder, after.service) == (before.page, before.holder, before.service)
    assert (after.language, after.large, after.contrast) == ("en", True, True)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_personal_data_is_only_ever_on_its_own_page(data: st.DataObject) -> None:
    """Whatever is pressed and whatever happens, in any order."""
    from_conftest = data.draw(st.just(_SAMPLES))
    catalogue, hall, holder, ticket = from_conftest
    run = Run(Session(iter(f"attempt-{n:04d}" for n in range(9999)).__next__))
    run.tell(CatalogueSeen(catalogue))
    run.tell(HallSeen(hall))
    happenings = st.sampled_from([*sorted(DOES), "read", "failed", "taken", "lost", "seen", "wait", "minute"])
    for what in data.draw(st.lists(happenings, max_size=40)):
        session = run.shown.session
        match what:
            case "read":
                run.tell(CardRead(session, holder))
            case "failed":
                run.tell(Failed(session, Problem("card", "late")))
            case "taken":
                run.tell(TicketTaken(session, ticket))
            case "lost":
                run.tell(HallLost(run.now))
            case "seen":
                run.tell(HallSeen(hall))
            case "wait":
                run.wait(3)
            case "minute":
                run.now += 90
                run.tell(Tick())
            case _:
                run.do(what, {"choose": "general", "language": "en"}.get(what, ""))
        shown = run.shown
        assert shown.holder is None or shown.page in ("holder", "taking", "problem")
        assert (shown.ticket is not None) == (shown.page == "number")
    run.wait(300)
    assert run.shown.holder is None
    assert run.shown.page in ("service", "gone", "taking", "reading", "asking")


_SAMPLES: tuple[Catalogue, HallSnapshot, MaskedHolder, TicketSnapshot]


@pytest.fixture(autouse=True)
def _samples(catalogue: Catalogue, hall_seen: HallSnapshot, holder: MaskedHolder, ticket: TicketSnapshot) -> None:
    global _SAMPLES
    _SAMPLES = (catalogue, hall_seen, holder, ticket)
