"""一次性告知书 and 不予收件告知书: what stands on them, from the case's own records; a second print says the same."""

from collections.abc import Iterator, Mapping

from drivers.contract import TicketLine
from edge.reactions.receipt import subject_of
from edge.reactions.wording import Wording, left, minute
from edge.rules.case_records import Point, RefuseReason
from edge.rules.case_state import Case, Notice


def lines(
    case: Case, notice: Notice, applicant: Mapping[str, str], text: str, wording: Wording, copy_no: int
) -> tuple[TicketLine, ...]:
    """`applicant` as for a receipt; `text`: the opened text of a refusal, '' without one. `copy_no` 1 = first print."""
    words = wording.words
    key = "notice" if notice.reason is None else "refused"
    said = _lacking(case, notice.points, wording) if notice.reason is None else _reason(notice.reason, text, wording)
    return (
        *wording.title(key, words.say("notice.notice", number=notice.number), copy_no),
        *subject_of(case, applicant, wording),
        *said,
        *wording.place(notice.window, notice.clerk),
        left(words.say("notice.given", time=minute(notice.given_at))),
        *wording.foot(notice.number, case.catalogue),
        left(words["case.signature"]),
    )


def _lacking(case: Case, points: tuple[Point, ...], wording: Wording) -> Iterator[TicketLine]:
    words = wording.words
    yield left(words["notice.opening"], bold=True)
    for n, point in enumerate(points, 1):
        yield left(words.say("case.material", n=n, name=wording.material(case.item, point.material)), bold=True)
        yield left(words[f"why.{point.why}"])
        if amount := wording.wanted(case.requirement(point.material)):
            yield left(words.say("notice.wanted", amount=amount))
    yield left(words["notice.closing"])


def _reason(reason: RefuseReason, text: str, wording: Wording) -> Iterator[TicketLine]:
    words = wording.words
    yield left(words["refused.opening"], bold=True)
    yield left(words[f"reason.{reason}"], bold=True)
    if text:
        yield left(words.say("refused.text", text=text))
    yield left(words["refused.closing"])
