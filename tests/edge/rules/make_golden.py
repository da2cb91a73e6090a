"""Writes the golden record of each new (kind, version). Never rewrites one: what was written once must always fold.

Run: python tests/edge/rules/make_golden.py
"""

import json
from pathlib import Path

from edge.rules.records import KINDS

GOLDEN = Path(__file__).parent / "golden"

_T = "t:01KANX0000000000000000000A"
_S = "s:01KANX0000000000000000000B"
_R = "r:01KANX0000000000000000000C"
_H = "5f" * 32

# (kind, version) -> subject, body; the story of one short day.
STORY: dict[tuple[str, int], tuple[str, dict]] = {
    ("boot.started", 1): ("site", {"boot": "00aa11bb22cc33dd", "now": 1795395600000, "version": "0.1.0"}),
    ("site.configured", 1): (
        "site",
        {
            "hash": "0" * 64,
            "windows": [{"id": "w1", "area": "a", "services": ["general"]}],
            "services": [{"id": "general", "prefix": "A", "area": "a"}],
            "recalls": 3,
            "rating_seconds": 15,
            "clerks": ["c01"],
        },
    ),
    ("day.opened", 1): ("day:2026-11-23", {"date": "2026-11-23"}),
    ("clerk.signed_in", 1): ("window:w1", {"clerk": "c01"}),
    ("ticket.issued", 1): (
        _T,
        {
            "number": "A017",
            "service": "general",
            "area": "a",
            "channel": "kiosk",
            "place": "k1",
            "key": 1795395600001,
            "ahead": 3,
            "person": "9c" * 32,
        },
    ),
    ("print.started", 1): (_T, {"job": "p:01KANX0000000000000000000D", "printer": "printer-1", "copy_no": 1}),
    ("print.done", 1): (_T, {"job": "p:01KANX0000000000000000000D", "code": ""}),
    ("print.failed", 1): (_T, {"job": "p:01KANX0000000000000000000D", "code": "paper_out"}),
    ("print.unknown", 1): (_T, {"job": "p:01KANX0000000000000000000D", "code": "outcome_unknown"}),
    ("ticket.called", 1): (_T, {"window": "w1", "call": 1, "clerk": "c01"}),
    ("part.disclosed", 1): (_T, {"h": _H, "purpose": "greet_at_window", "window": "w1"}),
    ("service.started", 1): (_T, {"window": "w1", "service": _S, "item": "general", "clerk": "c01"}),
    ("service.finished", 1): (_T, {"window": "w1", "service": _S}),
    ("rating.asked", 1): (_S, {"window": "w1", "nonce": _R, "until": 1795395615000}),
    ("rating.given", 1): (_S, {"level": "satisfied", "nonce": _R, "by": "pad"}),
    ("rating.lapsed", 1): (_S, {"nonce": _R, "why": "no_answer"}),
    ("ticket.missed", 1): (_T, {"window": "w1"}),
    ("clerk.signed_out", 1): ("window:w1", {"clerk": "c01"}),
    ("day.closed", 1): ("day:2026-11-23", {"date": "2026-11-23", "expired": [_T]}),
}


def main() -> None:
    GOLDEN.mkdir(exist_ok=True)
    for number, (kind, version) in enumerate(STORY, 1):
        path = GOLDEN / f"{kind}.{version}.json"
        if path.exists() or (kind, version) not in KINDS:
            continue
        subject, body = STORY[kind, version]
        record = {"seq": number, "kind": kind, "v": version, "subject": subject, "actor": "clerk:c01"}
        record |= {"at": "2026-11-23T09:00:00.000+08:00", "body": body}
        if kind == "ticket.issued":
            record["sealed"] = [{"kid": "k1", "alg": "aes-256-gcm", "nonce": "AAAAAAAAAAAAAAAA", "h": _H}]
        path.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
