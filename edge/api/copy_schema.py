"""Forms of printing and copying at a kiosk (打印复印). No page is kept: pictures are in memory until they are printed.

    POST   /api/kiosk/{place}/copies                 CopyWho -> CopyOffer
    GET    /api/kiosk/{place}/copies/papers/{item}?language= -> CopyPapers   404 no such item
    POST   /api/kiosk/{place}/copies/page            CopyTake -> CopyPage    a page from the kiosk's document camera
    POST   /api/kiosk/{place}/copies/print           CopyPrint -> CopyPrinted
    DELETE /api/kiosk/{place}/copies                 -> 204                  forget the pages
    GET    /api/oversight/copies                     -> CopyDay              leads
    POST   /api/oversight/copies                     CopyGrant -> CopyDay    leads: more pages, with a reason

`card` is the token of a read card, `code` that of a ticket (as typed for a rating, or scanned): exactly one of them.
"""

from typing import Literal

from pydantic import Field

from edge.api.model import Act, Model, PrintState

Text = dict[str, str]
# As in edge.rules.copy_records, which screens do not know.
CopyKind = Literal["guide", "form", "sample", "own"]
GrantWhy = Literal["large_case", "misprint", "in_need", "other"]
PaperState = Literal["ok", "near_end", "out", "unknown"]
Language = Literal["zh-Hans", "zh-Hant", "en"]


class CopyWho(Model):
    card: str = Field(default="", max_length=64)
    code: str = Field(default="", max_length=256)


class CopyOffer(Model):
    """`left`: pages that can be printed now, what the hall has left counted in; `limit`: of this person and day.

    `spent`: why there are none, '' while there are. `camera`: a paper of one's own can be copied here. `trouble`: error
    code of a printer that cannot print now. `area`: where to go for more.
    """

    left: int
    limit: int
    most: int
    spent: Literal["", "own", "hall"]
    camera: bool
    paper: PaperState
    trouble: str
    area: Text


class CopyPaper(Model):
    kind: CopyKind
    pages: int


class CopyPapers(Model):
    item: str
    name: Text
    papers: tuple[CopyPaper, ...]


class CopyTake(Act):
    """`anew`: instead of the page taken last."""

    anew: bool = False


class CopyPage(Model):
    """`picture`: base64 of a JPEG, to be looked at; `pages` taken so far. `warnings` as of a camera's picture."""

    pages: int
    picture: str = Field(repr=False)
    warnings: tuple[str, ...]


class CopyPrint(Act):
    """`item` of the catalogue, '' for the pages taken."""

    kind: CopyKind
    item: str = Field(default="", max_length=64)
    language: Language = "zh-Hans"
    card: str = Field(default="", max_length=64)
    code: str = Field(default="", max_length=256)


class CopyPrinted(Model):
    """`printing`: it takes long, nobody knows yet. `came`: pages that are charged, `left` after them."""

    paper: PrintState
    pages: int
    came: int
    left: int


class CopyGrant(Act):
    """`number` of a ticket of today, '' = for the whole hall."""

    number: str = Field(default="", max_length=8)
    pages: int = Field(ge=1, le=100)
    why: GrantWhy


class CopyDay(Model):
    """The business day so far. `unsure`: pages of which nobody knows whether they came out. `granted`: to the hall."""

    offered: bool
    printed: dict[str, int]
    unsure: int
    left: int
    granted: int
    prints: int
    failed: int
