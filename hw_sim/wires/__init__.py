"""The wires the simulators speak on: a pty paced like a serial line, or TCP on loopback."""

from hw_sim.wires.ptys import Berth, FolderBerth, PtyWire
from hw_sim.wires.tcp import TcpWire
from hw_sim.wires.wire import Ears, Wire

__all__ = ["Berth", "Ears", "FolderBerth", "PtyWire", "TcpWire", "Wire"]
