"""What devices can do: the values that go to and fro and the Protocols, by family. A device may have several.

Drivers and callers import all of it from drivers.contract.
"""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any, Literal, Protocol, runtime_checkable

from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer


class Frozen(BaseModel):
    """Values that cross the host link: strict, immutable, JSON both ways."""

    model_config = ConfigDict(hide_input_in_errors=True, frozen=True, extra="forbid")


class Mark(Frozen):
    """Base for people's documents; str and repr never show content."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(***)"

    __str__ = __repr__


# --- displays --------------------------------------------------------------------------------------------------------


class PageLine(Frozen):
    """One line of a display. `big` asks for the larger of the panel's sizes."""

    text: str
    big: bool = False


class Page(Frozen):
    """The whole state of a display; showing it again is harmless.

    `lease` seconds: the display must fall back to `fallback` by itself when the page is not renewed in time
    (by the card's own time-out where it has one). 0 = no lease.
    """

    lines: tuple[PageLine, ...]
    fallback: tuple[PageLine, ...] = ()
    lease: float = 0.0


@runtime_checkable
class Display(Protocol):
    async def show(self, page: Page) -> None: ...

    async def clear(self) -> None: ...


class Adjustment(Frozen):
    """What to set on a display; None leaves it as it is. `brightness` in percent, `clock` the hall's wall time."""

    brightness: int | None = Field(default=None, ge=0, le=100)
    power: bool | None = None
    clock: datetime | None = None


class DisplayCondition(Frozen):
    """What a display says of itself; None where it cannot say."""

    brightness: int | None = None
    power: bool | None = None
    clock: datetime | None = None


@runtime_checkable
class Adjustable(Protocol):
    async def adjust(self, wish: Adjustment) -> None:
        """Raises Unsupported for a setting this family has no command for; then nothing was sent."""

    async def condition(self) -> DisplayCondition: ...


# --- keypads and rating pads -----------------------------------------------------------------------------------------


class KeypadLine(Frozen):
    """What the keypad's small screen shows: the called number's digits, or the waiting count."""

    ticket: str | None = None
    waiting: int | None = None


@runtime_checkable
class KeypadDevice(Protocol):
    """Events: name `key`, data {"key": "next"|"recall"|"finish"|"miss"|"pause"|"number"|..., "digits": "017"}."""

    async def display(self, line: KeypadLine) -> None: ...

    async def beep(self) -> None: ...


class Prompt(Frozen):
    """A question to the citizen, bound to one finished service by `nonce`."""

    nonce: str
    seconds: float


Level = Literal["very_satisfied", "satisfied", "fairly_satisfied", "dissatisfied", "very_dissatisfied"]


@runtime_checkable
class RatingDevice(Protocol):
    """Events: `rating` {"nonce": str, "level": Level}; `stray_rating` {"value": int} for an answer to no question."""

    async def ask(self, prompt: Prompt) -> None:
        """Start a question; a new one withdraws the old. Returns when the pad was told."""

    async def withdraw(self) -> None: ...


# --- cards and codes -------------------------------------------------------------------------------------------------


class IdRecord(Mark):
    """What a card says. `layout`: resident, foreign_2017, foreign_2023, hmt. `photo_wlt`: raw, base64, or ''.

    `new_address`: the newest of the addresses appended to the card later, '' when none was asked for or is there.
    `name_en`, `old_number` (foreigners' cards: the number before 2023), `pass_number` (hmt): '' elsewhere.
    `photo`: BMP, PNG or JPEG in base64, where the hall has a decoder for the raw one.
    """

    layout: Literal["resident", "foreign_2017", "foreign_2023", "hmt"] = "resident"
    name: str
    sex: str = ""
    nation: str = ""
    birth: str = ""
    address: str = ""
    new_address: str = ""
    number: str
    issuer: str = ""
    valid_from: str = ""
    valid_to: str = ""
    name_en: str = ""
    old_number: str = ""
    pass_number: str = ""
    photo_wlt: str = ""
    photo: str = ""
    warnings: tuple[str, ...] = ()


@runtime_checkable
class IdReader(Protocol):
    async def read(self) -> IdRecord:
        """Wait for a card and read it. Cancelling stops waiting. Raises CardMoved, CardUnreadable, Garbled, Late."""


class CardPresence(Frozen):
    present: bool


@runtime_checkable
class CardSensor(Protocol):
    async def card_present(self) -> CardPresence:
        """Whether the card that was read still lies there: nobody shall go home without it."""


class SocialCard(Mark):
    """The basic data of a social-security card (社保卡) that need no PIN; '' where the card keeps it back."""

    number: str = ""
    name: str = ""
    sex: str = ""
    nation: str = ""
    birth: str = ""
    card_id: str = ""
    card_number: str = ""
    area: str = ""
    version: str = ""
    issued: str = ""
    expires: str = ""
    warnings: tuple[str, ...] = ()


@runtime_checkable
class SocialCardReader(Protocol):
    async def read_social(self) -> SocialCard:
        """Wait for a card and read it. Raises as IdReader.read does; Refused by another kind of card."""


