"""A hand-written calling loop: keypad frame in, one row committed, the window's panel drawn. Nothing else.

`call_loop.py DATABASE SERIAL HOST:PORT …`, one panel a window, windows counted from 1 as keypads are addressed. Says
`ready` when all is open, ends at the end of stdin. Key 0C calls the next number, 0B ends the turn.
"""

import selectors
import socket
import sqlite3
import sys
import time
from collections import deque
from collections.abc import Sequence
from typing import Final

import serial
from PIL import Image, ImageDraw, ImageFont

CALL: Final = 0x0C
FINISH: Final = 0x0B
WIDTH: Final = 192
HEIGHT: Final = 64
_BAUD: Final = 9600
_TURNAROUND: Final = 0.005  # seconds of silence before sending
_BROKEN_OFF: Final = 0.1
_SAME_PRESS: Final = 1.2
_DISPLAY: Final = 0x02
_BLANK: Final = 0x0A
_FONT: Final = "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc"
_ESCAPES: Final = {0xA5: b"\xa6\x02", 0xA6: b"\xa6\x01", 0x5A: b"\x5b\x02", 0x5B: b"\x5b\x01"}


def crc_table() -> list[int]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ 0xA001 if value & 1 else value >> 1
        table.append(value)
    return table


_CRC: Final = crc_table()


def panel_frame(picture: Image.Image) -> bytes:
    """A7 00 of one static area over the whole panel; `picture` in mode 1, its width a multiple of 32."""
    width, height = picture.size
    rows = picture.tobytes()
    words = (rows[place : place + 4][::-1] for place in range(0, len(rows), 4))
    pixels = bytes(byte ^ 0xFF for word in words for byte in word)
    page = (26).to_bytes(4, "little") + bytes([0, 1, 1, 0]) + (500).to_bytes(2, "little") + b"\x01"
    page += width.to_bytes(2, "little") + bytes(9) + bytes(4) + len(pixels).to_bytes(4, "little")
    area = bytes([0, 0]) + bytes(2) + b"\x01" + bytes(2) + b"\x01" + bytes(4) + b"\x10" + bytes(4)
    area += width.to_bytes(2, "little") + height.to_bytes(2, "little") + bytes(10) + (1).to_bytes(2, "little") + page
    payload = (1).to_bytes(2, "little") + len(area).to_bytes(4, "little") + area + pixels
    data = bytes([1, 0xA7, 0]) + len(payload).to_bytes(2, "little") + payload
    head = b"\xfe\xff\x00\x80\xf0\x00\xfe\xff" + bytes(4) + len(data).to_bytes(4, "little")
    return framed(head + data)


def framed(body: bytes) -> bytes:
    crc = 0
    for byte in body:
        crc = crc >> 8 ^ _CRC[(crc ^ byte) & 0xFF]
    whole = body + crc.to_bytes(2, "little")
    return b"\xa5" * 8 + b"".join(_ESCAPES.get(byte, bytes([byte])) for byte in whole) + b"\x5a"


def line_frame(address: int, function: int, data: bytes) -> bytes:
    body = bytes([address, function]) + data
    return b"\xff\x68" + bytes([len(body), len(body), 0x68]) + body + bytes([sum(body) & 0xFF, 0x16])


def take_frames(heard: bytearray) -> list[tuple[int, bytes]]:
    """Whole good frames out of `heard`, as address and data; a broken one is left out."""
    found = []
    while (start := heard.find(b"\xff\x68")) >= 0:
        del heard[:start]
        if len(heard) < 5:
            break
        length = heard[2]
        if heard[3] != length or heard[4] != 0x68 or not 3 <= length <= 18:
            del heard[:2]
            continue
        if len(heard) < length + 7:
            break
        body = bytes(heard[5 : 5 + length])
        if heard[5 + length] == sum(body) & 0xFF and heard[6 + length] == 0x16:
            found.append((body[0], body[2:]))
            del heard[: length + 7]
        else:
            del heard[:2]
    return found


