"""Bytes of the station link, written from the protocol page alone: JSON, hashes, records, topics, chunks.

Nothing of the product is imported here.
"""

import base64
import hashlib
import json
import re
import struct
import zlib
from typing import Any, NamedTuple

import zstandard

ZERO = "0" * 64
HEX16, HEX64 = re.compile(r"[0-9a-f]{16}\Z"), re.compile(r"[0-9a-f]{64}\Z")
SITE = re.compile(r"[A-Z0-9-]{2,32}\Z")
AT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d\Z", re.ASCII)
RECORD_LIMIT, BATCH_LIMIT, MESSAGE_LIMIT, TAIL_LIMIT = 131_072, 262_144, 65_536, 64 << 20
MIB = 1 << 20


class Wrong(Exception):
    """What a receiver finds; `why` is the word of a NACK."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Out(NamedTuple):
    topic: str
    payload: bytes
    qos: int = 1
    retain: bool = False


def canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs) or any(not name.isascii() or not name.isprintable() for name in found):
        raise Wrong("format")
    return found


def _integer(text: str) -> int:
    value = int(text)
    if abs(value) >= 2**53:
        raise Wrong("format")
    return value


def _refused(text: str) -> float:
    raise Wrong("format")


def parse(raw: bytes, fractions: bool = False) -> dict[str, Any]:
    """One strict JSON object; `fractions` only for telemetry."""
    try:
        value = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_members,
            parse_int=_integer,
            parse_float=float if fractions else _refused,
            parse_constant=_refused,
        )
        canonical(value)
    except (ValueError, RecursionError):
        raise Wrong("format") from None
    if not isinstance(value, dict):
        raise Wrong("format")
    return value


def plain(payload: bytes, limit: int) -> bytes:
    """The payload as sent or out of one zstd frame; never more than `limit` bytes are made."""
    if payload[:4] != b"\x28\xb5\x2f\xfd":
        if len(payload) > limit:
            raise Wrong("size")
        return payload
    try:
        if zstandard.frame_content_size(payload) > limit:
            raise Wrong("size")
        reader = zstandard.ZstdDecompressor(max_window_size=8 << 20).decompressobj()
        made = bytearray()
        for start in range(0, len(payload), 1024):
            made += reader.decompress(payload[start : start + 1024])
            if len(made) > limit:
                raise Wrong("size")
    except zstandard.ZstdError:
        raise Wrong("format") from None
    if not reader.eof or reader.unused_data:
        raise Wrong("format")
    return bytes(made)


def squeeze(raw: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(raw)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def unb64(text: Any) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, TypeError):
        raise Wrong("format") from None


def topic(site: str, tail: str) -> str:
    return f"he/1/{sha256(site.encode())[:2]}/{site}/{tail}"


def split_topic(name: str) -> tuple[str, str] | None:
    """(site, rest) when the shard is that site's."""
    pieces = name.split("/", 4)
    if (
        len(pieces) != 5
        or pieces[:2] != ["he", "1"]
        or not SITE.match(pieces[3])
        or topic(pieces[3], pieces[4]) != name
    ):
        return None
    return pieces[3], pieces[4]


# Records


def hash_of(record: dict[str, Any]) -> str:
    text = canonical({name: value for name, value in record.items() if name != "hash"})
    return hashlib.new(record["alg"], text).hexdigest()


def finish(record: dict[str, Any]) -> dict[str, Any]:
    return {**record, "hash": hash_of(record)}


def birth(record: dict[str, Any]) -> tuple[str, int, str]:
    was = record.get("was")
    return (was[0], was[1], was[2]) if was else (record["epoch"], record["seq"], record["hash"])


def parts_named(record: dict[str, Any]) -> list[str]:
    named = [entry["h"] for entry in record.get("sealed", [])]
    if record["kind"] == "key.issued":
        named += [entry["h"] for entry in record["body"].get("wrapped", [])]
    return named


def _whole(value: Any, least: int = 0) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _is(pattern: re.Pattern[str], value: Any) -> bool:
    return isinstance(value, str) and pattern.match(value) is not None


def check_form(record: Any) -> None:
    if not isinstance(record, dict):
        raise Wrong("format")
    get = record.get
    good = (
        _whole(get("seq"), 1)
        and _is(SITE, get("site"))
        and _is(HEX16, get("epoch"))
        and _is(AT, get("at"))
        and _whole(get("up"))
        and _whole(get("v"), 1)
        and all(isinstance(get(name), str) for name in ("kind", "subject", "actor"))
        and isinstance(get("body"), dict)
        and _is(HEX64, get("prev"))
        and get("alg") in ("sm3", "sha256")
        and _is(HEX64, get("hash"))
        and (get("kind") == "epoch.opened") == (get("seq") == 1)
    )
    if not good or not _form_of_optional(record):
        raise Wrong("format")


def _form_of_optional(record: dict[str, Any]) -> bool:
    was, sealed = record.get("was"), record.get("sealed", [])
    if "was" in record and not (
        isinstance(was, list) and len(was) == 3 and _is(HEX16, was[0]) and _whole(was[1], 1) and _is(HEX64, was[2])
    ):
        return False
    if record["kind"] == "key.issued":
        wrapped = record["body"].get("wrapped")
        if not isinstance(wrapped, list) or not all(isinstance(w, dict) and _is(HEX64, w.get("h")) for w in wrapped):
            return False
    return isinstance(sealed, list) and all(isinstance(e, dict) and _is(HEX64, e.get("h")) for e in sealed)


