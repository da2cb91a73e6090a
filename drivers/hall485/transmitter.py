"""Sending on a half-duplex line: one frame at a time, never into another's frame, acknowledgements first.

Devices talk when they like and do not listen before: every frame of ours may meet one of theirs. What nobody waits for
(waiting counts of idle keypads) goes last, the newest only, and with room between (docs/decisions/0251).
"""

import asyncio
import heapq
from collections import deque
from collections.abc import Callable, Hashable
from itertools import count
from typing import Protocol

from drivers.contract import Link
from drivers.errors import Gone
from drivers.hall485.frame import Frame

_ACKNOWLEDGEMENT, _ORDINARY = 0, 1
_ECHO_SECONDS = 0.2  # an echo comes at once, plus what a USB adapter holds back; a device repeats after 0.5 s
_MOST_ECHOES = 16
_REPEATS_WITHIN = 0.7  # two who met say it again half a second later: nothing unimportant shall meet them there
_LONGEST_REST = 5.0
_LONGEST_SETTLING = 3.0
_Waiting = tuple[int, int, bytes, float, asyncio.Future[None] | None]


class Encodable(Protocol):
    def encode(self) -> bytes: ...


class Transmitter:
    """`byte_seconds` on the wire; `turnaround` seconds of silence between one frame and the next; `rest` seconds
    between two frames that nobody waits for.
    """

    def __init__(self, link: Link, byte_seconds: float, turnaround: float, rest: float = 0.75) -> None:
        self._link = link
        self._byte_seconds = byte_seconds
        self._turnaround = turnaround
        self._rest = rest
        self._order = count()
        self._waiting: list[_Waiting] = []
        self._unhurried: dict[Hashable, bytes] = {}
        self._unhurried_at = 0.0
        self._unhurried_since = 0.0
        self._something = asyncio.Event()
        self._something_came = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._opened_at = self._busy_until = _now()  # somebody may have spoken before we listened
        self._over = False
        self._under_way: asyncio.Future[None] | None = None
        self._lately: deque[tuple[bytes, float]] = deque(maxlen=_MOST_ECHOES)

    def acknowledge(self, frame: Encodable) -> None:
        """Queued before everything else; does not wait."""
        self._queue(_ACKNOWLEDGEMENT, frame, 0.0, None)

    async def send(self, frame: Encodable, answer_room: float = 0.0) -> None:
        """Returns when the frame was handed over. Cut off before its turn it is not sent; never in half.
        `answer_room`: seconds of silence after it, in which its answer comes.

        Raises Gone.
        """
        if self._over:
            raise Gone(f"{self._link.name}: the line ended")
        sent: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue(_ORDINARY, frame, answer_room, sent)
        await sent

    def post(self, slot: Hashable, frame: Encodable) -> None:
        """Sent when there is room; a later frame for the same slot takes the place of one still waiting."""
        if not self._over:
            if not self._unhurried:
                self._unhurried_since = _now()
            self._unhurried[slot] = frame.encode()
            self._something.set()

    def forget(self, slot: Hashable) -> None:
        """What waits in this slot is out of date."""
        self._unhurried.pop(slot, None)

    async def settled(self, enough: Callable[[], bool]) -> bool:
        """Whether a line that was just opened has been silent for as long as a device that was not heard waits before
        it says it again. At once on a line that is open for 3 s, or when what came is `enough`; False on one that was
        never silent in its first 3 s.
        """
        until = self._opened_at + _LONGEST_SETTLING
        while not enough() and (now := _now()) < until:
            rest = self._spoken_until() + _REPEATS_WITHIN - now
            if rest <= 0:
                return True
            self._something_came.clear()
            try:
                async with asyncio.timeout(min(rest, until - now)):
                    await self._something_came.wait()
            except TimeoutError:
                if _now() >= until:
                    return False
        return True

    def _spoken_until(self) -> float:
        return _now() if self._waiting else self._busy_until

    def heard(self, in_frame: bool) -> None:
        """Bytes came: keep off while a frame is under way, and for the turnaround after it."""
        self._busy_until = max(self._busy_until, _now() + self._turnaround)
        self._something_came.set()
        if in_frame:
            self._idle.clear()
        else:
            self._idle.set()

    def heard_damage(self) -> None:
        """Two have met, perhaps: leave room for what they will say again, but not for ever on a noisy line."""
        until = min(_now() + _REPEATS_WITHIN, self._unhurried_since + _LONGEST_REST)
        self._unhurried_at = max(self._unhurried_at, until)

    def is_own_echo(self, frame: Frame) -> bool:
        """Whether an adapter that hears itself repeats what was just sent; true once for each frame sent."""
        data, now = frame.encode(), _now()
        for one in self._lately:
            if one[0] == data and now <= one[1]:
                self._lately.remove(one)
                return True
        return False

    async def run(self) -> None:
        """Sends until it is cancelled or the link ends (Gone)."""
        while True:
            await self._something_due()
            await self._line_free()
            if self._waiting:
                await self._send_next()
            else:
                await self._send_unhurried()

    def end(self) -> None:
        """Every sender gets Gone, now and later."""
        self._over = True
        for sent in (self._under_way, *(one[-1] for one in self._waiting)):
            if sent is not None and not sent.done():
                sent.set_exception(Gone(f"{self._link.name}: the line ended"))
        self._waiting.clear()
        self._unhurried.clear()

    def _queue(self, priority: int, frame: Encodable, room: float, sent: asyncio.Future[None] | None) -> None:
        if not self._over:
            heapq.heappush(self._waiting, (priority, next(self._order), frame.encode(), room, sent))
            self._something.set()

    async def _something_due(self) -> None:
        while not self._waiting:
            pause = self._unhurried_at - _now() if self._unhurried else None
            if pause is not None and pause <= 0:
                return
            self._something.clear()
            try:
                async with asyncio.timeout(pause):
                    await self._something.wait()
            except TimeoutError:
                continue

    async def _line_free(self) -> None:
        while True:
            await self._idle.wait()
            rest = self._busy_until - _now()
            if rest <= 0:
                return
            await asyncio.sleep(rest)

    async def _send_next(self) -> None:
        _, _, data, room, sent = heapq.heappop(self._waiting)
        if sent is not None and sent.done():
            return  # its caller was cut off
        self._under_way = sent
        await self._write(data, room)
        if sent is not None and not sent.done():
            sent.set_result(None)

    async def _send_unhurried(self) -> None:
        if not self._unhurried or self._unhurried_at > _now():
            return
        slot = next(iter(self._unhurried))
        await self._write(self._unhurried.pop(slot))
        self._unhurried_since = _now()
        self._unhurried_at = self._busy_until + self._rest

    async def _write(self, data: bytes, room: float = 0.0) -> None:
        self._busy_until = _now() + len(data) * self._byte_seconds + max(self._turnaround, room)
        self._lately.append((data, self._busy_until + _ECHO_SECONDS))
        await self._link.write(data)


def _now() -> float:
    return asyncio.get_running_loop().time()
