"""Rating pads that type one digit (rating_pad.md section 4)."""

import math
from typing import ClassVar, Final

from pydantic import BaseModel, ConfigDict, Field

from drivers.contract import Context, Event, Info, Kind, Level, Link, Prompt
from drivers.keyboard.device import KeyDevice
from drivers.keyboard.typing import Stroke

_TOGETHER_SECONDS: Final = 0.3  # of several keys pressed at once the first one counts
_LEVELS: Final[dict[str, Level]] = {
    "1": "very_satisfied",
    "2": "satisfied",
    "3": "fairly_satisfied",
    "4": "dissatisfied",
    "5": "very_dissatisfied",
}


class KeyPadConfig(BaseModel):
    """`levels`: what each typed digit means; the left-most key is usually 1 and the best."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    levels: dict[str, Level] = Field(default_factory=lambda: dict(_LEVELS), min_length=1)


class KeyboardPad(KeyDevice):
    """Events: `rating` {"nonce", "level"} once a question; `stray_rating` {"value"} for a key nobody asked for."""

    info: ClassVar[Info] = Info(
        kind=Kind.RATING_PAD, maker="USB HID", models=("USB keyboard pad",), links=("input-at",), probe="silent"
    )
    Config: ClassVar[type[BaseModel]] = KeyPadConfig

    def __init__(self, config: KeyPadConfig, link: Link, ctx: Context) -> None:
        super().__init__(link, ctx)
        self._levels = config.levels
        self._question: Prompt | None = None
        self._until = -math.inf
        self._last = -math.inf

    async def ask(self, prompt: Prompt) -> None:
        """The pad itself is told nothing: it has no lamp."""
        self._question = prompt
        self._until = self._clock() + prompt.seconds

    async def withdraw(self) -> None:
        self._question = None

    def _forget(self) -> None:
        self._last = -math.inf

    def _event(self, stroke: Stroke) -> Event | None:
        if not stroke.text.isdigit():
            return None
        now = self._clock()
        together = now - self._last < _TOGETHER_SECONDS
        self._last = now
        if together:
            return None
        question, level = self._question, self._levels.get(stroke.text)
        if question is not None and now <= self._until and level is not None:
            self._question = None
            return Event(name="rating", data={"nonce": question.nonce, "level": level})
        return Event(name="stray_rating", data={"value": int(stroke.text)})
