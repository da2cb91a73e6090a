"""Papers that lie in a scene to be put under a camera: invented people, invented addresses, drawn here."""

from collections.abc import Callable
from functools import lru_cache
from typing import Annotated, Final, Literal

from PIL import Image, ImageDraw
from pydantic import BaseModel, ConfigDict, Field

from hw_sim.noto import SANS, noto

Size = tuple[float, float]
DOTS_PER_MM: Final = 6
A4: Final[Size] = (210.0, 297.0)
HOUSEHOLD: Final[Size] = (143.0, 105.0)
_CARD: Final[Size] = (85.6, 54.0)
_INK, _FAINT, _RED, _PAPER = (24, 24, 28), (150, 150, 150), (196, 32, 40), (250, 250, 247)


class Page(BaseModel):
    """`number`: an ID number of the county 119999, which does not exist, so that nobody can hold it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]
    draw: Literal["id_copy", "application", "contract", "household", "blank"]
    name: str = Field("张测试", max_length=20)
    number: str = Field("119999199001010012", pattern=r"^119999[0-9]{11}[0-9X]$")
    address: str = Field("测试省样例市虚构区不存在路1号101室", max_length=60)

    @property
    def size(self) -> Size:
        """Millimetres, across and down."""
        return HOUSEHOLD if self.draw == "household" else A4


class _Pen:
    """Draws on paper in millimetres."""

    def __init__(self, size: Size) -> None:
        width, height = (round(side * DOTS_PER_MM) for side in size)
        self.image = Image.new("RGB", (width, height), _PAPER)
        self._draw = ImageDraw.Draw(self.image)

    def text(self, x: float, y: float, words: str, high: float = 4.2, ink: tuple[int, int, int] = _INK) -> None:
        """`x`, `y`: top left; `high`: of a Chinese character."""
        font = noto(SANS, round(high * DOTS_PER_MM))
        self._draw.text((x * DOTS_PER_MM, y * DOTS_PER_MM), words, fill=ink, font=font)

    def title(self, y: float, words: str, width: float) -> None:
        self.text((width - 8 * len(words)) / 2, y, words, 8)

    def frame(self, x: float, y: float, width: float, height: float, ink: tuple[int, int, int] = _INK) -> None:
        box = [side * DOTS_PER_MM for side in (x, y, x + width, y + height)]
        self._draw.rectangle(box, outline=ink, width=3)

    def line(self, x: float, y: float, width: float) -> None:
        ends = [side * DOTS_PER_MM for side in (x, y, x + width, y)]
        self._draw.line(ends, fill=_FAINT, width=2)

    def seal(self, x: float, y: float, words: str) -> None:
        """A round red seal around its middle."""
        radius = 19
        box = [side * DOTS_PER_MM for side in (x - radius, y - radius, x + radius, y + radius)]
        self._draw.ellipse(box, outline=_RED, width=7)
        self.text(x - 2 * len(words), y - 2.4, words, 4, _RED)
        self.text(x - 4, y - 13, "★", 8, _RED)


@lru_cache(maxsize=4)
def drawn(page: Page) -> Image.Image:
    """Mode RGB, DOTS_PER_MM dots a millimetre. Not to be changed: it is kept."""
    pen = _Pen(page.size)
    _DRAWERS[page.draw](pen, page)
    return pen.image


def _id_copy(pen: _Pen, page: Page) -> None:
    left = (A4[0] - _CARD[0]) / 2
    pen.frame(left, 40, *_CARD)
    birth = f"{page.number[6:10]} 年 {page.number[10:12]} 月 {page.number[12:14]} 日"
    rows = (("姓名", page.name), ("出生", birth), ("住址", page.address[:14]), ("", page.address[14:]))
    for row, (what, value) in enumerate(rows):
        pen.text(left + 5, 46 + row * 8, f"{what}  {value}" if what else f"        {value}", 3.2)
    pen.frame(left + 60, 45, 20, 26, _FAINT)
    pen.text(left + 63, 56, "样本照片", 3.2, _FAINT)
    pen.text(left + 5, 83, f"公民身份号码  {page.number}", 3.4)
    pen.frame(left, 110, *_CARD)
    pen.text(left + 22, 118, "样本 不作证件使用", 5)
    pen.text(left + 12, 142, "签发机关  样例市公安局虚构分局", 3.4)
    pen.text(left + 12, 151, "有效期限  2020.01.01-2040.01.01", 3.4)
    pen.text(60, 185, "此复印件仅供办理居住登记使用", 5)


def _application(pen: _Pen, page: Page) -> None:
    pen.title(22, "居住登记申请表", A4[0])
    rows = (
        ("申请人", page.name),
        ("身份号码", page.number),
        ("居住地址", page.address),
        ("联系电话", "0755-00000000"),
        ("申请事项", "办理居住登记"),
        ("所附材料", "身份证复印件、租赁合同"),
    )
    for row, (what, value) in enumerate(rows):
        top = 48 + row * 18
        pen.frame(20, top, 40, 18)
        pen.frame(60, top, 130, 18)
        pen.text(24, top + 6, what, 5)
        pen.text(64, top + 6, value, 5)
    pen.text(24, 172, "本人承诺以上内容真实。", 5)
    pen.text(110, 232, f"申请人签名：{page.name}", 5)
    pen.text(110, 246, "日期：2026 年 11 月 22 日", 5)


def _contract(pen: _Pen, page: Page) -> None:
    pen.title(22, "房屋租赁合同", A4[0])
    clauses = (
        "出租方（甲方）：样例物业有限公司",
        f"承租方（乙方）：{page.name}",
        f"身份号码：{page.number}",
        f"一、甲方将坐落于{page.address}",
        "的房屋出租给乙方居住，建筑面积四十平方米。",
        "二、租期自 2026 年 1 月 1 日起，至 2027 年 12 月 31 日止。",
        "三、月租金人民币壹仟元整，乙方于每月五日前支付。",
        "四、乙方不得擅自改变房屋结构和用途。",
        "五、合同期满，乙方在同等条件下有优先承租权。",
        "六、本合同一式两份，双方各执一份，签字后生效。",
    )
    for row, clause in enumerate(clauses):
        pen.text(24, 48 + row * 15, clause, 5)
        pen.line(24, 58 + row * 15, 162)
    pen.text(24, 215, "甲方（盖章）：", 5)
    pen.text(112, 215, f"乙方（签字）：{page.name}", 5)
    pen.seal(66, 235, "样例物业公司")


def _household(pen: _Pen, page: Page) -> None:
    pen.title(8, "常住人口登记卡", HOUSEHOLD[0])
    birth = f"{page.number[6:10]}年{page.number[10:12]}月{page.number[12:14]}日"
    cells = (
        (8, 24, 30, "姓名"), (38, 24, 40, page.name), (78, 24, 25, "户主关系"), (103, 24, 32, "户主"),
        (8, 38, 30, "出生日期"), (38, 38, 97, birth),
        (8, 52, 30, "身份证号"), (38, 52, 97, page.number),
        (8, 66, 30, "住址"), (38, 66, 97, page.address),
    )  # fmt: skip
    for x, y, width, words in cells:
        pen.frame(x, y, width, 14)
        pen.text(x + 2, y + 5, words, 3.8)
    pen.text(8, 90, "样本 承办人签章：", 3.8)
    pen.seal(118, 84, "样例派出所")


def _blank(_: _Pen, __: Page) -> None:
    """A sheet that somebody laid down with its empty side up."""


_DRAWERS: Final[dict[str, Callable[[_Pen, Page], None]]] = {
    "id_copy": _id_copy,
    "application": _application,
    "contract": _contract,
    "household": _household,
    "blank": _blank,
}
