"""Code scanners: on a serial line, and as a keyboard."""

from hw_sim.codes.keyboard import KeyboardScanner
from hw_sim.codes.serial import SerialScanner

__all__ = ["KeyboardScanner", "SerialScanner"]
