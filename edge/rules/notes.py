"""What was written at a step of a task or complaint, and what the citizen wrote: read by the lead, and on record."""

from edge.rules import complaints, roles, tasks
from edge.rules.codes import Code, refusal
from edge.rules.followup_commands import ShowNote
from edge.rules.followup_records import NoteShown
from edge.rules.followup_state import Line, Opinion
from edge.rules.moment import Fact, Moment
from edge.rules.records import Draft
from edge.rules.state import State

_TASK = "task:"


def show(state: State, command: ShowNote, moment: Moment) -> list[Draft]:
    roles.require(command, moment.actor)
    if command.n >= len(of(state, command)):
        raise refusal(Code.PART_UNKNOWN)
    body = NoteShown(of=command.of, n=command.n)
    return [
        Draft(
            kind="note.shown",
            subject=command.subject,
            actor=moment.actor,
            body=body,
            business_date=state.date or None,
        )
    ]


def shown(state: State, fact: Fact, body: NoteShown) -> None:
    """Nothing in the state changes: the record is for the audit."""


def of(state: State, command: ShowNote) -> list[Line] | list[Opinion]:
    """The steps or opinions that `n` counts. Refuses for a subject that is not there."""
    if not command.subject.startswith(_TASK):
        return complaints.known(state, command.subject).steps if command.of == "step" else []
    task = tasks.known(state, command.subject)
    return task.steps if command.of == "step" else task.opinions
