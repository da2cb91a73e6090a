"""Mistakes put into the rules on purpose: a few simulated weeks must show each of them to the judge."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import time
from typing import Any, Final

import pytest
from pydantic import SecretStr

from edge.rules import apply as folding
from edge.rules import (
    case_flow,
    complaints,
    deadlines,
    decide,
    delegation,
    disclosures,
    disputes,
    dossiers,
    guidance,
    handovers,
    numbers,
    papers_ledger,
    parcels,
    ratings,
    reuse,
    roles,
    tasks,
    waiters,
)
from edge.rules import commands as c
from edge.rules import followup_commands as f

Patch = pytest.MonkeyPatch
Spoil = Callable[[Patch], None]


def suspension_not_counted(patch: Patch) -> None:
    patch.setattr(dossiers, "closed_stops", lambda dossier, today: [])


def last_day_of_a_suspension_stands_too(patch: Patch) -> None:
    patch.setattr(
        dossiers,
        "closed_stops",
        lambda dossier, today: [s if s.last else s.model_copy(update={"last": today}) for s in dossier.stops],
    )


def worked_weekends_forgotten(patch: Patch) -> None:
    real = deadlines.is_working_day
    patch.setattr(
        deadlines,
        "is_working_day",
        lambda day, calendar: real(day, calendar) and day not in calendar.working_weekend_days,
    )


def closing_hour_forgotten(patch: Patch) -> None:
    real = deadlines.received_on
    patch.setattr(deadlines, "received_on", lambda moment, close, calendar: real(moment, time(23, 59, 59), calendar))


def delivered_and_still_there(patch: Patch) -> None:
    patch.setitem(folding.FOLDS, "result.delivered", lambda state, fact, body: None)


def sealed_and_still_there(patch: Patch) -> None:
    """The hall that sent a result away may give it out all the same."""
    real = case_flow.step

    def step(dossier: Any, act: Any, who: Any) -> Any:
        if act == "deliver" and dossier.stage == "moving":
            return "delivered"
        return real(dossier, act, who)

    patch.setattr(case_flow, "step", step)


def a_sheet_counts_every_time_it_comes(patch: Patch) -> None:
    real = handovers.take_in

    def take_in(state: Any, command: Any, moment: Any) -> Any:
        return real(state.model_copy(update={"taken_in": set(), "batches": {}}), command, moment)

    patch.setitem(decide.DECISIONS, c.TakeInBatch, take_in)


def short_batches_accepted_in_silence(patch: Patch) -> None:
    patch.setattr(handovers, "_differences", lambda sheet, counted: ())


def one_person_signs_for_himself(patch: Patch) -> None:
    patch.setattr(handovers, "_require_second", lambda person, first: None)


def lost_sheets_forgotten(patch: Patch) -> None:
    real = handovers.settled

    def settled(state: Any, fact: Any, body: Any) -> None:
        real(state, fact, body)
        dossier = state.dossiers.get(body.case)
        if body.outcome == "lost" and dossier is not None and body.material in dossier.holdings:
            dossier.holdings[body.material].lost = 0

    patch.setitem(folding.FOLDS, "batch.settled", settled)


def rated_by_any_nonce(patch: Patch) -> None:
    real = ratings._question

    def question(state: Any, nonce: str) -> Any:
        return state.questions.get(nonce) or next(iter(state.questions.values()), None) or real(state, nonce)

    patch.setattr(ratings, "_question", question)


def rated_twice(patch: Patch) -> None:
    patch.setitem(folding.FOLDS, "rating.given", lambda state, fact, body: None)


def rated_whenever(patch: Patch) -> None:
    real = ratings.give

    def give(state: Any, command: Any, moment: Any) -> Any:
        question = state.questions.get(command.nonce)
        return real(state, command, moment if question is None else replace(moment, now_ms=question.ended))

    patch.setitem(decide.DECISIONS, c.GiveRating, give)


def clerks_rate_themselves(patch: Patch) -> None:
    patch.setattr(roles, "require", lambda command, actor: None)


def bad_ratings_without_a_task(patch: Patch) -> None:
    patch.setattr(ratings, "_task", lambda *_: [])


def tasks_in_any_order(patch: Patch) -> None:
    every = frozenset(step.to for step in tasks.STEPS.values()) | {"opened"}
    patch.setattr(tasks, "STEPS", {kind: step._replace(after=every) for kind, step in tasks.STEPS.items()})


def complaints_never_rise(patch: Patch) -> None:
    patch.setattr(complaints, "overdue", lambda *_: [])


def paper_used_twice(patch: Patch) -> None:
    patch.setattr(papers_ledger, "_require_in_stock", lambda *_: None)


def delegations_without_end(patch: Patch) -> None:
    patch.setattr(delegation.Delegation, "covers", lambda self, item, day: item == self.item)


def numbers_forgotten_by_a_restart(patch: Patch) -> None:
    patch.setattr(numbers, "given", lambda state, number: None)


def the_units_word_lost_in_silence(patch: Patch) -> None:
    patch.setattr(disputes, "instead", lambda *_: [])


def the_unit_overrides_whatever_it_saw(patch: Patch) -> None:
    real = case_flow.step

    def step(dossier: Any, act: Any, who: Any) -> Any:
        return "decided" if act == "decide" and who == "centre" else real(dossier, act, who)

    patch.setattr(case_flow, "step", step)


def withdrawn_cases_stay_open(patch: Patch) -> None:
    real = dossiers.end_of_day
    patch.setattr(
        dossiers, "end_of_day", lambda state, moment: [d for d in real(state, moment) if d.body.act != "close"]
    )


def nobody_is_reminded(patch: Patch) -> None:
    real = dossiers.end_of_day
    patch.setattr(
        dossiers, "end_of_day", lambda state, moment: [d for d in real(state, moment) if d.body.act != "remind"]
    )


def a_parcel_is_signed_for_again(patch: Patch) -> None:
    real = parcels.sign

    def sign(state: Any, command: Any, moment: Any) -> Any:
        return real(state.model_copy(update={"waybills": {}}), command, moment)

    patch.setitem(decide.DECISIONS, c.SignParcel, sign)


def a_parcel_is_opened_by_one_person(patch: Patch) -> None:
    real = parcels.sign

    def sign(state: Any, command: Any, moment: Any) -> Any:
        clerk = state.windows[command.window].clerk if command.window in state.windows else ""
        drafts = real(state, command.model_copy(update={"witness": "somebody"}), moment)
        return [each.model_copy(update={"body": each.body.model_copy(update={"witness": clerk})}) for each in drafts]

    patch.setitem(decide.DECISIONS, c.SignParcel, sign)


def a_parcel_goes_with_any_case(patch: Patch) -> None:
    real = parcels.match

    def match(state: Any, command: Any, moment: Any) -> Any:
        case = state.cases.get(command.case)
        fits = {"item": case.item} if case else {}
        posted = {uid: each.model_copy(update=fits) for uid, each in state.parcels.items()}
        return real(state.model_copy(update={"parcels": posted}), command, moment)

    patch.setitem(decide.DECISIONS, c.MatchParcel, match)


def differences_of_a_parcel_rounded_away(patch: Patch) -> None:
    real = parcels.differences
    patch.setattr(parcels, "differences", lambda listed, counted: tuple(d for d in real(listed, counted) if d.counted))


def a_department_is_expected_for_ever(patch: Patch) -> None:
    patch.setattr(guidance, "over", lambda state, ticket, moment: [])


def looked_through_again_and_again(patch: Patch) -> None:
    patch.setitem(folding.FOLDS, "case.prechecked", lambda state, fact, body: None)


def used_after_its_last_day(patch: Patch) -> None:
    patch.setattr(reuse, "is_over", lambda held, day: False)


def uses_recorded_again_and_again(patch: Patch) -> None:
    patch.setitem(folding.FOLDS, "reuse.used", lambda state, fact, body: None)


def reused_and_nobody_recorded_it(patch: Patch) -> None:
    real = reuse.used
    patch.setattr(reuse, "used", lambda *asked: [d for d in real(*asked) if d.kind != "reuse.used"])


def whatever_is_held_is_offered(patch: Patch) -> None:
    patch.setattr(reuse, "_bounded", lambda line, rule: line)


def a_no_is_forgotten(patch: Patch) -> None:
    patch.setitem(folding.FOLDS, "reuse.declined", lambda state, fact, body: None)


def what_ran_out_while_the_draft_waited_counts(patch: Patch) -> None:
    patch.setattr(reuse, "relied_on", lambda *_: [])


def what_was_only_reused_is_a_source(patch: Patch) -> None:
    real = reuse.told_by

    def told_by(opened: Any, received: Any) -> Any:
        found = real(opened, received)
        reused = tuple(mark["material"] for mark in received.body["marks"] if mark["state"] == "reused")
        return found and replace(found, materials=(*found.materials, *reused))

    patch.setattr(reuse, "told_by", told_by)


def values_shown_before_they_were_used(patch: Patch) -> None:
    real = disclosures.disclose

    def disclose(state: Any, command: Any, moment: Any) -> Any:
        copy = state.model_copy(deep=True)
        for case in copy.cases.values():
            for held in case.held.values():
                held.used = True
        return real(copy, command, moment)

    patch.setitem(decide.DECISIONS, c.DisclosePart, disclose)


def an_order_acts_every_time_it_comes(patch: Patch) -> None:
    patch.setattr(complaints, "_is_old", lambda state, command: False)


def the_level_above_answers_what_has_not_risen(patch: Patch) -> None:
    patch.setattr(complaints, "has_risen", lambda complaint, own: True)


def limits_from_above_are_lost(patch: Patch) -> None:
    real = complaints._directed
    patch.setattr(
        complaints,
        "_directed",
        lambda state, command, moment: real(state, command.model_copy(update={"due": ""}), moment),
    )


def an_order_taken_back_is_lost_in_silence(patch: Patch) -> None:
    patch.setitem(decide.DECISIONS, c.TakeBackDecision, lambda state, command, moment: [])


def answered_again(patch: Patch) -> None:
    step = complaints.STEPS[f.ReplyComplaint]
    patch.setitem(complaints.STEPS, f.ReplyComplaint, step._replace(after=step.after | {"replied"}))


def closed_without_an_answer(patch: Patch) -> None:
    step = complaints.STEPS[f.CloseComplaint]
    patch.setitem(complaints.STEPS, f.CloseComplaint, step._replace(after=step.after | complaints.UNDER_WAY))


def who_wants_to_be_unknown_is_written_down(patch: Patch) -> None:
    real = complaints.register

    def register(state: Any, command: Any, moment: Any) -> Any:
        seen = command.name.get_secret_value() or "一位老人"
        return real(state, command.model_copy(update={"name": SecretStr(seen)}), moment)

    patch.setitem(decide.DECISIONS, f.RegisterComplaint, register)


def complainants_stand_in_the_records(patch: Patch) -> None:
    real = complaints.register

    def register(state: Any, command: Any, moment: Any) -> Any:
        told = command.contact.get_secret_value() or command.target
        (draft,) = real(state, command, moment)
        return [draft.model_copy(update={"body": draft.body.model_copy(update={"target": told})})]

    patch.setitem(decide.DECISIONS, f.RegisterComplaint, register)


def who_waits_begins_anew(patch: Patch) -> None:
    real = waiters.begin

    def begin(state: Any, command: Any, moment: Any) -> Any:
        copy = state.model_copy(deep=True)
        for dossier in copy.dossiers.values():
            dossier.waiting = None
        return real(copy, command, moment)

    patch.setitem(decide.DECISIONS, c.AwaitDecision, begin)


def a_wait_lasts_from_the_call(patch: Patch) -> None:
    real = waiters.began

    def began(state: Any, fact: Any, body: Any) -> None:
        called = state.tickets[body.ticket].called_ms if body.ticket in state.tickets else 0
        real(state, fact, body.model_copy(update={"now": called or body.now}))

    patch.setitem(folding.FOLDS, "decision.awaited", began)


def who_has_gone_still_waits(patch: Patch) -> None:
    patch.setattr(waiters, "_HERE", ("serving", "held", "done", "expired"))


def a_case_that_stands_still_is_a_word(patch: Patch) -> None:
    patch.setattr(waiters, "AWAITED", ("forwarded",))


MUTANTS: Final[dict[str, Spoil]] = {
    each.__name__: each
    for each in (
        suspension_not_counted, last_day_of_a_suspension_stands_too, worked_weekends_forgotten, closing_hour_forgotten,
        delivered_and_still_there, sealed_and_still_there, a_sheet_counts_every_time_it_comes,
        short_batches_accepted_in_silence, one_person_signs_for_himself, lost_sheets_forgotten, rated_by_any_nonce,
        rated_twice, rated_whenever, clerks_rate_themselves, bad_ratings_without_a_task, tasks_in_any_order,
        complaints_never_rise, paper_used_twice, delegations_without_end, numbers_forgotten_by_a_restart,
        the_units_word_lost_in_silence, the_unit_overrides_whatever_it_saw, withdrawn_cases_stay_open,
        nobody_is_reminded, a_parcel_is_signed_for_again, a_parcel_is_opened_by_one_person,
        a_parcel_goes_with_any_case, differences_of_a_parcel_rounded_away, a_department_is_expected_for_ever,
        looked_through_again_and_again, used_after_its_last_day, uses_recorded_again_and_again,
        reused_and_nobody_recorded_it, whatever_is_held_is_offered, a_no_is_forgotten,
        what_ran_out_while_the_draft_waited_counts, what_was_only_reused_is_a_source,
        values_shown_before_they_were_used, an_order_acts_every_time_it_comes,
        the_level_above_answers_what_has_not_risen, limits_from_above_are_lost,
        an_order_taken_back_is_lost_in_silence, answered_again, closed_without_an_answer,
        who_wants_to_be_unknown_is_written_down, complainants_stand_in_the_records, who_waits_begins_anew,
        a_wait_lasts_from_the_call, who_has_gone_still_waits, a_case_that_stands_still_is_a_word,
    )
}  # fmt: skip

WITHIN: Final = 8
"""Seeds of which one must show the mistake."""
SHOWS_LATE: Final = frozenset(
    {
        "complaints_never_rise",
        "delegations_without_end",
        "lost_sheets_forgotten",
        "nobody_is_reminded",
        "what_ran_out_while_the_draft_waited_counts",
    }
)
"""Only after a week or two: their days have fewer steps, so that the suite stays quick."""


@contextmanager
def spoiled(name: str) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        MUTANTS[name](patch)
        yield
