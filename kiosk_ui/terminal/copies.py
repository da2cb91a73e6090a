"""打印复印 at the kiosk: whose pages, what, a look at it, the print. What is asked and chosen, step by step.

    copy_who -> (card read and confirmed) -> (asking) copy_menu
             -> copy_code -> (asking) copy_menu
    copy_menu -> (asking) copy_own -> (asking) printed        a paper of one's own, page by page
              -> topic ... items -> (asking) copy_papers -> copy_item -> (asking) printed

Pure, as desk.py, whose steps these are. The picture of a page is here while it is looked at, and gone with the session.
"""

from dataclasses import dataclass, field, replace
from typing import Final, Literal

from edge.api.copy_schema import CopyKind, CopyOffer, CopyPage, CopyPapers, CopyPrinted

WAYS: Final = ("by_card", "by_ticket")
NO_PAGES: Final = "copy_no_pages"  # refusal: the hall has forgotten the pages that were taken
STEPS: Final = ("copy_who", "copy_code", "copy_menu", "copy_papers", "copy_own", "copy_item")


@dataclass(frozen=True, slots=True)
class Copies:
    """`here`: this kiosk prints and copies. `on`: the person came for that. `page`: the one taken last, of `pages`.

    `printed`: how the last print ended.
    """

    here: bool = False
    on: bool = False
    card: str = field(default="", repr=False)
    code: str = field(default="", repr=False)
    offer: CopyOffer | None = None
    papers: CopyPapers | None = None
    kind: CopyKind | Literal[""] = ""
    item: str = ""
    page: CopyPage | None = field(default=None, repr=False)
    wants: Literal["", "page", "anew", "print"] = ""
    printed: CopyPrinted | None = None


NO_COPIES: Final = Copies()


@dataclass(frozen=True, slots=True)
class LookCopies:
    card: str = field(default="", repr=False)
    code: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class OpenPapers:
    item: str


@dataclass(frozen=True, slots=True)
class TakePage:
    id: str
    anew: bool


@dataclass(frozen=True, slots=True)
class PrintCopies:
    id: str
    kind: CopyKind
    item: str
    card: str = field(default="", repr=False)
    code: str = field(default="", repr=False)


CopyRequest = LookCopies | OpenPapers | TakePage | PrintCopies
CopyAnswer = CopyOffer | CopyPapers | CopyPage | CopyPrinted


def menu(copies: Copies) -> tuple[str, ...]:
    """Nothing where nothing can be printed now."""
    offer = copies.offer
    if offer is None or offer.left == 0 or offer.trouble or offer.paper == "out":
        return ()
    return ("own", "item") if offer.camera else ("item",)


def papers(copies: Copies) -> tuple[str, ...]:
    return tuple(each.kind for each in copies.papers.papers) if copies.papers else ()


def pages(copies: Copies) -> int:
    """Of what would be printed now."""
    if copies.kind == "own":
        return copies.page.pages if copies.page else 0
    found = copies.papers.papers if copies.papers else ()
    return next((each.pages for each in found if each.kind == copies.kind), 0)


def left(copies: Copies) -> int:
    """After the last print."""
    if copies.printed is not None:
        return copies.printed.left
    return copies.offer.left if copies.offer else 0


def can_print(copies: Copies) -> bool:
    return copies.printed is None and 0 < pages(copies) <= left(copies) and not too_long(copies)


def too_long(copies: Copies) -> bool:
    """More than one print may have."""
    return copies.offer is not None and pages(copies) > copies.offer.most


def can_add(copies: Copies) -> bool:
    """Another page of the same paper."""
    offer = copies.offer
    ready = copies.kind == "own" and copies.page is not None and copies.printed is None and offer is not None
    return ready and offer is not None and pages(copies) < min(offer.most, offer.left)


def begun(copies: Copies, *, card: str = "", code: str = "") -> Copies:
    """Whose pages they are is known."""
    return Copies(here=copies.here, on=True, card=card, code=code)


def request(copies: Copies, step: str, pick: str, id: str) -> CopyRequest:
    match step:
        case "copy_who" | "copy_code":
            return LookCopies(copies.card, copies.code)
        case "items":
            return OpenPapers(pick)
    if copies.wants in ("page", "anew"):
        return TakePage(id, anew=copies.wants == "anew")
    return PrintCopies(id, copies.kind or "own", copies.item, copies.card, copies.code)


def answered(copies: Copies, answer: CopyAnswer) -> Copies:
    match answer:
        case CopyOffer():
            return replace(copies, offer=answer)
        case CopyPapers():
            return replace(copies, papers=answer, item=answer.item)
        case CopyPage():
            return replace(copies, page=answer, wants="")
        case CopyPrinted():
            offer = copies.offer and copies.offer.model_copy(update={"left": answer.left})
            return replace(copies, printed=answer, offer=offer, page=None, wants="")


def forgotten(copies: Copies) -> Copies:
    """The hall no longer has the pages of his paper: he takes them again."""
    return replace(home(copies), kind="own")


def home(copies: Copies) -> Copies:
    """Back at the menu: nothing chosen, no page."""
    return Copies(here=copies.here, on=copies.on, card=copies.card, code=copies.code, offer=copies.offer)
