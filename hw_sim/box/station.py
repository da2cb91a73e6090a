"""What the hall in a box needs of the station that it shows. Without programs or screens the mappings are empty."""

from collections.abc import Mapping
from typing import Protocol

from hw_sim.hall import SimulatedHall


class Switch(Protocol):
    """The line to the centre. `octets`: carried so far, both ways."""

    @property
    def up(self) -> bool: ...

    @property
    def octets(self) -> int: ...

    async def set_up(self, up: bool) -> None: ...


class Runs(Protocol):
    """One program of the station. `pid` None: it does not run now; `restarts`: how often it was started again."""

    @property
    def pid(self) -> int | None: ...

    @property
    def restarts(self) -> int: ...

    @property
    def held(self) -> bool: ...

    def kill(self) -> None: ...

    def hold(self, held: bool) -> None: ...


class Glass(Protocol):
    """A kiosk's or board's screen link (docs/screen-link.md)."""

    @property
    def path(self) -> str: ...


class Box(Protocol):
    """`hall_url`: of the daemon, "" without one; `line` None: there is no centre."""

    @property
    def code(self) -> str: ...

    @property
    def hall(self) -> SimulatedHall: ...

    @property
    def line(self) -> Switch | None: ...

    @property
    def programs(self) -> Mapping[str, Runs]: ...

    @property
    def screens(self) -> Mapping[str, Glass]: ...

    @property
    def hall_url(self) -> str: ...
