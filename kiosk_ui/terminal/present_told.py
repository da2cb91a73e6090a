"""In words: what a person is told of his case or his complaint."""

from dataclasses import replace
from typing import Final

from config.words import Words
from edge.api.citizen_schema import CaseProgress, VoiceProgress, VoiceTaken
from kiosk_ui.terminal.desk_screen import DeskScreen, grouped
from kiosk_ui.terminal.desk_steps import Desk

ACTS: Final = {
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
_ACT_UNKNOWN: Final = "act.other"
STAGES: Final = {
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
_STEPS_SHOWN: Final = 5
_STEPS_LARGE: Final = 2
_ANSWER_SHOWN: Final = 160
_ANSWER_LARGE: Final = 80


def told(screen: DeskScreen, s: Desk, words: Words, language: str, large: bool) -> DeskScreen:
    """`screen` with the answer of the hall on it, if there is one yet."""
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
    lines = [f"{_minute(step.at)}  {words[ACTS.get(step.act, _ACT_UNKNOWN)]}" for step in shown]
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
    return words[STAGES.get(case.stage, "stage.other")]


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
        code=grouped(taken.query_code),
        due=words.say("voice.due", date=taken.due) if taken.due else "",
        paper=words[paper.get(taken.paper, "voice.paper_unsure")],
        mood="good" if taken.paper == "done" else "bad",
    )


def _cut(text: str, most: int, words: Words) -> str:
    """What fits the page; the whole answer is at the desk."""
    return text if len(text) <= most else words.say("voice.cut", text=text[:most])


def _minute(at: str) -> str:
    """Month, day and time: a case does not take years."""
    return at[5:16].replace("T", " ")
