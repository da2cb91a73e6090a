"""Code scanners on a serial line and as keyboards, and keypads that are keyboards."""

from hw_sim.codes.keyboard import KeyboardScanner
from hw_sim.codes.keypad import DigitKeys
from hw_sim.codes.serial import SerialScanner

__all__ = ["DigitKeys", "KeyboardScanner", "SerialScanner"]
