"""In words: what a person with a paper in his hand is asked and may choose, and what went wrong."""

from dataclasses import dataclass
from typing import Final

from config.words import Words
from kiosk_ui.terminal import copies, desk_steps
from kiosk_ui.terminal.desk_screen import EMPTY, DeskScreen, grouped
from kiosk_ui.terminal.desk_steps import Desk
from kiosk_ui.terminal.guides import item_name
from kiosk_ui.terminal.present_copies import copies_problem, menu_hint, paper_label
from kiosk_ui.terminal.present_told import told
from kiosk_ui.terminal.state import Problem

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
_COPIES: Final = {"own": "copies.own_button", "item": "copies.item_button"}
_ASKING: Final = {"review": "voice.sending", "guide": "guides.printing"}
_OF_GUIDES: Final = ("topic", "letters", "items", "guide")
_NO_AGAIN: Final = frozenset({"rating_late", "rating_twice", "rating_closed", "subject_frozen", "not_your_role"})


@dataclass(frozen=True, slots=True)
class ChoiceRow:
    id: str
    label: str
    picked: bool


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
        typed=grouped(s.typed),
        asking=words[_asking(s)],
        thanks=words["rate.thanks_second"] if s.second else words["rate.thanks"],
        review=_review(s, words) if s.step == "review" and s.taken is None else "",
    )
    return told(asked, s, words, language, large)


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


def _review(s: Desk, words: Words) -> str:
    about = words[_OPTION[s.about]] if s.about else ""
    lines = [
        words["voice.complaint"] if s.type == "complaint" else words["voice.suggestion"],
        words.say("voice.is_about", about=about),
        *(words[_POINT[each]] for each in s.points),
        words.say("voice.phone", phone=grouped(s.contact)) if s.contact else words["voice.anonymous"],
    ]
    return "\n".join(lines)
