"""Handovers: nothing changes hands uncounted, and the right to deliver a result goes with the batch that carries it.

A site may deliver what it registered itself until it seals it into a batch; the other site may deliver what its own
person counted out of a batch sealed for it. The sealing comes first, and its record ends the first right.
"""

from edge.rules import case_flow, case_look, dossiers, look, numbers
from edge.rules.about import About
from edge.rules.cases import draft_of
from edge.rules.codes import Code, refusal
from edge.rules.dossier_state import Dossier, Step
from edge.rules.handover_commands import NoteBatch, SealBatch, SettleDifference, SignBatch, TakeInBatch
from edge.rules.handover_records import (
    RESULT,
    BatchReceived,
    BatchSealed,
    BatchSettled,
    Difference,
    Line,
    Passenger,
    Sheet,
    sheet_hash,
)
from edge.rules.handover_state import Batch
from edge.rules.moment import Fact, Moment
from edge.rules.records import Draft
from edge.rules.state import State


def seal(state: State, command: SealBatch, moment: Moment) -> list[Draft]:
    look.open_day(state)
    window = case_look.clerk_at(state, command.window, moment)
    wanted = [dossiers.known(state, uid) for uid in dict.fromkeys(command.cases)]
    if command.what == "materials":
        lines = [line for dossier in wanted for line in _papers(dossier, command.to)]
    else:
        lines = [_result(dossier, command.to, moment) for dossier in wanted]
    if not lines:
        raise refusal(Code.BATCH_EMPTY)
    number = numbers.give(state, "H", moment)
    passengers = tuple(_passenger(dossier) for dossier in wanted) if command.what == "results" else ()
    frm = moment.books.flow.place
    sheet = Sheet(
        number=number,
        what=command.what,
        frm=frm,
        to=command.to,
        lines=tuple(lines),
        passengers=passengers,
        sealed_by=window.clerk,
        hash=sheet_hash(number, command.what, frm, command.to, tuple(lines), passengers),
    )
    body = BatchSealed(sheet=sheet, date=state.date, at=moment.at, window=command.window)
    return [draft_of(state, "batch.sealed", moment.new_id("batch"), body, moment)]


def sign(state: State, command: SignBatch, moment: Moment) -> list[Draft]:
    """A messenger signs for papers at the window. Results for another site are signed for there, not here."""
    look.open_day(state)
    window = case_look.clerk_at(state, command.window, moment)
    batch = _unsigned(state, command.batch)
    if batch.sheet.what == "results":
        raise refusal(Code.BATCH_SIGNED_THERE, site=batch.sheet.to)
    _require_second(command.signer, batch.sheet.sealed_by)
    return [
        _received(state, batch.uid, batch.sheet, command.counted, command.signer, moment, command.window, window.clerk)
    ]


def take_in(state: State, command: TakeInBatch, moment: Moment) -> list[Draft]:
    """Results that came with a sheet of another site. Raises Refusal: taken in before, not for
    this hall, or the sheet was altered.
    """
    look.open_day(state)
    window = case_look.clerk_at(state, command.window, moment)
    sheet = command.sheet
    if (
        command.batch in state.taken_in
        or command.batch in state.batches
        or any(each.case in state.dossiers for each in sheet.passengers)
    ):
        raise refusal(Code.BATCH_OVER, number=sheet.number)
    if sheet.what != "results" or sheet.to != moment.books.flow.place or sheet.frm == sheet.to:
        raise refusal(Code.BATCH_NOT_FOR_US, site=sheet.to)
    if sheet.hash != sheet_hash(sheet.number, sheet.what, sheet.frm, sheet.to, sheet.lines, sheet.passengers):
        raise refusal(Code.BATCH_ALTERED, number=sheet.number)
    _require_second(window.clerk, sheet.sealed_by)
    return [
        _received(
            state,
            command.batch,
            sheet,
            command.counted,
            window.clerk,
            moment,
            command.window,
            window.clerk,
            incoming=True,
        )
    ]


def note(state: State, command: NoteBatch, moment: Moment) -> list[Draft]:
    """The second half of a handover between sites, as the other site's record says it. The same again is nothing."""
    batch = state.batches.get(command.batch)
    if batch is not None and batch.signer and command.hash == batch.sheet.hash:
        return []
    batch = _unsigned(state, command.batch)
    if case_flow.actor_of(moment) != "centre" or batch.sheet.what != "results":
        raise refusal(Code.BATCH_SIGNED_THERE, site=batch.sheet.to)
    if command.hash != batch.sheet.hash:
        raise refusal(Code.BATCH_ALTERED, number=batch.sheet.number)
    return [_received(state, batch.uid, batch.sheet, command.counted, command.signer, moment, about=command.about)]


