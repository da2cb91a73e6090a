"""A batch, record by record, in the order of checks that the protocol page fixes (section 4, step 4)."""

import binascii
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sync.centre.store import Admitted, Hole
from sync.protocol import record
from sync.protocol.messages import Batch
from sync.protocol.record import BadRecord, Record


@dataclass(frozen=True, slots=True)
class Ground:
    """What the batch stands on: the epoch of HELLO, the mark, and HELLO's floor with the hash just below it."""

    site: str
    epoch: str
    upto: int
    chain: str
    floor: int
    before_floor: str | None
    hash_at: Callable[[int], str | None]
    verdict: Callable[[Record], str | None]


@dataclass(slots=True)
class Intake:
    """`admitted` may be committed even when there is a `refusal`: it names the first bad record, after them."""

    admitted: list[Admitted] = field(default_factory=list)
    hole: Hole | None = None
    refusal: BadRecord | None = None


def examine(batch: Batch, ground: Ground) -> Intake:
    intake = Intake()
    upto, chain = ground.upto, ground.chain
    for data in batch.records:
        try:
            found, parts = _verified(data, batch, ground)
            if found.seq <= upto:
                _same_as_held(found, ground, intake)
                continue
            if found.seq != upto + 1:
                intake.hole = _hole(found, upto, ground, intake)
                chain = found.prev
            if found.prev != chain:
                raise BadRecord("chain", f"prev of {found.seq} is not the hash of {upto}")
        except BadRecord as refusal:
            intake.refusal = refusal
            break
        intake.admitted.append(Admitted(found, parts, ground.verdict(found)))
        upto, chain = found.seq, found.hash
    return intake


def _verified(data: Any, batch: Batch, ground: Ground) -> tuple[Record, dict[str, bytes]]:
    if not isinstance(data, Mapping):
        raise BadRecord("format", "a record is no object")
    record.check_form(data)
    named = record.named_parts(data)
    parts = _named_parts(named, batch)
    if data["site"] != ground.site or data["epoch"] != ground.epoch:
        raise BadRecord("foreign", f"seq {data['seq']} is of {data['site']}, {data['epoch']}")
    found = record.verified(data)
    for h, part in parts.items():
        if record.digest(part) != h:
            raise BadRecord("hash", f"a part of {found.seq} is not the one it names")
    if record.travelling_size(found, {h: len(part) for h, part in parts.items()}) > record.MAX_RECORD_BYTES:
        raise BadRecord("size", f"seq {found.seq} is too long")
    return found, parts


def _named_parts(named: tuple[str, ...], batch: Batch) -> dict[str, bytes]:
    found = {}
    for h in named:
        text = batch.parts.get(h)
        if text is None and h not in batch.gone:
            raise BadRecord("format", "a named part is neither there nor gone")
        if text is not None:
            try:
                found[h] = b64decode(text, validate=True)
            except (binascii.Error, TypeError, ValueError) as error:
                raise BadRecord("format", "a part is not base64") from error
    return found


def _same_as_held(found: Record, ground: Ground, intake: Intake) -> None:
    held = ground.hash_at(found.seq)
    if held is None:  # just admitted, or in a hole
        held = next((one.record.hash for one in intake.admitted if one.record.seq == found.seq), found.hash)
    if held != found.hash:
        raise BadRecord("chain", f"{found.seq} is held with another hash")


def _hole(found: Record, upto: int, ground: Ground, intake: Intake) -> Hole:
    at_floor = found.seq == ground.floor and found.seq > upto + 1
    if intake.admitted or not at_floor or found.prev != ground.before_floor:
        raise BadRecord("gap", f"{found.seq} after {upto}")
    return Hole(upto + 1, found.seq - 1)
