"""The client's reading of USB/IP answers: the kernel page's layout, cut and damaged at every byte."""

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from drivers.errors import Absent, Busy, Denied, DeviceError, Garbled
from drivers.links import usbip_wire as wire

# usbip_protocol.rst, OP_REP_DEVLIST and OP_REP_IMPORT, by hand.
DEVICE = (
    b"/sys/devices/pci0000:00/0000:00:14.0/usb1/1-1".ljust(256, b"\0")
    + b"1-1".ljust(32, b"\0")
    + bytes.fromhex("00000001 00000007 00000002 0400 c35a 0100 00 00 00 01 01 01")
)
IMPORTED = bytes.fromhex("0111 0003 00000000") + DEVICE
LISTED = bytes.fromhex("0111 0005 00000000 00000001") + DEVICE + bytes.fromhex("ff000000")
# USBIP_RET_SUBMIT: head, status, actual_length, start_frame, number_of_packets, error_count, setup.
RETURNED = bytes.fromhex("00000003 00000005 00000000 00000000 00000000 00000000 00000004") + bytes(20)
WANTED = wire.RemoteDevice("1-1", 1, 7, 2, "0400:c35a", 1)


@contextmanager
def line(answer: bytes) -> Iterator[socket.socket]:
    """Answers at once and hangs up."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(5)
        theirs.sendall(answer)
        theirs.shutdown(socket.SHUT_WR)
        yield ours


def test_the_pages_answers() -> None:
    with line(IMPORTED) as ours:
        assert wire.import_device(ours, "1-1") == WANTED
    assert WANTED.devid == 0x00010007
    with line(LISTED) as ours:
        assert wire.list_devices(ours) == [WANTED]
    with line(RETURNED) as ours:
        assert wire.read_returned(ours) == wire.Returned(wire.RET_SUBMIT, 5, 0, 4)


def test_the_pages_requests() -> None:
    submit = wire.submit(5, 0x00010007, wire.OUT, 2, 3, b"abc", bytes(8))
    assert submit[:20] == bytes.fromhex("00000001 00000005 00010007 00000000 00000002")
    assert struct.unpack(">I", submit[24:28]) == (3,)
    assert (len(submit), submit[48:]) == (51, b"abc")
    unlink = wire.unlink(6, 0x00010007, 5)
    assert (len(unlink), unlink[:8], unlink[20:24]) == (
        48,
        bytes.fromhex("0000000200000006"),
        bytes.fromhex("00000005"),
    )
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(IMPORTED)
        wire.import_device(ours, "1-1")
        asked = theirs.recv(100)
    assert asked == bytes.fromhex("0111 8003 00000000") + b"1-1".ljust(32, b"\0")


@pytest.mark.parametrize(("status", "error"), [(1, Absent), (2, Busy), (4, Absent)])
def test_refusals(status: int, error: type[DeviceError]) -> None:
    with line(bytes.fromhex("01110003") + status.to_bytes(4, "big")) as ours, pytest.raises(error):
        wire.import_device(ours, "1-1")
    with line(bytes.fromhex("01110005") + status.to_bytes(4, "big")) as ours, pytest.raises(Denied):
        wire.list_devices(ours)


def test_cut_at_every_offset() -> None:
    for whole, read in (
        (IMPORTED, lambda ours: wire.import_device(ours, "1-1")),
        (LISTED, wire.list_devices),
        (RETURNED, wire.read_returned),
    ):
        for end in range(len(whole)):
            with line(whole[:end]) as ours, pytest.raises(ConnectionError):
                read(ours)


def test_every_byte_damaged_ends_in_a_device_or_an_error() -> None:
    for whole, read in (
        (IMPORTED, lambda ours: wire.import_device(ours, "1-1")),
        (LISTED, wire.list_devices),
        (RETURNED, wire.read_returned),
    ):
        for at in range(len(whole)):
            bad = bytearray(whole)
            bad[at] ^= 0xFF
            with line(bytes(bad)) as ours:
                try:
                    read(ours)
                except (DeviceError, ConnectionError):
                    continue


def test_a_giant_answer_is_not_waited_for() -> None:
    with line(RETURNED[:24] + b"\x7f\xff\xff\xff" + bytes(20)) as ours, pytest.raises(Garbled):
        wire.read_returned(ours)
    with line(bytes.fromhex("01110005 00000000 7fffffff")) as ours, pytest.raises(Garbled):
        wire.list_devices(ours)