def settle(state: State, command: SettleDifference, moment: Moment) -> list[Draft]:
    """A result that its receiver did not count is settled where it was sealed: there it may be kept again.

    Found at the receiving hall after all, it goes back: the other hall may have kept it in its list by then, and two
    halls that cannot ask each other would both deliver it.
    """
    look.open_day(state)
    window = case_look.clerk_at(state, command.window, moment)
    batch = _known(state, command.batch)
    found = next((d for d in batch.differences if (d.case, d.material) == (command.case, command.material)), None)
    if found is None:
        raise refusal(Code.BATCH_NO_DIFFERENCE, number=batch.sheet.number)
    _require_second(command.witness, window.clerk)
    if batch.incoming and command.outcome == "found_here":
        raise refusal(Code.BATCH_SENT_BACK, site=batch.sheet.frm)
    if batch.sheet.what == "results" and command.outcome == "found_there" and not batch.incoming:
        raise refusal(Code.BATCH_SIGNED_THERE, site=batch.sheet.to)
    body = BatchSettled(
        case=command.case,
        material=command.material,
        outcome=command.outcome,
        date=state.date,
        at=moment.at,
        window=command.window,
        clerk=window.clerk,
        witness=command.witness,
        open=len(batch.differences) - 1,
    )
    return [draft_of(state, "batch.settled", batch.uid, body, moment)]


def sealed(state: State, fact: Fact, body: BatchSealed) -> None:
    numbers.given(state, body.sheet.number)
    state.batches[fact.subject] = Batch(uid=fact.subject, sheet=body.sheet, sealed_at=body.at)
    for line in body.sheet.lines:
        dossier = state.dossiers.get(line.case)
        if dossier is None:
            continue
        if line.material == RESULT:
            dossier.batch = fact.subject
            dossiers.move(dossier, "hand", "moving", body.at)
        else:
            holding = dossier.holdings[line.material]
            holding.here -= line.sheets
            holding.on_way += line.sheets


def received(state: State, fact: Fact, body: BatchReceived) -> None:
    batch = state.batches.get(fact.subject)
    if batch is None and body.sheet is not None:
        batch = state.batches[fact.subject] = Batch(uid=fact.subject, sheet=body.sheet, incoming=True)
        state.taken_in.add(fact.subject)
    if batch is None:
        return
    batch.signer, batch.signed_at, batch.differences = body.signer, body.at, list(body.differences)
    differing = {(each.case, each.material): each for each in body.differences}
    for line in batch.sheet.lines:
        _arrived(state, batch, line, differing.get((line.case, line.material)), body)


def settled(state: State, fact: Fact, body: BatchSettled) -> None:
    batch = state.batches.get(fact.subject)
    if batch is None:
        return
    found = next((d for d in batch.differences if (d.case, d.material) == (body.case, body.material)), None)
    batch.differences = [each for each in batch.differences if each is not found]
    dossier = state.dossiers.get(body.case)
    if found is None:
        return
    if body.material == RESULT:
        _settle_result(state, batch, dossier, body)
    elif dossier is not None and found.counted < found.sheets:
        short = found.sheets - found.counted
        holding = dossier.holdings[body.material]
        holding.on_way -= short
        where = {"found_here": "here", "found_there": "there", "lost": "lost"}[body.outcome]
        setattr(holding, where, getattr(holding, where) + short)


def end_day(state: State) -> None:
    """What is signed for without a difference left is done; sealed and differing batches stay in sight."""
    state.batches = {uid: batch for uid, batch in state.batches.items() if not batch.is_over}


def open_differences(state: State) -> list[tuple[Batch, Difference]]:
    """For manager and lead page: what one side counted and the other did not."""
    return [(batch, each) for batch in state.batches.values() for each in batch.differences]


def _papers(dossier: Dossier, unit: str) -> list[Line]:
    if dossier.stage not in ("forwarded", "stayed", "supplement"):
        raise refusal(case_flow.WAITS[dossier.stage])
    if dossier.unit != unit:
        raise refusal(Code.BATCH_WRONG_PLACE, unit=dossier.unit)
    return [
        Line(case=dossier.uid, material=material, sheets=holding.here)
        for material, holding in dossier.holdings.items()
        if holding.here
    ]


