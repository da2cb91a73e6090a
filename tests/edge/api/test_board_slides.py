"""The board's playlist as the hall makes it: notices with their time, hours, hotline, guides of what is done here."""

from datetime import date

import pytest

from edge.api.client import NotAllowed
from edge.feeds.notices import Notice
from edge.site import Board, BoardNotice
from tests.edge.api import bench
from tests.edge.api.conftest import Served

TEXT = {"zh-Hans": "今天下午三点停电", "zh-Hant": "今天下午三點停電", "en": "No power from three"}


async def test_notices_hours_hotline_and_guides(served: Served) -> None:
    hall = served.hall
    hall.told_notices = [Notice(text=TEXT, since=5, until=9, urgent=True)]
    own = BoardNotice(text={"zh-Hans": "本站公示"}, first=date(2026, 11, 23), last=date(2026, 11, 24))
    hall.site = hall.site.model_copy(update={"board": Board(seconds=20, notices=(own,))})
    told = await served.client("board").slides()
    by_kind = {kind: [one for one in told.slides if one.kind == kind] for kind in ("notice", "hours", "guide")}
    first, second = by_kind["notice"]
    assert (told.seconds, first.lines, first.since, first.until, first.urgent) == (20, (TEXT,), 5, 9, True)
    day = 86_400_000
    assert (second.until - second.since, second.since % day) == (2 * day, 16 * 3_600_000)  # midnight in Shenzhen
    assert hall.site.hall.phone in by_kind["hours"][0].lines[-1]["zh-Hans"]
    here = {item.id for item in bench.catalogue().items_for("station")}
    assert {one.id.removeprefix("guide-") for one in by_kind["guide"]} == here
    pension = next(one for one in by_kind["guide"] if one.id == "guide-home-care-subsidy")
    assert pension.lines[1]["zh-Hans"] == "2. 居民身份证（原件 1，复印件 1）"
    assert all(len(one.lines) <= 7 for one in by_kind["guide"])


async def test_without_guides_where_the_site_says_so_and_for_the_board_alone(served: Served) -> None:
    served.hall.site = served.hall.site.model_copy(update={"board": Board(guides=False)})
    assert {one.kind for one in (await served.client("board").slides()).slides} == {"hours"}
    with pytest.raises(NotAllowed):
        await served.client("k1").slides()


async def test_an_urgent_notice_is_on_every_screen_of_the_hall(served: Served) -> None:
    client = served.client()
    assert (await client.hall()).notice == ""
    served.hall.told_notices = [
        Notice(text={"zh-Hans": "以后"}, since=2**53, urgent=True),
        Notice(text=TEXT, urgent=True),
        Notice(text={"zh-Hans": "不急"}),
    ]
    assert (await client.hall()).notice == "今天下午三点停电"
