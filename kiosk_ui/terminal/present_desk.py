"""In words: what a person with a paper in his hand is asked, may choose, and is told."""

from dataclasses import dataclass, replace
from typing import Final, Literal

from config.words import Words
from edge.api.citizen_schema import CaseProgress, VoiceProgress, VoiceTaken
from kiosk_ui.terminal import copies, desk_steps
from kiosk_ui.terminal.desk_steps import Desk
from kiosk_ui.terminal.guides import item_name
from kiosk_ui.terminal.present_copies import copies_problem, menu_hint, paper_label
from kiosk_ui.terminal.state import Problem

Mood = Literal["wait", "good", "bad"]

_TITLE: Final = {
    "topic": "guides.title",
    "letters": "guides.letters_title",
    "items": "guides.items",
    "guide": "guides.title",
    "task": "papers.title",
    "number": "papers.number",
    "code": "papers.code",
    "rating": "papers.rating",
    "level": "rate.title",
    "reasons": "rate.why",
    "type": "voice.type",
    "about": "voice.about",
    "ticket": "voice.ticket",
    "points": "voice.points",
    "contact": "voice.contact",
    "review": "voice.review",
    "copy_who": "copies.who",
    "copy_code": "copies.code",
    "copy_menu": "copies.title",
    "copy_papers": "copies.papers",
    "copy_own": "copies.own",
    "copy_item": "copies.title",
}
_HINT: Final = {
    "topic": "guides.hint",
    "letters": "guides.letters_hint",
    "task": "papers.hint",
    "number": "papers.number_hint",
    "code": "papers.code_hint",
    "rating": "papers.rating_hint",
    "reasons": "rate.why_hint",
    "about": "voice.about_hint",
    "ticket": "voice.ticket_hint",
    "points": "voice.points_hint",
    "contact": "voice.contact_hint",
    "copy_who": "copies.who_hint",
    "copy_code": "copies.code_hint",
    "copy_papers": "copies.papers_hint",
}
_NEXT: Final = {
    "letters": "guides.find",
    "number": "papers.next",
    "code": "papers.look",
    "rating": "papers.next",
    "level": "rate.send",
    "reasons": "rate.send",
    "ticket": "papers.next",
    "points": "papers.next",
    "contact": "papers.next",
    "review": "voice.send",
    "copy_code": "papers.next",
}
_OPTION: Final = {
    "guides": "guides.button",
    "copies": "copies.button",
    "by_card": "copies.by_card",
    "by_ticket": "copies.by_ticket",
    "letters": "guides.by_letters",
    "residence": "topic.residence",
    "insurance": "topic.insurance",
    "work": "topic.work",
    "elderly": "topic.elderly",
    "disability": "topic.disability",
    "veteran": "topic.veteran",
    "family": "topic.family",
    "relief": "topic.relief",
    "housing": "topic.housing",
    "community": "topic.community",
    "look_up": "papers.look_up",
    "rate": "papers.rate",
    "voice": "papers.voice",
    "very_satisfied": "level.very_satisfied",
    "satisfied": "level.satisfied",
    "fairly_satisfied": "level.fairly_satisfied",
    "dissatisfied": "level.dissatisfied",
    "very_dissatisfied": "level.very_dissatisfied",
    "complaint": "voice.complaint",
    "suggestion": "voice.suggestion",
    "site": "about.site",
    "window": "about.window",
    "item": "about.item",
    "other": "about.other",
}
_REASON: Final = {
    "attitude": "reason.attitude",
    "took_long": "reason.took_long",
    "not_competent": "reason.not_competent",
    "other": "reason.other",
    "sent_away": "reason.sent_away",
    "asked_for_extra": "reason.asked_for_extra",
    "unclear": "reason.unclear",
}
_POINT: Final = {
    "waited": "point.waited",
    "attitude": "point.attitude",
    "sent_away": "point.sent_away",
    "extra": "point.extra",
    "unclear": "point.unclear",
    "late": "point.late",
    "wrong": "point.wrong",
    "closed": "point.closed",
    "signs": "point.signs",
    "devices": "point.devices",
    "access": "point.access",
    "other": "point.other",
}
_ACT: Final = {
    "receive": "act.receive",
    "take_in": "act.take_in",
    "accept": "act.accept",
    "lack": "act.lack",
    "supply": "act.supply",
    "suspend": "act.suspend",
    "resume": "act.resume",
    "forward": "act.forward",
    "decide": "act.decide",
    "arrive": "act.arrive",
    "reject": "act.reject",
    "verify": "act.verify",
    "register": "act.register",
    "shelve": "act.shelve",
    "hand": "act.hand",
    "keep": "act.keep",
    "confirm": "act.confirm",
    "deliver": "act.deliver",
    "remind": "act.remind",
    "unclaim": "act.unclaim",
    "return": "act.return",
    "withdraw": "act.withdraw",
    "close": "act.close",
}
_COPIES: Final = {"own": "copies.own_button", "item": "copies.item_button"}
_ASKING: Final = {"review": "voice.sending", "guide": "guides.printing"}
_OF_GUIDES: Final = ("topic", "letters", "items", "guide")
_ACT_UNKNOWN: Final = "act.other"
_STAGE: Final = {
    "received": "stage.received",
    "accepted": "stage.accepted",
    "supplement": "stage.supplement",
    "suspended": "stage.suspended",
    "forwarded": "stage.forwarded",
    "stayed": "stage.suspended",
    "decided": "stage.decided",
    "rejected": "stage.decided",
    "arrived": "stage.arrived",
    "verified": "stage.arrived",
    "registered": "stage.arrived",
    "ready": "stage.ready",
    "moving": "stage.moving",
    "moved": "stage.moved",
    "unclaimed": "stage.ready",
    "returned": "stage.returned",
    "delivered": "stage.delivered",
    "withdrawn": "stage.withdrawn",
    "closed": "stage.delivered",
}
_NEEDS_HIM: Final = frozenset({"supplement", "returned"})
_DENIED: Final = {"decided": "stage.decided_denied", "ready": "stage.ready_denied"}
_DELIVERY: Final = {
    "counter": "course.counter",
    "kiosk": "course.kiosk",
    "mail": "course.mail",
    "electronic": "course.electronic",
    "bank": "course.bank",
}
_STATE: Final = {
    "registered": "state.registered",
    "accepted": "state.accepted",
    "redirected": "state.redirected",
    "investigating": "state.investigating",
    "replied": "state.replied",
    "revisited": "state.replied",
    "closed": "state.closed",
}
_NO_AGAIN: Final = frozenset({"rating_late", "rating_twice", "rating_closed", "subject_frozen", "not_your_role"})
_STEPS_SHOWN: Final = 5
_STEPS_LARGE: Final = 2
_ANSWER_SHOWN: Final = 160
_ANSWER_LARGE: Final = 80


