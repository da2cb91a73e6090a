"""Writes the golden record of each new (kind, version). Never rewrites one: what was written once must always fold.

Run: python tests/edge/rules/make_golden.py
"""

import json
from pathlib import Path

from edge.rules.numbers import check_character
from edge.rules.records import KINDS

GOLDEN = Path(__file__).parent / "golden"

_T = "t:01KANX0000000000000000000A"
_S = "s:01KANX0000000000000000000B"
_R = "r:01KANX0000000000000000000C"
_H = "5f" * 32
_C = "case:01KANX0000000000000000000E"
_D = "case:01KANX0000000000000000000F"
_E = "case:01KANX0000000000000000000G"
_PAGE = "3c" * 32
_T2 = "t:01KANX0000000000000000001A"
_B = "b:1"
_S2 = "s:01KANX0000000000000000001B"
_R2 = "r:01KANX0000000000000000001C"
_TASK = "task:01KANX0000000000000000001D"
_COPY = "copy:01KANX0000000000000000001G"
_COPY2 = "copy:01KANX0000000000000000002G"
_COMPLAINT = "complaint:01KANX0000000000000000001E"
_QUEUE = {
    "policy": "vt",
    "green": 2400000,
    "appointment": 600000,
    "early": 300000,
    "grace": 600000,
    "late": 1800000,
    "guard": 2700000,
    "returns": 2,
    "revive": 1800000,
    "revive_bonus": 300000,
    "undo": 10000,
    "weights": [4, 2, 1],
    "out_of_turn": True,
}
_AT = "2026-11-23T09:14:07.312+08:00"
_MATERIALS = [
    {"material": "id-card", "mandatory": True, "originals": 1, "copies": 1, "reusable": True},
    {"material": "photo", "mandatory": False, "originals": 2, "copies": 0, "reusable": False},
]
_OPENED = {
    "item": "residence-permit",
    "catalogue": "ab" * 32,
    "kind": "promised",
    "limit_days": 5,
    "materials": _MATERIALS,
    "deliveries": ["counter", "mail"],
    "window": "w1",
    "clerk": "c01",
    "turn": _S,
    "ticket": _T,
}


def _numbered(letter: str, count: int = 1) -> str:
    text = f"{letter}1199990420120261123{count:05d}"
    return text + check_character(text)


