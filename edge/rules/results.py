"""The result of a case at the window: entered in the register (登记造册), and given to the person (送达), once."""

from typing import Final

from edge.rules import case_flow, dossiers, numbers
from edge.rules.cases import draft_of
from edge.rules.codes import Code, refusal
from edge.rules.dossier_commands import DeliverResult, RegisterResult
from edge.rules.dossier_records import Collector, Proof, ResultDelivered, ResultRegistered
from edge.rules.dossier_state import Dossier
from edge.rules.moment import Fact, Moment
from edge.rules.records import Draft, Private
from edge.rules.state import State

# What each collector must show, by the way of delivery; 'bank' papers are fetched by the bank's courier.
PROOFS: Final[dict[tuple[str, Collector], Proof]] = {
    ("counter", "applicant"): "id_card",
    ("counter", "agent"): "id_card_and_authority",
    ("kiosk", "applicant"): "id_card",
    ("mail", "courier"): "delivery_note",
    ("bank", "courier"): "delivery_note",
    ("electronic", "none"): "online_receipt",
}
NAMED: Final = frozenset({"agent", "applicant"})


def register(state: State, command: RegisterResult, moment: Moment) -> list[Draft]:
    dossier = dossiers.at_window(state, command.window, command.case, moment)
    case_flow.step(dossier, "register", "clerk")
    body = ResultRegistered(
        entry=numbers.give(state, "Z", moment),
        date=state.date,
        at=moment.at,
        window=command.window,
        clerk=state.windows[command.window].clerk,
    )
    return [draft_of(state, "result.registered", dossier.uid, body, moment)]


def deliver(state: State, command: DeliverResult, moment: Moment) -> list[Draft]:
    """At the counter also where another way was agreed: the person stands there."""
    dossier = dossiers.at_window(state, command.window, command.case, moment)
    case_flow.step(dossier, "deliver", "clerk")
    if command.way != "counter" and command.way not in dossier.deliveries:
        raise refusal(Code.DELIVERY_NOT_OFFERED)
    if PROOFS.get((command.way, command.collector)) != command.proof:
        raise refusal(Code.COLLECTOR_NEEDS_PROOF)
    if command.collector in NAMED and command.person is None:
        raise refusal(Code.COLLECTOR_UNNAMED)
    body = ResultDelivered(
        way=command.way,
        collector=command.collector,
        proof=command.proof,
        date=state.date,
        at=moment.at,
        window=command.window,
        clerk=state.windows[command.window].clerk,
    )
    return [draft_of(state, "result.delivered", dossier.uid, body, moment, _sealed(dossier, command))]


def registered(state: State, fact: Fact, body: ResultRegistered) -> None:
    numbers.given(state, body.entry)
    dossier = state.dossiers.get(fact.subject)
    if dossier is not None:
        dossier.entry = body.entry
        dossiers.move(dossier, "register", "registered", body.at)


def delivered(state: State, fact: Fact, body: ResultDelivered) -> None:
    dossier = state.dossiers.get(fact.subject)
    if dossier is not None:
        dossiers.move(dossier, "deliver", "delivered", body.at)


def _sealed(dossier: Dossier, command: DeliverResult) -> Private | None:
    if command.person is None:
        return None
    members = {
        "name": command.person.name.get_secret_value(),
        "id_number": command.person.id_number.get_secret_value(),
    }
    return Private(owner=dossier.uid, members=members)
