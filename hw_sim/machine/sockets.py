"""Where something can be plugged in, named as udev's path_id names it: `pci-0000:00:14.0-usb-0:1.2:1.0-port0`."""

import re
from dataclasses import dataclass, replace
from typing import Self

_SOCKET = re.compile(
    r"^(?P<controller>(?:pci-[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]|pnp-[0-9a-f]{2}:[0-9a-f]{2}|platform-[A-Za-z0-9.-]+?))"
    r"(?:-usb-0:(?P<ports>[1-9]\d*(?:\.[1-9]\d*)*)(?::(?P<interface>\d+\.\d+))?(?:-port(?P<number>\d+))?)?$"
)


@dataclass(frozen=True, slots=True)
class SocketPath:
    """`ports`: from the root hub outwards, empty for a device that is soldered on the board.

    `interface` as configuration.number, `number` of the port of a usb-serial converter; both left out for a USB device.
    """

    controller: str
    ports: tuple[int, ...] = ()
    interface: str = ""
    number: int | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """ValueError: not of that form."""
        match = _SOCKET.match(text)
        if match is None or (match["number"] is not None and match["interface"] is None):
            raise ValueError(f"socket {text!r} is not of the form pci-0000:00:14.0-usb-0:1.2:1.0-port0")
        ports = tuple(int(port) for port in match["ports"].split(".")) if match["ports"] else ()
        number = int(match["number"]) if match["number"] is not None else None
        return cls(match["controller"], ports, match["interface"] or "", number)

    def __str__(self) -> str:
        if not self.ports:
            return self.controller
        interface = f":{self.interface}" if self.interface else ""
        port = f"-port{self.number}" if self.number is not None else ""
        return f"{self.controller}-usb-0:{self.chain}{interface}{port}"

    @property
    def chain(self) -> str:
        return ".".join(map(str, self.ports))

    @property
    def usb(self) -> "SocketPath":
        """The socket of the whole USB device."""
        return replace(self, interface="", number=None)

    @property
    def interface_number(self) -> int:
        return int(self.interface.partition(".")[2] or 0)

    def hubs(self) -> tuple["SocketPath", ...]:
        """The sockets of the hubs on the way, the outermost last; the root hub is none of them."""
        return tuple(SocketPath(self.controller, self.ports[:depth]) for depth in range(1, len(self.ports)))

    def behind(self, hub: "SocketPath") -> bool:
        return self.controller == hub.controller and self.ports[: len(hub.ports)] == hub.ports
