"""Simulated hardware on the real wire, the hall in a box, and the demo. Written from the protocol pages alone."""
