"""A scene file: which devices stand in the hall, on which wires, what lies on the counter, and what goes wrong when."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, field_validator, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from hw_sim.camera.pages import Page
from hw_sim.cpower.card import BAUDS as CPOWER_BAUDS
from hw_sim.cpower.frames import Framing
from hw_sim.cpower.letters import Charset as CardCharset
from hw_sim.cpower.screen import Lamps as CPowerLamps
from hw_sim.escpos.letters import Charset
from hw_sim.faults import Fault, FaultWord
from hw_sim.machine.machine import NAME as MACHINE
from hw_sim.machine.plan import MachinePlan
from hw_sim.onbon5k.card import FONT_CARDS
from hw_sim.onbon5k.letters import Dots
from hw_sim.onbon5k.panel import Lamps
from hw_sim.onbon5k.update import Units
from hw_sim.onbon6e.card import GENERATION
from hw_sim.pcsc import ChipCard
from hw_sim.sam.cards import Card
from hw_sim.scene_device import Id, Port, SceneDevice, SerialDevice, Strict
from hw_sim.scene_readers import KeysDevice, PcscDevice, SamDevice, ScannerDevice

DIALECT_B_PAD = 0x80
_IN_SOCKETS = ("pty", "usb", "keyboard")


class SceneError(ValueError):
    """What is wrong with a scene file: one line a mistake, with the line of the file where it stands."""


class StationOnLine(Strict):
    """A window's place on the line: keypad, pad, strip. The pad's address in dialect b is 80 hex higher."""

    keypad: Id | None = None
    pad: Id | None = None
    strip: Id | None = None
    address: int = Field(ge=1, le=127)
    dialect: Literal["a", "b"] = "a"
    pad_keys: Literal[4, 5] = 5
    pad_extended: bool = False
    strip_width: int = Field(128, ge=16, le=1024)
    window: str = ""

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if not self.ids():
            raise ValueError("a station needs a keypad, a pad or a strip")
        return self

    def ids(self) -> tuple[str, ...]:
        return tuple(id for id in (self.keypad, self.pad, self.strip) if id is not None)

    @property
    def pad_address(self) -> int:
        return self.address + (DIALECT_B_PAD if self.dialect == "b" else 0)


class Hall485Device(SerialDevice):
    sim: Literal["hall485"]
    baud: int = Field(9600, ge=300, le=115200)
    stations: tuple[StationOnLine, ...] = Field(min_length=1)

    def ids(self) -> tuple[str, ...]:
        return self.id, *(name for station in self.stations for name in station.ids())

    @model_validator(mode="after")
    def _own_addresses(self) -> Self:
        for kind, taken in (
            ("keypads", [station.address for station in self.stations if station.keypad]),
            ("pads", [station.pad_address for station in self.stations if station.pad]),
            ("strips", [station.address for station in self.stations if station.strip]),
        ):
            double = {address for address in taken if taken.count(address) > 1}
            if double:
                raise ValueError(f"two {kind} have the address {min(double)}")
        return self


class EscPosDevice(SceneDevice):
    sim: Literal["escpos"]
    wire: Literal["tcp"] = "tcp"
    port: Port = 0
    width: Literal[576, 384] = 576
    charset: Charset = "gbk"
    chinese_at_start: bool = True
    speed: float | None = Field(None, gt=0, le=1000)
    keeps_buffer: bool = False


class _Panel(SerialDevice):
    """`width`, `height` in lamps; `baud`: of a serial line, and of a pty."""

    wire: Literal["tcp", "pty"] = "tcp"
    width: int = Field(ge=8, le=4096)
    height: int = Field(ge=8, le=1024)


class Onbon6EDevice(_Panel):
    """`device_type`: 0x0154 a BX-5E1, 0x0174 a BX-6E1; `long_header`: takes power, clock and status."""

    sim: Literal["onbon6e"]
    baud: Literal[9600, 57600] = 57600
    address: int = Field(1, ge=1, le=0xFFF0)
    device_type: int = 0x0174
    long_header: bool = True

    @field_validator("device_type")
    @classmethod
    def _known_type(cls, device_type: int) -> int:
        return _one_of(device_type, GENERATION)


class Onbon5KDevice(_Panel):
    """`fonts`: dots of the letters in files O000 and E000, O001 and E001, …; `units`: of x and width without bit 15."""

    sim: Literal["onbon5k"]
    baud: Literal[9600, 57600] = 57600
    address: int = Field(1, ge=1, le=0xFFF0)
    device_type: int = 0x51
    units: Units = "8px"
    fonts: tuple[Dots, ...] = Field((16,), min_length=1)
    lamps: Lamps = "red"
    clears: bool = True

    @field_validator("device_type")
    @classmethod
    def _known_type(cls, device_type: int) -> int:
        return _one_of(device_type, FONT_CARDS)


class CPowerDevice(_Panel):
    """On a pty with serial frames, on TCP with network frames, or serial ones when a serial server stands between.

    `card`: its id on the line; `code`: the network's id code, eight hex digits; `charset`: of its fonts.
    """

    sim: Literal["cpower"]
    framing: Framing | None = None
    baud: int = 115200
    card: int = Field(1, ge=1, le=254)
    code: str = Field("ffffffff", pattern=r"^[0-9a-f]{8}$")
    charset: CardCharset = "gb2312"
    lamps: CPowerLamps = "red"

    @field_validator("baud")
    @classmethod
    def _known_speed(cls, baud: int) -> int:
        if baud not in CPOWER_BAUDS:
            raise ValueError(f"a card speaks at one of {', '.join(map(str, CPOWER_BAUDS))}")
        return baud

    @property
    def speaks(self) -> Framing:
        return self.framing or ("serial" if self.wire == "pty" else "network")


class TabletDevice(SceneDevice):
    """Dials the hall; `trust`: a CA file for wss, relative to the run folder."""

    sim: Literal["tablet"]
    wire: Literal["dials"] = "dials"
    url: str = Field(pattern=r"^wss?://")
    window: str = Field(min_length=1)
    user: str = ""
    token: str = ""
    trust: str = ""


class SpeakerDevice(SceneDevice):
    sim: Literal["speaker"]
    wire: Literal["folder"] = "folder"
    folder: str = Field("sound", pattern=r"^[a-z0-9][a-z0-9_-]*$")


class CameraDevice(SceneDevice):
    """`side`: the id of a second lens, at the path /side of the same port; `fps`: frames a second to each client."""

    sim: Literal["camera"]
    wire: Literal["http"] = "http"
    port: Port = 0
    width: int = Field(1920, ge=160, le=3840)
    height: int = Field(1080, ge=120, le=2160)
    fps: float = Field(15, gt=0, le=60)
    side: Id | None = None


def _one_of(device_type: int, known: Iterable[int]) -> int:
    if device_type not in known:
        raise ValueError(f"device type {device_type:#x}; there are {', '.join(f'{one:#x}' for one in sorted(known))}")
    return device_type


AnyDevice = Annotated[
    SamDevice
    | Hall485Device
    | EscPosDevice
    | Onbon6EDevice
    | Onbon5KDevice
    | CPowerDevice
    | TabletDevice
    | ScannerDevice
    | KeysDevice
    | PcscDevice
    | CameraDevice
    | SpeakerDevice,
    Field(discriminator="sim"),
]


class Trouble(Strict):
    """At `at` seconds after the start `fault` befalls `device`; `seconds` later it is over (None: it stays)."""

    at: float = Field(ge=0)
    device: str
    fault: FaultWord
    amount: float = 0.0
    times: int = Field(0, ge=0)
    seconds: float | None = Field(None, gt=0)

    def as_fault(self) -> Fault:
        return Fault(self.fault, self.amount, self.times)


class Scene(Strict):
    scene: str
    site: str = ""
    devices: tuple[AnyDevice, ...]
    machine: MachinePlan | None = None
    cards: tuple[Card, ...] = ()
    chip_cards: tuple[ChipCard, ...] = ()
    pages: tuple[Page, ...] = ()
    troubles: tuple[Trouble, ...] = ()

    @model_validator(mode="after")
    def _names_agree(self) -> Self:
        names = [name for device in self.devices for name in device.ids()]
        if self.machine:
            names.append(MACHINE)
        sides = [device.side for device in self.devices if isinstance(device, CameraDevice) and device.side]
        everybody = (
            ("device", names + sides),
            ("card", [card.id for card in self.cards]),
            ("chip card", [card.id for card in self.chip_cards]),
            ("page", [page.id for page in self.pages]),
        )
        for what, ids in everybody:
            double = sorted({id for id in ids if ids.count(id) > 1})
            if double:
                raise ValueError(f"{what} id {double[0]!r} stands there twice")
        folders = [device.folder for device in self.devices if isinstance(device, SpeakerDevice)]
        if len(set(folders)) < len(folders):
            raise ValueError("two speakers share a folder")
        for trouble in self.troubles:
            if trouble.device not in names:
                raise ValueError(f"trouble at {trouble.at}: there is no device {trouble.device!r}")
        if self.machine:
            self._sockets_fit(self.machine)
        return self

    def _sockets_fit(self, machine: MachinePlan) -> None:
        wires = {device.id: device.wire for device in self.devices}
        for id in machine.sockets:
            if wires.get(id) not in _IN_SOCKETS:
                known = ", ".join(name for name, wire in wires.items() if wire in _IN_SOCKETS)
                raise ValueError(f"machine: no device {id!r} that hangs in a socket; there are: {known}")


def load_scene(path: Path) -> Scene:
    """SceneError: not YAML, or not a scene; the text names file, line and place of every mistake."""
    yaml = YAML(typ="rt")
    try:
        tree = yaml.load(path.read_text("utf-8"))
    except MarkedYAMLError as wrong:
        line = wrong.problem_mark.line + 1 if wrong.problem_mark else 0
        raise SceneError(f"{path.name}:{line}: not YAML: {wrong.problem}") from wrong
    try:
        return Scene.model_validate(tree)
    except ValidationError as wrong:
        raise SceneError(os.linesep.join(_mistakes(path.name, tree, wrong))) from wrong


def _mistakes(name: str, tree: Any, wrong: ValidationError) -> Iterator[str]:
    for mistake in wrong.errors():
        # The union's tag ("sam") stands in the location but not in the file.
        place = [step for step in mistake["loc"] if not _is_tag(step)]
        text = mistake["msg"].removeprefix("Value error, ")
        where = ".".join(map(str, place)) or "scene"
        yield f"{name}:{_line_of(tree, place)}: {where}: {text}"


def _is_tag(step: str | int) -> bool:
    return step in (
        "sam",
        "hall485",
        "escpos",
        "onbon6e",
        "onbon5k",
        "cpower",
        "tablet",
        "scanner",
        "keys",
        "pcsc",
        "camera",
        "speaker",
    )


def _line_of(tree: Any, place: list[str | int]) -> int:
    """The line of the deepest part of `place` that exists in the file, counted from 1."""
    line = 0
    for step in place:
        try:
            line = (tree.lc.key(step) if isinstance(step, str) else tree.lc.item(step))[0]
            tree = tree[step]
        except (AttributeError, KeyError, IndexError, TypeError):
            break
    return line + 1
