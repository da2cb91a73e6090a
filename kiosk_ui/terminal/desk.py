"""With a paper in one's hand: how a case stands, judging a service, complaints. What is typed and chosen, step by step.

    task -> topic: the guides, see guides.py
         -> copy_who: printing and copying, see copies.py
         -> number -> code -> (asking) course or answer
         -> rating -> (asking) level -> reasons -> (asking) rated
         -> type -> about -> ticket -> points -> contact -> review -> (asking) voiced

Pure; the session machine owns pages, time-outs and the wipe. A square that was scanned stands for what was typed.
"""

from dataclasses import dataclass, field, replace
from typing import Final, Literal, cast, get_args

from edge.api.citizen_schema import (
    Found,
    Level,
    LookUpRequest,
    Rated,
    RateRequest,
    RatingLook,
    RatingQuestion,
    Reason,
    VoiceAbout,
    VoicePoint,
    VoiceRequest,
    VoiceTaken,
    VoiceType,
)
from edge.api.copy_schema import CopyKind, CopyOffer, CopyPage, CopyPapers, CopyPrinted
from edge.api.guide_schema import GuidesFound, GuideSheet
from kiosk_ui.terminal import copies, guides
from kiosk_ui.terminal.copies import NO_COPIES, Copies, CopyAnswer, CopyRequest
from kiosk_ui.terminal.guides import (
    NO_GUIDES,
    FindGuides,
    GuideAnswer,
    GuidePrintedAs,
    GuideRequest,
    Guides,
    OpenGuide,
    PrintGuide,
)

Step = Literal[
    "",
    "task",
    "topic",
    "letters",
    "items",
    "guide",
    "number",
    "code",
    "rating",
    "level",
    "reasons",
    "type",
    "about",
    "ticket",
    "points",
    "contact",
    "review",
    "copy_who",
    "copy_code",
    "copy_menu",
    "copy_papers",
    "copy_own",
    "copy_item",
]
Request = LookUpRequest | RatingLook | RateRequest | VoiceRequest | GuideRequest | CopyRequest
Answer = Found | RatingQuestion | Rated | VoiceTaken | GuideAnswer | CopyAnswer
DeskPage = Literal["choices", "keys", "review", "course", "answer", "rated", "voiced", "guide", "copy"]

TASKS: Final = ("guides", "look_up", "rate", "voice")
LEVELS: Final[tuple[Level, ...]] = get_args(Level)
BAD: Final = frozenset({"dissatisfied", "very_dissatisfied"})
REASONS: Final[tuple[Reason, ...]] = (
    "sent_away",
    "took_long",
    "attitude",
    "unclear",
    "not_competent",
    "asked_for_extra",
    "other",
)
POINTS: Final[tuple[VoicePoint, ...]] = get_args(VoicePoint)
KEYS: Final = "1234567890ABCDEFGHIJKLMNOPQRSTUVWXYZ"
CODE_LENGTH: Final = 8
MOST_POINTS: Final = 4  # what a page shows whole before it is sent
NUMBER_LEAST: Final = 6
_LONGEST: Final[dict[str, int]] = {
    "number": 32,
    "code": 8,
    "rating": 8,
    "ticket": 8,
    "contact": 20,
    "letters": 12,
    "copy_code": 8,
}
_LEAST: Final[dict[str, int]] = {
    "number": NUMBER_LEAST,
    "code": 8,
    "rating": 8,
    "ticket": 8,
    "contact": 7,
    "letters": 1,
    "copy_code": 8,
}
_SKIPPED: Final = frozenset({"ticket", "contact"})
_BEFORE: Final[dict[Step, Step]] = {
    "code": "number",
    "reasons": "level",
    "about": "type",
    "ticket": "about",
    "points": "ticket",
    "contact": "points",
    "review": "contact",
    "letters": "topic",
    "items": "topic",
    "guide": "items",
    "copy_code": "copy_who",
    "copy_papers": "items",
    "copy_own": "copy_menu",
    "copy_item": "copy_papers",
}
_FIRST: Final[dict[str, Step]] = {"guides": "topic", "look_up": "number", "rate": "rating", "voice": "type"}


