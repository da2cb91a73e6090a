"""What every driver is and can do. Standard library and pydantic only.

A **Link** moves bytes and knows whether the thing is still there. A **Bus** is a driver that owns a Link which
several stations share. A **Driver** speaks one protocol and has no policy: it never retries across a reconnect,
sleeps for back-off, reads configuration files or clocks of its own, spawns tasks nobody owns, or logs secrets.
The supervisor (edge.devices) has all the policy. What devices can do stands in drivers.capabilities, by family, and is
imported from here.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from random import Random
from typing import Any, ClassVar, Literal, Protocol, runtime_checkable

from pydantic import BaseModel

from drivers.capabilities import (
    Adjustable,
    Adjustment,
    CardPresence,
    CardSensor,
    Code,
    CodeReader,
    Display,
    DisplayCondition,
    DocCamera,
    Frozen,
    Identifiable,
    IdReader,
    IdRecord,
    KeypadDevice,
    KeypadLine,
    Level,
    Mark,
    Page,
    PageLine,
    Paper,
    Picture,
    PictureWarning,
    Printed,
    Printer,
    PrintJob,
    Prompt,
    RatingDevice,
    SheetPrinter,
    Sheets,
    Shot,
    SocialCard,
    SocialCardReader,
    Speaker,
    Speech,
    TicketLine,
)
from drivers.errors import DriverFault

__all__ = [
    "Adjustable",
    "Adjustment",
    "CardPresence",
    "CardSensor",
    "Code",
    "CodeReader",
    "Context",
    "Display",
    "DisplayCondition",
    "DocCamera",
    "Driver",
    "Event",
    "Frozen",
    "Health",
    "IdReader",
    "IdRecord",
    "Identifiable",
    "Identity",
    "Info",
    "Isolation",
    "KeypadDevice",
    "KeypadLine",
    "Kind",
    "Level",
    "Link",
    "Mark",
    "Page",
    "PageLine",
    "Paper",
    "Picture",
    "PictureWarning",
    "PrintJob",
    "Printed",
    "Printer",
    "Prompt",
    "RatingDevice",
    "SheetPrinter",
    "Sheets",
    "Shot",
    "SocialCard",
    "SocialCardReader",
    "Speaker",
    "Speech",
    "TicketLine",
]

Isolation = Literal["loop", "process"]


class Kind(StrEnum):
    """What a device is for the hall."""

    ID_READER = "id_reader"
    PRINTER = "printer"
    DISPLAY = "display"
    BUS = "bus"
    KEYPAD = "keypad"
    RATING_PAD = "rating_pad"
    SPEAKER = "speaker"
    CODE_READER = "code_reader"
    CAMERA = "camera"


# --- links ---------------------------------------------------------------------------------------------------------


@runtime_checkable
class Link(Protocol):
    """Bytes to and from one peer. Built closed. Errors: Absent, Busy, Denied (open); Gone (read, write)."""

    name: str

    @property
    def is_open(self) -> bool: ...

    async def open(self) -> None: ...

    async def close(self) -> None:
        """Never raises; safe when already closed."""

    async def read(self, limit: int = 4096) -> bytes:
        """At least one byte. Raises Gone at the end. A cancelled read loses nothing."""

    async def write(self, data: bytes) -> None:
        """Returns when the bytes were handed to the operating system."""

    def discard_input(self) -> bytes:
        """Drop what arrived and was not read yet, and return it."""


def _nobody_keeps(picture: bytes) -> str:
    raise DriverFault("nobody takes pictures here")


@dataclass(slots=True)
class Context:
    """What a driver may use of the world. `clock` is monotonic seconds; `note` writes a masked diagnostic line."""

    clock: Callable[[], float]
    random: Random
    note: Callable[..., None]
    grace: float = 2.0
    runtime: str = "."  # folder for relative link paths; "." when none was given
    root: str = "/"  # where sys/ and dev/ of this machine hang; tests and simulated halls give a folder of their own
    extra: dict[str, Any] = field(default_factory=dict)
    keep: Callable[[bytes], str] = field(default=_nobody_keeps)  # a picture out of band; returns its sha256, hex

    @property
    def own_files(self) -> Path | None:
        """Where a driver may write files of its own; None when no runtime folder was given: then it writes none."""
        return None if self.runtime == "." else Path(self.runtime)


# --- drivers -------------------------------------------------------------------------------------------------------


class Info(Frozen):
    """Static facts of a driver class; also what udev rules and discovery are made from."""

    kind: Kind
    maker: str
    models: tuple[str, ...]
    links: tuple[str, ...]  # URL schemes, or "bus:<driver>" for a station on a bus
    isolation: Isolation = "loop"
    probe: Literal["silent", "asks", "never"] = "never"
    usb: tuple[str, ...] = ()  # "vid:pid"
    bauds: tuple[int, ...] = ()  # usual speeds of its serial line, the factory's first
    secrets: tuple[str, ...] = ()  # config fields and verbs whose payload is masked in captures


class Identity(Frozen):
    """What the device says it is; empty where it cannot say."""

    maker: str = ""
    model: str = ""
    serial: str = ""
    firmware: str = ""


class Health(Frozen):
    """`state` is what people see; `code` is an error code of drivers.errors, or '' when ready."""

    state: Literal["absent", "starting", "ready", "warning", "busy", "fault", "disabled"]
    code: str = ""
    detail: str = ""


class Event(Frozen):
    """Something the device did by itself. `name` and `data` are fixed by the capability."""

    name: str
    data: dict[str, Any]


@runtime_checkable
class Driver(Protocol):
    """The life of a device. `__init__(config, link, ctx)` does no I/O; on a bus `link` is the Bus."""

    info: ClassVar[Info]
    Config: ClassVar[type[BaseModel]]

    def __init__(self, config: Any, link: Any, ctx: Context) -> None: ...

    async def open(self) -> Identity:
        """Open the link where the driver keeps one open, shake hands. Idempotent."""

    async def check(self) -> Health:
        """The supervisor's heartbeat: cheap, without side effects, at most one second."""

    async def close(self) -> None:
        """Never raises, never waits longer than ctx.grace."""

    def events(self) -> AsyncIterator[Event]:
        """Runs as long as the device is open; raises Gone when the link ends. A device without events waits."""
