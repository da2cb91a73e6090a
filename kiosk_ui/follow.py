"""Follows the hall for a screen: catalogue and snapshots as they come, loss as it happens, for ever."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from edge.api.client import HallError, Live, Lost
from edge.api.schema import Catalogue, HallSnapshot
from kiosk_ui.hall_port import Hall

_log = logging.getLogger(__name__)
_TRY_AGAIN_SECONDS: Final = 3.0


@dataclass(frozen=True, slots=True)
class CatalogueSeen:
    catalogue: Catalogue


@dataclass(frozen=True, slots=True)
class HallSeen:
    hall: HallSnapshot


@dataclass(frozen=True, slots=True)
class HallLost:
    """`since`: moment (loop time) the hall was last heard."""

    since: float


Seen = CatalogueSeen | HallSeen | HallLost


async def follow(hall: Hall, tell: Callable[[Seen], None]) -> None:
    """Never returns. The catalogue is asked for again after every loss: it may have changed meanwhile."""
    heard = asyncio.get_running_loop().time()
    while True:
        try:
            await _follow_once(hall, tell)
        except HallError as error:
            _log.warning("hall not followed: %s: %s", type(error).__name__, error)
            tell(HallLost(heard))
        await asyncio.sleep(_TRY_AGAIN_SECONDS)


async def _follow_once(hall: Hall, tell: Callable[[Seen], None]) -> None:
    known = False
    async for item in hall.live("hall"):
        match item:
            case Lost(since=since):
                known = False
                tell(HallLost(since))
            case Live(hall=HallSnapshot() as snapshot):
                if not known:
                    tell(CatalogueSeen(await hall.catalogue()))
                    known = True
                tell(HallSeen(snapshot))
