"""A record (protocol page, section 2): built once, hashed once, kept and shipped as the same bytes."""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal

from cryptography.hazmat.primitives import hashes

from sync.protocol import canonical, names

ZERO: Final = "0" * 64
Alg = Literal["sha256", "sm3"]
MAX_RECORD_BYTES: Final = 131_072
Birth = tuple[str, int, str]
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_AT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}[+-][0-9]{2}:[0-9]{2}")


class BadRecord(ValueError):
    """The bytes are no record, or not the one their hash names. `why` is a NACK reason: `format` or `hash`."""

    def __init__(self, why: str, detail: str) -> None:
        super().__init__(f"{why}: {detail}")
        self.why = why
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Record:
    """One record and its canonical bytes, `hash` included. `data` is the parsed object; treat it as read-only."""

    data: Mapping[str, Any]
    raw: bytes

    @property
    def seq(self) -> int:
        return int(self.data["seq"])

    @property
    def kind(self) -> str:
        return str(self.data["kind"])

    @property
    def v(self) -> int:
        return int(self.data["v"])

    @property
    def subject(self) -> str:
        return str(self.data["subject"])

    @property
    def actor(self) -> str:
        return str(self.data["actor"])

    @property
    def at(self) -> str:
        return str(self.data["at"])

    @property
    def body(self) -> Mapping[str, Any]:
        body: Mapping[str, Any] = self.data["body"]
        return body

    @property
    def cmd(self) -> str | None:
        found = self.data.get("cmd")
        return None if found is None else str(found)

    @property
    def prev(self) -> str:
        return str(self.data["prev"])

    @property
    def hash(self) -> str:
        return str(self.data["hash"])

    @property
    def epoch(self) -> str:
        return str(self.data["epoch"])

    @property
    def birth(self) -> Birth:
        """Epoch, seq and hash under which the record was first written; both ends fold by it."""
        epoch, seq, hash_ = self.data.get("was") or (self.epoch, self.seq, self.hash)
        return str(epoch), int(seq), str(hash_)

    @property
    def parts(self) -> tuple[str, ...]:
        """Digests `h` of the parts this record names: sealed entries, and wrapped keys of `key.issued`."""
        return named_parts(self.data)


def named_parts(data: Mapping[str, Any]) -> tuple[str, ...]:
    """As `Record.parts`, from an object whose form was checked."""
    named = [str(entry["h"]) for entry in data.get("sealed", ())]
    if data["kind"] == "key.issued":
        named += [str(entry["h"]) for entry in data["body"].get("wrapped", ())]
    return tuple(named)


def build(skeleton: Mapping[str, Any]) -> Record:
    """Hash `skeleton` (everything but `hash`; `alg` is already in it) into a Record. Raises NotCanonical."""
    text = canonical.encode(skeleton)
    data = {**skeleton, "hash": _digest(skeleton["alg"], text)}
    return Record(data, canonical.encode_decoded(data))


def parse(raw: bytes) -> Record:
    """Read a record from its canonical bytes and check form and hash. Raises BadRecord."""
    try:
        data = canonical.decode(raw)
    except canonical.NotCanonical as error:
        raise BadRecord("format", str(error)) from error
    check_form(data)
    return verified(data)


def from_object(data: Mapping[str, Any]) -> Record:
    """Check an object's form and hash. Raises BadRecord."""
    try:
        canonical.check(data)
    except canonical.NotCanonical as error:
        raise BadRecord("format", str(error)) from error
    check_form(data)
    return verified(data)


def verified(data: Mapping[str, Any]) -> Record:
    """Check the hash of an object that came out of `canonical.decode` and passed `check_form`. Raises BadRecord."""
    raw = canonical.encode_decoded(data)
    digest = data["hash"]
    if _digest(data["alg"], _hashed_text(data, raw, digest)) != digest:
        raise BadRecord("hash", f"seq {data['seq']}: the hash is not that of the record")
    return Record(data, raw)


def _hashed_text(data: Mapping[str, Any], raw: bytes, digest: str) -> bytes:
    """`raw` without its member `hash`, which is never the last: `kind` comes after it."""
    member = b'"hash":"%b",' % digest.encode()
    before, _, after = raw.partition(member)
    if member not in after:
        return before + after
    return canonical.encode_decoded({name: value for name, value in data.items() if name != "hash"})


def check_form(data: Mapping[str, Any]) -> None:
    """Raise BadRecord(`format`) unless every member the link knows has its type."""
    if not _is_plainly_formed(data):
        _check_members(data)


