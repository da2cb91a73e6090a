"""Pages printed for citizens (打印复印): reserved before the first byte, counted by how the print ended.

No page, no name and no number of a card stands here. `account` is whose free pages they are: the keyed hash of the
business date that a ticket's record has too, or the ticket where no card was laid; it means nothing on another day.
"""

from typing import Final, Literal

from edge.rules.body import Body

CopyKind = Literal["guide", "form", "sample", "own"]
CopyBy = Literal["card", "ticket"]
GrantWhy = Literal["large_case", "misprint", "in_need", "other"]


class CopyReserved(Body):
    """subject `copy:<ulid>`. `item` of the catalogue, '' for a paper of one's own; `limit`: pages of the account that
    day, what was granted included; `date` the business date that they count on.
    """

    kind: CopyKind
    item: str
    pages: int
    account: str
    by: CopyBy
    limit: int
    kiosk: str
    printer: str
    job: str
    date: str


class CopyEnded(Body):
    """subject the print; kinds copy.done, copy.failed, copy.unknown. `came`: pages that came out, and are charged.

    `unsure`: pages of which nobody knows; the hall counts them as paper, the person is not charged. `code`: device
    error code or ''. `date` is that of the reservation.
    """

    came: int
    unsure: int
    code: str
    date: str


class CopyGranted(Body):
    """subject the ticket, or `site` for the whole hall: more pages on this business date. The actor granted them."""

    account: str
    pages: int
    why: GrantWhy
    date: str


COPY_KINDS: Final[dict[tuple[str, int], type[Body]]] = {
    ("copy.reserved", 1): CopyReserved,
    ("copy.done", 1): CopyEnded,
    ("copy.failed", 1): CopyEnded,
    ("copy.unknown", 1): CopyEnded,
    ("copy.granted", 1): CopyGranted,
}
