"""What a clerk can do with a case now, so that a page offers this and nothing else.

Order is the table's; what is taken out here is what the hall's settings would refuse all the same.
"""

from typing import Literal

from edge.rules import case_flow, dossiers
from edge.rules.books import Books
from edge.rules.dossier_records import Act
from edge.rules.dossier_state import Dossier

Offer = (
    Act
    | Literal[
        "papers",  # its papers go to the deciding unit
        "security_paper",  # a sheet of security paper is used for its result
    ]
)
_AT_UNIT = ("forwarded", "stayed", "supplement")


def offers(dossier: Dossier, day: str, books: Books) -> tuple[Offer, ...]:
    """`day`: the business date. `hand` and `papers` are batches; a result is given back on a shelf by settling one."""
    found: list[Offer] = [
        act for act in case_flow.acts_of(dossier.stage, "clerk") if act != "keep" and _may(dossier, act, day, books)
    ]
    if dossier.stage in _AT_UNIT and dossier.unit and any(held.here for held in dossier.holdings.values()):
        found.append("papers")
    if dossier.outcome and not dossier.origin and dossier.stage in ("decided", "arrived", "verified", "registered"):
        found.append("security_paper")
    return tuple(found)


def _may(dossier: Dossier, act: Act, day: str, books: Books) -> bool:
    if act in ("shelve", "hand"):
        return dossiers.belongs_here(dossier, books) is (act == "shelve")
    if act == "accept":
        return books.flow.delegation(dossier.item, day) is not None
    if act == "decide":
        return dossier.kind == "instant" and books.flow.delegation(dossier.item, day) is not None
    return True
