"""Document camera: MJPEG over HTTP of what a hand has laid under it (reference/environment.md section 6)."""

from hw_sim.camera.pages import Page
from hw_sim.camera.simulator import Camera

__all__ = ["Camera", "Page"]
