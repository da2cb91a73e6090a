"""Personal data of drafts into parts: one key an owner, announced by `key.issued` before its first use."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from edge.journal.errors import PartGone
from edge.journal.keys import KeyRing
from edge.journal.skeleton import Content, check_code
from edge.journal.store import PartRow, Store
from edge.rules.records import Private
from sync.protocol.parts import AES_256_GCM, seal, unseal
from sync.protocol.record import Record, digest

KEY_ISSUED: Final = "key.issued"
PART_ERASED: Final = "part.erased"


class Fresh(NamedTuple):
    """Randomness for one sealing, drawn by the caller so that runs replay; the key is used only for a new owner."""

    kid: str
    key: bytes
    nonce: bytes
    wrap_nonce: bytes

    def __repr__(self) -> str:
        return f"Fresh({self.kid})"


@dataclass
class Sealing:
    """What the drafts of one append add beside their records."""

    store: Store
    keys: KeyRing
    site: str
    parts: list[PartRow] = field(default_factory=list)
    new_keys: dict[str, tuple[str, bytes, bytes]] = field(default_factory=dict)  # owner -> kid, key, wrapped

    def key_for(self, owner: str, fresh: Fresh) -> tuple[str, bytes, bool]:
        """kid, key, and whether it must be announced first."""
        if owner in self.new_keys:
            kid, key, _ = self.new_keys[owner]
            return kid, key, False
        found = self.store.key_of(owner)
        if found is not None:
            kid, wrapped = found
            return kid, self.keys.unwrap_for_site(wrapped, site=self.site, kid=kid), False
        check_code("owner", owner)
        wrapped = self.keys.wrap_for_site(fresh.key, site=self.site, kid=fresh.kid, nonce=fresh.wrap_nonce)
        self.new_keys[owner] = (fresh.kid, fresh.key, wrapped)
        return fresh.kid, fresh.key, True

    def announcement(self, owner: str, actor: str) -> Content:
        """The `key.issued` of a new key. It names the centre's wrap only: the site's own never leaves the site."""
        kid, key, _ = self.new_keys[owner]
        body: dict[str, Any] = {"kid": kid, "alg": AES_256_GCM, "wrapped": []}
        wrapped = self.keys.wrap_for_centre(key, site=self.site, kid=kid)
        if wrapped is not None and self.keys.centre is not None:
            h = digest(wrapped)
            body["wrapped"] = [{"to": self.keys.centre.kid, "kem": "x25519", "h": h}]
            self.parts.append(PartRow(h, kid, "wrap", wrapped))
        return Content(KEY_ISSUED, owner, actor, 1, body)

    def seal(self, private: Private, content: Content, kid: str, key: bytes, nonce: bytes) -> Mapping[str, str]:
        """The entry for the record's `sealed` list."""
        made = seal(
            private.members,
            key=key,
            kid=kid,
            nonce=nonce,
            site=self.site,
            kind=content.kind,
            subject=content.subject,
        )
        self.parts.append(PartRow(made.entry["h"], kid, "sealed", made.blob))
        return made.entry

    def key_rows(self) -> list[tuple[str, str, bytes]]:
        return [(kid, owner, wrapped) for owner, (kid, _, wrapped) in self.new_keys.items()]


def open_part(store: Store, keys: KeyRing, found: Record, h: str) -> dict[str, Any]:
    """Unseal one part of a record. Raises PartGone, CannotOpen; ValueError if the record does not name `h`."""
    entry = _entry(found, h)
    blob, wrapped = store.part(h), store.key(str(entry["kid"]))
    if blob is None or wrapped is None:
        raise PartGone(f"part {h[:12]} of record {found.seq} was erased")
    site = str(found.data["site"])
    key = keys.unwrap_for_site(wrapped, site=site, kid=str(entry["kid"]))
    return unseal(entry, blob, key=key, site=site, kind=found.kind, subject=found.subject)


def _entry(found: Record, h: str) -> Mapping[str, str]:
    entries: list[Mapping[str, str]] = found.data.get("sealed", [])
    for entry in entries:
        if entry["h"] == h:
            return entry
    raise ValueError(f"record {found.seq} has no sealed part {h[:12]}")
