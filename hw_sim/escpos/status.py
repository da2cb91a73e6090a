"""The printer's state and the bytes it is told in (ticket_printer.md section 3)."""

from dataclasses import dataclass
from typing import Literal

Paper = Literal["ok", "near", "out"]
PAPERS: tuple[Paper, ...] = ("ok", "near", "out")

_FIXED = 0x12
_OFFLINE, _COVER, _PAPER_END, _ERROR, _CUTTER = 0x08, 0x04, 0x20, 0x40, 0x08
_NEAR, _OUT = 0x0C, 0x60
ASB_DRAWER, ASB_ONLINE, ASB_ERROR, ASB_PAPER, ASB_PANEL = 0x01, 0x02, 0x04, 0x08, 0x40


@dataclass(slots=True)
class State:
    """`switched_off`: put offline by hand; the other causes of being offline show in their own bits."""

    paper: Paper = "ok"
    cover_open: bool = False
    cutter_jam: bool = False
    switched_off: bool = False

    @property
    def offline(self) -> bool:
        return self.cover_open or self.paper == "out" or self.cutter_jam or self.switched_off

    def realtime(self, which: int) -> bytes:
        """The one byte of DLE EOT `which`; nothing for a number that does not exist."""
        match which:
            case 1:
                bits = _OFFLINE * self.offline
            case 2:
                bits = _COVER * self.cover_open | _PAPER_END * (self.paper == "out") | _ERROR * self.cutter_jam
            case 3:
                bits = _CUTTER * self.cutter_jam
            case 4:
                bits = {"ok": 0, "near": _NEAR, "out": _OUT}[self.paper]
            case _:
                return b""
        return bytes([_FIXED | bits])

    def automatic(self) -> bytes:
        """The four bytes of ASB."""
        first = 0x10 | 0x08 * self.offline | 0x20 * self.cover_open
        second = 0x08 * self.cutter_jam
        third = {"ok": 0x00, "near": 0x03, "out": 0x0C}[self.paper]
        return bytes([first, second, third, 0x0F])

    def paper_sensor(self) -> bytes:
        """The byte of GS r 1."""
        return bytes([{"ok": 0x00, "near": 0x03, "out": 0x0C}[self.paper]])

    def asb_groups(self) -> dict[int, tuple[bool | str, ...]]:
        """What each enabling bit of GS a watches."""
        return {
            ASB_ONLINE: (self.offline,),
            ASB_ERROR: (self.cutter_jam,),
            ASB_PAPER: (self.paper,),
        }
