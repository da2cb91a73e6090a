"""The far end of a driver's line: what it says by itself, and what it answers."""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Final, Protocol

from drivers.links.tap import Chunk

_LONGEST_PAUSE: Final = 5.0  # a technician who made a cup of tea while capturing


@dataclass(frozen=True, slots=True)
class Say:
    """`after`: seconds since the request, or since the Say before it."""

    data: bytes
    after: float = 0.001


class Peer(Protocol):
    """One plugged-in device. Iterators are asked for their next Say when the one before was delivered."""

    def connected(self) -> Iterable[Say]:
        """What it says by itself from the moment somebody opens the line; may be endless."""

    def hear(self, data: bytes) -> Iterable[Say]:
        """What it answers to these bytes, which may be half a request or two of them."""


class RecordedPeer:
    """Plays a capture as a device would: each request it knows gets what it got then, in whatever order they come.

    A request that was answered differently at different times gets these answers in turn, and the last one for ever.
    What it never heard before it does not answer; but where requests end in `frame_end`, a whole one gets `otherwise`.
    """

    def __init__(self, chunks: Iterable[Chunk], frame_end: bytes = b"", otherwise: bytes = b"") -> None:
        self._frame_end = frame_end
        self._otherwise = otherwise
        self._answers: dict[bytes, deque[tuple[Say, ...]]] = defaultdict(deque)
        self._greetings: deque[tuple[Say, ...]] = deque()
        self._buffer = b""
        for request, answer in _dialogue(chunks):
            (self._greetings if request is None else self._answers[request]).append(answer)

    def connected(self) -> Iterable[Say]:
        self._buffer = b""
        return _next_of(self._greetings) if self._greetings else ()

    def hear(self, data: bytes) -> Iterator[Say]:
        self._buffer += data
        while request := self._whole_request():
            self._buffer = self._buffer[len(request) :]
            yield from _next_of(self._answers[request]) if request in self._answers else (Say(self._otherwise),)

    def _whole_request(self) -> bytes:
        """The longest known request at the head of what was heard; forgets what is no request."""
        fitting = [request for request in self._answers if self._buffer.startswith(request)]
        if fitting:
            return max(fitting, key=len)
        if self._frame_end and (end := self._buffer.find(self._frame_end)) >= 0:
            return self._buffer[: end + len(self._frame_end)]
        if not self._frame_end and not any(request.startswith(self._buffer) for request in self._answers):
            self._buffer = b""
        return b""


class Repeating:
    """A device that only speaks: what its capture holds, again and again, as people come one after the other."""

    def __init__(self, chunks: Iterable[Chunk], pause: float = 1.0) -> None:
        self._said = tuple(say for _, answer in _dialogue(chunks) for say in answer)
        self._pause = pause

    def connected(self) -> Iterator[Say]:
        while self._said:
            yield from self._said
            yield Say(b"", self._pause)

    def hear(self, data: bytes) -> Iterable[Say]:
        return ()


def _next_of(answers: deque[tuple[Say, ...]]) -> tuple[Say, ...]:
    return answers.popleft() if len(answers) > 1 else answers[0]


def _dialogue(chunks: Iterable[Chunk]) -> Iterator[tuple[bytes | None, tuple[Say, ...]]]:
    """Requests with what came after them; None stands for what came after the line was opened."""
    request: bytes | None = None
    answer: list[Say] = []
    last, begun = 0.0, False
    for chunk in chunks:
        if len(chunk.data) != chunk.size:
            raise ValueError("a capture with masked bytes cannot be played")
        if chunk.direction == "in":
            answer.append(Say(chunk.data, min(max(chunk.at - last, 0.0), _LONGEST_PAUSE)))
        elif chunk.direction == "out" and request is not None and not answer:
            request += chunk.data
        else:
            if begun:
                yield request, tuple(answer)
            request, answer = (chunk.data if chunk.direction == "out" else None), []
        begun, last = True, chunk.at
    if begun:
        yield request, tuple(answer)


class Silent:
    """A cable with nothing behind it."""

    def connected(self) -> Iterable[Say]:
        return ()

    def hear(self, data: bytes) -> Iterable[Say]:
        return ()


class Echo(Silent):
    """A loop-back plug, or an adapter that hears itself."""

    def hear(self, data: bytes) -> Iterable[Say]:
        return (Say(data),)


class Parrot(Silent):
    """Another kind of device: the same answer to everything."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer

    def hear(self, data: bytes) -> Iterable[Say]:
        return (Say(self._answer),)


class Flood(Silent):
    """Noise without end, 1 KiB each 10 ms (nine times what a serial line carries), whatever it is asked."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def connected(self) -> Iterator[Say]:
        while True:
            yield Say(self._random.randbytes(1024), 0.01)


STRANGERS: Final[dict[str, Callable[[], Peer]]] = {
    "nothing": Silent,
    "loop-back": Echo,
    "modem": lambda: Parrot(b"\r\nERROR\r\n"),
    "web server": lambda: Parrot(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
    "zeroes": lambda: Parrot(bytes(64)),
}
"""What may hang where a device was expected; none of them may be taken for it."""
