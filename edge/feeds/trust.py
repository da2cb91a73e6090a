"""Whose word counts: the centre's Ed25519 keys by key id, as they came at enrolment, in a file of the data folder."""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from sync.protocol.signing import Trusted

FILE: Final = "centre-keys.json"
_KEY_BYTES: Final = 32


class BadTrust(ValueError):
    """The file holds no keys: nothing that comes down counts until it does."""


def load(folder: Path) -> dict[str, bytes]:
    """Nothing before the site is enrolled. Raises BadTrust, OSError."""
    try:
        raw = (folder / FILE).read_bytes()
    except FileNotFoundError:
        return {}
    return read(raw)


def read(raw: bytes) -> dict[str, bytes]:
    """From `{"sign": {key id: base64}}`. Raises BadTrust."""
    try:
        named: Mapping[str, str] = json.loads(raw)["sign"]
        found = {str(kid): b64decode(public, validate=True) for kid, public in named.items()}
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise BadTrust("not the form of the centre's keys") from error
    if any(len(public) != _KEY_BYTES for public in found.values()):
        raise BadTrust(f"a key has {_KEY_BYTES} bytes")
    return found


def write(folder: Path, keys: Trusted) -> None:
    """In the place of those before, complete or not at all."""
    fresh = folder / f"{FILE}.new"
    fresh.write_text(json.dumps({"sign": {kid: b64encode(public).decode() for kid, public in keys.items()}}))
    fresh.replace(folder / FILE)
