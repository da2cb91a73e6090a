"""One Qt application for all screen tests; a sample hall; a fake hall that behaves like the client."""

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field, replace

import pytest

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["QT_QUICK_BACKEND"] = "software"

from edge.api.board_schema import BoardSlides
from edge.api.citizen_schema import (
    Found,
    LookUpRequest,
    Rated,
    RateRequest,
    RatingLook,
    RatingQuestion,
    VoiceRequest,
    VoiceTaken,
)
from edge.api.client import HallGone, Lost
from edge.api.copy_schema import CopyOffer, CopyPage, CopyPapers, CopyPrint, CopyPrinted, CopyTake, CopyWho
from edge.api.guide_schema import GuidePrint, GuidePrinted, GuidesFound, GuideSheet
from edge.api.queue_schema import CheckedIn, CheckInRequest, CodeText
from edge.api.schema import (
    CalledTicket,
    Catalogue,
    HallSnapshot,
    Live,
    MaskedHolder,
    QueueBrief,
    ServiceEntry,
    TicketRequest,
    TicketSnapshot,
    WaitRange,
    WindowBrief,
)
from edge.api.theme_schema import ThemeSheet
from kiosk_ui.terminal.state import Problem, Snapshot
from tests.kiosk_ui.copy_pages import copy_pages, offer, page, papers, printed
from tests.kiosk_ui.guide_pages import found, guide_pages, sheet
from tests.kiosk_ui.papers import paper_pages

CANARY = "金丝*"
LATE = "您比预约时间晚到超过 30 分钟，预约已失效。您可以取一个普通号，今天照样办理。"
WAITS = (
    QueueBrief(service="general", waiting=3, wait=WaitRange(p50=10, p90=20)),
    QueueBrief(service="social", waiting=12, wait=WaitRange(p50=45, p90=70)),
    QueueBrief(service="residence", waiting=0),
)


def _text(hans: str, hant: str, en: str) -> dict[str, str]:
    return {"zh-Hans": hans, "zh-Hant": hant, "en": en}


def _service(id: str, prefix: str, *name: str) -> ServiceEntry:
    return ServiceEntry(id=id, name=_text(*name), prefix=prefix, area="a", windows=("w1", "w2"))


SERVICES = (
    _service("general", "A", "综合业务", "綜合業務", "General services"),
    _service("social", "B", "社保医保", "社保醫保", "Social and medical insurance"),
    _service("residence", "C", "户政居住", "戶政居住", "Residence and household"),
    _service("housing", "D", "住房保障", "住房保障", "Housing support"),
    _service("labour", "E", "就业创业", "就業創業", "Work and start-ups"),
    _service("civil", "F", "民政救助与养老服务", "民政救助與養老服務", "Welfare and care for the elderly"),
    _service("notary", "G", "公共法律服务", "公共法律服務", "Legal advice"),
)
CATALOGUE = Catalogue(
    site="LH-0042",
    hall=_text("示例街道样本社区公共服务站", "示例街道樣本社區公共服務站", "Sample Community Service Station"),
    hall_short=_text("样本社区服务站", "樣本社區服務站", "Sample Station"),
    complaint_phone="0755-00000000",
    areas={"a": _text("综合服务区", "綜合服務區", "Service area")},
    services=SERVICES[:3],
)
HALL = HallSnapshot(
    seq=41,
    site="LH-0042",
    date="2026-11-23",
    open=True,
    waiting=5,
    queues=(
        QueueBrief(service="general", waiting=3),
        QueueBrief(service="social", waiting=12),
        QueueBrief(service="residence", waiting=0),
    ),
    calls=(
        CalledTicket(number="A017", window="w1", area="a", calls=2, at="2026-11-23T10:14:07+08:00"),
        CalledTicket(number="B009", window="w2", area="a", calls=1, at="2026-11-23T10:12:40+08:00"),
        CalledTicket(number="A016", window="w1", area="a", calls=1, at="2026-11-23T10:06:11+08:00"),
        CalledTicket(number="C004", window="w1", area="a", calls=1, at="2026-11-23T09:58:30+08:00"),
        CalledTicket(number="B008", window="w2", area="a", calls=3, at="2026-11-23T09:51:02+08:00"),
    ),
    windows=(
        WindowBrief(
            id="w1", number="1", kind="综合窗口", area="a", services=("general",), state="called", ticket="A017"
        ),
        WindowBrief(
            id="w2", number="2", kind="社保窗口", area="a", services=("social",), state="serving", ticket="B009"
        ),
    ),
)
TICKET = TicketSnapshot(
    ticket="t:01JDTESTTESTTESTTESTTESTTE",
    number="A017",
    service="general",
    area="a",
    windows=("w1", "w2"),
    ahead=3,
    state="waiting",
    print="done",
    at="2026-11-23T10:00:00+08:00",
)
HOLDER = MaskedHolder(card="card-token-1", name=CANARY, id_number="119999********1234")


