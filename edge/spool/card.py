"""The card of an end: its name, zone and public key, and for a hall the ids that may stand in what crosses.

Cards are carried by hand once, and compared by their fingerprint over another way (telephone, paper).
"""

import hashlib
from base64 import b64encode
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from edge.site import Site
from edge.spool.whitelist import Way
from sync.protocol import canonical, signing

Zone = Literal["inner", "outer"]
NAME: Final = r"^[A-Za-z0-9-]{1,40}$"
_Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,40}$")]


class Card(BaseModel):
    """`places`: ids of windows, services and areas. `numbers`: what numbers of the site begin with, or ''."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    form: Literal["hall-spool-card/1"] = "hall-spool-card/1"
    name: Annotated[str, StringConstraints(pattern=NAME)]
    zone: Zone
    key: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/]{43}=$")]
    places: tuple[_Id, ...] = Field(default=(), max_length=2_000)
    numbers: Annotated[str, StringConstraints(pattern=r"^([0-9]{11})?$")] = ""

    @property
    def known(self) -> frozenset[str]:
        return frozenset(self.places)

    @property
    def way(self) -> Way:
        """Which way its own bundles go."""
        return "out" if self.zone == "inner" else "in"

    @property
    def raw(self) -> bytes:
        return canonical.encode(self.model_dump(mode="json")) + b"\n"

    @property
    def fingerprint(self) -> str:
        """Four groups of four digits: what two people read to each other."""
        digits = hashlib.sha256(self.raw).hexdigest()[:16]
        return " ".join(digits[start : start + 4] for start in range(0, 16, 4))


def hall_card(name: str, private: bytes, site: Site) -> Card:
    """The inner end's, from its site file."""
    ids = {each.id for group in (site.windows, site.services, site.areas) for each in group}
    codes = site.codes
    return Card(
        name=name,
        zone="inner",
        key=_public(private),
        places=tuple(sorted(ids)),
        numbers=codes.region + codes.site_number + codes.node,
    )


def outer_card(name: str, private: bytes) -> Card:
    return Card(name=name, zone="outer", key=_public(private))


def _public(private: bytes) -> str:
    return b64encode(signing.public_of(private)).decode()
