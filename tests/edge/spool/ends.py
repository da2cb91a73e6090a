"""Two ends with their cards exchanged, and records for the hall's journal."""

import json
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.clock import Ids, iso
from edge.rules.records import KINDS, Draft
from edge.spool.card import Card
from edge.spool.folder import Folder
from edge.spool.taking import take
from sync.protocol import signing
from tests.edge.journal.material import ZONE, TurnedClock

GOLDEN = Path(__file__).parents[1] / "rules" / "golden"
PLACES = ("a", "b", "general", "residence", "social", "w1", "w2")
NUMBERS = "11999904201"
AT = "2026-11-23T09:00:00+08:00"
BY = "t01"


@dataclass(frozen=True)
class Raw:
    """A record as `whitelist` reads it; its body is plain JSON."""

    kind: str
    v: int
    subject: str
    body: dict[str, Any]
    at: str = "2026-11-23T09:00:00.000+08:00"
    actor: str = "clerk:c01"
    seq: int = 1
    parts: tuple[str, ...] = ()


def golden(kind: str, version: int) -> Raw:
    found = json.loads((GOLDEN / f"{kind}.{version}.json").read_text("utf-8"))
    return Raw(kind, version, found["subject"], found["body"])


def drafts() -> list[Draft]:
    """One record of every kind of today, as the rules would write it."""
    made = []
    for kind, version in KINDS:
        one = golden(kind, version)
        body = KINDS[kind, version].model_validate(one.body, strict=False)
        made.append(Draft(kind=kind, v=version, subject=one.subject, actor="clerk:c01", body=body))
    return made


def answer(level: str = "satisfied", **more: Any) -> dict[str, Any]:
    clock = TurnedClock()
    return {"do": "rating.give", "nonce": Ids(clock).new("r"), "level": level, "at": iso(clock.now, ZONE)} | more


def pair(root: Path) -> tuple[Folder, Folder]:
    """The hall's end and the one outside; each trusts the other."""
    ends = []
    for zone in ("inner", "outer"):
        data = root / zone
        data.mkdir()
        folder = Folder(data)
        with folder.locked():
            key = folder.key(create=True)
        ends.append((folder, key, zone))
    cards = [
        Card(
            name=f"{zone}-1",
            zone=zone,
            key=_text(signing.public_of(key)),
            places=PLACES if zone == "inner" else (),
            numbers=NUMBERS if zone == "inner" else "",
        )
        for _, key, zone in ends
    ]
    for (folder, _, _), mine, peer in zip(ends, cards, reversed(cards), strict=True):
        folder.keep_card(mine, mine=True)
        folder.keep_card(peer, mine=False)
    return ends[0][0], ends[1][0]


def answers_in(outer: Folder, name: str, *lines: dict[str, Any]) -> None:
    (outer.answers / name).write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")


def accepted(folder: Folder) -> list[dict[str, Any]]:
    """Items in the order in which they were taken."""
    return [
        item for path in sorted(folder.accepted.glob("*.json")) for item in json.loads(path.read_text("utf-8"))["items"]
    ]


def taken(folder: Folder, carrier: Path):
    with folder.locked():
        return take(folder, carrier, at=AT, by=BY)


def _text(public: bytes) -> str:
    return b64encode(public).decode()
