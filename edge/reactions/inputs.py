"""What people do at devices, as commands: keys of clerks' keypads, answers on rating pads.

The event's id is the command's id, so a press that the host reports again is the same press.
"""

import asyncio
from dataclasses import dataclass
from typing import Final

import structlog
from pydantic import ValidationError

from drivers.errors import DeviceError
from edge.clock import Clock
from edge.engine import Engine
from edge.reactions.keys import command_of
from edge.reactions.ports import DeviceEvent, DevicesPort
from edge.rules.commands import GiveRating
from edge.rules.refusal import Refusal
from edge.site import Site

SAME_PRESS_MS: Final = 1_200
BEEP_SECONDS: Final = 1.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Press:
    event: str
    key: str
    digits: str
    up_ms: int


class Inputs:
    def __init__(self, engine: Engine, site: Site, devices: DevicesPort, *, clock: Clock) -> None:
        self._engine = engine
        self._site = site
        self._devices = devices
        self._clock = clock
        self._windows = {window.keypad: window.id for window in site.windows if window.keypad}
        self._last: dict[str, _Press] = {}
        self._beeps: asyncio.Queue[str] = asyncio.Queue()

    async def run(self) -> None:
        """Beeps of refused keys, away from the line of events: an absent keypad holds nobody up."""
        while True:
            keypad = await self._beeps.get()
            try:
                await self._devices.call(keypad, "beep", None, deadline=BEEP_SECONDS)
            except DeviceError as error:
                log.info("keypad_silent", device=keypad, code=error.code)

    async def on_event(self, event: DeviceEvent) -> None:
        """Returns when the event is settled (accepted, refused or of no meaning). Raises JournalFailed."""
        match event.name:
            case "key":
                await self._key(event)
            case "rating":
                await self._rating(event)
            case _:
                log.info("event_without_meaning", device=event.device, name=event.name)

    async def _key(self, event: DeviceEvent) -> None:
        window = self._windows.get(event.device)
        key = str(event.data.get("key", ""))
        if self._is_same_press(event, key):
            log.info("key_bounced", device=event.device, key=key)
            return
        digits = str(event.data.get("digits", ""))
        command = command_of(key, self._engine.state, self._site, window, digits) if window is not None else None
        if command is None:
            log.info("key_without_meaning", device=event.device, key=key)
            self._beeps.put_nowait(event.device)
            return
        try:
            await self._engine.execute(command, id=event.id, actor=f"keypad:{event.device}")
        except Refusal as refused:
            log.info("key_refused", device=event.device, key=key, code=refused.code)
            self._beeps.put_nowait(event.device)

    def _is_same_press(self, event: DeviceEvent, key: str) -> bool:
        """An identical report shortly after, with nothing between; measured from the press that counted."""
        digits = str(event.data.get("digits", ""))
        now = self._clock.up_ms()
        last = self._last.get(event.device)
        alike = last is not None and event.id != last.event and (last.key, last.digits) == (key, digits)
        if last is not None and alike and now - last.up_ms < SAME_PRESS_MS:
            return True
        self._last[event.device] = _Press(event.id, key, digits, now)
        return False

    async def _rating(self, event: DeviceEvent) -> None:
        try:
            command = GiveRating.model_validate(
                {"nonce": event.data.get("nonce"), "level": event.data.get("level"), "by": "pad"}
            )
        except ValidationError:
            log.warning("rating_unreadable", device=event.device)
            return
        try:
            await self._engine.execute(command, id=event.id, actor=f"pad:{event.device}")
        except Refusal as refused:
            log.info("rating_refused", device=event.device, code=refused.code)
