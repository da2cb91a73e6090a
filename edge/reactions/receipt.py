"""收件回执: what stands on the receipt (domain.md 5.4), from the case's own records; printed again it is the same.

Money, agents, suspensions and the centre's number have no records yet and so no line.
"""

from collections.abc import Iterator, Mapping

from drivers.contract import TicketLine
from edge.masking import mask_name, mask_number
from edge.reactions.wording import Wording, left, minute
from edge.rules.case_records import CaseReceived, TakenMaterial
from edge.rules.case_state import Case
from edge.rules.dossier_state import Dossier


def lines(
    case: Case, applicant: Mapping[str, str], wording: Wording, copy_no: int, rating_code: str = ""
) -> tuple[TicketLine, ...]:
    """`applicant`: the opened part (name, id_number); only its masked form is on the paper. `copy_no` 1 = first print.

    `rating_code`: of the ticket it was taken in with, '' = none.
    Raises ValueError for a case that was not received.
    """
    received = case.received
    if received is None:
        raise ValueError("the case was not received")
    words = wording.words
    return (
        *wording.title("receipt", words.say("receipt.receipt", number=received.receipt), copy_no),
        left(words.say("case.number", number=received.number), bold=True),
        left(words.say("case.query", code=received.query_code), bold=True),
        *subject_of(case, applicant, wording),
        *_materials(case, received, wording),
        *wording.place(received.window, received.clerk),
        *_dates(received, wording),
        left(words[f"receipt.delivery.{received.delivery}"]),
        *_pickup(received, wording),
        left(words["receipt.hint"]),
        *([left(words.say("rate", code=rating_code))] if rating_code else []),
        *wording.foot(f"{received.number}/{received.query_code}", received.catalogue),
        left(words["case.signature"]),
        TicketLine(text=words["receipt.seal"], align="right"),
    )


def subject_of(case: Case | Dossier, applicant: Mapping[str, str], wording: Wording) -> Iterator[TicketLine]:
    """What was asked for, and by whom; on every paper of the case. Nobody for an empty `applicant`."""
    words = wording.words
    yield left(words.say("case.item", item=wording.item(case.item)), bold=True)
    if code := wording.implementation_code(case.item):
        yield left(words.say("case.code", code=code))
    yield left(words[f"case.kind.{case.kind}"])
    if applicant:
        yield left(words.say("case.applicant", name=mask_name(applicant["name"])))
        yield left(words.say("case.id_number", number=mask_number(applicant["id_number"])))


def _materials(case: Case, received: CaseReceived, wording: Wording) -> Iterator[TicketLine]:
    words = wording.words
    kept = [each for each in received.marks if each.state in ("provided", "reused")]
    yield left(words["receipt.materials"] if kept else words["receipt.no_materials"], bold=True)
    for n, each in enumerate(kept, 1):
        yield left(words.say("case.material", n=n, name=wording.material(case.item, each.material)))
        yield left(words["case.count_join"].join(filter(None, (_amount(each, wording), _form(each, wording)))))
    absent = [each for each in received.marks if each.state not in ("provided", "reused")]
    if absent:
        yield left(words["receipt.lacking"], bold=True)
    for n, each in enumerate(absent, 1):
        yield left(words.say("case.material", n=n, name=wording.material(case.item, each.material)))
        yield left(words.say("case.remark", text=words[f"why.{each.defect or 'missing'}"]))


def _form(taken: TakenMaterial, wording: Wording) -> str:
    """Nothing where the number of scanned pages has just said so."""
    return "" if taken.form == "scan" and taken.pages else wording.words[f"form.{taken.form}"]


def _amount(taken: TakenMaterial, wording: Wording) -> str:
    return wording.amount(taken.originals, taken.copies, len(taken.pages))


def _dates(received: CaseReceived, wording: Wording) -> Iterator[TicketLine]:
    words = wording.words
    yield left(words.say("receipt.received", time=minute(received.received_at)))
    if received.received != received.received_at[:10]:
        yield left(words.say("receipt.counted", date=received.received))
    if received.limit_days is not None:
        yield left(words.say("receipt.limit", days=received.limit_days))
    if received.due:
        yield left(words.say("receipt.due", due=received.due), bold=True)
    else:
        yield left(words["receipt.no_limit"])


def _pickup(received: CaseReceived, wording: Wording) -> Iterator[TicketLine]:
    if received.delivery != "counter":
        return
    if received.pickup in ("", wording.site.site):
        yield left(wording.words.say("receipt.pickup_here", hall=wording.hall))
    else:
        yield left(wording.words.say("receipt.pickup", site=received.pickup))
