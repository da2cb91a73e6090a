"""Keypads and rating pads that share one RS-485 line (protocols/caller.md, rating_pad.md)."""

from hw_sim.hall485.keypad import Keypad
from hw_sim.hall485.line import Hall485Line
from hw_sim.hall485.pad import RatingPad

__all__ = ["Hall485Line", "Keypad", "RatingPad"]
