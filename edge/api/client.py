"""The typed client of the hall: what every screen knows of it.

    client = HallClient(socket="/run/hall-edge/api.sock", place="k1")
    catalogue = await client.catalogue()
    async for item in client.live("hall"):
        match item:
            case Live(hall=hall): ...
            case Lost(since=since): ...      # age of what is shown: loop.time() - since

Imports nothing of ours but the schema.
"""

import asyncio
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from random import Random
from typing import Any, Final, TypeVar

import httpx
from pydantic import BaseModel, TypeAdapter, ValidationError
from websockets.asyncio.client import connect, unix_connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

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
from edge.api.copy_schema import CopyOffer, CopyPage, CopyPapers, CopyPrint, CopyPrinted, CopyTake, CopyWho
from edge.api.guide_schema import GuidePrint, GuidePrinted, GuidesFound, GuideSheet
from edge.api.queue_schema import CheckedIn, CheckInRequest, CodeRequest, CodeText
from edge.api.schema import (
    NOT_YOUR_TOPIC,
    CardRequest,
    Catalogue,
    HallSnapshot,
    Live,
    MaskedHolder,
    Refused,
    TicketRequest,
    TicketSnapshot,
    Trouble,
    Watch,
)
from edge.api.station_schema import DeviceSnapshot, HealthReport
from edge.api.theme_schema import ThemeSheet

_ANSWER_SECONDS: Final = 10.0
_CAMERA_SECONDS: Final = 30.0
_SHEETS_SECONDS: Final = 100.0  # a few sheets from a printer that has to wake up first
_DEVICES: Final = TypeAdapter(tuple[DeviceSnapshot, ...])
_M = TypeVar("_M", bound=BaseModel)


class HallError(Exception):
    """Base of what a call may raise."""


class RefusedError(HallError):
    """A rule said no. `refused.text` is ready for the reader."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.code)
        self.refused = refused


class TroubleError(HallError):
    """A device or the journal failed. `trouble.text` says what is kept and what to do."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.code)
        self.trouble = trouble


class HallGone(HallError):
    """The hall does not answer. Whether the last request was done is unknown: repeat it with the same id."""


class NotAllowed(HallError):
    """This place may not do that, or the request has the wrong form: a mistake in set-up.

    `status`: HTTP's, or 4403 for a topic this place may not watch.
    """

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status} {text}")
        self.status = status


