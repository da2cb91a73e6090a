"""A citizen asks how his case stands: found by a number of the case and its query code, and by nothing less.

The number may be the case's or its receipt's, whole or its last characters: the code alone keeps strangers out.
"""

from collections.abc import Iterator

from edge.rules import roles
from edge.rules.case_state import Case
from edge.rules.codes import Code, refusal
from edge.rules.dossier_commands import ShowCase
from edge.rules.dossier_records import CaseShown
from edge.rules.dossier_state import Dossier
from edge.rules.moment import Fact, Moment
from edge.rules.query_codes import fits, plain_code, plain_number, same_code
from edge.rules.records import Draft
from edge.rules.state import State


def find(state: State, number: str, query_code: str) -> Dossier | Case:
    """The dossier, or a case taken in today that ended with its receipt.

    Refuses in the same words whether the number exists or not. Every case is compared, found or not.
    """
    typed, code = plain_number(number), plain_code(query_code)
    hits = [
        found
        for found, numbers, kept in _papers(state)
        if same_code(code, kept) and any(fits(typed, each) for each in numbers)
    ]
    if len(hits) != 1:
        raise refusal(Code.QUERY_UNKNOWN)
    return hits[0]


def _papers(state: State) -> Iterator[tuple[Dossier | Case, tuple[str, str], str]]:
    """Every receipt that may be asked about: its case, its two numbers, its code."""
    for dossier in state.dossiers.values():
        yield dossier, (dossier.number, dossier.receipt), dossier.query_code
    for case in state.cases.values():
        if case.received is not None and case.uid not in state.dossiers:
            yield case, (case.received.number, case.received.receipt), case.received.query_code


def show(state: State, command: ShowCase, moment: Moment) -> list[Draft]:
    roles.require(command, moment.actor)
    found = find(state, command.number, command.query_code)
    if found.uid in state.frozen:
        raise refusal(Code.SUBJECT_FROZEN)
    return [
        Draft(
            kind="case.shown",
            subject=found.uid,
            actor=moment.actor,
            body=CaseShown(h=found.applicant_h),
            business_date=state.date or None,
        )
    ]


def shown(state: State, fact: Fact, body: CaseShown) -> None:
    """Nothing in the state changes: the record is for the audit."""