class Line:
    """The serial port: reports in, each once; one frame out at a time, none into a report that is coming in."""

    def __init__(self, port: str) -> None:
        self.port = serial.Serial(port, _BAUD, timeout=0)
        self._heard = bytearray()
        self._heard_at = 0.0
        self._free_at = 0.0
        self._waiting: deque[bytes] = deque()
        self._last: dict[int, tuple[bytes, float]] = {}

    def reports(self) -> list[tuple[int, bytes]]:
        """New reports, already acknowledged; a repetition is acknowledged only."""
        now = time.monotonic()
        if now - self._heard_at > _BROKEN_OFF:
            self._heard.clear()
        self._heard += self.port.read(256)
        self._heard_at, self._free_at = now, max(self._free_at, now + _TURNAROUND)
        new = []
        for address, data in take_frames(self._heard):
            self._waiting.appendleft(line_frame(address, 1, data))
            before, at = self._last.get(address, (b"", 0.0))
            if data != before or now - at > _SAME_PRESS:
                self._last[address] = (data, now)
                new.append((address, data))
        self.send_due()
        return new

    def send(self, frame: bytes) -> None:
        self._waiting.append(frame)
        self.send_due()

    def send_due(self) -> None:
        now = time.monotonic()
        coming = self._heard and now - self._heard_at < _BROKEN_OFF
        if self._waiting and not coming and now >= self._free_at:
            frame = self._waiting.popleft()
            self.port.write(frame)
            self._free_at = now + len(frame) * 10 / _BAUD + _TURNAROUND

    def patience(self) -> float | None:
        """Seconds until there may be something to send."""
        return max(0.001, self._free_at - time.monotonic()) if self._waiting else None


class Hall:
    def __init__(self, database: str, port: str, panels: Sequence[str]) -> None:
        self._db = sqlite3.connect(database, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=wal")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.execute("CREATE TABLE turns(id INTEGER PRIMARY KEY, window INTEGER, what TEXT, number INTEGER)")
        self._line = Line(port)
        self._looking = selectors.DefaultSelector()
        self._addresses = [panel.split(":") for panel in panels]
        self._panels: dict[int, socket.socket] = {}
        self._fonts = [ImageFont.truetype(_FONT, size) for size in (40, 24)]
        self._last = 0
        for window in range(1, len(panels) + 1):
            self._draw(window, f"{window}号窗口", "综合窗口")

    def run(self) -> None:
        looking = self._looking
        looking.register(self._line.port, selectors.EVENT_READ, self._listen)
        looking.register(sys.stdin, selectors.EVENT_READ, None)
        print("ready", flush=True)
        while True:
            for key, _ in looking.select(self._line.patience()):
                if key.data is None:
                    return
                key.data()
            self._line.send_due()

    def _listen(self) -> None:
        for address, data in self._line.reports():
            if data[-1] == CALL:
                self._call(address)
            elif data[-1] == FINISH:
                self._insert(address, "finish", 0)
                self._draw(address, f"{address}号窗口", "综合窗口")

    def _call(self, window: int) -> None:
        self._last += 1
        self._insert(window, "call", self._last)
        self._draw(window, f"请A{self._last:03d}号", f"到{window}号窗口")
        digits = bytes([_BLANK] * 3 + [int(sign) for sign in f"{self._last % 1000:03d}"])
        self._line.send(line_frame(window, _DISPLAY, digits))

    def _insert(self, window: int, what: str, number: int) -> None:
        self._db.execute("INSERT INTO turns(window, what, number) VALUES(?,?,?)", (window, what, number))

    def _draw(self, window: int, *lines: str) -> None:
        picture = Image.new("1", (WIDTH, HEIGHT))
        pen = ImageDraw.Draw(picture)
        for y, text, font in zip((20, 52), lines, self._fonts, strict=True):
            pen.text((WIDTH // 2, y), text, fill=1, font=font, anchor="mm")
        self._show(window, panel_frame(picture))

    def _show(self, window: int, frame: bytes) -> None:
        """A panel hangs up on whoever is silent for a minute: connected again when there is something to show."""
        if window not in self._panels:
            host, port = self._addresses[window - 1]
            made = self._panels[window] = socket.create_connection((host, int(port)))
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._looking.register(made, selectors.EVENT_READ, lambda: self._answered(window))
        self._panels[window].sendall(frame)

    def _answered(self, window: int) -> None:
        if not self._panels[window].recv(4096):
            self._looking.unregister(self._panels[window])
            self._panels.pop(window).close()


if __name__ == "__main__":
    Hall(sys.argv[1], sys.argv[2], sys.argv[3:]).run()
