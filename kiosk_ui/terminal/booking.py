"""In words: an appointment, the green channel, further items, the wait, and numbers that are not given now."""

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Final

from config.words import Words
from edge.api.schema import ServiceEntry, WaitRange
from kiosk_ui.terminal.state import Problem, Snapshot

_ZONE: Final = timezone(timedelta(hours=8))  # every hall of the city; slots are told by its clock
_STOPPED: Final = {"forecast": "stopped.forecast", "manager": "stopped.manager"}
_CARD_WHAT: Final = {"card_moved": "problem.card_moved", "card_unreadable": "problem.card_unreadable"}


def items_line(s: Snapshot, words: Words, say: Callable[[dict[str, str], str], str]) -> str:
    """Further items of the ticket, on the way to it and on it."""
    ids = s.ticket.items[1:] if s.ticket else s.more
    known: dict[str, ServiceEntry] = {entry.id: entry for entry in s.catalogue.services} if s.catalogue else {}
    names = words["number.and"].join(say(known[one].name, s.language) for one in ids if one in known)
    return words.say("more.line", items=names) if names else ""


def declared_line(s: Snapshot, words: Words) -> str:
    ground = s.ticket.declared if s.ticket else s.declared
    return words.say("green.line", ground=words[f"ground.{ground}"]) if ground else ""


def digits_line(digits: str, wanted: int) -> str:
    return " ".join(digits.ljust(wanted, "_"))


def slot_line(s: Snapshot, words: Words) -> str:
    """Early, on time, late, or too late: what becomes of the appointment."""
    if not s.punctuality:
        return ""
    time = datetime.fromtimestamp(s.slot / 1000, _ZONE).strftime("%H:%M")
    said = {"early": "slot.early", "on_time": "slot.on_time", "late": "slot.late", "lapsed": "slot.lapsed"}
    return words.say(said[s.punctuality], time=time)


def wait_line(wait: WaitRange | None, words: Words) -> str:
    """A range, never a promise; nothing where the hall cannot tell."""
    long = ("wait.none", "wait.up_to", "wait.about", "wait.range")
    return "" if wait is None else _said(wait, words, long)


def wait_short(wait: WaitRange | None, words: Words) -> str:
    """For a card among others."""
    short = ("wait.short_none", "wait.short_up_to", "wait.short_about", "wait.short")
    return "" if wait is None else _said(wait, words, short)


def _said(wait: WaitRange, words: Words, forms: tuple[str, str, str, str]) -> str:
    """No figures where there is no wait: "0 to 0 minutes" tells nobody anything."""
    none, up_to, about, between = forms
    if wait.p90 <= 0:
        return words[none]
    if wait.p50 >= wait.p90:
        return words.say(about, minutes=wait.p90)
    if wait.p50 <= 0:
        return words.say(up_to, minutes=wait.p90)
    return words.say(between, low=wait.p50, high=wait.p90)


def more_button(s: Snapshot, words: Words) -> str:
    return words.say("more.added", count=len(s.more)) if s.more else words["more.add"]


def booking_problem(problem: Problem, words: Words) -> tuple[str, str, str, str]:
    """What happened, what is kept, what to do next, and the label of trying again."""
    none = words["problem.kept_refused"]
    match problem.kind:
        case "stopped":
            return words[_STOPPED.get(problem.code, "stopped.manager")], none, words["stopped.next"], ""
        case "late":
            return problem.text or words["slot.too_late"], none, "" if problem.text else words["slot.next"], ""
        case "code":
            return words["booking.no_code"], none, words["booking.next_code"], words["booking.again_code"]
        case _:
            what = _CARD_WHAT.get(problem.code, "problem.no_card")
            return words[what], none, words["problem.next_lay"], words["problem.again_card"]
