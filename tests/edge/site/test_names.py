"""Full and short names of halls follow one template by level, where a site says where it lies."""

import pytest

from config.words import LANGUAGES
from edge.site_check.naming import names_for, templates
from tests.edge.site.test_check import STATION, mistakes_of

PLACE = {"city": "深圳市", "district": "罗湖区", "street": "黄贝街道办事处", "community": "怡景社区"}
RULED = {
    "district": "深圳市罗湖区行政服务大厅（深圳市罗湖区公共服务中心）",
    "street": "罗湖区黄贝街道办事处行政服务大厅（罗湖区黄贝街道办事处公共服务中心）",
    "station": "黄贝街道办事处怡景社区公共服务站",
}


def site(level: str, name: str, short: str = "怡景", place: dict[str, str] | None = None) -> str:
    """The example station with other names."""
    text = STATION.read_text("utf-8")
    head, _, rest = text.partition("hall:\n")
    after = rest[rest.index("  phone:") :]
    parts = ", ".join(f'{part}: "{value}"' for part, value in (PLACE if place is None else place).items())
    names = (
        f'  name: {{zh-Hans: "{name}"}}\n  short: {{zh-Hans: "{short}"}}\n  place: {{{parts}}}\n  level: "{level}"\n'
    )
    return f"{head}hall:\n{names}{after}"


@pytest.mark.parametrize("level", RULED)
def test_the_name_by_the_policy_is_right_and_another_is_told_the_right_one(level: str) -> None:
    assert names_for(level, PLACE)[0] == RULED[level]
    for name in (*names_for(level, PLACE), RULED[level].replace("（", "(").replace("）", ")")):
        assert mistakes_of(site(level, name)) == []
    (mistake,) = mistakes_of(site(level, "怡景便民服务站"))
    assert (mistake.code, mistake.path, mistake.meant) == ("name_not_ruled", "hall.name.zh-Hans", RULED[level])
    for language in LANGUAGES:
        assert RULED[level] in mistake.sentence(language)


def test_a_name_of_another_level_is_not_this_ones() -> None:
    for level, name in RULED.items():
        for other in set(RULED) - {level}:
            assert [one.code for one in mistakes_of(site(other, name))] == ["name_not_ruled"]


def test_what_the_name_is_made_of_must_be_there() -> None:
    (mistake,) = mistakes_of(site("station", RULED["station"], place={"street": "黄贝街道办事处"}))
    assert (mistake.code, mistake.values["part"]) == ("name_no_place", "community")


def test_a_short_name_is_no_longer_than_the_full_one() -> None:
    (mistake,) = mistakes_of(site("station", RULED["station"], short=RULED["station"] + "窗口"))
    assert mistake.code == "short_longer"


def test_without_a_place_a_hall_of_another_city_is_called_what_it_is_called() -> None:
    assert mistakes_of(STATION.read_text("utf-8")) == []
    assert set(templates()) == set(RULED)