@dataclass(frozen=True, slots=True)
class Desk:
    """`typed`: characters of the step that is typed now. The rest is what the person said so far, or was told."""

    step: Step = ""
    typed: str = field(default="", repr=False)
    number: str = field(default="", repr=False)
    code: str = field(default="", repr=False)
    question: RatingQuestion | None = None
    level: Level | Literal[""] = ""
    reasons: tuple[Reason, ...] = ()
    type: VoiceType = "complaint"
    about: VoiceAbout | Literal[""] = ""
    ticket: str = field(default="", repr=False)
    points: tuple[VoicePoint, ...] = ()
    contact: str = field(default="", repr=False)
    found: Found | None = field(default=None, repr=False)
    second: bool = False
    taken: VoiceTaken | None = field(default=None, repr=False)
    guides: Guides = NO_GUIDES
    copies: Copies = NO_COPIES


NOTHING: Final = Desk()


@dataclass(frozen=True, slots=True)
class Move:
    """What a press led to. `ask`: send `request`; `home`: back to the first page."""

    desk: Desk
    ask: bool = False
    home: bool = False


def page_of(desk: Desk) -> DeskPage:
    if desk.step in _LONGEST:
        return "keys"
    if desk.step == "guide":
        return "guide"
    if desk.step in ("copy_own", "copy_item"):
        return "copy"
    return "review" if desk.step == "review" else "choices"


def options(desk: Desk) -> tuple[str, ...]:
    """What can be chosen at this step, best first where there is an order."""
    known: dict[str, tuple[str, ...]] = {
        "task": (*TASKS, "copies") if desk.copies.here else TASKS,
        "copy_who": copies.WAYS,
        "copy_menu": copies.menu(desk.copies),
        "copy_papers": copies.papers(desk.copies),
        "level": LEVELS,
        "reasons": REASONS,
        "type": get_args(VoiceType),
        "about": get_args(VoiceAbout),
        "points": POINTS,
        "topic": guides.topics(desk.guides),
        "items": guides.items(desk.guides),
    }
    return known.get(desk.step, ())


def chosen(desk: Desk) -> tuple[str, ...]:
    if desk.step == "level":
        return (desk.level,) if desk.level else ()
    return {"reasons": desk.reasons, "points": desk.points}.get(desk.step, ())


def can_go_on(desk: Desk) -> bool:
    if desk.step in _LONGEST:
        return len(desk.typed) >= _LEAST[desk.step]
    return desk.step == "review" or bool(chosen(desk))


def may_skip(desk: Desk) -> bool:
    return desk.step in _SKIPPED


def may_scan(desk: Desk) -> bool:
    return desk.step in ("number", "code", "rating", "ticket", "copy_code")


def digits_only(desk: Desk) -> bool:
    return desk.step == "contact"


def typed_with(desk: Desk) -> str:
    """What can be typed at this step."""
    if digits_only(desk):
        return KEYS[:10]
    return guides.LETTERS if desk.step == "letters" else KEYS


def press(desk: Desk, do: str, value: str) -> Move | None:
    """None: the press means nothing here."""
    match do:
        case "pick" if value in options(desk):
            return _picked_of_copies(desk, value) or _picked_of_guides(desk, value) or Move(_picked(desk, value))
        case "take_page" | "add_page" | "print" | "copies" if desk.step in copies.STEPS:
            return _act_of_copies(desk, do)
        case "key" if value in typed_with(desk) and len(value) == 1:
            return Move(_typed(desk, desk.typed + value))
        case "erase":
            return Move(_typed(desk, desk.typed[:-1]))
        case "skip" if may_skip(desk):
            return Move(_after(replace(desk, typed="", **{desk.step: ""})))  # type: ignore[arg-type]
        case "next" if can_go_on(desk):
            return _next(desk)
        case "back":
            return _back(desk)
    return None


def scanned(desk: Desk, text: str) -> Move | None:
    """None where the square is of something else. A link's last part is the code."""
    number, _, code = text.strip().rstrip("/").rpartition("/")
    if desk.step in ("number", "code"):
        number = number.rpartition("/")[2]
        if len(number) < NUMBER_LEAST or len(code) != CODE_LENGTH:
            return None
        return Move(replace(desk, step="code", typed=code, number=number, code=code), ask=True)
    if len(code) != CODE_LENGTH:
        return None
    return _next(replace(desk, typed=code))


