"""Everything of a hall that has to do with other machines: wired here, run by the daemon."""

import asyncio
import os
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import structlog
from cryptography.hazmat.primitives.serialization import Encoding

from edge.devices.peers import Peer
from edge.devices.registry import Registry
from edge.devices.remote_door import RemoteDoor, Unwelcome
from edge.journal.keys import KeyRing
from edge.pairing.authority import SiteAuthority
from edge.pairing.control import SOCKET, Control
from edge.pairing.desk import Desk
from edge.pairing.errors import BadAuthority, BadRequest
from edge.pairing.names import Holder, holder_of
from edge.pairing.roll import Given, Roll
from edge.pairing.tls import hall_context
from edge.site import Site
from sync.tls import load_own

log = structlog.get_logger("pairing")
FOLDER: Final = "pairing"
AUTHORITY: Final = "authority.json"
ROLL: Final = "certificates.json"
AT_MOST: Final = timedelta(minutes=55)  # between two renewals of one machine, which asks once an hour
LOOK_SECONDS: Final = 60.0  # a clock that was set shows within a minute


class Machines:
    """Built at each start. `now`: wall clock (UTC); `clock`: monotonic seconds."""

    def __init__(
        self,
        site: Site,
        registry: Registry,
        authority: SiteAuthority,
        roll: Roll,
        *,
        now: Callable[[], datetime],
        clock: Callable[[], float],
        random_bytes: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self._hosts = site.hosts
        self._authority = authority
        self._roll = roll
        self._now = now
        server, self._renew_at = authority.server(now())
        self._made_at = now()
        self._context = hall_context(authority.pem, server)
        self._door = RemoteDoor(registry, self._context, self.admit)
        desk = Desk(authority, roll, now=now, clock=clock, random_bytes=random_bytes)
        self._desk = desk
        self._control = Control(authority, roll, desk, self._hosts.pairing_address, self._door.hang_up)

    async def run(self, runtime: Path) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._control.serve(runtime / SOCKET))
            if self._hosts.listen is not None and self._hosts.pairing_address is not None:
                group.create_task(self._desk.serve(self._hosts.pairing_address))
                group.create_task(self._door.serve(self._hosts.listen))
                group.create_task(self._keep_certificate())

    def admit(self, certificate: Mapping[str, Any]) -> Peer:
        """The peer of a certificate that TLS found to be of this hall. Raises Unwelcome."""
        holder, serial = holder_of(certificate), str(certificate.get("serialNumber", ""))
        given = self._roll.look_up(serial)
        if holder is None or given is None or holder.site != self._authority.site:
            raise Unwelcome("unknown")
        if given.state != "good":
            raise Unwelcome(given.state)
        if holder.role != "devices":
            raise Unwelcome("role")
        for older in self._roll.used(serial):
            self._door.hang_up(older.serial)
        return Peer(place=holder.place, serial=serial, renew=lambda request: self._renew(holder, serial, request))

    def _renew(self, holder: Holder, serial: str, request: str) -> str | None:
        given = self._roll.look_up(serial)
        if given is None or given.state != "good" or not self._may_renew(given):
            log.warning("a certificate is not renewed yet", place=holder.place, serial=serial)
            return None
        try:
            certificate = self._authority.sign(request, holder, self._now())
        except BadRequest:
            log.warning("a renewal was no request", place=holder.place)
            return None
        self._roll.add(certificate, holder, self._now())
        return certificate.public_bytes(Encoding.PEM).decode()

    def _may_renew(self, given: Given) -> bool:
        """Not before half its life is over, and not again within an hour: a machine run wild fills no list."""
        now = self._now()
        is_due = now >= given.made + (given.until - given.made) / 2
        return is_due and not any(
            (one.place, one.role) == (given.place, given.role) and given.made < one.made and now - one.made < AT_MOST
            for one in self._roll
        )

    async def _keep_certificate(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            self.renew_server()

    def renew_server(self) -> bool:
        """A new one for new connections when it is time, or when the clock was set back before it began."""
        if self._made_at <= self._now() < self._renew_at:
            return False
        server, self._renew_at = self._authority.server(self._now())
        self._made_at = self._now()
        load_own(self._context, server)
        log.info("the hall's own certificate was renewed")
        return True


def machines_of(
    site: Site,
    registry: Registry,
    keys: KeyRing,
    data: Path,
    *,
    now: Callable[[], datetime],
    clock: Callable[[], float],
) -> Machines | None:
    """None when authority or list are damaged: the hall opens, other machines stay out, the log says so."""
    try:
        authority = SiteAuthority.load_or_make(data / FOLDER / AUTHORITY, keys=keys, site=site.site, now=now())
        roll = Roll(data / FOLDER / ROLL)
    except (BadAuthority, OSError) as error:
        log.error("no other machine can come in", why=str(error))
        return None
    return Machines(site, registry, authority, roll, now=now, clock=clock)