@dataclass(frozen=True, slots=True)
class DeskScreen:
    """Ready texts; '' = nothing to show. `typed` in groups, for the eye. `columns` of choices on a tall panel."""

    step: str = ""
    title: str = ""
    hint: str = ""
    next: str = ""
    can_next: bool = False
    skip: bool = False
    scan: bool = False
    keys: str = ""
    typed: str = ""
    asking: str = ""
    item: str = ""
    who: str = ""
    status: str = ""
    mood: Mood = "wait"
    due: str = ""
    place: str = ""
    course: str = ""
    collect: bool = False
    number: str = ""
    code: str = ""
    paper: str = ""
    thanks: str = ""
    review: str = ""
    answer: str = ""


@dataclass(frozen=True, slots=True)
class ChoiceRow:
    id: str
    label: str
    picked: bool


EMPTY: Final = DeskScreen()


def desk_screen(s: Desk, words: Words, language: str, *, scanner: bool, large: bool) -> DeskScreen:
    if not s.step:
        return EMPTY
    asked = DeskScreen(
        step=s.step,
        title=_title(s, words),
        hint=words[_HINT[s.step]] if s.step in _HINT else _asked(s, words, language),
        next=words[_NEXT[s.step]] if s.step in _NEXT else "",
        can_next=desk_steps.can_go_on(s),
        skip=desk_steps.may_skip(s),
        scan=scanner and desk_steps.may_scan(s),
        keys=desk_steps.typed_with(s),
        typed=_grouped(s.typed),
        asking=words[_asking(s)],
        thanks=words["rate.thanks_second"] if s.second else words["rate.thanks"],
        review=_review(s, words) if s.step == "review" and s.taken is None else "",
    )
    return _told(asked, s, words, language, large)


def choice_rows(s: Desk, words: Words, language: str, sheet: int, size: int) -> tuple[ChoiceRow, ...]:
    """Of the sheet that is shown: never more choices than a screen may have."""
    names = {"reasons": _REASON, "points": _POINT}.get(s.step, _OPTION)
    kept = desk_steps.chosen(s)
    if s.step == "level":
        sheet, size = 0, len(desk_steps.LEVELS)
    shown = desk_steps.options(s)[sheet * size : (sheet + 1) * size]
    if s.step == "copy_papers":
        return tuple(ChoiceRow(each, paper_label(s.copies, each, words), False) for each in shown)
    if s.step == "copy_menu":
        names = _COPIES
    if s.step == "items":
        return tuple(ChoiceRow(each, item_name(s.guides, each, language), False) for each in shown)
    return tuple(ChoiceRow(id=each, label=words[names[each]], picked=each in kept) for each in shown)


def desk_problem(problem: Problem, s: Desk, words: Words) -> tuple[str, str, str, str]:
    """What happened, what is kept, what to do next, and the label of trying again ('' = no use)."""
    if problem.kind == "code":
        what = words["papers.other_code"] if problem.code == "another" else words["papers.no_code"]
        return what, words["papers.kept"], words["papers.next_code"], words["booking.again_code"]
    if s.step in copies.STEPS:
        return copies_problem(problem, s.copies, s.step, words)
    if problem.text:
        again = "" if problem.code in _NO_AGAIN else words["papers.again_typing"]
        return problem.text, words["papers.kept"], words["problem.next_desk"], again
    if s.step in _OF_GUIDES:
        return words["guides.not_done"], "", words["guides.next_again"], words["problem.again_take"]
    kept = words["papers.kept_unsure"] if s.step in ("review", "level", "reasons") else words["papers.kept"]
    return words["papers.not_done"], kept, words["papers.next_again"], words["problem.again_take"]


