"""In words: what is left to print, the page that is looked at, how its print ended."""

from dataclasses import dataclass
from typing import Final, Literal

from config.words import Words
from kiosk_ui.terminal import copies
from kiosk_ui.terminal.copies import Copies
from kiosk_ui.terminal.state import Problem

Mood = Literal["wait", "good", "bad"]
KINDS: Final = {
    "guide": "copies.guide",
    "form": "copies.form",
    "sample": "copies.sample",
    "own": "copies.own",
}
_WARNING: Final = {
    "no_page": "copies.no_page",
    "cut_off": "copies.cut_off",
    "blurred": "copies.blurred",
    "blank": "copies.blank",
    "glare": "copies.glare",
    "dark": "copies.dark",
}


@dataclass(frozen=True, slots=True)
class CopyScreen:
    """Ready texts; '' = nothing to show. `picture`: address of an image that holds its own bytes."""

    what: str = ""
    left: str = ""
    note: str = ""
    mood: Mood = "wait"
    picture: str = ""
    take: str = ""
    add: bool = False
    print_: str = ""
    over: bool = False


_EMPTY: Final = CopyScreen()


def copy_screen(now: Copies, step: str, words: Words, language: str) -> CopyScreen:
    if step not in ("copy_own", "copy_item"):
        return _EMPTY
    count = copies.pages(now)
    own, over = step == "copy_own", now.printed is not None
    # What cannot be printed says why in the place of what was done: nothing praises pages that lead nowhere.
    stuck = not over and count > 0 and not copies.can_print(now)
    left = left_line(now, words, language)
    told: tuple[str, Mood] = (left, "bad") if stuck else _note(now, words)
    note, mood = told
    return CopyScreen(
        what=_what(now, words, language),
        left="" if stuck else left,
        note=note,
        mood=mood,
        picture=f"data:image/jpeg;base64,{now.page.picture}" if now.page else "",
        take="" if not own or over or stuck else words["copies.take_again"] if now.page else words["copies.take"],
        add=copies.can_add(now),
        print_=words.say("copies.print", pages=count) if copies.can_print(now) else "",
        over=over,
    )


def left_line(now: Copies, words: Words, language: str) -> str:
    """What is left, what was not enough, and where to go."""
    offer = now.offer
    if offer is None:
        return ""
    area = offer.area.get(language) or offer.area.get("zh-Hans", "")
    if offer.left == 0:
        return words.say("copies.hall_spent" if offer.spent == "hall" else "copies.spent", area=area)
    if now.printed is None and copies.too_long(now):
        return words.say("copies.too_long", most=offer.most)
    if now.printed is None and copies.pages(now) > offer.left:
        return words.say("copies.not_enough", left=offer.left, area=area)
    return words.say("copies.left", left=offer.left)


def menu_hint(now: Copies, words: Words, language: str) -> str:
    """The paper of the printer is told before anybody takes the trouble."""
    offer = now.offer
    if offer is None:
        return ""
    if offer.trouble or offer.paper == "out":
        area = offer.area.get(language) or offer.area.get("zh-Hans", "")
        return words.say("copies.no_paper" if offer.paper == "out" else "copies.printer_down", area=area)
    line = left_line(now, words, language)
    return words.say("copies.paper_low", line=line) if offer.paper == "near_end" and offer.left else line


def copies_problem(problem: Problem, now: Copies, step: str, words: Words) -> tuple[str, str, str, str]:
    """As desk_problem. A refusal says all there is to do: one way back leads from it, except where to try again helps.

    A print whose answer got lost may have come out: that it was not done would be untrue.
    """
    match problem.code:
        case "card_session_over":
            return _four(words, "copies.card_over", "copies.kept", "copies.next_card", "copies.again_card")
        case copies.NO_PAGES:
            return problem.text, "", "", words["copies.take_again"]
        case "gone" if now.wants == "print":
            return _four(words, "copies.line_broke", "copies.kept_once", "copies.next_ended", "copies.how_ended")
    if problem.text:
        return problem.text, "", "", words["papers.again_typing"] if step == "copy_code" else ""
    return words["copies.not_done"], words["copies.kept"], "", words["problem.again_take"]


def paper_label(now: Copies, kind: str, words: Words) -> str:
    found = now.papers.papers if now.papers else ()
    count = next((each.pages for each in found if each.kind == kind), 0)
    return words.say("copies.pages", what=words[KINDS[kind]], pages=count)


def _four(words: Words, what: str, kept: str, then: str, again: str) -> tuple[str, str, str, str]:
    return words[what], words[kept], words[then], words[again]


def _what(now: Copies, words: Words, language: str) -> str:
    if now.kind == "own" or now.papers is None:
        return words["copies.own"]
    name = now.papers.name.get(language) or now.papers.name.get("zh-Hans", "")
    return words.say("copies.of_item", item=name, what=words[KINDS[now.kind or "guide"]])


def _note(now: Copies, words: Words) -> tuple[str, Mood]:
    printed = now.printed
    if printed is not None:
        return _ended(printed.paper, printed.came, words)
    if now.kind != "own":
        return words.say("copies.will_be", pages=copies.pages(now)), "wait"
    if now.page is None:
        return words["copies.lay"], "wait"
    told = [words[_WARNING[each]] for each in now.page.warnings if each in _WARNING]
    if told:
        return told[0], "bad"
    return words.say("copies.page_taken", pages=now.page.pages), "good"


def _ended(paper: str, came: int, words: Words) -> tuple[str, Mood]:
    match paper:
        case "done":
            return words.say("copies.done", pages=came), "good"
        case "failed":
            return words.say("copies.failed", pages=came) if came else words["copies.failed_none"], "bad"
        case "printing":
            return words["copies.slow"], "wait"
    return words.say("copies.unknown", pages=came) if came else words["copies.unknown_none"], "bad"
