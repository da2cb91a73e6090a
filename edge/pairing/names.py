"""For whom a certificate is: site, role and place, as they stand in its alternative name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

SERVER_NAME: Final = "halld.hall-edge.internal"  # of every hall: its authority, not its address, says which one it is
THIS_MACHINE: Final = "main"  # the hall's own device host, which needs no certificate
Role = Literal["devices", "screens"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)
_PLACE: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_URI: Final = re.compile(r"urn:hall-edge:([A-Z0-9-]{2,32}):([a-z]+):([a-z0-9-]+)")


def is_place(text: str) -> bool:
    """Whether a machine may be called so: an id as in site.yaml, and not the hall's own."""
    return _PLACE.fullmatch(text) is not None and text != THIS_MACHINE


@dataclass(frozen=True, slots=True)
class Holder:
    """One machine in one role. `place` is what devices of site.yaml name as their `host`."""

    site: str
    role: Role
    place: str

    @property
    def uri(self) -> str:
        return f"urn:hall-edge:{self.site}:{self.role}:{self.place}"


def holder_of_uri(uri: str) -> Holder | None:
    found = _URI.fullmatch(uri)
    if found is None or found[2] not in ROLES or not is_place(found[3]):
        return None
    return Holder(found[1], found[2], found[3])


def holder_of(peer: Mapping[str, Any]) -> Holder | None:
    """Of a certificate as `ssl` gives it (getpeercert). None when it names nobody, or more than one."""
    uris = [value for kind, value in peer.get("subjectAltName", ()) if kind == "URI"]
    return holder_of_uri(uris[0]) if len(uris) == 1 else None
