"""A scene file: which devices stand in the hall, on which wires, what lies on the counter, and what goes wrong when."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from hw_sim.camera.pages import Page
from hw_sim.escpos.letters import Charset
from hw_sim.faults import Fault, FaultWord
from hw_sim.onbon5k.letters import Dots
from hw_sim.onbon5k.panel import Lamps
from hw_sim.onbon5k.update import Units
from hw_sim.sam.cards import Card
from hw_sim.sam.module import BAUDS, sam_number_bytes
from hw_sim.sam.simulator import SAM_NUMBER

Id = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]
Port = Annotated[int, Field(ge=0, le=65535)]
DIALECT_B_PAD = 0x80


class SceneError(ValueError):
    """What is wrong with a scene file: one line a mistake, with the line of the file where it stands."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Device(_Strict):
    id: Id
    place: str = ""

    def ids(self) -> tuple[str, ...]:
        """Every name that can be troubled or acted on."""
        return (self.id,)


class _Serial(_Device):
    """`port` is for TCP: a serial server in front of the line; 0 picks a free one."""

    wire: Literal["pty", "tcp"] = "pty"
    port: Port = 0


class SamDevice(_Serial):
    sim: Literal["sam"]
    baud: int = 115200
    number: str = SAM_NUMBER
    reading_seconds: float = Field(0.35, ge=0, le=60)
    append: Literal["03", "02"] = "03"

    @field_validator("baud")
    @classmethod
    def _known_speed(cls, baud: int) -> int:
        if baud not in BAUDS:
            raise ValueError(f"a reader speaks at one of {', '.join(map(str, BAUDS))}")
        return baud

    @field_validator("number")
    @classmethod
    def _sam_number(cls, number: str) -> str:
        sam_number_bytes(number)
        return number


class StationOnLine(_Strict):
    """A window's place on the line: keypad, pad, or both. The pad's address in dialect b is 80 hex higher."""

    keypad: Id | None = None
    pad: Id | None = None
    address: int = Field(ge=1, le=127)
    dialect: Literal["a", "b"] = "a"
    pad_keys: Literal[4, 5] = 5
    pad_extended: bool = False
    window: str = ""

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if self.keypad is None and self.pad is None:
            raise ValueError("a station needs a keypad, a pad, or both")
        return self

    @property
    def pad_address(self) -> int:
        return self.address + (DIALECT_B_PAD if self.dialect == "b" else 0)


class Hall485Device(_Serial):
    sim: Literal["hall485"]
    baud: int = Field(9600, ge=300, le=115200)
    stations: tuple[StationOnLine, ...] = Field(min_length=1)

    def ids(self) -> tuple[str, ...]:
        names = [name for station in self.stations for name in (station.keypad, station.pad) if name is not None]
        return self.id, *names

    @model_validator(mode="after")
    def _own_addresses(self) -> Self:
        for kind, taken in (
            ("keypads", [station.address for station in self.stations if station.keypad]),
            ("pads", [station.pad_address for station in self.stations if station.pad]),
        ):
            double = {address for address in taken if taken.count(address) > 1}
            if double:
                raise ValueError(f"two {kind} have the address {min(double)}")
        return self


class EscPosDevice(_Device):
    sim: Literal["escpos"]
    wire: Literal["tcp"] = "tcp"
    port: Port = 0
    width: Literal[576, 384] = 576
    charset: Charset = "gbk"
    chinese_at_start: bool = True
    speed: float | None = Field(None, gt=0, le=1000)
    keeps_buffer: bool = False


class Onbon6EDevice(_Device):
    sim: Literal["onbon6e"]
    wire: Literal["tcp"] = "tcp"
    port: Port = 0
    width: int = Field(ge=8, le=4096)
    height: int = Field(ge=8, le=1024)
    address: int = Field(1, ge=1, le=0xFFF0)
    device_type: int = Field(0x0174, ge=0, le=0xFFFF)


class Onbon5KDevice(_Device):
    """`fonts`: dots of the letters in files O000 and E000, O001 and E001, …; `units`: of x and width without bit 15."""

    sim: Literal["onbon5k"]
    wire: Literal["tcp"] = "tcp"
    port: Port = 0
    width: int = Field(ge=8, le=4096)
    height: int = Field(ge=8, le=1024)
    address: int = Field(1, ge=1, le=0xFFF0)
    device_type: int = Field(0x51, ge=0, le=0xFD)
    units: Units = "8px"
    fonts: tuple[Dots, ...] = Field((16,), min_length=1)
    lamps: Lamps = "red"
    clears: bool = True


class SpeakerDevice(_Device):
    sim: Literal["speaker"]
    wire: Literal["folder"] = "folder"
    folder: str = Field("sound", pattern=r"^[a-z0-9][a-z0-9_-]*$")


class CameraDevice(_Device):
    """`side`: the id of a second lens, at the path /side of the same port; `fps`: frames a second to each client."""

    sim: Literal["camera"]
    wire: Literal["http"] = "http"
    port: Port = 0
    width: int = Field(1920, ge=160, le=3840)
    height: int = Field(1080, ge=120, le=2160)
    fps: float = Field(15, gt=0, le=60)
    side: Id | None = None


AnyDevice = Annotated[
    SamDevice | Hall485Device | EscPosDevice | Onbon6EDevice | Onbon5KDevice | CameraDevice | SpeakerDevice,
    Field(discriminator="sim"),
]


class Trouble(_Strict):
    """At `at` seconds after the start `fault` befalls `device`; `seconds` later it is over (None: it stays)."""

    at: float = Field(ge=0)
    device: str
    fault: FaultWord
    amount: float = 0.0
    times: int = Field(0, ge=0)
    seconds: float | None = Field(None, gt=0)

    def as_fault(self) -> Fault:
        return Fault(self.fault, self.amount, self.times)


class Scene(_Strict):
    scene: str
    site: str = ""
    devices: tuple[AnyDevice, ...]
    cards: tuple[Card, ...] = ()
    pages: tuple[Page, ...] = ()
    troubles: tuple[Trouble, ...] = ()

    @model_validator(mode="after")
    def _names_agree(self) -> Self:
        names = [name for device in self.devices for name in device.ids()]
        sides = [device.side for device in self.devices if isinstance(device, CameraDevice) and device.side]
        everybody = (
            ("device", names + sides),
            ("card", [card.id for card in self.cards]),
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
        return self


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
    return step in ("sam", "hall485", "escpos", "onbon6e", "onbon5k", "camera", "speaker")


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