def gallery() -> dict[str, Snapshot]:
    """Every page and its hardest contents."""
    home = Snapshot(page="service", catalogue=CATALOGUE, hall=HALL, online=True)
    many = home.catalogue.model_copy(update={"services": SERVICES}) if home.catalogue else None
    chosen = replace(home, service="social")
    number = replace(home, page="number", ticket=TICKET, card_used=True, return_left=15)
    failed = TICKET.model_copy(update={"print": "failed", "print_code": "paper_out", "ahead": 0})
    rich = TICKET.model_copy(
        update={
            "items": ("general", "social", "residence"),
            "declared": "pregnant",
            "wait": WaitRange(p50=15, p90=25),
        }
    )
    text = "您已经有一张还没有办完的号票 A012,请等候叫号"
    return {
        "starting": Snapshot(),
        "gone": replace(home, page="gone", online=False),
        "service": home,
        "service-many": replace(home, catalogue=many),
        "service-closed": replace(home, hall=HALL.model_copy(update={"open": False})),
        "service-take-card": replace(home, take_card=True),
        "card": replace(chosen, page="card"),
        "reading": replace(chosen, page="reading", card_used=True, reading_left=48),
        "holder": replace(chosen, page="holder", card_used=True, holder=HOLDER),
        "problem-card": replace(chosen, page="problem", problem=Problem("card", "card_unreadable")),
        "problem-reader": replace(chosen, page="problem", problem=Problem("card", "gone")),
        "problem-unsure": replace(chosen, page="problem", problem=Problem("take", "gone")),
        "problem-refused": replace(chosen, page="problem", problem=Problem("refused", "one_open", text)),
        "taking": replace(chosen, page="taking"),
        "number": number,
        "number-failed": replace(number, ticket=failed),
        "help": replace(home, help=True),
        "service-stopped": replace(home, hall=HALL.model_copy(update={"stopped": {"social": "forecast"}})),
        "service-waits": replace(home, hall=HALL.model_copy(update={"queues": WAITS})),
        "card-extras": replace(chosen, page="card", more=("general",), declared="pregnant"),
        "more": replace(home, page="more", service="social"),
        "more-many": replace(home, page="more", service="social", catalogue=many),
        "green": replace(chosen, page="green"),
        "green-declared": replace(chosen, page="green", declared="other"),
        "booking": replace(home, page="booking", booking=True, scanner=True),
        "digits": replace(home, page="digits", booking=True, digits="12"),
        "scanning": replace(home, page="scanning", booking=True, scanner=True, reading_left=48),
        "holder-booking": replace(home, page="holder", booking=True, card_used=True, holder=HOLDER),
        "problem-late": replace(home, page="problem", booking=True, problem=Problem("late", "booking_late", LATE)),
        "problem-code": replace(home, page="problem", booking=True, problem=Problem("code", "no_answer")),
        "problem-stopped": replace(chosen, page="problem", problem=Problem("stopped", "forecast")),
        "number-extras": replace(number, ticket=rich),
        "number-early": replace(number, booking=True, punctuality="early", slot=1_795_401_000_000),
        "number-lapsed": replace(number, booking=True, punctuality="lapsed", slot=1_795_401_000_000),
        **paper_pages(home),
        **guide_pages(home),
        **copy_pages(home),
        "idle": replace(chosen, page="holder", holder=HOLDER, warn_left=18),
    }


