"""Pages of printing and copying: a menu, a paper under the camera, how its print ended."""

import base64
import io
from dataclasses import replace
from functools import cache

from PIL import Image, ImageDraw

from edge.api.copy_schema import CopyOffer, CopyPage, CopyPaper, CopyPapers, CopyPrinted
from kiosk_ui.terminal.copies import Copies
from kiosk_ui.terminal.desk_steps import Desk
from kiosk_ui.terminal.state import Problem, Snapshot

AREA = {"zh-Hans": "商务区服务台", "zh-Hant": "商務區服務台", "en": "the business area's counter"}
NAME = {
    "zh-Hans": "居家养老服务补助申请",
    "zh-Hant": "居家養老服務補助申請",
    "en": "Application for the allowance for care of the elderly at home",
}
SPENT = "您今天还可以免费打印 1 页，不够印这一份。需要多印的，请带号票到商务区服务台找工作人员。"


@cache
def picture() -> str:
    """An A4 page as a camera gives it, upright."""
    image = Image.new("L", (620, 877), 240)
    draw = ImageDraw.Draw(image)
    draw.rectangle((40, 40, 580, 110), fill=40)
    for row in range(24):
        draw.rectangle((60, 160 + row * 28, 540 - row % 4 * 60, 168 + row * 28), fill=90)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return base64.b64encode(out.getvalue()).decode()


def offer(**changes: object) -> CopyOffer:
    plain = CopyOffer(left=10, limit=10, most=5, spent="", camera=True, paper="ok", trouble="", area=AREA)
    return plain.model_copy(update=changes)


def page(pages: int = 1, *warnings: str) -> CopyPage:
    return CopyPage(pages=pages, picture=picture(), warnings=warnings)


def papers() -> CopyPapers:
    kinds = (CopyPaper(kind="guide", pages=2), CopyPaper(kind="form", pages=1), CopyPaper(kind="sample", pages=1))
    return CopyPapers(item="home-care-subsidy", name=NAME, papers=kinds)


def printed(paper: str, came: int, left: int = 8) -> CopyPrinted:
    return CopyPrinted.model_validate({"paper": paper, "pages": 2, "came": came, "left": left})


def copy_pages(home: Snapshot) -> dict[str, Snapshot]:
    here = replace(home, copier=True)
    mine = Copies(here=True, on=True, card="card-token-1", offer=offer())
    own = replace(mine, kind="own", page=page(2))
    item = replace(mine, kind="guide", item="home-care-subsidy", papers=papers())

    def at(page: str, step: str, copies: Copies, **more: object) -> Snapshot:
        return replace(here, page=page, desk=Desk(step=step, copies=copies), **more)  # type: ignore[arg-type]

    return {
        "service-copies": here,
        "copy-who": at("choices", "copy_who", mine),
        "copy-reading": replace(at("reading", "copy_who", mine), card_used=True, reading_left=48),
        "copy-menu-low": at("choices", "copy_menu", replace(mine, offer=offer(paper="near_end"))),
        "copy-menu-spent": at("choices", "copy_menu", replace(mine, offer=offer(left=0, spent="own"))),
        "copy-papers": at("choices", "copy_papers", item),
        "copy-taken": at("copy", "copy_own", own),
        "copy-too-much": at("copy", "copy_own", replace(own, offer=offer(left=1))),
        "copy-item": at("copy", "copy_item", item),
        "copy-failed": at("copy", "copy_own", replace(mine, kind="own", printed=printed("failed", 1))),
        "copy-unknown": at("copy", "copy_item", replace(item, printed=printed("unknown", 0))),
        "copy-line-broke": at("problem", "copy_own", replace(own, wants="print"), problem=Problem("desk", "gone")),
        "copy-card-over": at("problem", "copy_own", own, problem=Problem("desk", "card_session_over")),
        "copy-refused": at("problem", "copy_own", own, problem=Problem("desk", "copies_spent", SPENT)),
    }
