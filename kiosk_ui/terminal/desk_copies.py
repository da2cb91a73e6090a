"""Presses and answers of the steps at which somebody prints or copies."""

from dataclasses import replace
from typing import cast

from edge.api.copy_schema import CopyKind, CopyOffer, CopyPapers
from kiosk_ui.terminal import copies
from kiosk_ui.terminal.copies import Copies, CopyAnswer
from kiosk_ui.terminal.desk_steps import BEFORE, NOTHING, Desk, DeskPage, Move


def asked() -> Move:
    """From the first page: whose pages they will be."""
    return Move(Desk(step="copy_who", copies=Copies(here=True, on=True)))


def with_card(desk: Desk, card: str) -> Move:
    """The holder of `card` (token of a card session) prints; also of one that was forgotten in between: what is left
    is asked anew.
    """
    return Move(replace(desk, step="copy_who", copies=copies.begun(desk.copies, card=card)), ask=True)


def picked(desk: Desk, value: str) -> Move | None:
    """None: the choice is another step's. A card is read by the session itself."""
    match desk.step, value:
        case "task", "copies":
            return asked()
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


def act(desk: Desk, do: str) -> Move | None:
    """A page is taken, printed or left. None: the press means nothing here."""
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


def answered(desk: Desk, answer: CopyAnswer) -> tuple[DeskPage, Desk]:
    """The page that shows it, and what is known then."""
    told = copies.answered(desk.copies, answer)
    match answer:
        case CopyOffer():
            return "choices", Desk(step="copy_menu", copies=told)
        case CopyPapers():
            return "choices", replace(desk, step="copy_papers", copies=told)
    return "copy", replace(desk, copies=told)


def back(desk: Desk) -> Move:
    """From the menu one is at home again: whose pages they were is forgotten."""
    now = desk.copies
    match desk.step:
        case "copy_who" | "copy_menu":
            return Move(NOTHING, home=True)
        case "copy_item" | "copy_papers":
            before = replace(now, kind="", printed=None)
            return Move(replace(desk, step=BEFORE[desk.step], typed="", copies=before))
        case "copy_code":
            return Move(replace(desk, step="copy_who", typed=""))
    return Move(Desk(step="copy_menu", copies=copies.home(now)))