@dataclass
class FakeHall:
    """The hall's side of the client in memory. `issued` keeps one ticket a command id, as the hall does."""

    language: str = "zh-Hans"
    calls: list[str] = field(default_factory=list)
    issued: dict[str, TicketSnapshot] = field(default_factory=dict)
    answers_lost: int = 0
    up: bool = True
    closed: bool = False
    sheet: ThemeSheet = field(default_factory=ThemeSheet)
    bookings: dict[bool, CheckedIn | Exception] = field(default_factory=dict)
    answers: dict[str, Found | RatingQuestion | Rated | VoiceTaken | Exception] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self.code: asyncio.Queue[CodeText] = asyncio.Queue()
        self.card: asyncio.Queue[MaskedHolder | Exception] = asyncio.Queue()
        self._lines: dict[asyncio.Queue[Live | Lost], tuple[str, ...]] = {}
        self._n = 0

    async def catalogue(self) -> Catalogue:
        self._must_be_up()
        return CATALOGUE

    async def theme(self) -> ThemeSheet:
        self._must_be_up()
        return self.sheet

    async def read_card(self, seconds: float = 60.0) -> MaskedHolder:
        self.calls.append("read")
        self._must_be_up()
        try:
            answer = await self.card.get()
        except asyncio.CancelledError:
            self.calls.append("read stopped")
            raise
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def end_card(self) -> None:
        self.calls.append("end")
        self._must_be_up()

    async def take_ticket(self, request: TicketRequest) -> TicketSnapshot:
        self.calls.append(f"take {request.service} {request.card}".strip())
        self._must_be_up()
        number = f"A{17 + len(self.issued):03d}"
        fresh = TICKET.model_copy(update={"number": number, "service": request.service, "print": "printing"})
        ticket = self.issued.setdefault(request.id, fresh)
        if self.answers_lost:
            self.answers_lost -= 1
            raise HallGone("the answer was lost")
        return ticket

    async def read_code(self, seconds: float = 60.0) -> CodeText:
        self.calls.append("scan")
        self._must_be_up()
        return await self.code.get()

    async def check_in(self, request: CheckInRequest) -> CheckedIn:
        self.calls.append(f"check in {request.card}{request.code}{request.phone} {request.accept_late}")
        self._must_be_up()
        answer = self.bookings[request.accept_late]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def look_up(self, request: LookUpRequest) -> Found:
        return self._answer("look up", f"{request.number} {request.code}")  # type: ignore[return-value]

    async def rating(self, request: RatingLook) -> RatingQuestion:
        return self._answer("rating", request.code)  # type: ignore[return-value]

    async def rate(self, request: RateRequest) -> Rated:
        return self._answer("rate", f"{request.code} {request.level} {request.reasons}")  # type: ignore[return-value]

    async def complain(self, request: VoiceRequest) -> VoiceTaken:
        return self._answer("complain", f"{request.type} {request.points}")  # type: ignore[return-value]

    async def guides(self, text: str = "", topic: str = "") -> GuidesFound:
        self.calls.append(f"guides {text}{topic}".strip())
        self._must_be_up()
        return found(topic)

    async def guide(self, item: str) -> GuideSheet:
        self.calls.append(f"guide {item}")
        self._must_be_up()
        return sheet(item)

    async def print_guide(self, item: str, request: GuidePrint) -> GuidePrinted:
        self.calls.append(f"print {item} {request.language}")
        self._must_be_up()
        return GuidePrinted(paper="done")

    async def copies(self, who: CopyWho) -> CopyOffer:
        self.calls.append(f"copies {who.card or who.code}")
        self._must_be_up()
        return offer()

    async def copy_papers(self, item: str) -> CopyPapers:
        self.calls.append(f"papers {item}")
        self._must_be_up()
        return papers()

    async def copy_page(self, request: CopyTake) -> CopyPage:
        self.calls.append(f"page {request.anew}")
        self._must_be_up()
        return page()

    async def print_copies(self, request: CopyPrint) -> CopyPrinted:
        self.calls.append(f"print {request.kind} {request.language}")
        self._must_be_up()
        return printed("done", 2)

    async def end_copies(self) -> None:
        self.calls.append("end copies")
        self._must_be_up()

    async def slides(self) -> BoardSlides:
        self._must_be_up()
        return BoardSlides(seconds=12, slides=())

    def _answer(self, what: str, asked: str) -> Found | RatingQuestion | Rated | VoiceTaken:
        self.calls.append(f"{what} {asked}")
        self._must_be_up()
        answer = self.answers[what]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def live(self, *topics: str) -> AsyncIterator[Live | Lost]:
        line: asyncio.Queue[Live | Lost] = asyncio.Queue()
        self._lines[line] = topics
        self._loop = asyncio.get_running_loop()
        if "hall" in topics:
            line.put_nowait(self._hall() if self.up else self._lost())
        try:
            while True:
                yield await line.get()
        finally:
            del self._lines[line]

    async def close(self) -> None:
        self.closed = True

    def from_outside(self, act: Callable[[], None]) -> None:
        """Let something happen in the hall from another thread."""
        assert self._loop is not None
        self._loop.call_soon_threadsafe(act)

    def push_from_outside(self, ticket: TicketSnapshot) -> None:
        self.from_outside(lambda: self.push(ticket))

    def push(self, ticket: TicketSnapshot) -> None:
        for line, topics in self._lines.items():
            if f"ticket:{ticket.ticket}" in topics:
                line.put_nowait(Live(n=1, topic=topics[0], ticket=ticket))

    def go_down(self) -> None:
        self.up = False
        for line in self._lines:
            line.put_nowait(self._lost())

    def come_back(self) -> None:
        self.up = True
        for line, topics in self._lines.items():
            if "hall" in topics:
                line.put_nowait(self._hall())

    def _hall(self) -> Live:
        return Live(n=1, topic="hall", hall=HALL)

    def _lost(self) -> Lost:
        return Lost(since=asyncio.get_running_loop().time() - 60.0, tries=1)

    def _must_be_up(self) -> None:
        if not self.up:
            raise HallGone("down")


@pytest.fixture(scope="session")
def qt() -> object:
    """The one QGuiApplication of the test session."""
    import kiosk_ui.board.app
    import kiosk_ui.terminal.bridge  # noqa: F401 - all QML types are registered before the first engine
    from kiosk_ui.qt.application import application

    return application("hall-tests")


@pytest.fixture(autouse=True, scope="module")
def qt_garbage_ends_here() -> Iterator[None]:
    """Other tests have threads: what a screen test left must not be destroyed in one of them."""
    yield
    gc.collect()


@pytest.fixture
def fake_hall() -> FakeHall:
    return FakeHall()


@pytest.fixture(scope="session")
def pages() -> dict[str, Snapshot]:
    return gallery()


@pytest.fixture(scope="session")
def canary() -> str:
    return CANARY


@pytest.fixture(scope="session")
def hall_seen() -> HallSnapshot:
    return HALL


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return CATALOGUE


@pytest.fixture(scope="session")
def ticket() -> TicketSnapshot:
    return TICKET


@pytest.fixture(scope="session")
def holder() -> MaskedHolder:
    return HOLDER
