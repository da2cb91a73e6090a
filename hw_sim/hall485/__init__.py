"""Keypads, rating pads and strip screens that share one RS-485 line (protocols/caller.md, rating_pad.md, led.md 4)."""

from hw_sim.hall485.keypad import Keypad
from hw_sim.hall485.line import Hall485Line
from hw_sim.hall485.pad import RatingPad
from hw_sim.hall485.strip import Strip

__all__ = ["Hall485Line", "Keypad", "RatingPad", "Strip"]
