"""A tablet as rating pad: a WebSocket client with a token (protocols/rating_pad.md section 3)."""

from hw_sim.tablet.simulator import Tablet

__all__ = ["Tablet"]