_SHEET = {
    "number": _numbered("H"),
    "what": "materials",
    "frm": "S042",
    "to": "unit-1",
    "lines": [{"case": _C, "material": "id-card", "sheets": 2}],
    "passengers": [],
    "sealed_by": "c01",
    "hash": "9e" * 32,
}
_ABOUT = {"feed": "bookings", "id": "b:3", "rev": 2}

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
    # Later kinds follow here, so that the numbers of older golden records stay.
    ("case.opened", 1): (_C, _OPENED),
    ("case.set_aside", 1): (_C, {"why": "fetching_materials", "window": "w1", "clerk": "c01"}),
    ("case.taken_up", 1): (_C, {"window": "w1", "clerk": "c01", "turn": _S, "ticket": _T}),
    ("case.noticed", 1): (
        _C,
        {
            "notice": "N1199990420120261123000018",
            "points": [{"material": "id-card", "why": "missing"}],
            "digest": "7d" * 32,
            "differs": False,
            "added": 0,
            "item": "residence-permit",
            "catalogue": "ab" * 32,
            "noticed_at": _AT,
            "window": "w1",
            "clerk": "c01",
        },
    ),
    ("case.marked", 1): (
        _C,
        {"material": "id-card", "state": "provided", "form": "paper", "originals": 1, "copies": 1, "defect": ""},
    ),
    ("page.captured", 1): (
        _C,
        {
            "h": _PAGE,
            "size": 48213,
            "kid": "k:01KANX0000000000000000000H",
            "alg": "aes-256-gcm",
            "nonce": "AAAAAAAAAAAAAAAA",
            "material": "id-card",
            "page": 1,
            "width": 1654,
            "height": 2339,
            "blur": 812,
            "warnings": ["glare"],
        },
    ),
    ("page.dropped", 1): (_C, {"h": _PAGE}),
    ("case.received", 1): (
        _C,
        {
            "number": "119999042012026112300001G",
            "receipt": "R119999042012026112300001S",
            "query_code": "7K3M9QXA",
            "item": "residence-permit",
            "catalogue": "ab" * 32,
            "limit_days": 5,
            "due": "2026-11-30",
            "received": "2026-11-23",
            "received_at": _AT,
            "marks": [
                {
                    "material": "id-card",
                    "state": "provided",
                    "form": "paper",
                    "originals": 1,
                    "copies": 1,
                    "defect": "",
                    "pages": [_PAGE],
                }
            ],
            "pickup": "LH-0042",
            "delivery": "counter",
            "window": "w1",
            "clerk": "c01",
        },
    ),
    ("print.started", 2): (
        _C,
        {
            "what": "receipt",
            "paper": "R119999042012026112300001S",
            "job": "p:01KANX0000000000000000000J",
            "printer": "printer-1",
            "copy_no": 1,
        },
    ),
    ("case.refused", 1): (
        _D,
        {
            "notice": "B1199990420120261123000012",
            "reason": "not_our_authority",
            "item": "residence-permit",
            "catalogue": "ab" * 32,
            "refused_at": _AT,
            "window": "w1",
            "clerk": "c01",
        },
    ),
    ("case.dropped", 1): (_E, {"why": "withdrawn"}),
    # The next day, in today's versions: two people and an appointment.
    ("site.configured", 2): (
        "site",
        {
            "hash": "1" * 64,
            "windows": [{"id": "w1", "area": "a", "services": ["general", "social"]}],
            "services": [
                {"id": "general", "prefix": "A", "area": "a"},
                {"id": "social", "prefix": "B", "area": "a"},
            ],
            "recalls": 3,
            "rating_seconds": 15,
            "clerks": ["c01", "c02"],
            "queue": _QUEUE,
        },
    ),
    ("day.opened", 2): ("day:2026-11-24", {"date": "2026-11-24", "closes": 1795512600000}),
    ("booking.mirrored", 1): (
        _B,
        {"date": "2026-11-24", "slot": 1795484400000, "service": "general", "person": "9c" * 32, "phone": "4d" * 32},
    ),
    ("booking.ended", 1): ("b:2", {"why": "no_show", "ticket": ""}),
    ("ticket.issued", 2): (
        _T2,
        {
            "number": "A001",
            "service": "general",
            "items": ["general", "social"],
            "area": "a",
            "channel": "kiosk",
            "place": "k1",
            "klass": "walk_in",
            "declared": "elderly",
            "booking": "",
            "key": 1795482000001,
            "arrived": 1795482000001,
            "not_before": 0,
            "ahead": 0,
            "person": "",
        },
    ),
    ("booking.checked_in", 1): (
        _B,
        {"ticket": _T2, "arrived": 1795484000000, "punctuality": "early", "flag": ""},
    ),
    ("green.settled", 1): (_T2, {"ground": "elderly", "holds": True, "klass": "green", "key": 1795479600001}),
    ("clerk.taken_over", 1): ("window:w1", {"clerk": "c02", "before": "c01"}),
    ("clerk.lapsed", 1): ("window:w1", {"clerk": "c02"}),
    ("window.paused", 1): ("window:w1", {"reason": "lunch", "until": 1795497600000}),
    ("window.resumed", 1): ("window:w1", {}),
    ("ticket.called", 2): (
        _T2,
        {
            "window": "w1",
            "call": 1,
            "clerk": "c02",
            "why": "order",
            "policy": "vt",
            "ahead": 0,
            "owed": 1,
            "reason": "",
            "waited": 60000,
        },
    ),
    ("ticket.uncalled", 1): (_T2, {"window": "w1", "owed": 0}),
    ("ticket.missed", 2): (_T2, {"window": "w1", "now": 1795482120001}),
    ("ticket.revived", 1): (_T2, {"key": 1795481940001, "arrived": 1795482240001, "by": "clerk"}),
    ("ticket.held", 1): (_T2, {"window": "w1"}),
    ("ticket.resumed", 1): (_T2, {"window": "w1"}),
    ("ticket.returned", 1): (
        _T2,
        {
            "window": "w1",
            "reason": "materials_missing",
            "key": 1795481940001,
            "arrived": 1795482240001,
            "returns": 1,
        },
    ),
    ("ticket.advanced", 1): (
        _T2,
        {"window": "w1", "service": "social", "area": "a", "stays": False, "key": 1795481940001},
    ),
    ("ticket.transferred", 1): (
        _T2,
        {
            "window": "w1",
            "service": "general",
            "area": "a",
            "to": "w1",
            "reason": "needs_other_window",
            "key": 1795481940001,
        },
    ),
    ("ticket.cancelled", 1): (_T2, {"by": "kiosk"}),
    ("issuing.stopped", 1): ("service:general", {"why": "forecast"}),
    ("issuing.resumed", 1): ("service:general", {}),
    ("service.abandoned", 1): (_T, {"window": "w1", "service": _S, "was": "serving"}),
    ("ticket.forecast", 1): (_T2, {"p50": 540000, "p90": 1080000, "mean": 600000, "spread": 420000}),
    ("site.configured", 3): (
        "site",
        {
            "hash": "2" * 64,
            "windows": [{"id": "w1", "area": "a", "services": ["general", "social"]}],
            "services": [
                {"id": "general", "prefix": "A", "area": "a"},
                {"id": "social", "prefix": "B", "area": "a"},
            ],
            "recalls": 3,
            "rating_seconds": 15,
            "clerks": ["c01"],
            "queue": _QUEUE,
            "oversight": {
                "level": "station",
                "rating_window": 86400000,
                "task_days": 5,
                "complaint_days": 5,
                "due_soon_days": 1,
            },
        },
    ),
    ("rating.asked", 2): (
        _S2,
        {
            "window": "w1",
            "nonce": _R2,
            "until": 1795482255000,
            "ended": 1795482240000,
            "closes": 1795568640000,
            "last_day": "2026-11-25",
            "clerk": "c01",
            "ticket": _T2,
        },
    ),
    ("rating.given", 2): (
        _S2,
        {
            "level": "dissatisfied",
            "nonce": _R2,
            "by": "kiosk",
            "reasons": ["took_long"],
            "window": "w1",
            "clerk": "c01",
            "after": 61000,
        },
    ),
    ("rating.added", 1): (
        _S2,
        {"level": "satisfied", "nonce": _R2, "by": "code", "reasons": [], "window": "w1", "clerk": "c01"},
    ),
    ("task.opened", 1): (
        _TASK,
        {
            "turn": _S2,
            "nonce": _R2,
            "level": "dissatisfied",
            "window": "w1",
            "clerk": "c01",
            "opened": "2026-11-24",
            "due": "2026-12-01",
        },
    ),
    ("task.moved", 1): (
        _TASK,
        {"step": "assign", "state": "assigned", "to": "l01", "verdict": "", "content": None},
    ),
    ("complaint.registered", 1): (
        _COMPLAINT,
        {
            "number": "T119999042012026112400001U",
            "query_code": "7K3M9QXA",
            "type": "complaint",
            "channel": "kiosk",
            "about": "window",
            "target": "w1",
            "anonymous": True,
            "level": "station",
            "registered": "2026-11-24",
            "due": "2026-12-01",
        },
    ),
    ("complaint.moved", 1): (
        _COMPLAINT,
        {
            "step": "redirect",
            "state": "redirected",
            "to": "unit-7",
            "level": "station",
            "due": "2026-12-01",
            "content": None,
            "last_day": "",
        },
    ),
    ("complaint.shown", 1): (_COMPLAINT, {"h": _H, "what": "text"}),
    ("case.received", 2): (
        _C,
        {
            "number": "119999042012026112300001G",
            "receipt": _numbered("R", 2),
            "query_code": "7K3M9QXA",
            "item": "residence-permit",
            "catalogue": "ab" * 32,
            "limit_days": 5,
            "due": "2026-11-30",
            "received": "2026-11-23",
            "received_at": _AT,
            "marks": [
                {
                    "material": "id-card",
                    "state": "provided",
                    "form": "paper",
                    "originals": 1,
                    "copies": 1,
                    "defect": "",
                    "pages": [_PAGE],
                }
            ],
            "pickup": "LH-0042",
            "delivery": "counter",
            "window": "w1",
            "clerk": "c01",
            "follows": True,
        },
    ),
    ("case.stepped", 1): (
        _C,
        {
            "act": "forward",
            "stage": "forwarded",
            "back": "",
            "reason": "",
            "unit": "unit-1",
            "date": "2026-11-23",
            "due": "2026-11-30",
            "at": _AT,
            "window": "w1",
            "clerk": "c01",
            "about": None,
            "brought": [],
        },
    ),
    ("case.tasked", 1): (
        _C,
        {
            "task": "site-visit",
            "unit": "unit-2",
            "mode": "parallel",
            "order": 1,
            "status": "running",
            "started": "2026-11-24",
            "due": "2026-11-27",
            "at": _AT,
            "about": {"feed": "decisions", "id": "d1", "rev": 1},
        },
    ),
    ("case.tasked", 2): (
        _C,
        {
            "task": "site-visit",
            "unit": "unit-2",
            "mode": "serial",
            "order": 2,
            "status": "running",
            "started": "2026-11-24",
            "due": "",
            "limit_days": 3,
            "at": _AT,
            "about": {"feed": "decisions", "id": "d1", "rev": 2},
        },
    ),
    ("decision.disputed", 1): (
        _C,
        {
            "about": {"feed": "decisions", "id": "d2", "rev": 1},
            "said": "withdraw",
            "unit": "unit-1",
            "why": "flow_result_awaited",
            "stage": "decided",
            "date": "2026-11-23",
            "at": _AT,
        },
    ),
    ("dispute.settled", 1): (
        _C,
        {
            "item": {"feed": "decisions", "id": "d2", "rev": 1},
            "how": "told",
            "date": "2026-11-23",
            "at": _AT,
        },
    ),
    ("batch.sealed", 1): (
        "batch:01KANX0000000000000000001B",
        {"sheet": _SHEET, "date": "2026-11-23", "at": _AT, "window": "w1"},
    ),
    ("batch.received", 1): (
        "batch:01KANX0000000000000000001B",
        {
            "hash": _SHEET["hash"],
            "sheet": None,
            "differences": [{"case": _C, "material": "id-card", "sheets": 2, "counted": 1}],
            "signer": "u77",
            "date": "2026-11-23",
            "at": _AT,
            "window": "w1",
            "clerk": "c01",
            "about": None,
        },
    ),
    ("batch.settled", 1): (
        "batch:01KANX0000000000000000001B",
        {
            "case": _C,
            "material": "id-card",
            "outcome": "found_here",
            "date": "2026-11-23",
            "at": _AT,
            "window": "w1",
            "clerk": "c01",
            "witness": "c02",
            "open": 0,
        },
    ),
    ("case.decided", 1): (
        _C,
        {
            "outcome": "granted",
            "unit": "unit-1",
            "basis": "",
            "seal": "",
            "date": "2026-11-24",
            "at": _AT,
            "window": "",
            "clerk": "",
            "about": {"feed": "decisions", "id": "d2", "rev": 1},
        },
    ),
    ("paper.stocked", 1): ("paper:permit", {"first": 101, "last": 200, "clerk": "c01", "witness": "c02"}),
    ("paper.used", 1): ("paper:permit", {"serial": 101, "case": _C, "clerk": "c01"}),
    ("paper.spoiled", 1): ("paper:permit", {"serial": 102, "why": "torn", "clerk": "c01", "witness": "c02"}),
    ("result.registered", 1): (
        _C,
        {"entry": _numbered("Z"), "date": "2026-11-24", "at": _AT, "window": "w1", "clerk": "c01"},
    ),
    ("result.delivered", 1): (
        _C,
        {
            "way": "counter",
            "collector": "agent",
            "proof": "id_card_and_authority",
            "date": "2026-11-24",
            "at": _AT,
            "window": "w1",
            "clerk": "c01",
        },
    ),
    ("guidance.called", 1): (
        _T2,
        {"window": "w1", "service": _S2, "unit": "unit-2", "clerk": "c01", "now": 1795396447312},
    ),
    ("decision.awaited", 1): (
        _D,
        {
            "window": "w1",
            "clerk": "c01",
            "ticket": _T2,
            "unit": "unit-1",
            "now": 1795396447312,
            "at": _AT,
        },
    ),
    ("guidance.ended", 1): (
        _T2,
        {"window": "w1", "service": _S2, "unit": "unit-2", "outcome": "came", "took": 240000},
    ),
    ("case.prechecked", 1): (
        _C,
        {
            "points": [{"material": "photo", "why": "unclear"}],
            "digest": "7a" * 32,
            "unit": "unit-2",
            "date": "2026-11-23",
            "checked_at": _AT,
            "window": "w1",
            "clerk": "c01",
        },
    ),
    ("parcel.signed", 1): (
        "parcel:01KANX0000000000000000001F",
        {
            "waybill": "EMS-1190001",
            "courier": "ems",
            "application": "",
            "item": "residence-permit",
            "listed": [{"material": "id-card", "sheets": 2}],
            "counted": [{"material": "id-card", "sheets": 1}],
            "differences": [{"material": "id-card", "listed": 2, "counted": 1}],
            "date": "2026-11-23",
            "at": _AT,
            "window": "w1",
            "clerk": "c01",
        },
    ),
    ("parcel.signed", 2): (
        "parcel:01KANX0000000000000000002F",
        {
            "waybill": "EMS-1190002",
            "courier": "ems",
            "application": "A-1",
            "item": "residence-permit",
            "listed": [{"material": "id-card", "sheets": 2}],
            "counted": [],
            "differences": [{"material": "id-card", "listed": 2, "counted": 0}],
            "date": "2026-11-23",
            "at": _AT,
            "window": "w1",
            "clerk": "c01",
            "witness": "l01",
        },
    ),
    ("parcel.matched", 1): (
        "parcel:01KANX0000000000000000001F",
        {"case": _C, "date": "2026-11-23", "at": _AT, "window": "w1", "clerk": "c01"},
    ),
    ("supplement.noticed", 1): (
        _C,
        {
            "notice": _numbered("N"),
            "points": [{"material": "photo", "why": "unclear"}],
            "digest": "7a" * 32,
            "differs": False,
            "added": 0,
            "date": "2026-11-24",
            "at": _AT,
            "window": "w1",
            "clerk": "c01",
            "about": None,
        },
    ),
    ("booking.mirrored", 2): (
        "b:3",
        {
            "date": "2026-11-24",
            "slot": 1795484400000,
            "service": "general",
            "person": "9c" * 32,
            "phone": "",
            "item": _ABOUT,
        },
    ),
    ("booking.checked_in", 2): (
        "b:3",
        {"ticket": _T2, "arrived": 1795484000000, "punctuality": "early", "flag": "", "about": _ABOUT},
    ),
    ("booking.ended", 2): ("b:4", {"why": "no_show", "ticket": "", "about": {**_ABOUT, "id": "b:4"}}),
    ("case.shown", 1): (_C, {"h": _H}),
    ("note.shown", 1): (_TASK, {"of": "opinion", "n": 0}),
    ("reuse.offered", 1): (
        _C,
        {
            "origin": "base-1",
            "lines": [{"what": "id-card", "source": "base", "issued": "2026-01-05", "until": "2027-01-04"}],
            "about": {"feed": "decisions", "id": "r:1", "rev": 1},
        },
    ),
    ("reuse.used", 1): (
        _C,
        {
            "what": "id-card",
            "source": "base",
            "origin": "base-1",
            "until": "2027-01-04",
            "h": _H,
            "date": "2026-11-23",
            "window": "w1",
            "clerk": "c01",
        },
    ),
    ("reuse.declined", 1): (
        _C,
        {
            "what": "id-card",
            "why": "outdated",
            "source": "base",
            "origin": "base-1",
            "window": "w1",
            "clerk": "c01",
        },
    ),
    ("copy.reserved", 1): (
        _COPY,
        {
            "kind": "own",
            "item": "",
            "pages": 3,
            "account": "9c" * 32,
            "by": "card",
            "limit": 10,
            "kiosk": "k1",
            "printer": "office-1",
            "job": "p:01KANX0000000000000000001H",
            "date": "2026-11-24",
        },
    ),
    ("copy.unknown", 1): (
        _COPY,
        {"came": 1, "unsure": 2, "code": "outcome_unknown", "date": "2026-11-24"},
    ),
    ("copy.done", 1): (_COPY2, {"came": 3, "unsure": 0, "code": "", "date": "2026-11-23"}),
    ("copy.failed", 1): (_COPY2, {"came": 0, "unsure": 0, "code": "paper_out", "date": "2026-11-23"}),
    ("copy.granted", 1): (_T2, {"account": "9c" * 32, "pages": 5, "why": "large_case", "date": "2026-11-24"}),
    ("complaint.moved", 2): (
        _COMPLAINT,
        {
            "step": "urge",
            "state": "redirected",
            "to": "unit-7",
            "level": "station",
            "due": "2026-11-27",
            "content": None,
            "last_day": "",
            "about": {"feed": "decisions", "id": "k1", "rev": 1},
        },
    ),
    ("parcel.expected", 1): (
        "parcel:01KANX0000000000000000001J",
        {
            "about": {"feed": "decisions", "id": "m1", "rev": 1},
            "application": "WS-2026-0117",
            "waybill": "EMS-1190009",
            "courier": "ems",
            "item": "residence-permit",
            "listed": [{"material": "id-card", "sheets": 2}],
            "date": "2026-11-23",
            "gone": False,
        },
    ),
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
        if kind in ("ticket.issued", "case.opened", "booking.mirrored", "complaint.registered"):
            record["sealed"] = [{"kid": "k1", "alg": "aes-256-gcm", "nonce": "AAAAAAAAAAAAAAAA", "h": _H}]
        path.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
