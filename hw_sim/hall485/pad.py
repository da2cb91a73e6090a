"""A citizen's rating pad: opens its keys when asked, reports one value, says thanks (rating_pad.md 1, 5, 6)."""

import asyncio
from collections.abc import Callable
from random import Random
from typing import Any, Literal

from hw_sim.clock import Clock
from hw_sim.hall485.frames import Frame
from hw_sim.hall485.station import Station

ASK_OR_ANSWER, STARS, RATING = 0x01, 0x02, 0x11
START = 0x0B
IDENTIFY, STATUS, PROMPT, TEXT, OPEN = 0x20, 0x21, 0x22, 0x23, 0x24
REPLY = 0x80
OPEN_SECONDS = 15.0
THANKS_SECONDS = 3.0
PROMPTS = {1: "welcome", 2: "rate", 3: "thanks", 4: "paused"}
MODEL = b"SIMPAD01"
MOST_TEXT = 48


class RatingPad(Station):
    """`address` is the one on the wire: dialect b adds 80 hex to the keypad's before it comes here."""

    kind = "pad"

    def __init__(
        self,
        id: str,
        address: int,
        clock: Clock,
        random: Random,
        *,
        keys: Literal[4, 5] = 5,
        extended: bool = False,
    ) -> None:
        super().__init__(id, address, clock, random)
        self.keys = keys
        self.extended = extended
        self.state = "welcome"
        self.stars: int | None = None
        self.value: int | None = None
        self.text = ""
        self.text_colour = 0
        self.given: list[int] = []
        self._turning: asyncio.Task[None] | None = None

    def actions(self) -> dict[str, Callable[..., None]]:
        return {
            **super().actions(),
            "rate": self.rate,
            "rate_twice": self.rate_twice,
            "send_value": self.send_value,
        }

    def rate(self, value: int) -> None:
        """A finger on key `value`, 0 the worst. Closed keys do nothing. ValueError: the pad has no such key."""
        self._check_key(value)
        if self.state == "rate" and self.alive:
            self._give(value)

    def rate_twice(self, first: int, second: int) -> None:
        """Trouble: two keys go out before the pad closes them."""
        self._check_key(first)
        self._check_key(second)
        if self.state == "rate" and self.alive:
            self._give(first)
            self._give(second)

    def send_value(self, value: int) -> None:
        """Trouble: a report nobody asked for, or a value no key has (07)."""
        if not isinstance(value, int) or not 0 <= value <= 0xFF:
            raise ValueError(f"{self.id}: value must be a byte, not {value!r}")
        self._give(value)

    def hear(self, frame: Frame) -> None:
        if frame.function == ASK_OR_ANSWER:
            self._asked_or_answered(frame)
        elif frame.function == STARS and len(frame.data) == 1 and frame.data[0] <= 5:
            self.stars = frame.data[0]
        elif self.extended:
            self._extended(frame)
        self.changed.tell()

    def overhear(self, frame: Frame) -> None:
        """The pad starts by itself when the clerk presses evaluate on the same address."""
        if frame.function == ASK_OR_ANSWER and frame.data == bytes([START]):
            self._open(OPEN_SECONDS)
            self.changed.tell()

    def look(self) -> dict[str, Any]:
        return {
            "address": self.address,
            "keys": self.keys,
            "state": self.state,
            "stars": self.stars,
            "value": self.value,
            "text": self.text,
            "text_colour": self.text_colour,
            "extended": self.extended,
            "waiting_for_answer": self._awaited is not None,
            "unanswered": self.unanswered,
            "given": list(self.given),
        }

    def forget(self) -> None:
        super().forget()
        self._turn_later(None)
        self.state, self.stars, self.value, self.text = "welcome", None, None, ""

    def _check_key(self, value: int) -> None:
        if not isinstance(value, int) or not 0 <= value < self.keys:
            raise ValueError(f"{self.id} has the keys 0 to {self.keys - 1}, not {value!r}")

    def _give(self, value: int) -> None:
        self.value = value
        self.given.append(value)
        self._show("sent", None)
        self._report(Frame(self.address, RATING, bytes([value])), Frame(self.address, ASK_OR_ANSWER, bytes([value])))

    def _asked_or_answered(self, frame: Frame) -> None:
        bare = not frame.data and self._awaited is not None  # the older system answers without a value
        if bare:
            self._settled()
        if bare or self._answered(frame):
            self._show("thanks", THANKS_SECONDS)
        elif frame.data == bytes([START]):
            self._open(OPEN_SECONDS)

    def _open(self, seconds: float) -> None:
        """Not while a value waits for its answer: a late echo of the clerk's key must not take it back."""
        if self._awaited is not None:
            return
        self.value = None
        self._show("rate", seconds)

    def _show(self, state: str, seconds: float | None) -> None:
        """Turns to `state`; after `seconds` back to welcome."""
        self.state = state
        self._turn_later(seconds)

    def _turn_later(self, seconds: float | None) -> None:
        if self._turning is not None:
            self._turning.cancel()
            self._turning = None
        if seconds is not None:
            self._turning = self._chores.spawn(self._turn_back(seconds))

    async def _turn_back(self, seconds: float) -> None:
        await self.clock.sleep(seconds)
        self._turning = None
        self.state = "welcome"
        self.changed.tell()

    def _extended(self, frame: Frame) -> None:
        match frame.function, *frame.data:
            case (0x20,):
                self._reply(IDENTIFY, MODEL + bytes([1, 0, self.keys]))
            case (0x21,):
                state = {"rate": 1, "paused": 2}.get(self.state, 0)
                last = 0xFF if self.value is None else self.value
                self._reply(STATUS, bytes([state, last, min(self.unanswered, 0xFF)]))
            case (0x22, prompt) if prompt in PROMPTS:
                if PROMPTS[prompt] == "rate":
                    self._open(OPEN_SECONDS)
                else:
                    self._show(PROMPTS[prompt], None)
                self._reply(PROMPT)
            case (0x23, colour, *text) if len(text) <= MOST_TEXT:
                self._set_text(colour, bytes(text))
            case (0x24, 0, _):
                self._show("welcome", None)
                self._reply(OPEN)
            case (0x24, 1, seconds):
                self._open(float(seconds))
                self._reply(OPEN)

    def _set_text(self, colour: int, data: bytes) -> None:
        """Bytes that are no GBK text are not answered."""
        try:
            self.text = data.decode("gbk")
        except UnicodeDecodeError:
            return
        self.text_colour = colour
        self._reply(TEXT)

    def _reply(self, function: int, data: bytes = b"") -> None:
        self._send(Frame(self.address, function + REPLY, data))