def _is_plainly_formed(data: Mapping[str, Any]) -> bool:
    """At one look, for most records; False for all else, good or bad."""
    try:
        texts = [data[name] for name in _PLAIN_TEXTS]
        seq, up, v, kind = data["seq"], data["up"], data["v"], data["kind"]
        return (
            _PLAIN.fullmatch("\n".join([*texts, data.get("business_date", _A_DATE)])) is not None
            and type(seq) is type(up) is type(v) is int
            and seq > 1
            and up >= 0
            and v >= 1
            and type(kind) is type(data["subject"]) is type(data["actor"]) is str
            and kind not in _SPECIAL
            and type(data["body"]) is dict
            and "was" not in data
            and "sealed" not in data
        )
    except (KeyError, TypeError):
        return False


def _check_members(data: Mapping[str, Any]) -> None:
    for member, fits in _REQUIRED:
        if not fits(data.get(member)):
            raise BadRecord("format", f"{member} is missing or has a wrong form")
    for member, fits in _OPTIONAL:
        if member in data and not fits(data[member]):
            raise BadRecord("format", f"{member} has a wrong form")
    if data["kind"] == "key.issued" and not _names_parts(data["body"].get("wrapped", [])):
        raise BadRecord("format", "a wrapped entry without h")
    if (data["seq"] == 1) != (data["kind"] == "epoch.opened"):
        raise BadRecord("format", "epoch.opened is always and only seq 1")


def travelling_size(record: Record, part_sizes: Mapping[str, int]) -> int:
    """Bytes that count against MAX_RECORD_BYTES: canonical, and each part (bytes by digest) in base64."""
    return len(record.raw) + sum(4 * ((size + 2) // 3) for size in part_sizes.values())


def digest(data: bytes) -> str:
    """SHA-256 in lower-case hex: the name `h` of a part or file."""
    return hashlib.sha256(data).hexdigest()


def _is_int(value: Any) -> bool:
    return type(value) is int


def _digest(alg: Alg, text: bytes) -> str:
    if alg == "sha256":
        return hashlib.sha256(text).hexdigest()
    sm3 = hashes.Hash(_sm3())
    sm3.update(text)
    return sm3.finalize().hex()


@lru_cache(maxsize=1)
def _sm3() -> hashes.HashAlgorithm:
    return hashes.SM3()


def _names_parts(entries: Any) -> bool:
    return isinstance(entries, list | tuple) and all(
        isinstance(entry, Mapping) and names.is_hash(entry.get("h")) for entry in entries
    )


def _is_birth(value: Any) -> bool:
    return (
        isinstance(value, list | tuple)
        and len(value) == 3
        and names.is_hex16(value[0])
        and _is_int(value[1])
        and value[1] >= 1
        and names.is_hash(value[2])
    )


_PLAIN_TEXTS: Final = ("at", "epoch", "prev", "hash", "site", "alg")
_PLAIN: Final = re.compile(
    rf"{_AT.pattern}\n[0-9a-f]{{16}}\n[0-9a-f]{{64}}\n[0-9a-f]{{64}}\n[A-Z0-9-]{{2,32}}\n(?:sha256|sm3)\n{_DATE.pattern}"
)
_A_DATE: Final = "2026-11-23"
_SPECIAL: Final = frozenset({"", "epoch.opened", "key.issued"})
_Form = tuple[tuple[str, Callable[[Any], bool]], ...]
# None, in the place of a member that is missing, fits nowhere.
_REQUIRED: Final[_Form] = tuple(
    {
        "seq": lambda x: _is_int(x) and x >= 1,
        "site": names.is_site,
        "epoch": names.is_hex16,
        "at": lambda x: isinstance(x, str) and _AT.fullmatch(x) is not None,
        "up": lambda x: _is_int(x) and x >= 0,
        "kind": lambda x: isinstance(x, str) and bool(x),
        "v": lambda x: _is_int(x) and x >= 1,
        "subject": lambda x: isinstance(x, str),
        "actor": lambda x: isinstance(x, str),
        "body": lambda x: isinstance(x, Mapping),
        "prev": names.is_hash,
        "alg": lambda x: x in ("sha256", "sm3"),
        "hash": names.is_hash,
    }.items()
)
_OPTIONAL: Final[_Form] = tuple(
    {
        "business_date": lambda x: isinstance(x, str) and _DATE.fullmatch(x) is not None,
        "was": _is_birth,
        "sealed": _names_parts,
    }.items()
)
