"""Lumen C-Power / CP5200 card, on its serial port or on the network (protocols/led.md section 2)."""

from hw_sim.cpower.simulator import CPowerCard

__all__ = ["CPowerCard"]
