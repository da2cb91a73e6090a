"""Onbon BX-5E and BX-6E graphic cards (protocols/led.md sections 1.1-1.3, 1.5-1.7)."""

from hw_sim.onbon6e.simulator import Onbon6ECard

__all__ = ["Onbon6ECard"]
