"""A USB number pad as a cheap caller (caller.md section 3; which key means what is our choice)."""

from typing import ClassVar, Final

from pydantic import BaseModel, ConfigDict

from drivers.contract import Context, Event, Info, KeypadLine, Kind, Link
from drivers.errors import Unsupported
from drivers.keyboard.device import KeyDevice
from drivers.keyboard.layout import ENTER, KP_ENTER
from drivers.keyboard.typing import Stroke

_KEYS: Final = {"+": "recall", "-": "miss", "*": "finish", "/": "pause"}
_MOST_DIGITS: Final = 6


class NumericConfig(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NumericKeypad(KeyDevice):
    """Enter: next; digits then Enter: that number; + recall, - miss, * finish, / pause, 0 then "." suspend."""

    info: ClassVar[Info] = Info(
        kind=Kind.KEYPAD, maker="USB HID", models=("USB number pad",), links=("input-at",), probe="silent"
    )
    Config: ClassVar[type[BaseModel]] = NumericConfig

    def __init__(self, config: NumericConfig, link: Link, ctx: Context) -> None:
        super().__init__(link, ctx)
        self._digits = ""

    async def display(self, line: KeypadLine) -> None:
        """It has no screen: the clerk's page shows what there is to see."""

    async def beep(self) -> None:
        raise Unsupported("a number pad makes no sound")

    def _forget(self) -> None:
        self._digits = ""

    def _event(self, stroke: Stroke) -> Event | None:
        if stroke.lost:
            self._digits = ""
        if stroke.text.isdigit():
            self._digits = (self._digits + stroke.text)[-_MOST_DIGITS:]
            return None
        typed, self._digits = self._digits, ""
        if stroke.code in (ENTER, KP_ENTER):
            return _key("number", typed) if typed else _key("next")
        if stroke.text == ".":
            return _key("suspend") if typed == "0" else None
        return _key(_KEYS[stroke.text]) if stroke.text in _KEYS else None


def _key(key: str, digits: str = "") -> Event:
    return Event(name="key", data={"key": key, "digits": digits})
