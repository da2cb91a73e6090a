"""Known-bad changes of the product. A simulation that does not find each of them proves nothing."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from sync.centre import database
from sync.centre.centre import Centre
from sync.centre.store import Store
from sync.conversation import Conversation
from sync.pace import Pace
from sync.protocol.messages import Ack
from sync.source import Mark

Change = Callable[[], Any]
_DURABLE_LATER_S = 0.2


def _ack_before_commit() -> Any:
    """The centre says ACK for what it will store a moment later."""

    def take(self: Centre, site: str, session: Any, batch: Any) -> Any:
        mark = self._mark(site, session)
        asyncio.get_running_loop().call_later(_DURABLE_LATER_S, _quietly, real, self, site, session, batch)
        last = batch.records[-1]
        if not isinstance(last, Mapping) or last["seq"] <= mark["upto"]:
            return real(self, site, session, batch)
        return [self._to(site, Ack(cid=session.cid, **{**mark, "upto": last["seq"], "chain": last["hash"]}))]

    real = Centre._take
    return patch.object(Centre, "_take", take)


def _quietly(act: Callable[..., Any], *args: Any) -> None:
    try:
        act(*args)
    except Exception:  # noqa: BLE001  its process died meanwhile
        return


@contextmanager
def _no_dedupe() -> Iterator[None]:
    """Every copy of a birth has its effect."""
    tables = "".join(line for line in database._TABLES.splitlines(True) if "one_effect_a_birth" not in line)
    add = Store._add

    def always_new(self: Store, site: str, epoch: str, admitted: Any, erasable: Any) -> None:
        add(self, site, epoch, admitted, erasable)
        self.db.run("UPDATE records SET first = 1 WHERE site = ? AND epoch = ?", (site, epoch))

    with patch.object(database, "_TABLES", tables), patch.object(Store, "_add", always_new):
        yield


def _centre_ignores_cid() -> Any:
    """A batch of an earlier connection is as good as one of this."""
    return patch.object(Centre, "_is_current", lambda self, site, cid: site in self._sessions)


def _gives_up() -> Any:
    """After five tries without an ACK the site no longer asks."""
    pause = Pace.pause_s

    def ends(self: Pace, random: Any) -> float:
        waited = pause(self, random)
        return waited if self._tries < 5 else 1e9

    return patch.object(Pace, "pause_s", ends)


def _mark_only_up() -> Any:
    """The first WELCOME does not move the mark down, so a restored centre never gets what it lost."""
    over = Conversation._start_over

    def up(self: Conversation, mark: Any) -> None:
        if mark.upto >= self.mark.upto:
            over(self, mark)
        else:
            self.mark = Mark(self._source.epoch, self.mark.upto, self.mark.chain, self.mark.durable)

    return patch.object(Conversation, "_start_over", up)


MUTANTS: Mapping[str, Change] = {
    "ack before commit": _ack_before_commit,
    "no dedupe": _no_dedupe,
    "cid ignored": _centre_ignores_cid,
    "gives up": _gives_up,
    "mark only up": _mark_only_up,
}
FAVOURED: Mapping[str, tuple[str, ...]] = {
    "ack before commit": ("kill_centre",),
    "no dedupe": ("back_up_station", "station_from_image"),
    "cid ignored": ("twin", "burst", "weather"),
    "gives up": ("no_line",),
    "mark only up": ("burst", "back_up_centre", "centre_from_copy"),
}
"""Troubles that bring each to light."""
WITHIN = 12
"""Seeds within which each must be found."""
