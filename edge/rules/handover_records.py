"""Record kinds of handovers (交接单): papers or results in a counted batch, from one pair of hands into another.

The subject of every kind is the batch, `batch:<ulid>`. Two persons: who sealed it never signs for it. `hash` covers
number, both places and every line: what is signed for is what was sealed.
"""

import hashlib
import json
from typing import Final, Literal

from edge.rules.about import About
from edge.rules.body import Body
from edge.rules.case_records import Delivery
from edge.rules.dossier_records import Outcome

BatchWhat = Literal["materials", "results"]
Settled = Literal["found_here", "found_there", "lost"]
RESULT: Final = "result"  # material of a line that is a result


class Line(Body):
    """`sheets` of one material of one case; a result is one."""

    case: str
    material: str
    sheets: int


class Passenger(Body):
    """What the receiving site must know of a case whose result it is to deliver."""

    case: str
    number: str
    receipt: str
    query_code: str
    item: str
    kind: str
    delivery: Delivery
    deliveries: tuple[Delivery, ...]
    outcome: Outcome
    entry: str


class Sheet(Body):
    """The handover sheet, on paper and on the line. `sealed_by`: clerk id of who counted it out."""

    number: str
    what: BatchWhat
    frm: str
    to: str
    lines: tuple[Line, ...]
    passengers: tuple[Passenger, ...]
    sealed_by: str
    hash: str


class BatchSealed(Body):
    sheet: Sheet
    date: str
    at: str
    window: str


class Difference(Body):
    """`counted` is not `sheets`: more is a difference, too."""

    case: str
    material: str
    sheets: int
    counted: int


class BatchReceived(Body):
    """Signed for. `sheet` only at a receiving site: it has no record of the sealing. `at_origin`: false there.

    `signer`: clerk or staff id of the receiver. A result that was not counted gives no right to deliver it.
    """

    hash: str
    sheet: Sheet | None
    differences: tuple[Difference, ...]
    signer: str
    date: str
    at: str
    window: str
    clerk: str
    about: About | None


class BatchSettled(Body):
    """One difference is cleared, by a clerk and a witness. `open`: how many are left."""

    case: str
    material: str
    outcome: Settled
    date: str
    at: str
    window: str
    clerk: str
    witness: str
    open: int


def sheet_hash(number: str, what: str, frm: str, to: str, lines: tuple[Line, ...], who: tuple[Passenger, ...]) -> str:
    """SHA-256 of the sheet as canonical JSON, the same in every release."""
    listed = [number, what, frm, to, [[line.case, line.material, line.sheets] for line in lines]]
    listed.append(
        [[each.case, each.number, each.receipt, each.query_code, each.item, each.outcome, each.entry] for each in who]
    )
    return hashlib.sha256(json.dumps(listed, separators=(",", ":")).encode("ascii")).hexdigest()


HANDOVER_KINDS: Final[dict[tuple[str, int], type[Body]]] = {
    ("batch.sealed", 1): BatchSealed,
    ("batch.received", 1): BatchReceived,
    ("batch.settled", 1): BatchSettled,
}
