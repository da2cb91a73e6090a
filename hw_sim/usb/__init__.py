"""USB devices on loopback: descriptors, pipes, and a USB/IP server that lends them to a host."""

from hw_sim.usb.descriptors import Description, Endpoint, Interface
from hw_sim.usb.server import UsbIpServer
from hw_sim.usb.wire import BusBerth, UsbBerth, UsbWire

__all__ = ["BusBerth", "Description", "Endpoint", "Interface", "UsbBerth", "UsbIpServer", "UsbWire"]
