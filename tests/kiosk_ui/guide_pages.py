"""Pages of the guides as the hall gives them, of the shipped catalogue's longest item."""

from dataclasses import replace
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

from config import folder
from edge.api.guide_schema import GuidesFound, GuideSheet
from edge.api.routes_guides import found_of, sheet_of
from edge.catalogue import load_catalogue
from edge.guides import Guides as HallGuides
from edge.rules.books import NO_BOOKS
from edge.site import Site
from kiosk_ui.terminal.desk_steps import Desk
from kiosk_ui.terminal.guides import Guides
from kiosk_ui.terminal.state import Problem, Snapshot
from tests.edge.api.bench import STATION

LONGEST = "home-care-subsidy"
ONLINE = "advanced-age-allowance"


@cache
def hall_guides() -> HallGuides:
    site = Site.model_validate(YAML(typ="safe").load(Path(STATION)))
    return HallGuides(load_catalogue(folder() / "catalogue"), site, NO_BOOKS.hours)


def found(topic: str = "") -> GuidesFound:
    return found_of(hall_guides(), "", topic or None)  # type: ignore[arg-type]


def sheet(item: str = LONGEST) -> GuideSheet:
    return sheet_of(hall_guides(), hall_guides().item(item), prints=True)


def guide_pages(home: Snapshot) -> dict[str, Snapshot]:
    def at(page: str, step: str, guides: Guides = Guides(), **more: object) -> Snapshot:  # noqa: B008 - frozen
        return replace(home, page=page, desk=Desk(step=step, guides=guides), **more)  # type: ignore[arg-type]

    topics, elderly = Guides(found=found()), Guides(found=found("insurance"))
    none = Guides(found=found().model_copy(update={"items": ()}))
    long, online = replace(elderly, sheet=sheet(), pick=LONGEST), replace(elderly, sheet=sheet(ONLINE))
    return {
        "guides-topics": at("choices", "topic", topics),
        "guides-topics-last": at("choices", "topic", topics, sheet=1),
        "guides-letters": replace(home, page="keys", desk=Desk(step="letters", typed="JZZ", guides=topics)),
        "guides-items": at("choices", "items", elderly),
        "guides-none": at("choices", "items", none),
        **{f"guide-{n}": at("guide", "guide", long, sheet=n) for n in range(2)},
        "guide-printed": at("guide", "guide", replace(long, paper="done")),
        "guide-no-paper": at("guide", "guide", replace(long, paper="failed")),
        "guide-printing": at("asking", "guide", long),
        "guides-gone": at("problem", "topic", problem=Problem("desk", "gone")),
        "guide-online": at("guide", "guide", online, sheet=99),
    }
