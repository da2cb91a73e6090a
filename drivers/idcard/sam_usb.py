"""The same reader with its module's own USB plug. libusb may block, so it lives in a process that can be killed."""

from typing import ClassVar

from drivers.contract import Context, Info, Kind, Link
from drivers.idcard.carrier import carrier_for
from drivers.idcard.sam import SamReader
from drivers.idcard.settings import SamConfig
from drivers.links.usb import UsbLink

# Section 1.2. 28e9:0289 is one family waiting for new firmware: never opened.
_KNOWN = ("0400:c35a", "0316:5020", "0483:5652", "10c4:8a1b", "2015:0008", "9573:4836")


class UsbSamReader(SamReader):
    """One protocol core for both: only the cut into packets differs, and it follows the endpoints."""

    info: ClassVar[Info] = Info(
        kind=Kind.ID_READER,
        maker="GA/T 467",
        models=("SAM_V", "SAM_A"),
        links=("usb-at", "usbip"),
        isolation="process",
        probe="asks",
        usb=_KNOWN,
        secrets=("read",),
    )

    def __init__(self, config: SamConfig, link: Link, ctx: Context) -> None:
        if isinstance(link, UsbLink):
            link.new_carrier = carrier_for
        super().__init__(config, link, ctx)
