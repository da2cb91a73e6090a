"""What the deciding unit said and a case that has moved on here meanwhile: never decided silently, by neither side.

A word that is out of order is a record, not a mere refusal: it goes up to the centre, stands in sight here, and is
not tried again on another day when it might fit by chance.
"""

from typing import Final

from edge.rules import case_flow, parcels, roles
from edge.rules.about import About
from edge.rules.cases import draft_of
from edge.rules.codes import Code, refusal
from edge.rules.dispute_records import DecisionDisputed, DisputeSettled
from edge.rules.dispute_state import Dispute
from edge.rules.dossier_commands import RecordDecision, SettleDispute, TakeBackDecision
from edge.rules.moment import Fact, Moment
from edge.rules.records import Draft
from edge.rules.refusal import Refusal
from edge.rules.state import State

GONE: Final = "gone"
_MOVED_ON: Final = frozenset({*case_flow.WAITS.values(), Code.CASE_UNKNOWN})


def key(about: About) -> str:
    return f"{about.feed}/{about.id}"


def is_known(state: State, about: About) -> bool:
    """This revision, or a newer one, was in dispute already."""
    found = state.disputes.get(key(about))
    return found is not None and about.rev <= found.told.about.rev


def instead(state: State, command: RecordDecision, why: Refusal, moment: Moment) -> list[Draft]:
    """The record of a dispute in the place of `why`; raises it where the case has not moved on."""
    if case_flow.actor_of(moment) != "centre" or Code(why.code) not in _MOVED_ON:
        raise why
    return [disputed_word(state, command.case, command.about, command.said, command.unit, why.code, moment)]


def take_back(state: State, command: TakeBackDecision, moment: Moment) -> list[Draft]:
    """The centre has removed its word. Of one that was followed here only people can undo what it did."""
    if unannounced := parcels.take_back(state, command.about, moment):
        return unannounced
    found = state.disputes.get(key(command.about))
    if found is not None:
        if not found.open or found.told.said == GONE:
            return []
        return [_settled(state, found, "taken_back", moment)]
    for dossier in state.dossiers.values():
        if key(command.about) in dossier.revs:
            code = case_flow.WAITS[dossier.stage]
            return [disputed_word(state, dossier.uid, command.about, GONE, dossier.unit, code, moment)]
    for complaint in state.complaints.values():
        if key(command.about) in complaint.revs:
            code = Code.COMPLAINT_NOT_NOW
            return [disputed_word(state, complaint.uid, command.about, GONE, complaint.to, code, moment)]
    return []


def settle(state: State, command: SettleDispute, moment: Moment) -> list[Draft]:
    """By whoever leads the hall, after speaking with the unit."""
    roles.require(command, moment.actor)
    found = state.disputes.get(command.item)
    if found is None or not found.open:
        raise refusal(Code.CASE_UNKNOWN)
    return [_settled(state, found, "told", moment)]


def open_ones(state: State) -> list[Dispute]:
    """For the person in charge, oldest first."""
    return [each for each in state.disputes.values() if each.open]


def disputed(state: State, fact: Fact, body: DecisionDisputed) -> None:
    state.disputes.pop(key(body.about), None)
    state.disputes[key(body.about)] = Dispute(case=fact.subject, told=body)
    told = state.dossiers.get(fact.subject) or state.complaints.get(fact.subject)
    if told is not None:
        told.revs[key(body.about)] = body.about.rev


def settled(state: State, fact: Fact, body: DisputeSettled) -> None:
    found = state.disputes.get(key(body.item))
    if found is not None:
        found.open = False


def followed(state: State, about: About | None) -> None:
    """A newer revision fits: what was in dispute is over."""
    if about is not None:
        state.disputes.pop(key(about), None)


def disputed_word(state: State, case: str, about: About, said: str, unit: str, why: str, moment: Moment) -> Draft:
    """`case`: what the word was about, a case or a complaint."""
    dossier = state.dossiers.get(case)
    body = DecisionDisputed(
        about=about,
        said=said,
        unit=unit,
        why=why,
        stage="" if dossier is None else dossier.stage,
        date=state.date,
        at=moment.at,
    )
    return draft_of(state, "decision.disputed", case, body, moment)


def _settled(state: State, found: Dispute, how: str, moment: Moment) -> Draft:
    body = DisputeSettled.model_validate({"item": found.told.about, "how": how, "date": state.date, "at": moment.at})
    return draft_of(state, "dispute.settled", found.case, body, moment)
