"""Which certificates the hall gave, and which of them still count. One that is not on the list does not."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Literal

from cryptography import x509
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from edge.pairing.errors import BadAuthority
from edge.pairing.names import Holder, Role
from sync.certificates import serial_of
from sync.private_files import write_private

FORGET_AFTER: Final = timedelta(days=365)  # its end is long past: nobody looks for it any more


class Given(BaseModel):
    """`revoked`: a person said so. `replaced`: its successor was used, so only a copy could still use this one."""

    model_config = ConfigDict(frozen=True)

    serial: str
    role: Role
    place: str
    made: datetime
    until: datetime
    state: Literal["good", "revoked", "replaced"] = "good"


_ALL: Final = TypeAdapter(tuple[Given, ...])


class Roll:
    """Every change is on the disk before it is told to anybody."""

    def __init__(self, path: Path) -> None:
        """Raises BadAuthority for a list that cannot be read: nobody is let in then, rather than everybody."""
        self._path = path
        try:
            given = _ALL.validate_json(path.read_bytes()) if path.exists() else ()
        except (OSError, ValidationError) as error:
            raise BadAuthority("roll_unreadable") from error
        self._given = {one.serial: one for one in given}

    def __iter__(self) -> Iterator[Given]:
        return iter(tuple(self._given.values()))

    def add(self, certificate: x509.Certificate, holder: Holder, now: datetime) -> Given:
        given = Given(
            serial=serial_of(certificate),
            role=holder.role,
            place=holder.place,
            made=now,
            until=certificate.not_valid_after_utc,
        )
        kept = {serial: one for serial, one in self._given.items() if one.until + FORGET_AFTER > now}
        self._save(kept | {given.serial: given})
        return given

    def look_up(self, serial: str) -> Given | None:
        return self._given.get(serial)

    def used(self, serial: str) -> tuple[Given, ...]:
        """A machine came with this good one: those given to its place and role before it end, and are returned."""
        now_used = self._given[serial]
        return self._end(
            "replaced",
            lambda one: (one.place, one.role) == (now_used.place, now_used.role) and one.made < now_used.made,
        )

    def revoke(self, which: str) -> tuple[Given, ...]:
        """All good ones of that place, or the one with that serial number."""
        return self._end("revoked", lambda one: which in (one.place, one.serial))

    def _end(self, state: Literal["revoked", "replaced"], meant: Callable[[Given], bool]) -> tuple[Given, ...]:
        ended = tuple(
            one.model_copy(update={"state": state})
            for one in self._given.values()
            if one.state == "good" and meant(one)
        )
        if ended:
            self._save(self._given | {one.serial: one for one in ended})
        return ended

    def _save(self, given: dict[str, Given]) -> None:
        write_private(self._path, json.dumps([one.model_dump(mode="json") for one in given.values()]).encode())
        self._given = given
