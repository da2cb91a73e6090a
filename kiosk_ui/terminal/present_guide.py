"""In words: an open guide, sheet by sheet; its text is the hall's own, as on paper and at the counter."""

from dataclasses import dataclass
from typing import Final

from config.words import Words, load
from kiosk_ui.terminal.guides import sheets
from kiosk_ui.terminal.state import Snapshot

_PAPER: Final = {"done": "guides.paper_done", "failed": "guides.paper_failed", "none": "guides.paper_failed"}


@dataclass(frozen=True, slots=True)
class GuideScreen:
    """Ready texts; '' = nothing to show. `square`: rows of the city's entry on its own sheet, a line each."""

    name: str = ""
    unsure: str = ""
    paper: str = ""
    paper_good: bool = False
    can_print: bool = False
    can_take: bool = False
    online: str = ""
    square: str = ""


@dataclass(frozen=True, slots=True)
class LineRow:
    """`text_`: a QML text has a `text` of its own."""

    id: str
    text_: str
    heading: bool


_EMPTY: Final = GuideScreen()


def guide_screen(s: Snapshot, words: Words) -> GuideScreen:
    sheet, paper = s.desk.guides.sheet, s.desk.guides.paper
    if sheet is None:
        return _EMPTY
    last = bool(sheet.online) and not guide_rows(s)
    offered = s.catalogue is not None and any(entry.id == sheet.service for entry in s.catalogue.services)
    return GuideScreen(
        name=sheet.name.get(s.language) or sheet.name.get("zh-Hans", ""),
        unsure=words["guides.unsure"] if any(row.text_.endswith("*") for row in guide_rows(s) if row.heading) else "",
        paper=words[_PAPER.get(paper, "guides.paper_unsure")] if paper else "",
        paper_good=paper == "done",
        can_print=sheet.prints and paper != "done",
        can_take=offered and s.hall is not None and s.hall.open,
        online=sheet.online if last else "",
        square="\n".join(sheet.square) if last else "",
    )


def guide_rows(s: Snapshot) -> tuple[LineRow, ...]:
    """Lines of the sheet that is shown; none on the sheet of the city's entry."""
    sheet = s.desk.guides.sheet
    if sheet is None:
        return ()
    all_sheets = sheets(sheet, s.language, tall=s.tall, large=s.large)
    shown = all_sheets[s.sheet] if s.sheet < len(all_sheets) else ()
    words = load(s.language, "kiosk")
    return tuple(
        LineRow(
            id=f"{s.sheet}-{at}",
            text_=line.text if line.sure else words.say("guides.mark", title=line.text),
            heading=line.heading,
        )
        for at, line in enumerate(shown)
    )
