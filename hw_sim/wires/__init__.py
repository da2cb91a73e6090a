"""The wires the simulators speak on: a pty paced like a serial line, or TCP on loopback."""

from hw_sim.wires.ptys import PtyWire
from hw_sim.wires.tcp import TcpWire
from hw_sim.wires.wire import Ears, Wire

__all__ = ["Ears", "PtyWire", "TcpWire", "Wire"]