def _title(s: Desk, words: Words) -> str:
    if s.step == "level" and s.question is not None and s.question.second:
        return words["rate.title_second"]
    return words[_TITLE[s.step]]


def _asking(s: Desk) -> str:
    if s.step in ("copy_own", "copy_item"):
        return "copies.printing" if s.copies.wants == "print" else "copies.taking"
    return _ASKING.get(s.step, "papers.asking")


def _asked(s: Desk, words: Words, language: str) -> str:
    """Which service is meant, where a question is open; that nothing was found; what is left to print."""
    if s.step == "copy_menu":
        return menu_hint(s.copies, words, language)
    if s.step == "items" and not desk_steps.options(s):
        return words["guides.none"]
    return words.say("rate.which", window=s.question.window) if s.question is not None else ""


def _told(screen: DeskScreen, s: Desk, words: Words, language: str, large: bool) -> DeskScreen:
    if s.taken is not None:
        return _taken(screen, s.taken, words)
    if s.found is not None and s.found.case is not None:
        return _course(screen, s.found.case, words, language, large)
    if s.found is not None and s.found.voice is not None:
        return _answer(screen, s.found.voice, words, large)
    return screen


def _course(screen: DeskScreen, case: CaseProgress, words: Words, language: str, large: bool) -> DeskScreen:
    ready = case.stage == "ready"
    here = ready and not case.where
    at_counter = here and case.delivery in ("counter", "kiosk")
    shown = case.steps[-(_STEPS_LARGE if large else _STEPS_SHOWN) :]
    lines = [f"{_minute(step.at)}  {words[_ACT.get(step.act, _ACT_UNKNOWN)]}" for step in shown]
    return replace(
        screen,
        item=case.item.get(language) or case.item.get("zh-Hans", ""),
        who=words.say("course.who", name=case.name) if case.name else "",
        number=words.say("course.number", number=case.number),
        status=_status(case, words),
        mood="good" if ready else "bad" if case.stage in _NEEDS_HIM else "wait",
        due=_due(case, words),
        place=_place(case, words),
        course="\n".join(reversed(lines)),
        collect=at_counter,
    )


def _place(case: CaseProgress, words: Words) -> str:
    """Where its result is to be had; nowhere once it went back."""
    if case.stage == "returned":
        return ""
    return words.say("course.elsewhere", site=case.where) if case.where else words[_DELIVERY[case.delivery]]


def _status(case: CaseProgress, words: Words) -> str:
    if not case.follows:
        return words["stage.elsewhere"]
    if case.outcome == "denied" and case.stage in _DENIED:
        return words[_DENIED[case.stage]]
    return words[_STAGE.get(case.stage, "stage.other")]


def _due(case: CaseProgress, words: Words) -> str:
    if case.stands:
        return words["course.stands"]
    if case.outcome or case.stage in ("withdrawn", "moved", "delivered", "closed"):
        return ""
    return words.say("course.due", date=case.due) if case.due else words["course.no_due"]


def _answer(screen: DeskScreen, voice: VoiceProgress, words: Words, large: bool) -> DeskScreen:
    return replace(
        screen,
        item=words["voice.complaint"] if voice.type == "complaint" else words["voice.suggestion"],
        number=words.say("course.number", number=voice.number),
        status=words[_STATE.get(voice.state, "state.registered")],
        mood="good" if voice.answer else "wait",
        due=words.say("voice.due", date=voice.due) if voice.due and not voice.answer else "",
        answer=_cut(voice.answer, _ANSWER_LARGE if large else _ANSWER_SHOWN, words),
    )


def _taken(screen: DeskScreen, taken: VoiceTaken, words: Words) -> DeskScreen:
    paper = {"done": "voice.paper_done", "failed": "voice.paper_failed", "none": "voice.paper_none"}
    return replace(
        screen,
        number=taken.number,
        code=_grouped(taken.query_code),
        due=words.say("voice.due", date=taken.due) if taken.due else "",
        paper=words[paper.get(taken.paper, "voice.paper_unsure")],
        mood="good" if taken.paper == "done" else "bad",
    )


def _review(s: Desk, words: Words) -> str:
    about = words[_OPTION[s.about]] if s.about else ""
    lines = [
        words["voice.complaint"] if s.type == "complaint" else words["voice.suggestion"],
        words.say("voice.is_about", about=about),
        *(words[_POINT[each]] for each in s.points),
        words.say("voice.phone", phone=_grouped(s.contact)) if s.contact else words["voice.anonymous"],
    ]
    return "\n".join(lines)


def _cut(text: str, most: int, words: Words) -> str:
    """What fits the page; the whole answer is at the desk."""
    return text if len(text) <= most else words.say("voice.cut", text=text[:most])


def _minute(at: str) -> str:
    """Month, day and time: a case does not take years."""
    return at[5:16].replace("T", " ")


def _grouped(text: str) -> str:
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))
