"""补正告知书: what must still be brought after the receipt; a second print says the same."""

from collections.abc import Iterator, Mapping

from drivers.contract import TicketLine
from edge.reactions.receipt import subject_of
from edge.reactions.wording import Wording, left, minute
from edge.rules.dossier_state import Dossier, Supplement


def lines(
    dossier: Dossier, given: Supplement, applicant: Mapping[str, str], wording: Wording, copy_no: int
) -> tuple[TicketLine, ...]:
    """`applicant` as for a receipt, empty where another hall took the case in. `copy_no` 1 = first print."""
    words = wording.words
    return (
        *wording.title("supplement", words.say("notice.notice", number=given.number), copy_no),
        left(words.say("case.number", number=dossier.number), bold=True),
        left(words.say("case.query", code=dossier.query_code), bold=True),
        *subject_of(dossier, applicant, wording),
        *_points(dossier, given, wording),
        *_who(dossier, given, wording),
        left(words.say("notice.given", time=minute(given.at))),
        *wording.foot(f"{dossier.number}/{dossier.query_code}"),
        left(words["case.signature"]),
    )


def _points(dossier: Dossier, given: Supplement, wording: Wording) -> Iterator[TicketLine]:
    words = wording.words
    yield left(words["supplement.opening"], bold=True)
    for n, point in enumerate(given.points, 1):
        yield left(words.say("case.material", n=n, name=wording.material(dossier.item, point.material)), bold=True)
        yield left(words[f"why.{point.why}"])
        if amount := wording.wanted_now(dossier.item, point.material):
            yield left(words.say("notice.wanted", amount=amount))
    yield left(words["supplement.closing"])
    yield left(words["supplement.clock"])


def _who(dossier: Dossier, given: Supplement, wording: Wording) -> Iterator[TicketLine]:
    """The window that asks, or the deciding unit."""
    if given.window:
        yield from wording.place(given.window, given.clerk)
    else:
        yield left(wording.words.say("supplement.unit", unit=wording.unit(dossier.unit)))
