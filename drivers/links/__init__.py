"""Links: bytes to and from one peer, and the truth about whether it is still there."""

from drivers.links.listen import listening
from drivers.links.stream import ended
from drivers.links.tap import Chunk, WireTap, keep_private
from drivers.links.url import make_link, register

__all__ = ["Chunk", "WireTap", "ended", "keep_private", "make_link", "register"]

register("ws", listening)