def _result(dossier: Dossier, to: str, moment: Moment) -> Line:
    case_flow.step(dossier, "hand", "clerk")
    if to != dossier.pickup or dossiers.belongs_here(dossier, moment.books):
        raise refusal(Code.BATCH_WRONG_PLACE, unit=dossier.pickup or moment.books.flow.place)
    return Line(case=dossier.uid, material=RESULT, sheets=1)


def _passenger(dossier: Dossier) -> Passenger:
    return Passenger(
        case=dossier.uid,
        number=dossier.number,
        receipt=dossier.receipt,
        query_code=dossier.query_code,
        item=dossier.item,
        kind=dossier.kind,
        delivery=dossier.delivery,
        deliveries=dossier.deliveries,
        outcome=dossier.outcome or "granted",
        entry=dossier.entry,
    )


def _known(state: State, uid: str) -> Batch:
    found = state.batches.get(uid)
    if found is None:
        raise refusal(Code.BATCH_UNKNOWN)
    if uid in state.frozen:
        raise refusal(Code.SUBJECT_FROZEN)
    return found


def _unsigned(state: State, uid: str) -> Batch:
    batch = _known(state, uid)
    if batch.signer:
        raise refusal(Code.BATCH_OVER, number=batch.sheet.number)
    return batch


def _require_second(person: str, first: str) -> None:
    if person == first:
        raise refusal(Code.SECOND_PERSON, clerk=first)


def _received(
    state: State,
    uid: str,
    sheet: Sheet,
    counted: tuple[Line, ...],
    signer: str,
    moment: Moment,
    window: str = "",
    clerk: str = "",
    *,
    incoming: bool = False,
    about: About | None = None,
) -> Draft:
    body = BatchReceived(
        hash=sheet.hash,
        sheet=sheet if incoming else None,
        differences=_differences(sheet, counted),
        signer=signer,
        date=state.date,
        at=moment.at,
        window=window,
        clerk=clerk,
        about=about,
    )
    return draft_of(state, "batch.received", uid, body, moment)


def _differences(sheet: Sheet, counted: tuple[Line, ...]) -> tuple[Difference, ...]:
    """Not counted is counted as none. Refuses a count of what is not on the sheet: it belongs to another batch."""
    seen: dict[tuple[str, str], int] = {}
    for line in counted:
        seen[line.case, line.material] = seen.get((line.case, line.material), 0) + line.sheets
    expected = {(line.case, line.material): line.sheets for line in sheet.lines}
    if seen.keys() - expected.keys():
        raise refusal(Code.BATCH_NOT_ON_SHEET, number=sheet.number)
    return tuple(
        Difference(case=case, material=material, sheets=sheets, counted=seen.get((case, material), 0))
        for (case, material), sheets in expected.items()
        if seen.get((case, material), 0) != sheets
    )


def _arrived(state: State, batch: Batch, line: Line, difference: Difference | None, body: BatchReceived) -> None:
    dossier = state.dossiers.get(line.case)
    if line.material != RESULT:
        if dossier is not None:
            there = line.sheets if difference is None else min(difference.counted, line.sheets)
            dossier.holdings[line.material].on_way -= there
            dossier.holdings[line.material].there += there
    elif difference is None and batch.incoming:
        _admit(state, batch, line.case, body.date, body.at)
    elif difference is None and dossier is not None:
        dossiers.move(dossier, "confirm", "moved", body.at)


def _settle_result(state: State, batch: Batch, dossier: Dossier | None, body: BatchSettled) -> None:
    """Found after all: at the receiving site it is admitted; at the sealing one it goes back on its shelf."""
    if body.outcome != "found_here":
        return
    if batch.incoming:
        _admit(state, batch, body.case, body.date, body.at)
    elif dossier is not None:
        dossier.batch = ""
        dossiers.move(dossier, "keep", "ready", body.at)
        dossier.ready = dossier.ready or body.date


def _admit(state: State, batch: Batch, case: str, today: str, at: str) -> None:
    who = next(each for each in batch.sheet.passengers if each.case == case)
    state.dossiers[case] = Dossier(
        uid=case,
        number=who.number,
        receipt=who.receipt,
        query_code=who.query_code,
        item=who.item,
        kind=who.kind,
        limit_days=None,
        received="",
        received_at="",
        due="",
        pickup="",
        delivery=who.delivery,
        deliveries=who.deliveries,
        origin=batch.sheet.frm,
        stage="ready",
        outcome=who.outcome,
        entry=who.entry,
        batch=batch.uid,
        ready=today,
        steps=[Step(act="take_in", stage="ready", at=at)],
    )
