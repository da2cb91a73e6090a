"""Ledger of security paper: a serial comes once, leaves once, and a second person sees it come and spoil."""

from edge.rules import case_look, dossiers, look
from edge.rules.body import Body
from edge.rules.cases import draft_of
from edge.rules.codes import Code, refusal
from edge.rules.moment import Fact, Moment
from edge.rules.paper_records import (
    PaperSpoiled,
    PaperStocked,
    PaperUsed,
    SpoilPaper,
    StockPaper,
    UsePaper,
)
from edge.rules.paper_state import Run, Stock
from edge.rules.records import Draft
from edge.rules.state import State


def stock(state: State, command: StockPaper, moment: Moment) -> list[Draft]:
    clerk = _clerk(state, command.window, moment)
    _require_witness(clerk, command.witness)
    if command.last < command.first:
        raise refusal(Code.PAPER_RANGE)
    held = state.stocks.get(command.kind)
    if held is not None and any(run.first <= command.last and command.first <= run.last for run in held.high):
        raise refusal(Code.PAPER_KNOWN)
    body = PaperStocked(first=command.first, last=command.last, clerk=clerk, witness=command.witness)
    return [_draft(state, "paper.stocked", command.kind, body, moment)]


def use(state: State, command: UsePaper, moment: Moment) -> list[Draft]:
    clerk = _clerk(state, command.window, moment)
    dossier = dossiers.known(state, command.case)
    if not dossier.outcome or dossier.origin:
        raise refusal(Code.PAPER_NO_DECISION)
    _require_in_stock(state, command.kind, command.serial)
    body = PaperUsed(serial=command.serial, case=command.case, clerk=clerk)
    return [_draft(state, "paper.used", command.kind, body, moment)]


def spoil(state: State, command: SpoilPaper, moment: Moment) -> list[Draft]:
    clerk = _clerk(state, command.window, moment)
    _require_witness(clerk, command.witness)
    _require_in_stock(state, command.kind, command.serial)
    body = PaperSpoiled(serial=command.serial, why=command.why, clerk=clerk, witness=command.witness)
    return [_draft(state, "paper.spoiled", command.kind, body, moment)]


def stocked(state: State, fact: Fact, body: PaperStocked) -> None:
    held = _stock(state, fact)
    held.runs.append(Run(first=body.first, last=body.last))
    held.high.append(Run(first=body.first, last=body.last))
    held.came += body.last - body.first + 1


def used(state: State, fact: Fact, body: PaperUsed) -> None:
    held = _stock(state, fact)
    _take(held, body.serial)
    held.used += 1


def spoiled(state: State, fact: Fact, body: PaperSpoiled) -> None:
    held = _stock(state, fact)
    _take(held, body.serial)
    held.spoiled += 1


def _stock(state: State, fact: Fact) -> Stock:
    kind = fact.subject.removeprefix("paper:")
    return state.stocks.setdefault(kind, Stock(kind=kind))


def _take(held: Stock, serial: int) -> None:
    parts = []
    for run in held.runs:
        if run.first <= serial <= run.last:
            around = (Run(first=run.first, last=serial - 1), Run(first=serial + 1, last=run.last))
            parts += [part for part in around if part.first <= part.last]
        else:
            parts.append(run)
    held.runs = parts


def _clerk(state: State, window: str, moment: Moment) -> str:
    look.open_day(state)
    return case_look.clerk_at(state, window, moment).clerk


def _require_witness(clerk: str, witness: str) -> None:
    if witness == clerk:
        raise refusal(Code.SECOND_PERSON, clerk=clerk)


def _require_in_stock(state: State, kind: str, serial: int) -> None:
    if f"paper:{kind}" in state.frozen:
        raise refusal(Code.SUBJECT_FROZEN)
    held = state.stocks.get(kind)
    if held is None or not any(run.first <= serial <= run.last for run in held.runs):
        raise refusal(Code.PAPER_NOT_IN_STOCK, serial=serial)


def _draft(state: State, kind: str, paper: str, body: Body, moment: Moment) -> Draft:
    return draft_of(state, kind, f"paper:{paper}", body, moment)
