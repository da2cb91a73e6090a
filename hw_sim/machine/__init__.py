"""The /sys and /dev of the machine that simulated devices hang on."""

from hw_sim.machine.adapters import ADAPTERS, Adapter
from hw_sim.machine.machine import Occupant, SimulatedMachine
from hw_sim.machine.sockets import SocketPath

__all__ = ["ADAPTERS", "Adapter", "Occupant", "SimulatedMachine", "SocketPath"]
