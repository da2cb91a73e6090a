"""What the screens need of the hall. `edge.api.client.HallClient` satisfies it; tests bring their own hall."""

from collections.abc import AsyncIterator
from typing import Protocol

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
from edge.api.client import Lost
from edge.api.copy_schema import CopyOffer, CopyPage, CopyPapers, CopyPrint, CopyPrinted, CopyTake, CopyWho
from edge.api.guide_schema import GuidePrint, GuidePrinted, GuidesFound, GuideSheet
from edge.api.queue_schema import CheckedIn, CheckInRequest, CodeText
from edge.api.schema import Catalogue, Live, MaskedHolder, TicketRequest, TicketSnapshot
from edge.api.theme_schema import ThemeSheet


class Hall(Protocol):
    """Calls raise RefusedError, TroubleError, HallGone, NotAllowed (all HallError) of edge.api.client."""

    language: str

    async def catalogue(self) -> Catalogue: ...

    async def theme(self) -> ThemeSheet: ...

    async def read_card(self, seconds: float = 60.0) -> MaskedHolder:
        """Wait for a card and read it; cancelling stops the reader."""

    async def end_card(self) -> None: ...

    async def take_ticket(self, request: TicketRequest) -> TicketSnapshot: ...

    async def read_code(self, seconds: float = 60.0) -> CodeText:
        """Wait for a code; cancelling stops waiting."""

    async def check_in(self, request: CheckInRequest) -> CheckedIn: ...

    async def look_up(self, request: LookUpRequest) -> Found: ...

    async def rating(self, request: RatingLook) -> RatingQuestion: ...

    async def rate(self, request: RateRequest) -> Rated: ...

    async def complain(self, request: VoiceRequest) -> VoiceTaken: ...

    async def guides(self, text: str = "", topic: str = "") -> GuidesFound: ...

    async def guide(self, item: str) -> GuideSheet: ...

    async def print_guide(self, item: str, request: GuidePrint) -> GuidePrinted: ...

    async def copies(self, who: CopyWho) -> CopyOffer: ...

    async def copy_papers(self, item: str) -> CopyPapers: ...

    async def copy_page(self, request: CopyTake) -> CopyPage: ...

    async def print_copies(self, request: CopyPrint) -> CopyPrinted: ...

    async def end_copies(self) -> None: ...

    async def slides(self) -> BoardSlides: ...

    def live(self, *topics: str) -> AsyncIterator[Live | Lost]:
        """Snapshots for ever, `Lost` at every failed try. `Lost.since` is in `loop.time()`."""

    async def close(self) -> None: ...