def record_size(record: dict[str, Any], parts: dict[str, bytes]) -> int:
    return len(canonical(record)) + sum(len(b64(parts[h])) for h in parts_named(record) if h in parts)


def head_seqs(next_seq: int, floor: int) -> list[int]:
    top, found, step = next_seq - 1, [next_seq - 1], 1
    while top - step > floor - 1:
        found.append(top - step)
        step *= 2
    if found[-1] != floor - 1:
        found.append(floor - 1)
    return found


# Files


def chunk(data: bytes, size: int, index: int) -> bytes:
    piece = data[index * size : (index + 1) * size]
    return bytes.fromhex(sha256(data)) + struct.pack(">II", index, zlib.crc32(piece)) + piece


def open_chunk(payload: bytes) -> tuple[str, int, bytes] | None:
    if len(payload) < 41:
        return None
    index, crc = struct.unpack(">II", payload[32:40])
    data = payload[40:]
    return (payload[:32].hex(), index, data) if zlib.crc32(data) == crc else None


def bitmap(wanted: list[int], count: int) -> str:
    bits = bytearray((count + 7) // 8)
    for index in wanted:
        bits[index // 8] |= 0x80 >> index % 8
    return b64(bytes(bits))


def chosen(text: str, count: int) -> list[int]:
    bits = unb64(text)
    return [i for i in range(count) if i // 8 < len(bits) and bits[i // 8] & (0x80 >> i % 8)]


class Incoming:
    """A file on its way to this end: which chunks are there, which are asked for."""

    def __init__(self, digest: str, size: int, step: int) -> None:
        self.hash, self.size, self.step = digest, size, step
        self.count = -(-size // step)
        self.held: dict[int, bytes] = {}
        self.asked: set[int] = set()

    def want(self, again: bool = False) -> str | None:
        """The bitmap to ask with now, or None: at most 1 MiB asked for and not arrived, more when half has come."""
        if again:
            self.asked.clear()
        if len(self.asked) * self.step > MIB // 2:
            return None
        missing = [i for i in range(self.count) if i not in self.held and i not in self.asked]
        fresh = missing[: max(1, MIB // self.step - len(self.asked))]
        self.asked |= set(fresh)
        return bitmap(fresh, self.count) if fresh else None

    def take(self, index: int, data: bytes) -> bool:
        length = min(self.step, self.size - index * self.step)
        if index >= self.count or len(data) != length:
            return False
        self.held[index] = data
        self.asked.discard(index)
        return True

    def whole(self) -> bytes | None:
        if len(self.held) < self.count:
            return None
        return b"".join(self.held[i] for i in range(self.count))


def good_offer(message: dict[str, Any]) -> bool:
    step = message.get("chunk")
    return (
        _is(HEX64, message.get("hash"))
        and _whole(message.get("size"))
        and message["size"] <= 67_108_864
        and _whole(step, 16_384)
        and step <= 262_144
        and step & (step - 1) == 0
    )


# Tails


def tail_lines(records: list[dict[str, Any]], parts: dict[str, bytes], gone: set[str]) -> bytes:
    lines = []
    for record in records:
        lines.append(canonical(record))
        named = parts_named(record)
        if named:
            held = {h: b64(parts[h]) for h in named if h in parts}
            lines.append(canonical({"parts": held, "gone": [h for h in named if h not in parts]}))
    return b"".join(line + b"\n" for line in lines)


def read_tail(raw: bytes, site: str) -> tuple[list[dict[str, Any]], dict[str, bytes]]:
    """Every record and part checked as the centre would; Wrong otherwise."""
    records: list[dict[str, Any]] = []
    parts: dict[str, bytes] = {}
    lines = plain(raw, TAIL_LIMIT).decode("utf-8", "strict").split("\n")
    if lines.pop() != "":
        raise Wrong("format")
    position = 0
    while position < len(lines):
        record = parse(lines[position].encode())
        position += 1
        check_form(record)
        if record["site"] != site:
            raise Wrong("foreign")
        if hash_of(record) != record["hash"]:
            raise Wrong("hash")
        before = records[-1] if records else None
        if (
            before
            and before["epoch"] == record["epoch"]
            and before["seq"] + 1 == record["seq"]
            and before["hash"] != record["prev"]
        ):
            raise Wrong("chain")
        records.append(record)
        if parts_named(record):
            beside = parse(lines[position].encode()) if position < len(lines) else {}
            position += 1
            parts |= check_parts(record, beside)
    return records, parts


def check_parts(record: dict[str, Any], beside: dict[str, Any]) -> dict[str, bytes]:
    found, given, gone = {}, beside.get("parts", {}), beside.get("gone", [])
    if not isinstance(given, dict) or not isinstance(gone, list):
        raise Wrong("format")
    for h in parts_named(record):
        if h in given:
            found[h] = unb64(given[h])
        elif h not in gone:
            raise Wrong("format")
    for h, data in found.items():
        if sha256(data) != h:
            raise Wrong("hash")
    return found
