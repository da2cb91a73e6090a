"""The conformance kit: what any driver must stand, ours or a vendor's. docs/writing-a-driver.md says how to use it."""

from drivers.conform.bench import Bench, find_benches
from drivers.conform.peers import Peer, Say
from drivers.conform.recording import Recording, Step

__all__ = ["Bench", "Peer", "Recording", "Say", "Step", "find_benches"]
