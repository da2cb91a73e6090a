"""The steps with a paper in one's hand: what was said so far, what can be chosen or typed, when one may go on."""

from dataclasses import dataclass, field
from typing import Final, Literal, get_args

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
from kiosk_ui.terminal import copies, guides
from kiosk_ui.terminal.copies import NO_COPIES, Copies, CopyAnswer, CopyRequest
from kiosk_ui.terminal.guides import NO_GUIDES, GuideAnswer, GuideRequest, Guides

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
NUMBER_LEAST: Final = 6
LONGEST: Final[dict[str, int]] = {
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
BEFORE: Final[dict[Step, Step]] = {
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
    if desk.step in LONGEST:
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
    if desk.step in LONGEST:
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
