"""With a paper in one's hand: how a case stands, judging a service, complaints. What is typed and chosen, step by step.

    task -> topic: the guides, see guides.py
         -> copy_who: printing and copying, see copies.py
         -> number -> code -> (asking) course or answer
         -> rating -> (asking) level -> reasons -> (asking) rated
         -> type -> about -> ticket -> points -> contact -> review -> (asking) voiced

Pure; the session machine owns pages, time-outs and the wipe. A square that was scanned stands for what was typed.
"""

from dataclasses import replace
from typing import Final, cast

from edge.api.citizen_schema import (
    Level,
    LookUpRequest,
    Rated,
    RateRequest,
    RatingLook,
    RatingQuestion,
    VoiceAbout,
    VoiceRequest,
    VoiceTaken,
    VoiceType,
)
from edge.api.copy_schema import CopyOffer, CopyPage, CopyPapers, CopyPrinted
from edge.api.guide_schema import GuidesFound, GuideSheet
from kiosk_ui.terminal import copies, desk_copies, guides
from kiosk_ui.terminal.desk_steps import (
    BAD,
    BEFORE,
    CODE_LENGTH,
    LONGEST,
    NOTHING,
    NUMBER_LEAST,
    Answer,
    Desk,
    DeskPage,
    Move,
    Request,
    Step,
    can_go_on,
    chosen,
    may_skip,
    options,
    typed_with,
)
from kiosk_ui.terminal.guides import FindGuides, GuidePrintedAs, Guides, OpenGuide, PrintGuide

MOST_POINTS: Final = 4  # what a page shows whole before it is sent
_FIRST: Final[dict[str, Step]] = {"guides": "topic", "look_up": "number", "rate": "rating", "voice": "type"}


def press(desk: Desk, do: str, value: str) -> Move | None:
    """None: the press means nothing here."""
    match do:
        case "pick" if value in options(desk):
            return desk_copies.picked(desk, value) or _picked_of_guides(desk, value) or Move(_picked(desk, value))
        case "take_page" | "add_page" | "print" | "copies" if desk.step in copies.STEPS:
            return desk_copies.act(desk, do)
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
            return desk_copies.answered(desk, answer)
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
    return replace(desk, typed=text[: LONGEST.get(desk.step, 0)])


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
        return desk_copies.back(desk)
    if desk.step in ("task", "topic"):
        return Move(NOTHING, home=True)
    if desk.step in ("letters", "items", "guide"):
        before = replace(desk.guides, pick="", sheet=None, paper=None)
        return Move(Desk(step=BEFORE[desk.step], guides=before, copies=desk.copies))
    if desk.found or desk.taken or desk.step not in BEFORE:
        return Move(Desk(step="task"))
    step = BEFORE[desk.step]
    if desk.step == "points" and desk.about != "window":
        step = "about"
    return Move(replace(desk, step=step, typed={"number": desk.number, "contact": desk.contact}.get(step, "")))
