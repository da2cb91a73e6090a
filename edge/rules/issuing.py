"""When no more numbers are given for a service: by forecast before closing, or by the manager. Never silently."""

from edge.rules import look
from edge.rules.codes import Code, refusal
from edge.rules.moment import Fact, Moment
from edge.rules.queue_commands import ResumeIssuing, StopIssuing
from edge.rules.queue_records import IssuingResumed, IssuingStopped
from edge.rules.records import Draft
from edge.rules.state import State


def stop(state: State, command: StopIssuing, moment: Moment) -> list[Draft]:
    date = look.open_day(state)
    _require_known(state, command.service)
    if state.stopped.get(command.service) in (command.why, "manager"):
        return []
    body = IssuingStopped(why=command.why)
    subject = f"service:{command.service}"
    return [Draft(kind="issuing.stopped", subject=subject, actor=moment.actor, body=body, business_date=date)]


def resume(state: State, command: ResumeIssuing, moment: Moment) -> list[Draft]:
    date = look.open_day(state)
    _require_known(state, command.service)
    why = state.stopped.get(command.service)
    if why is None or (command.why == "forecast" and why != "forecast"):
        return []
    subject = f"service:{command.service}"
    body = IssuingResumed()
    return [Draft(kind="issuing.resumed", subject=subject, actor=moment.actor, body=body, business_date=date)]


def _require_known(state: State, service: str) -> None:
    if service not in state.services:
        raise refusal(Code.SERVICE_UNKNOWN)
    if f"service:{service}" in state.frozen:
        raise refusal(Code.SUBJECT_FROZEN)


def stopped(state: State, fact: Fact, body: IssuingStopped) -> None:
    state.stopped[fact.subject.removeprefix("service:")] = body.why


def resumed(state: State, fact: Fact, body: IssuingResumed) -> None:
    state.stopped.pop(fact.subject.removeprefix("service:"), None)