def request(desk: Desk, id: str) -> Request:
    """What is asked of the hall at this step."""
    if desk.step in copies.STEPS or (desk.step == "items" and desk.copies.on):
        return copies.request(desk.copies, desk.step, desk.guides.pick, id)
    match desk.step:
        case "topic" | "letters":
            return FindGuides(text=desk.code, topic=desk.guides.pick)
        case "items":
            return OpenGuide(desk.guides.pick)
        case "guide":
            return PrintGuide(id, desk.guides.pick)
        case "code":
            return LookUpRequest(id=id, number=desk.number, code=desk.code)
        case "rating":
            return RatingLook(id=id, code=desk.code)
        case "level" | "reasons" if desk.level:
            return RateRequest(id=id, code=desk.code, level=desk.level, reasons=desk.reasons)
    about: VoiceAbout = desk.about or "other"
    return VoiceRequest(
        id=id, type=desk.type, about=about, points=desk.points, ticket=desk.ticket, contact=desk.contact
    )


def answered(desk: Desk, answer: Answer) -> tuple[DeskPage, Desk]:
    """What is shown next; what was typed to get there is forgotten as soon as it is not needed."""
    match answer:
        case RatingQuestion():
            return "choices", Desk(step="level", code=desk.code, question=answer)
        case Rated(second=second):
            return "rated", Desk(step="level", second=second)
        case VoiceTaken():
            return "voiced", Desk(step="review", type=desk.type, taken=answer)
        case GuidesFound():
            step: Step = "items" if desk.code or desk.guides.pick else "topic"
            return "choices", Desk(step=step, guides=Guides(found=answer), copies=desk.copies)
        case CopyOffer() | CopyPapers() | CopyPage() | CopyPrinted():
            return _answered_of_copies(desk, answer)
        case GuideSheet():
            return "guide", replace(desk, step="guide", guides=replace(desk.guides, sheet=answer))
        case GuidePrintedAs(paper=paper):
            return "guide", replace(desk, guides=replace(desk.guides, paper=paper))
    return "course" if answer.case is not None else "answer", Desk(step="code", found=answer)


def failed(desk: Desk, code: str) -> Desk:
    """What is not true any more when the hall says so."""
    return replace(desk, copies=copies.forgotten(desk.copies)) if code == copies.NO_PAGES else desk


def again(desk: Desk) -> Desk:
    """After a refusal: type what was refused once more."""
    match desk.step:
        case "code":
            return Desk(step="number")
        case "rating":
            return Desk(step="rating")
        case "review":
            return replace(desk, step="ticket", typed="", ticket="")
        case "copy_code":
            return replace(desk, typed="", copies=copies.begun(desk.copies))
    return desk


def _picked_of_guides(desk: Desk, value: str) -> Move | None:
    """None: the choice is another step's."""
    match desk.step, value:
        case "task", "guides":
            return guides_asked()
        case "topic", guides.BY_LETTERS:
            return Move(replace(desk, step="letters", typed="", code=""))
        case (("topic" | "items"), _):
            return Move(replace(desk, guides=replace(desk.guides, pick=value, paper=None)), ask=True)
    return None


def guides_asked() -> Move:
    """From the first page: which topics there are."""
    return Move(Desk(step="topic"), ask=True)


def copies_asked() -> Move:
    """From the first page: whose pages they will be."""
    return Move(Desk(step="copy_who", copies=Copies(here=True, on=True)))


def card_for_copies(desk: Desk, card: str) -> Move:
    """Also of one that was forgotten in between: what is left is asked anew."""
    return Move(replace(desk, step="copy_who", copies=copies.begun(desk.copies, card=card)), ask=True)


def _picked_of_copies(desk: Desk, value: str) -> Move | None:
    """None: the choice is another step's. A card is read by the session itself."""
    match desk.step, value:
        case "task", "copies":
            return copies_asked()
        case "copy_who", "by_ticket":
            return Move(replace(desk, step="copy_code", typed=""))
        case "copy_who", _:
            return Move(desk)
        case "copy_menu", "own":
            return Move(replace(desk, step="copy_own", copies=copies.forgotten(desk.copies)))
        case "copy_menu", "item":
            return Move(Desk(step="topic", copies=copies.home(desk.copies)), ask=True)
        case "copy_papers", _:
            chosen = replace(desk.copies, kind=cast(CopyKind, value), printed=None)
            return Move(replace(desk, step="copy_item", copies=chosen))
    return None