@dataclass(frozen=True, slots=True)
class Lost:
    """The line to the hall is down. `since`: `loop.time()` when it was last heard.

    Comes again at every failed try.
    """

    since: float
    tries: int


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds. `silence`: no push and no beat for this long means the line is dead."""

    first_wait: float = 0.2
    longest_wait: float = 3.0
    silence: float = 8.0
    connect: float = 3.0

    def waits(self, random: Random) -> Iterator[float]:
        wait = self.first_wait
        while True:
            yield wait * random.uniform(0.7, 1.0)
            wait = min(self.longest_wait, wait * 1.7)


class HallClient:
    """One place's line to the hall: a unix socket path (kiosk, board) or a URL. Closing ends its live streams.

    `place`: the kiosk's id, or `board`. `language`: of refusals and troubles; may be changed at any time.
    """

    def __init__(
        self,
        *,
        socket: str | None = None,
        url: str | None = None,
        place: str = "",
        language: str = "zh-Hans",
        timing: Timing = Timing(),
        random: Random | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        if (socket is None) == (url is None):
            raise ValueError("give either a socket or a url")
        self.place = place
        self.language = language
        self._socket = socket
        self._base = url or "http://hall"
        self._timing = timing
        self._random = random or Random()
        self._tls = tls
        transport = httpx.AsyncHTTPTransport(uds=socket, verify=tls or self._base.startswith("https"))
        self._http = httpx.AsyncClient(
            base_url=self._base, transport=transport, timeout=httpx.Timeout(_ANSWER_SECONDS), trust_env=False
        )

    async def close(self) -> None:
        """Ends open requests with HallGone."""
        await self._http.aclose()

    # --- reading ----------------------------------------------------------------------------------

    async def health(self) -> HealthReport:
        return await self._model(HealthReport, "GET", "/api/health")

    async def catalogue(self) -> Catalogue:
        return await self._model(Catalogue, "GET", "/api/catalogue")

    async def theme(self) -> ThemeSheet:
        """What the hall wears; empty = the product's own look."""
        return await self._model(ThemeSheet, "GET", "/api/theme")

    async def hall(self) -> HallSnapshot:
        return await self._model(HallSnapshot, "GET", "/api/hall")

    async def slides(self) -> BoardSlides:
        return await self._model(BoardSlides, "GET", "/api/board/slides")

    async def ticket(self, uid: str) -> TicketSnapshot:
        return await self._model(TicketSnapshot, "GET", f"/api/ticket/{uid}")

    async def devices(self) -> tuple[DeviceSnapshot, ...]:
        return _DEVICES.validate_json((await self._send("GET", "/api/technician/devices")).content)

    # --- at a kiosk -------------------------------------------------------------------------------

    async def read_card(self, seconds: float = 60.0) -> MaskedHolder:
        """Wait for a card and read it. Cancelling this stops the reader.

        Raises TroubleError: `card_moved`, `card_unreadable`, `no_answer` (no card in time), `busy` (a read is
        running already) and every other code of drivers.errors.
        """
        request = CardRequest(id=f"card-{self._random.getrandbits(64):016x}", seconds=seconds)
        return await self._model(MaskedHolder, "POST", self._kiosk("card"), request, seconds + _ANSWER_SECONDS)

    async def end_card(self) -> None:
        """What was read is forgotten; a running read stops. Harmless without a session."""
        await self._send("DELETE", self._kiosk("card"))

    async def take_ticket(self, request: TicketRequest) -> TicketSnapshot:
        """Issue a ticket. After HallGone repeat the same request: one id never gives two tickets."""
        return await self._model(TicketSnapshot, "POST", self._kiosk("ticket"), request)

    async def read_code(self, seconds: float = 60.0) -> CodeText:
        """Wait for a code at this kiosk's scanner. Cancelling stops waiting. Raises TroubleError."""
        request = CodeRequest(id=f"code-{self._random.getrandbits(64):016x}", seconds=seconds)
        return await self._model(CodeText, "POST", self._kiosk("code"), request, seconds + _ANSWER_SECONDS)

    async def check_in(self, request: CheckInRequest) -> CheckedIn:
        """Check a booking in. After HallGone repeat the same request: one id never gives two tickets."""
        return await self._model(CheckedIn, "POST", self._kiosk("check-in"), request)

    async def look_up(self, request: LookUpRequest) -> Found:
        """How a case or a complaint stands. Raises RefusedError: one text for every wrong number and code."""
        return await self._model(Found, "POST", self._kiosk("look-up"), request)

    async def rating(self, request: RatingLook) -> RatingQuestion:
        return await self._model(RatingQuestion, "POST", self._kiosk("rating"), request)

    async def rate(self, request: RateRequest) -> Rated:
        """After HallGone repeat the same request: one id is one opinion."""
        return await self._model(Rated, "POST", self._kiosk("rate"), request)

    async def complain(self, request: VoiceRequest) -> VoiceTaken:
        """Returns when its slip came out or is late. After HallGone repeat the request: one id is one complaint."""
        return await self._model(VoiceTaken, "POST", self._kiosk("complain"), request, 2 * _ANSWER_SECONDS)

    async def guides(self, text: str = "", topic: str = "") -> GuidesFound:
        """Guides by what somebody typed, or all of a topic."""
        asked = {name: value for name, value in (("text", text), ("topic", topic)) if value}
        query = f"?{httpx.QueryParams(asked)}" if asked else ""
        return await self._model(GuidesFound, "GET", self._kiosk("guides") + query)

    async def guide(self, item: str) -> GuideSheet:
        return await self._model(GuideSheet, "GET", self._kiosk(f"guides/{item}"))

    async def print_guide(self, item: str, request: GuidePrint) -> GuidePrinted:
        """Returns when it came out or is late."""
        path = self._kiosk(f"guides/{item}/print")
        return await self._model(GuidePrinted, "POST", path, request, 2 * _ANSWER_SECONDS)

    async def copies(self, who: CopyWho) -> CopyOffer:
        """What is left to print for the holder of a card or a ticket."""
        return await self._model(CopyOffer, "POST", self._kiosk("copies"), who, 2 * _ANSWER_SECONDS)

    async def copy_papers(self, item: str) -> CopyPapers:
        path = self._kiosk(f"copies/papers/{item}?language={self.language}")
        return await self._model(CopyPapers, "GET", path, None, _CAMERA_SECONDS)

    async def copy_page(self, request: CopyTake) -> CopyPage:
        """A page from the document camera. One id is one page."""
        return await self._model(CopyPage, "POST", self._kiosk("copies/page"), request, _CAMERA_SECONDS)

    async def print_copies(self, request: CopyPrint) -> CopyPrinted:
        """Returns when it ended or is late. After HallGone repeat the same request: one id is one print."""
        return await self._model(CopyPrinted, "POST", self._kiosk("copies/print"), request, _SHEETS_SECONDS)

    async def end_copies(self) -> None:
        """The hall forgets the pages taken. Harmless without any."""
        await self._send("DELETE", self._kiosk("copies"))

    # --- live -------------------------------------------------------------------------------------

    async def live(self, *topics: str) -> AsyncIterator[Live | Lost]:
        """Snapshots as they change, for ever. Connects again by itself; `Lost` on the way.

        Raises NotAllowed when the hall refuses this place or a topic.
        """
        heard = asyncio.get_running_loop().time()
        tries = 0
        waits = self._timing.waits(self._random)
        while not self._http.is_closed:
            try:
                async with aclosing(self._stream(topics)) as pushes:
                    async for push in pushes:
                        heard = asyncio.get_running_loop().time()
                        if tries:
                            tries, waits = 0, self._timing.waits(self._random)
                        if push.topic != "beat":
                            yield push
            except InvalidStatus as error:
                if error.response.status_code < 500:
                    raise NotAllowed(error.response.status_code, "live") from error
            except ConnectionClosed as error:
                if error.rcvd is not None and error.rcvd.code == NOT_YOUR_TOPIC:
                    raise NotAllowed(error.rcvd.code, error.rcvd.reason) from error
            except (OSError, WebSocketException, TimeoutError, ValidationError):
                pass
            tries += 1
            yield Lost(heard, tries)
            await asyncio.sleep(next(waits))

    async def _stream(self, topics: tuple[str, ...]) -> AsyncGenerator[Live, None]:
        """One connection, to its end: a gap in `n` ends it too."""
        async with self._connect() as line:
            await line.send(Watch(topics=topics).model_dump_json())
            expected = 1
            while True:
                async with asyncio.timeout(self._timing.silence):
                    push = Live.model_validate_json(await line.recv())
                if push.n != expected:
                    return
                expected += 1
                yield push

    def _connect(self) -> connect:
        uri = str(httpx.URL(self._base).join("/api/live")).replace("http", "ws", 1)
        headers = self._headers()
        common: dict[str, Any] = {
            "additional_headers": headers,
            "open_timeout": self._timing.connect,
            "close_timeout": 1.0,
            "ping_interval": None,
            "compression": None,
        }
        if self._socket is not None:
            return unix_connect(self._socket, uri, **common)
        return connect(uri, proxy=None, ssl=self._tls, **common)

    # --- plumbing ---------------------------------------------------------------------------------

    def _headers(self) -> dict[str, str]:
        headers = {"Accept-Language": self.language}
        return headers | {"X-Hall-Place": self.place} if self.place else headers

    def _kiosk(self, what: str) -> str:
        return f"/api/kiosk/{self.place}/{what}"

    async def _model(
        self,
        model: type[_M],
        method: str,
        path: str,
        body: BaseModel | None = None,
        seconds: float = _ANSWER_SECONDS,
    ) -> _M:
        answer = await self._send(method, path, body, seconds)
        try:
            return model.model_validate_json(answer.content)
        except ValidationError as error:
            raise HallGone(f"{path}: not the hall's answer") from error

    async def _send(
        self, method: str, path: str, body: BaseModel | None = None, seconds: float = _ANSWER_SECONDS
    ) -> httpx.Response:
        headers = self._headers()
        content = b""
        if body is not None or method != "GET":
            headers["Content-Type"] = "application/json"
            content = body.model_dump_json().encode() if body is not None else b""
        try:
            answer = await self._http.request(
                method, path, content=content, headers=headers, timeout=httpx.Timeout(seconds, connect=3.0)
            )
        except (httpx.TransportError, RuntimeError) as error:  # RuntimeError: the client was closed
            raise HallGone(str(error) or type(error).__name__) from error
        _raise(answer)
        return answer


def _raise(answer: httpx.Response) -> None:
    if answer.is_success:
        return
    try:
        if answer.status_code == 409:
            raise RefusedError(Refused.model_validate_json(answer.content))
        if answer.status_code == 503:
            raise TroubleError(Trouble.model_validate_json(answer.content))
    except ValidationError as error:
        raise HallGone(f"{answer.status_code} without the hall's words") from error
    if answer.status_code >= 500:
        raise HallGone(str(answer.status_code))
    raise NotAllowed(answer.status_code, answer.text[:200])


__all__ = [
    "HallClient",
    "HallError",
    "HallGone",
    "Live",
    "Lost",
    "NotAllowed",
    "RefusedError",
    "Timing",
    "TroubleError",
]
