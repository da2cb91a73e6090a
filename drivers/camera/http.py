"""What a camera's web server says before the pictures: status line, headers, chunked transfer (RFC 9112)."""

from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from typing import Final

from drivers.errors import Denied, DeviceError, Garbled, ServiceDown, WrongDevice

MOST_HEAD: Final = 16 * 1024
_HEAD_END: Final = b"\r\n\r\n"


def request(host: str, target: str) -> bytes:
    lines = (f"GET {target} HTTP/1.1", f"Host: {host}", "Accept: multipart/x-mixed-replace", "Connection: close")
    return "\r\n".join((*lines, "", "")).encode("ascii")


@dataclass(frozen=True, slots=True)
class Head:
    status: int
    headers: Mapping[str, str]  # names in lower case

    @property
    def chunked(self) -> bool:
        return "chunked" in self.headers.get("transfer-encoding", "").lower()

    @property
    def server(self) -> str:
        """What the camera's server calls itself, printable and short."""
        return "".join(c for c in self.headers.get("server", "") if c.isprintable())[:64]


def split_head(data: bytes) -> tuple[Head, bytes] | None:
    """The response's head and the bytes after it; None while it is not whole. Raises Garbled."""
    raw, end, rest = data.partition(_HEAD_END)
    if not end:
        if len(data) > MOST_HEAD or not b"HTTP/1.".startswith(data[:7]):
            raise Garbled("no HTTP answer")
        return None
    first, *lines = raw.decode("latin-1").split("\r\n")
    version, _, status = first.partition(" ")
    if not version.startswith("HTTP/1.") or not status[:3].isdigit():
        raise Garbled("no HTTP answer")
    return Head(int(status[:3]), header_lines(lines)), rest


def header_lines(lines: list[str]) -> dict[str, str]:
    pairs = (line.partition(":") for line in lines)
    return {name.strip().lower(): value.strip() for name, colon, value in pairs if colon}


def boundary_of(head: Head) -> bytes:
    """The delimiter line of the picture stream, with its two dashes. Raises what keeps it from being one."""
    if head.status != 200:
        raise _refusal(head.status)
    message = Message()
    message["content-type"] = head.headers.get("content-type", "")
    if message.get_content_maintype() != "multipart":
        raise WrongDevice(f"answers with {message.get_content_type()}, not with a stream of pictures")
    boundary = message.get_param("boundary")
    if not isinstance(boundary, str) or not boundary:
        raise WrongDevice("a stream without a boundary")
    # Some cameras put the two dashes into the parameter as well.
    return b"--" + boundary.removeprefix("--").encode("latin-1", "replace")


def _refusal(status: int) -> DeviceError:
    if status in (401, 403):
        return Denied(f"HTTP {status}")
    if status >= 500:
        return ServiceDown(f"HTTP {status}")
    return WrongDevice(f"HTTP {status}")


class Dechunker:
    """Takes the chunk framing away; `feed` any pieces. Raises Garbled."""

    def __init__(self) -> None:
        self._waiting = bytearray()
        self._left = 0

    def feed(self, data: bytes) -> bytes:
        self._waiting += data
        out = bytearray()
        while self._waiting:
            if self._left:
                piece = self._waiting[: self._left]
                del self._waiting[: len(piece)]
                self._left -= len(piece)
                out += piece
            elif not self._next_size():
                break
        return bytes(out)

    def _next_size(self) -> bool:
        """Read one size line (after the line end of the chunk before)."""
        start = 2 if self._waiting.startswith(b"\r\n") else 0
        end = self._waiting.find(b"\r\n", start)
        if end < 0:
            if len(self._waiting) > 256:
                raise Garbled("no chunk size")
            return False
        text = bytes(self._waiting[start:end]).partition(b";")[0].strip()
        if not text or len(text) > 8 or text.strip(b"0123456789abcdefABCDEF"):
            raise Garbled("no chunk size")
        del self._waiting[: end + 2]
        self._left = int(text, 16)
        return self._left > 0
