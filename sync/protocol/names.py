"""Names and values of the station link (protocol page, section 1)."""

import hashlib
import re
from typing import Any, Final

SITE: Final = re.compile(r"[A-Z0-9-]{2,32}")
_HEX16: Final = re.compile(r"[0-9a-f]{16}")
_HASH: Final = re.compile(r"[0-9a-f]{64}")


def is_site(value: Any) -> bool:
    return isinstance(value, str) and SITE.fullmatch(value) is not None


def is_hex16(value: Any) -> bool:
    """Epochs, cids, boots and centre ids: 16 lower-case hex digits."""
    return isinstance(value, str) and _HEX16.fullmatch(value) is not None


def is_hash(value: Any) -> bool:
    return isinstance(value, str) and _HASH.fullmatch(value) is not None


def shard(site: str) -> str:
    """First byte of SHA-256(site) as two hex digits: `LH-0042` -> `3f`."""
    return hashlib.sha256(site.encode("ascii")).hexdigest()[:2]
