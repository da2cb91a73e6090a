"""How a station is wired: its devices, the line to the centre, and where browsers and other machines come in."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from edge.site_sections.form import ADDRESS, Id, Section


class Device(Section):
    """One device or bus. `driver`: entry-point name; either `link` (URL) or `bus` (id of a bus device).

    Links: `serial-at:SOCKET?baud=9600` as `hallctl discover` prints it; `serial:///dev/ttyUSB0?baud=9600` (a path
    without a leading slash is under the runtime folder: `serial:dev/sam-1?baud=115200`), `tcp://host:port`,
    `file:folder` for a speaker that writes WAV.
    `host`: the paired machine it is plugged in at; a device on a bus goes with its bus.
    `options` are the driver's own settings, checked against its Config model.
    """

    id: Id
    driver: str
    link: str | None = None
    bus: Id | None = None
    host: Id = "main"
    options: dict[str, str | int | float | bool | list[str] | list[int]] = Field(default_factory=dict)

    @property
    def where(self) -> str:
        """Socket, address, or place on a bus, as it may stand on a label at the device."""
        if self.link is None:
            return f"{self.bus} #{self.options['address']}" if "address" in self.options else str(self.bus)
        return self.link.partition("?")[0].partition(":")[2].removeprefix("//")


class Announcements(Section):
    """`speaker`: device id; `areas`: speakers of areas that have one of their own, by area id. `languages` in the order
    they are spoken. `repeat`, `gap` seconds. With more than `once_above` calls waiting behind it a call is said once.
    """

    speaker: Id | None = None
    areas: dict[Id, Id] = Field(default_factory=dict)
    languages: tuple[Literal["zh", "yue", "en"], ...] = ("zh",)
    repeat: int = 2
    gap: float = 1.5
    once_above: int = Field(default=2, ge=0)

    def speaker_of(self, area: str) -> str | None:
        return self.areas.get(area, self.speaker)


class Centre(Section):
    """Where records go. `url`: mqtt://host:port or mqtts://. None = not connected yet; nothing is lost."""

    url: str | None = None


class Api(Section):
    """Where browsers come in. `names`: the exact host names (with port) that pages may be asked under."""

    listen: str = "127.0.0.1:8680"
    names: tuple[str, ...] = ("127.0.0.1:8680", "localhost:8680")


class Hosts(Section):
    """Where device hosts on other machines come in, by mutual TLS. None: nowhere, nothing listens.

    `pairing`: where a machine joins, open only while `hallctl pair open` says so; None: the port after `listen`'s.
    """

    listen: Annotated[str, StringConstraints(pattern=ADDRESS)] | None = None
    pairing: Annotated[str, StringConstraints(pattern=ADDRESS)] | None = None

    @property
    def pairing_address(self) -> str | None:
        if self.listen is None or self.pairing is not None:
            return self.pairing
        host, _, port = self.listen.rpartition(":")
        return f"{host}:{int(port) + 1}"
