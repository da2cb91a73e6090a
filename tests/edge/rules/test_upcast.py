import json
from pathlib import Path

import pytest

from edge.rules import upcast
from edge.rules.apply import FOLDS, apply
from edge.rules.moment import Decided
from edge.rules.records import KINDS
from edge.rules.state import State

GOLDEN = Path(__file__).parent / "golden"


class Raw(Decided):
    """A golden record: its body is plain JSON, as the journal gives it."""


def golden(kind, version):
    data = json.loads((GOLDEN / f"{kind}.{version}.json").read_text("utf-8"))
    parts = tuple(entry["h"] for entry in data.pop("sealed", ()))
    return Raw(**data, parts=parts)


def ordered():
    records = [golden(*path.stem.rsplit(".", 1)) for path in GOLDEN.glob("*.json")]
    return sorted(records, key=lambda record: record.seq)


def test_every_kind_and_version_has_a_golden_record():
    for kind, version in (*KINDS, *upcast.LIFTS):
        assert (GOLDEN / f"{kind}.{version}.json").exists()


def test_every_kind_has_a_fold():
    assert set(FOLDS) == {kind for kind, _ in KINDS}


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.json")), ids=lambda path: path.stem)
def test_every_golden_record_is_read(path):
    record = golden(*path.stem.rsplit(".", 1))
    body = upcast.lift(record.kind, record.v, record.body)
    assert body is not None
    assert body.model_dump(mode="json").items() >= record.body.items()


def test_the_golden_day_folds():
    state = State()
    for record in ordered():
        apply(state, record)
        if record.kind == "print.failed":
            assert state.tickets[record.subject].print_code == "paper_out"
        if record.kind == "ticket.called":
            ticket = state.tickets[record.subject]
            assert (ticket.state, ticket.number[0], ticket.holder_h) == ("called", "A", "5f" * 32)
        if record.kind == "day.closed":
            assert state.counters == {"A": 17}
            assert (state.open, state.date, state.tickets) == (False, "2026-11-23", {})
    assert not state.frozen
    assert state.counters == {"A": 1}
    (ticket,) = state.tickets.values()
    assert (ticket.state, ticket.klass, ticket.to, ticket.returns, ticket.revived) == ("cancelled", "green", "w1", 1, 1)
    assert (state.open, state.closes, state.bookings["b:1"].ticket) == (True, 1795512600000, ticket.uid)
    (case,) = state.cases.values()
    assert (case.state, case.applicant_h, case.pages) == ("received", "5f" * 32, {})
    prints = sorted((number[0], paper.print) for number, paper in case.papers.items())
    assert prints == [("N", "none"), ("R", "none"), ("R", "printing")]
    (dossier,) = state.dossiers.values()
    assert (dossier.stage, dossier.outcome, dossier.unit, list(dossier.tasks)) == (
        "delivered",
        "granted",
        "unit-1",
        ["site-visit"],
    )
    holding = dossier.holdings["id-card"]
    assert (holding.here, holding.on_way, holding.there, holding.lost) == (1, 0, 1, 0)
    (stock,) = state.stocks.values()
    assert (stock.came, stock.used, stock.spoiled, stock.left) == (100, 1, 1, 98)
    assert state.case_counters.items() >= {"T": 1}.items()  # the second day began its own
    (pages,) = state.copies.values()
    assert (pages.print, pages.came, pages.unsure, state.copy_grants) == ("unknown", 1, 2, {"9c" * 32: 5})
    (task,), (complaint,) = state.tasks.values(), state.complaints.values()
    assert (task.state, task.to, complaint.state, complaint.text_h) == ("assigned", "l01", "redirected", "5f" * 32)
    assert [(question.state, question.added) for question in state.questions.values()] == [("given", True)]


def test_a_receipt_from_before_dossiers_ended_its_case():
    old = golden("case.received", 1)
    assert upcast.lift(old.kind, old.v, old.body).follows is False
    state = State()
    for record in ordered():
        if record.kind == "case.received" and record.v == 1:
            apply(state, record)
            break
        apply(state, record)
    assert state.cases[old.subject].state == "received"
    assert not state.dossiers


def test_a_print_from_before_cases_was_of_a_ticket():
    old = golden("print.started", 1)
    body = upcast.lift(old.kind, old.v, old.body)
    assert (body.what, body.paper, body.job) == ("ticket", "", old.body["job"])


@pytest.mark.parametrize(
    ("kind", "version", "body"),
    [
        ("ticket.teleported", 1, {}),
        ("ticket.missed", 2, {"window": "w1"}),
        ("ticket.missed", 1, {"window": "w1", "surprise": 1}),
        ("ticket.missed", 1, {}),
    ],
)
def test_what_is_unknown_freezes_its_subject_and_nothing_else(kind, version, body):
    state = State()
    records = [record for record in ordered() if record.seq <= 5]
    for record in records:
        apply(state, record)
    before = state.model_copy(deep=True)
    uid = records[-1].subject
    apply(state, Decided(6, kind, version, uid, "x", "at", body))
    assert state.frozen == {uid}
    apply(state, Decided(7, "ticket.missed", 1, uid, "x", "at", {"window": "w1"}))
    assert state.tickets == before.tickets
    assert state.seq == 7


def test_records_about_records_do_not_touch_the_hall():
    state = State()
    for kind in upcast.BESIDE:
        apply(state, Decided(1, kind, 1, "t:X", "site", "at", {}))
    assert state == State(seq=1)


def test_an_old_version_is_lifted_step_by_step(monkeypatch):
    monkeypatch.setitem(upcast.LIFTS, ("ticket.missed", 0), lambda body: {"window": body["place"]})
    body = upcast.lift("ticket.missed", 0, {"place": "w3"})
    assert body.window == "w3"
