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
    if command.service not in state.services:
        raise refusal(Code.SERVICE_UNKNOWN)
    if state.stopped.get(command.service) == command.why:
        return []
    body = IssuingStopped(why=command.why)
    subject = f"service:{command.service}"
    return [Draft(kind="issuing.stopped", subject=subject, actor=moment.actor, body=body, business_date=date)]


def resume(state: State, command: ResumeIssuing, moment: Moment) -> list[Draft]:
    date = look.open_day(state)
    if command.service not in state.stopped:
        return []
    subject = f"service:{command.service}"
    body = IssuingResumed()
    return [Draft(kind="issuing.resumed", subject=subject, actor=moment.actor, body=body, business_date=date)]


def stopped(state: State, fact: Fact, body: IssuingStopped) -> None:
    state.stopped[fact.subject.removeprefix("service:")] = body.why


def resumed(state: State, fact: Fact, body: IssuingResumed) -> None:
    state.stopped.pop(fact.subject.removeprefix("service:"), None)