def _act_of_copies(desk: Desk, do: str) -> Move | None:
    now = desk.copies
    match do:
        case "copies" if now.printed is not None:
            return Move(Desk(step="copy_menu", copies=copies.home(now)))
        case "print" if copies.can_print(now):
            return Move(replace(desk, copies=replace(now, wants="print")), ask=True)
        case "take_page" if desk.step == "copy_own" and now.printed is None:
            return Move(replace(desk, copies=replace(now, wants="anew" if now.page else "page")), ask=True)
        case "add_page" if copies.can_add(now):
            return Move(replace(desk, copies=replace(now, wants="page")), ask=True)
    return None


def _answered_of_copies(desk: Desk, answer: CopyAnswer) -> tuple[DeskPage, Desk]:
    told = copies.answered(desk.copies, answer)
    match answer:
        case CopyOffer():
            return "choices", Desk(step="copy_menu", copies=told)
        case CopyPapers():
            return "choices", replace(desk, step="copy_papers", copies=told)
    return "copy", replace(desk, copies=told)


def _back_of_copies(desk: Desk) -> Move:
    """From the menu one is at home again: whose pages they were is forgotten."""
    now = desk.copies
    match desk.step:
        case "copy_who" | "copy_menu":
            return Move(NOTHING, home=True)
        case "copy_item" | "copy_papers":
            before = replace(now, kind="", printed=None)
            return Move(replace(desk, step=_BEFORE[desk.step], typed="", copies=before))
        case "copy_code":
            return Move(replace(desk, step="copy_who", typed=""))
    return Move(Desk(step="copy_menu", copies=copies.home(now)))


def _picked(desk: Desk, value: str) -> Desk:
    match desk.step:
        case "task":
            return Desk(step=_FIRST[value])
        case "level":
            return replace(desk, level=cast(Level, value), reasons=())
        case "type":
            return replace(desk, type=cast(VoiceType, value), step="about")
        case "about":
            step: Step = "ticket" if value == "window" else "points"
            return replace(desk, about=cast(VoiceAbout, value), ticket="", typed="", step=step)
    kept = chosen(desk)
    if desk.step == "points" and value not in kept and len(kept) == MOST_POINTS:
        return desk
    toggled = tuple(each for each in options(desk) if (each in kept) != (each == value))
    return replace(desk, **{desk.step: toggled})  # type: ignore[arg-type]


def _typed(desk: Desk, text: str) -> Desk:
    return replace(desk, typed=text[: _LONGEST.get(desk.step, 0)])


def _next(desk: Desk) -> Move:
    match desk.step:
        case "number":
            return Move(replace(desk, number=desk.typed, typed="", step="code"))
        case "code" | "rating" | "letters":
            return Move(replace(desk, code=desk.typed), ask=True)
        case "copy_code":
            return Move(replace(desk, copies=copies.begun(desk.copies, code=desk.typed)), ask=True)
        case "level" if desk.level in BAD:
            return Move(replace(desk, step="reasons"))
        case "level" | "reasons" | "review":
            return Move(desk, ask=True)
        case "ticket" | "contact":
            return Move(_after(replace(desk, typed="", **{desk.step: desk.typed})))  # type: ignore[arg-type]
    return Move(replace(desk, step="contact", typed=desk.contact))


def _after(desk: Desk) -> Desk:
    return replace(desk, step="points" if desk.step == "ticket" else "review")


def _back(desk: Desk) -> Move:
    if desk.step in copies.STEPS or (desk.step == "topic" and desk.copies.on):
        return _back_of_copies(desk)
    if desk.step in ("task", "topic"):
        return Move(NOTHING, home=True)
    if desk.step in ("letters", "items", "guide"):
        before = replace(desk.guides, pick="", sheet=None, paper=None)
        return Move(Desk(step=_BEFORE[desk.step], guides=before, copies=desk.copies))
    if desk.found or desk.taken or desk.step not in _BEFORE:
        return Move(Desk(step="task"))
    step = _BEFORE[desk.step]
    if desk.step == "points" and desk.about != "window":
        step = "about"
    return Move(replace(desk, step=step, typed={"number": desk.number, "contact": desk.contact}.get(step, "")))
