"""Devices that type like a keyboard: scanners, number pads, rating pads, read through evdev and taken for ourselves."""