class Code(Mark):
    """What a scanner read. `symbology` as the scanner names it, '' when it does not."""

    text: str
    symbology: str = ""


@runtime_checkable
class CodeReader(Protocol):
    """Events: `code` {"text": str, "symbology": str}, one a reading; a waiting `scan` takes the reading instead."""

    async def scan(self) -> Code:
        """Wait for the next code. Cancelling stops waiting."""


# --- printers --------------------------------------------------------------------------------------------------------


class TicketLine(Frozen):
    """One line of print. `size` 1 = body, 2 = double, 4 = the number. A `qr` line holds the code's content.

    `picture`: PNG in base64, black on white, drawn instead of `text` by a printer that can; 9 mm high on a ticket.
    """

    text: str
    size: Literal[1, 2, 4] = 1
    align: Literal["left", "centre", "right"] = "centre"
    bold: bool = False
    qr: bool = False
    picture: str = ""

    @model_serializer(mode="wrap")
    def _as_before(self, whole: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """A host of the version before knows no pictures: a line without one looks to it as it always did."""
        said: dict[str, Any] = whole(self)
        if not self.picture:
            said.pop("picture", None)
        return said


class PrintJob(Frozen):
    """`id` is the idempotency key: a printer driver never prints one id twice in a run.

    `picture`: base64 of a JPEG, a whole sheet instead of lines; printers of rolls refuse it as Unsupported.
    """

    id: str
    lines: tuple[TicketLine, ...] = ()
    cut: bool = True
    picture: str = Field(default="", repr=False)


class Sheets(Frozen):
    count: int


class Paper(Frozen):
    state: Literal["ok", "near_end", "out", "unknown"]
    code: str = ""  # error code of drivers.errors when the printer cannot print now


class Printed(Frozen):
    """`bytes` sent; `paper` after the job."""

    bytes: int
    paper: Literal["ok", "near_end", "out", "unknown"] = "unknown"


@runtime_checkable
class Printer(Protocol):
    async def status(self) -> Paper: ...

    async def print(self, job: PrintJob) -> Printed:
        """Raises PaperOut, CoverOpen, Jam, Absent before the first byte; OutcomeUnknown after it."""


@runtime_checkable
class SheetPrinter(Protocol):
    """A printer of single sheets (A4)."""

    async def sheets(self, job: PrintJob) -> Sheets:
        """How many it would take. Nothing is printed."""


# --- speakers --------------------------------------------------------------------------------------------------------


class Speech(Frozen):
    """One announcement. Every token names a clip (`ling2`, `hao4`, `letter:A`, `chime`, `pause:250`)."""

    id: str
    tokens: tuple[str, ...]
    text: str
    language: Literal["zh", "yue", "en"] = "zh"
    repeat: int = 2
    gap: float = 1.5


@runtime_checkable
class Speaker(Protocol):
    async def say(self, speech: Speech) -> None:
        """Returns when heard out; cancelling means silence."""


# --- cameras ---------------------------------------------------------------------------------------------------------


class Shot(Frozen):
    """One picture to take. `rectify`: cut out the page and set it straight; else the whole frame as it came.

    `max_dpi`: a page of A4 gets at most so many dots an inch; other pages at most as many pixels. Never enlarged.
    """

    side: Literal["main", "side"] = "main"
    rectify: bool = True
    max_dpi: int = Field(default=200, ge=50, le=600)


PictureWarning = Literal["no_page", "cut_off", "blurred", "blank", "glare", "dark", "unchanged"]


class Picture(Mark):
    """A captured picture. Its bytes went to Context.keep under `hash` (sha256, hex) and travel out of band.

    `blur`: variance of the Laplacian of the page at a fixed size, greater is sharper. `cut_off`: the page reaches the
    frame's edge. `fingerprint`: 64-bit perceptual hash, hex; two pictures of one page differ in few bits. `blurred`,
    `glare` and the others of `warnings` are advice: a person may accept the picture all the same. `unchanged`: the
    camera gives neither time nor count and sent the same bytes throughout, so it may be an old picture.
    """

    hash: str
    mime: Literal["image/jpeg"] = "image/jpeg"
    width: int
    height: int
    bytes: int
    blur: float
    cut_off: bool
    fingerprint: str
    warnings: tuple[PictureWarning, ...] = ()


@runtime_checkable
class DocCamera(Protocol):
    async def capture(self, shot: Shot) -> Picture:
        """A picture taken after the call. Raises Late, Gone, Garbled, WrongDevice, Unsupported (no such side)."""

    def preview(self, rate: float) -> AsyncIterator[bytes]:
        """JPEG pictures of at most 720 lines, at most `rate` and never more than 5 a second, until the caller stops."""


# --- any device ------------------------------------------------------------------------------------------------------


@runtime_checkable
class Identifiable(Protocol):
    async def identify(self, seconds: float) -> None:
        """Blink, beep or print, so that a person finds the device."""
