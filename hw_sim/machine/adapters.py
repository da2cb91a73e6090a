"""What USB devices say of themselves: the adapters that serial devices of a hall hang on, and keyboards.

Ids and strings as the Linux drivers and usb.ids name them. A CH340 has no serial number, a CP2102 leaves the factory
with `0001`: neither can be told from its neighbour but by its socket.
"""

from dataclasses import dataclass, replace
from typing import Literal

Shape = Literal["converter", "modem", "board", "keyboard", "plain"]


@dataclass(frozen=True, slots=True)
class Adapter:
    """`shape`: converter = usb-serial with port numbers (ttyUSB), modem = CDC-ACM (ttyACM), board = soldered (ttyS),

    keyboard = HID (event node), plain = no kernel driver's node. `ports`: of one interface; `interfaces`: ports each on
    an interface of their own.
    """

    shape: Shape
    vendor: int = 0
    product: int = 0
    maker: str = ""
    name: str = ""
    serial: str = ""
    driver: str = ""
    ports: int = 1
    interfaces: int = 1
    release: int = 0x0100
    interface_class: tuple[int, int, int] = (0xFF, 0, 0)

    def with_serial(self, serial: str) -> "Adapter":
        return replace(self, serial=serial) if serial else self


ADAPTERS: dict[str, Adapter] = {
    "ch340": Adapter("converter", 0x1A86, 0x7523, "", "USB Serial", "", "ch341", release=0x0264),
    "cp2102": Adapter(
        "converter", 0x10C4, 0xEA60, "Silicon Labs", "CP2102 USB to UART Bridge Controller", "0001", "cp210x"
    ),
    "pl2303": Adapter(
        "converter", 0x067B, 0x2303, "Prolific Technology Inc.", "USB-Serial Controller", "", "pl2303", release=0x0300
    ),
    "ft232": Adapter("converter", 0x0403, 0x6001, "FTDI", "FT232R USB UART", "", "ftdi_sio", release=0x0600),
    # Four ports: of one interface each, and of one interface for all.
    "ft4232": Adapter(
        "converter", 0x0403, 0x6011, "FTDI", "Quad RS232-HS", "", "ftdi_sio", interfaces=4, release=0x0800
    ),
    "mos7840": Adapter(
        "converter", 0x9710, 0x7840, "", "USB-Serial Controller", "", "mos7840", ports=4, release=0x0001
    ),
    "cdc": Adapter("modem", 0x0483, 0x5740, "STMicroelectronics", "STM32 Virtual ComPort", "", "cdc_acm", 1, 2),
    "board": Adapter("board", driver="serial8250"),
    "keypad": Adapter("keyboard", 0x04D9, 0x1603, "", "USB Keyboard", "", "usbhid", interface_class=(3, 1, 1)),
    "keyboard": Adapter(
        "keyboard", 0x0C2E, 0x0200, "Honeywell", "Barcode Scanner", "", "usbhid", interface_class=(3, 1, 1)
    ),
}
