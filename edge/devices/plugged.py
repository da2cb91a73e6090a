"""Writes down what is plugged in and pulled out, and whether the site knows it. Unknown devices get no driver (F19)."""

from collections.abc import Callable, Iterable

from drivers.links.machine import Machine


class PlugLog:
    """Call it after every change of the machine. `links`: those of the site; a socket is known by its place in one."""

    def __init__(self, machine: Machine, links: Iterable[str | None], note: Callable[..., None]) -> None:
        self._machine = machine
        self._places = {str(link).partition("?")[0].partition(":")[2] for link in links}
        self._note = note
        self._there: dict[str, str] = {}

    def __call__(self) -> None:
        now = {socket.path: socket for socket in self._machine.sockets("usb")}
        for path in sorted(now.keys() - self._there.keys()):
            socket = now[path]
            known = any(place == path or place.startswith(f"{path}:") for place in self._places)
            facts = {"usb_id": socket.usb_id, "serial": socket.serial, "product": socket.product}
            self._note("plugged in" if known else "unknown device plugged in, left alone", socket=path, **facts)
        for path in sorted(self._there.keys() - now.keys()):
            self._note("pulled out", socket=path, usb_id=self._there[path])
        self._there = {path: socket.usb_id for path, socket in now.items()}
