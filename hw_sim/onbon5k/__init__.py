"""Onbon BX-5K/6K font card on TCP (protocols/led.md sections 1.1-1.4, 1.7)."""

from hw_sim.onbon5k.simulator import Onbon5KCard

__all__ = ["Onbon5KCard"]
