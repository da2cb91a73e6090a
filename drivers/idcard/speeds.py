"""At which speed a module talks (idcard.md section 1.1). Only ever on a port that is configured as this reader's."""

from dataclasses import replace
from typing import Any, Final

from drivers.contract import Link
from drivers.errors import DeviceError, Garbled, Late
from drivers.idcard.commands import SAM_STATUS
from drivers.idcard.exchange import Exchange

SPEEDS: Final = (115200, 57600, 38400, 19200, 9600)
_TRIES: Final = 2
_PROBE: Final = replace(SAM_STATUS, seconds=0.3)


async def open_at_its_speed(link: Link, exchange: Exchange, memory: dict[str, Any]) -> None:
    """Leaves the link open at the speed that was found, the last known one tried first, then the configured one.

    Any whole frame proves port and speed, also a module's "I do not work". A link without a speed is just opened.
    Raises Late or Garbled when no speed brings a frame, and what opening raises.
    """
    configured = getattr(link, "baud", None)
    if configured is None:
        await link.open()
        return
    key = f"idcard.speed {link.name}"
    last: DeviceError = Late("no answer at any speed")
    for speed in dict.fromkeys((memory.get(key, configured), configured, *SPEEDS)):
        try:
            await _open_at(link, speed)
            exchange.forget()
            await _proof(exchange)
        except (Late, Garbled) as trouble:
            last = Late("no answer at any speed") if isinstance(trouble, Late) else trouble
            continue
        memory[key] = speed
        return
    await _close_at(link, configured)
    raise last


async def _open_at(link: Any, speed: int) -> None:
    if link.is_open and link.baud == speed:
        return
    await _close_at(link, speed)
    await link.open()


async def _close_at(link: Any, speed: int) -> None:
    await link.close()
    link.baud = speed


async def _proof(exchange: Exchange) -> None:
    for attempt in range(_TRIES):
        try:
            await exchange.ask(_PROBE)
        except (Late, Garbled):
            if attempt == _TRIES - 1:
                raise
        else:
            return
