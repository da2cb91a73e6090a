"""The module on a USB plug, in the two shapes that exist (idcard.md 1.2)."""

from random import Random
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from hw_sim.clock import Clock
from hw_sim.faults import FaultBox
from hw_sim.sam.frames import HEAD
from hw_sim.usb import Description, Endpoint, Interface, UsbBerth, UsbIpServer, UsbWire
from hw_sim.usb.descriptors import Transfer
from hw_sim.usb.device import UsbDevice

_HEAD_OUT, _BODY_OUT, _HEAD_IN, _BODY_IN = 0x02, 0x06, 0x81, 0x85
# Unnumbered reports of 64 bytes each way on a page of the maker's own (HID 1.11 section 6.2.2).
_REPORT = bytes.fromhex("0600FF0901A101150026FF00750895400902810209039102C0")

UsbId = Annotated[str, Field(pattern=r"^[0-9a-f]{4}:[0-9a-f]{4}$")]


class UsbPlug(BaseModel):
    """Scene: how a reader's USB looks. `hid`: interface class 3 instead of FF; `padded`: last packets full of zeros."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    shape: Literal["four_pipe", "single_pair"] = "single_pair"
    transfer: Transfer = "bulk"
    hid: bool = False
    padded: bool = False
    usb_id: UsbId = "0400:c35a"

    def description(self) -> Description:
        vendor, product = (int(part, 16) for part in self.usb_id.split(":"))
        kind = (3, 0, 0) if self.hid else (0xFF, 0, 0)
        addresses = (_HEAD_OUT, _BODY_OUT, _HEAD_IN, _BODY_IN) if self.shape == "four_pipe" else (0x01, 0x82)
        pipes = tuple(Endpoint(address, self.transfer) for address in addresses)
        return Description(vendor, product, (Interface(0, kind, pipes, _REPORT if self.hid else b""),))


def usb_wire(
    plug: UsbPlug, server: UsbIpServer, berth: UsbBerth, clock: Clock, faults: FaultBox, random: Random
) -> UsbWire:
    kind = FourPipeWire if plug.shape == "four_pipe" else UsbWire
    return kind(server, berth, plug.description(), clock, faults, random, padded=plug.padded)


class FourPipeWire(UsbWire):
    """Preamble and LEN on one pipe, everything from CMD or SW1 on the other; each transfer on the first begins anew."""

    def __init__(self, *parts: Any, **options: Any) -> None:
        super().__init__(*parts, **options)
        self._head = self._body = b""
        self._head_left = 0
        self.on_answer = self._begin_answer

    def _answer(self, device: UsbDevice, data: bytes) -> None:
        head, body = data[: self._head_left], data[self._head_left :]
        self._head_left -= len(head)
        for pipe, part in enumerate((head, body)):
            if part:
                self._put(device, pipe, part)

    def _begin_answer(self) -> None:
        self._head_left = HEAD

    def _transfer(self, endpoint: int, data: bytes) -> None:
        if endpoint == _HEAD_OUT:
            self._head, self._body = data[:HEAD], b""
        else:
            self._body += data
        if len(self._head) < HEAD:
            return
        counted = int.from_bytes(self._head[-2:], "big")
        if endpoint == _BODY_OUT and len(self._body) >= counted:
            frame = self._head + self._body[:counted]
            self._head, self._body = b"", b""
            self._hear(frame)

    def _forget(self) -> None:
        super()._forget()
        self._head = self._body = b""
        self._head_left = 0
