"""A card module on a pty that is exactly as slow as its line: every byte takes its ten bits at 115200."""

import os
import select
import threading
import time
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from functools import reduce
from operator import xor
from typing import Final

BYTE_SECONDS: Final = 10 / 115200
_PREAMBLE: Final = bytes.fromhex("AAAAAA9669")
_REQUEST: Final = 10
_STEP: Final = 0.0004
_TEXT: Final = {0: "张测试", 30: "1", 32: "01", 36: "19900101", 52: "测试省样例市虚构区不存在路1号101室"} | {
    122: "119999199001010012",
    158: "样例市公安局虚构分局",
    188: "20200101",
    204: "20400101",
}


def frame(content: bytes) -> bytes:
    counted = (len(content) + 1).to_bytes(2, "big") + content
    return _PREAMBLE + counted + bytes([reduce(xor, counted)])


def _base() -> bytes:
    text = bytearray(" ".encode("utf-16-le") * 128)
    for at, value in _TEXT.items():
        encoded = value.encode("utf-16-le")
        text[at : at + len(encoded)] = encoded
    photo = bytes.fromhex("574C66007E00320000FF85") + bytes((7 * i + 3) % 256 for i in range(11, 1024))
    return frame(bytes.fromhex("00009001000400") + bytes(text) + photo)


ANSWERS: Final = {
    b"\x11\xff": frame(b"\0\0\x90"),
    b"\x12\xff": frame(b"\0\0\x90" + bytes.fromhex("05000100250233010100000015CD5B07")),
    b"\x20\x01": frame(b"\0\0\x9f" + bytes(4)),
    b"\x20\x02": frame(b"\0\0\x90" + bytes(8)),
    b"\x30\x03": frame(b"\0\0\x91"),
    b"\x30\x01": _base(),
}
CARD: Final = (b"\x20\x01", b"\x20\x02", b"\x30\x03", b"\x30\x01")
WIRE_SECONDS: Final = sum(_REQUEST + len(ANSWERS[command]) for command in CARD) * BYTE_SECONDS


@contextmanager
def slow_module() -> Iterator[str]:
    """Its port, for the length of the block. It lives in a thread: a program of its own would be as fair."""
    master, slave = os.openpty()
    tty.setraw(master)
    tty.setraw(slave)
    stop = threading.Event()
    thread = threading.Thread(target=_serve, args=(master, stop), daemon=True)
    thread.start()
    try:
        yield os.ttyname(slave)
    finally:
        stop.set()
        thread.join()
        os.close(master)
        os.close(slave)


def _serve(master: int, stop: threading.Event) -> None:
    heard = b""
    while not stop.is_set():
        if not select.select([master], [], [], 0.1)[0]:
            continue
        heard += os.read(master, 256)
        if len(heard) >= _REQUEST:
            request, heard = heard[:_REQUEST], heard[_REQUEST:]
            _let_out(master, ANSWERS[request[7:9]])


def _let_out(master: int, answer: bytes) -> None:
    """The request came over the pty at once; its own time on the wire is waited for first."""
    began = time.perf_counter() + _REQUEST * BYTE_SECONDS
    out = 0
    while out < len(answer):
        due = min(len(answer), int((time.perf_counter() - began) / BYTE_SECONDS))
        if due > out:
            os.write(master, answer[out:due])
            out = due
        time.sleep(_STEP)
