"""Driver classes as a site file names them, each with only what checking looks at."""

from collections.abc import Collection
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from drivers.contract import Driver, Info, Kind
from edge.site_check import DriverBroken


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Sized(Strict):
    width: int
    height: int


class Station(Strict):
    address: int = Field(ge=1, le=127)
    dialect: Literal["a", "b"] = "a"
    keys: Literal[3, 5] = 5


class Paper(BaseModel):
    """Lets unknown options pass, as pydantic does by default."""

    width: int = 576
    charset: str = "gbk"


def shelved(kind: Kind, links: tuple[str, ...], config: type[BaseModel]) -> type[Driver]:
    info = Info(kind=kind, maker="-", models=("-",), links=links)
    return type("Shelved", (), {"info": info, "Config": config})


class Shelf:
    """`broken.one` is installed and cannot be loaded."""

    _classes: ClassVar[dict[str, type[Driver]]] = {
        "idcard.sam": shelved(Kind.ID_READER, ("serial", "tcp"), Strict),
        "printer.escpos": shelved(Kind.PRINTER, ("tcp", "serial"), Paper),
        "printer.ipp": shelved(Kind.PRINTER, ("tcp",), Strict),
        "hall485.bus": shelved(Kind.BUS, ("serial", "tcp"), Strict),
        "hall485.keypad": shelved(Kind.KEYPAD, ("bus:hall485.bus",), Station),
        "hall485.pad": shelved(Kind.RATING_PAD, ("bus:hall485.bus",), Station),
        "led.onbon6e": shelved(Kind.DISPLAY, ("tcp", "serial"), Sized),
        "camera.mjpeg": shelved(Kind.CAMERA, ("http",), Strict),
        "speaker.clips": shelved(Kind.SPEAKER, ("file",), Strict),
        "other.bus": shelved(Kind.BUS, ("serial",), Strict),
    }

    def names(self) -> Collection[str]:
        return [*self._classes, "broken.one"]

    def load(self, name: str) -> type[Driver]:
        if name == "broken.one":
            raise DriverBroken("ImportError: no libvendor.so")
        return self._classes[name]
