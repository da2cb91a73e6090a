"""Personal members of a feed's item, sealed for one site (protocol page, sections 2 and 7): everything inline."""

import binascii
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from typing import Any, Final

from sync.protocol import parts
from sync.protocol.parts import CannotOpen

_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12


def seal(
    members: Mapping[str, Any],
    *,
    feed: str,
    item: str,
    site: str,
    public: bytes,
    to: str,
    random_bytes: Callable[[int], bytes],
) -> dict[str, Any]:
    """The members `sealed` and `keys` of an item. `public`: the site's X25519 key (raw), known there as `to`."""
    key, nonce = random_bytes(_KEY_BYTES), random_bytes(_NONCE_BYTES)
    kid = f"k:{random_bytes(8).hex()}"
    made = parts.seal(members, key=key, kid=kid, nonce=nonce, site=site, kind=feed, subject=item)
    entry = {name: value for name, value in made.entry.items() if name != "h"}
    wrapped = parts.wrap_key(key, public=public, site=site, kid=kid)
    return {
        "sealed": [{**entry, "ct": b64encode(made.blob).decode()}],
        "keys": [{"kid": kid, "wrapped": [{"to": to, "kem": "x25519", "blob": b64encode(wrapped).decode()}]}],
    }


def open_item(item: Mapping[str, Any], *, feed: str, site: str, private: bytes) -> dict[str, Any]:
    """The sealed members, all of them; empty when nothing is sealed. `private`: X25519, raw. Raises CannotOpen."""
    found: dict[str, Any] = {}
    try:
        for entry in item.get("sealed", ()):
            key = _key(item, str(entry["kid"]), site=site, private=private)
            blob = b64decode(entry["ct"], validate=True)
            found |= parts.unseal(entry, blob, key=key, site=site, kind=feed, subject=str(item["id"]))
    except (KeyError, TypeError, AttributeError, binascii.Error, ValueError) as error:
        raise CannotOpen("not the form of a sealed item") from error
    return found


def _key(item: Mapping[str, Any], kid: str, *, site: str, private: bytes) -> bytes:
    for entry in item["keys"]:
        if entry["kid"] != kid:
            continue
        for wrap in entry["wrapped"]:
            try:
                return parts.unwrap_key(b64decode(wrap["blob"], validate=True), private=private, site=site, kid=kid)
            except CannotOpen:
                continue
    raise CannotOpen("no wrap of this key is for this site")
