"""Guides (办事指南) of one catalogue: found, read and printed at the kiosk; the same at the counter and on paper."""

import pytest

from edge.api.client import NotAllowed
from edge.api.guide_schema import GuidePrint
from edge.catalogue import Catalogue
from edge.catalogue.schema import Kiosk
from tests.edge.api import bench
from tests.edge.api.conftest import Served


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("居住证申领", "residence-permit-apply"),
        ("老年证", "senior-card"),
        ("JZZSL", "residence-permit-apply"),
        ("LNZ", "senior-card"),
        ("MINIMUM LIVING", "minimum-living-allowance"),
    ],
)
async def test_a_citizen_finds_by_name_alias_and_letters(served: Served, typed: str, first: str) -> None:
    found = await served.client().guides(typed)
    assert found.items[0].id == first
    assert set(found.topics) == {item.topic for item in bench.catalogue().items.values()}


async def test_a_topic_shows_its_items_and_nothing_is_found_for_nonsense(served: Served) -> None:
    client = served.client()
    elderly = await client.guides(topic="elderly")
    assert {item.id for item in elderly.items} == {"advanced-age-allowance", "home-care-subsidy", "senior-card"}
    assert (await client.guides("XQQZZ")).items == ()


async def test_kiosk_clerk_and_paper_say_the_same_of_every_item(served: Served) -> None:
    """Materials with their numbers, conditions, limits, fee: read over three ways, of the same catalogue."""
    kiosk, clerk = served.client(), await served.clerk()
    for brief in (await kiosk.guides()).items:
        guide = await kiosk.guide(brief.id)
        sheet = (await clerk.get(f"/api/catalogue/items/{brief.id}")).json() if brief.here else None
        served.hall.guides.clear()
        await kiosk.print_guide(brief.id, GuidePrint(id=f"print-{brief.id}"))
        (slip,) = served.hall.guides
        paper = [line.text for line in slip]
        shown = {section.id: [line["zh-Hans"] for line in section.lines] for section in guide.sections}
        said = [
            text
            for section in guide.sections
            for text in (section.title["zh-Hans"] + ("" if section.sure else " *"), *shown[section.id])
        ]
        assert paper[3 : 3 + len(said)] == said
        assert guide.version[:12] in paper[-1]
        if sheet is None:
            continue
        materials = [text for text in shown["materials"] if not text.startswith("\u3000")]
        for n, material in enumerate(sheet["materials"]):
            line = materials[n]
            assert material["name"]["zh-Hans"] in line
            assert (f"原件 {material['originals']}" in line) == (material["originals"] > 0)
            assert (f"复印件 {material['copies']}" in line) == (material["copies"] > 0)
            assert ("有这种情况才要" in line) == (not material["mandatory"])
        assert len(sheet["materials"]) in (len(materials), 0)
        assert [text["zh-Hans"] for text in sheet["conditions"]] in (shown["who"], [])
        for days, text in (
            (sheet["legal_days"], "法定 {} 个工作日"),
            (sheet["legal_calendar_days"], "法定 {} 天"),
        ):
            assert (days is not None) == (text.format(days) in shown["time"])
        assert ("不收费" in shown["fee"]) == (sheet["free"] is True)


async def test_a_filled_specimen_is_shown_at_kiosk_and_counter_and_printed(served: Served) -> None:
    """受理样本: of an invented person, said to be a specimen; a material without one adds no line."""
    old = bench.catalogue()
    item = old.items["senior-card"]
    text = {"zh-Hans": "姓名：张三", "zh-Hant": "姓名：張三", "en": "Name: Zhang San"}
    first = item.materials[0].model_copy(update={"sample": text})
    rest = tuple(each.model_copy(update={"sample": None}) for each in item.materials[1:])
    changed = item.model_copy(update={"materials": (first, *rest)})
    served.hall.catalogue = Catalogue("e" * 64, {**old.items, "senior-card": changed})
    kiosk, clerk = served.client(), await served.clerk()
    shown = next(each for each in (await kiosk.guide("senior-card")).sections if each.id == "materials")
    lines = [line for line in shown.lines if "虚构" in line["zh-Hans"]]
    assert [line["zh-Hans"] for line in lines] == ["\u3000样本（人物为虚构）：姓名：张三"]
    assert lines[0]["en"].strip() == "Specimen (invented person): Name: Zhang San"
    sheet = (await clerk.get("/api/catalogue/items/senior-card")).json()
    assert [each["sample"] for each in sheet["materials"]] == [text, *(None for _ in rest)]
    await kiosk.print_guide("senior-card", GuidePrint(id="print-specimen"))
    assert [line.text for line in served.hall.guides[0] if "虚构" in line.text] == [lines[0]["zh-Hans"]]


def test_the_shipped_forms_have_a_filled_specimen_of_nobody() -> None:
    materials = {each.id: each for item in bench.catalogue().items.values() for each in item.materials}
    for form in ("application-form", "written-request"):
        sample = materials[form].sample
        assert sample is not None
        assert ("张三" in sample["zh-Hans"], "119999********0000" in sample["zh-Hans"]) == (True, True)
        assert ("張三" in sample["zh-Hant"], "Zhang San" in sample["en"]) == (True, True)
        assert "…" not in "".join(sample.values()), "a filled one has no gaps"


async def test_a_new_catalogue_is_new_at_kiosk_counter_and_on_paper_at_once(served: Served) -> None:
    old = bench.catalogue()
    item = old.items["senior-card"]
    first = item.materials[0].model_copy(update={"copies": 7})
    changed = item.model_copy(update={"materials": (first, *item.materials[1:])})
    served.hall.catalogue = Catalogue("f" * 64, {**old.items, "senior-card": changed})
    kiosk, clerk = served.client(), await served.clerk()
    shown = await kiosk.guide("senior-card")
    sheet = (await clerk.get("/api/catalogue/items/senior-card")).json()
    await kiosk.print_guide("senior-card", GuidePrint(id="print-senior"))
    assert any("复印件 7" in line["zh-Hans"] for section in shown.sections for line in section.lines)
    assert sheet["materials"][0]["copies"] == 7
    assert any("复印件 7" in line.text for line in served.hall.guides[0])
    assert shown.version == "f" * 64


async def test_what_must_not_be_offered_is_neither_found_nor_read(served: Served) -> None:
    old = bench.catalogue()
    hidden = old.items["senior-card"].model_copy(update={"kiosk": Kiosk(shown=False)})
    served.hall.catalogue = Catalogue(old.version, {**old.items, "senior-card": hidden})
    client = served.client()
    assert "senior-card" not in {item.id for item in (await client.guides("老年证")).items}
    for asked in (client.guide("senior-card"), client.print_guide("senior-card", GuidePrint(id="print-hidden"))):
        with pytest.raises(NotAllowed) as refused:
            await asked
        assert refused.value.status == 404
    assert served.hall.guides == []


async def test_where_it_is_handled_and_what_a_number_for_it_is_taken_for(served: Served) -> None:
    client = served.client()
    pension = await client.guide("resident-pension-claim")
    where = next(section for section in pension.sections if section.id == "where")
    assert (pension.service, "综合服务区 1、2号窗口" in [line["zh-Hans"] for line in where.lines]) == ("social", True)
    assert (await client.guide("residence-permit-apply")).service == "residence"
    assert (await client.guide("advanced-age-allowance")).service == "general"
    elsewhere = await client.guide("dog-registration")
    told = [line["zh-Hans"] for section in elsewhere.sections for line in section.lines]
    assert (elsewhere.service, any("这里不办" in line for line in told)) == ("", True)


async def test_the_citys_entry_is_a_square_only_for_what_can_be_applied_for_from_home(served: Served) -> None:
    client = served.client()
    online = await client.guide("advanced-age-allowance")
    assert online.online == served.hall.site.hall.online
    assert len(online.square) == len(online.square[0]) >= 21
    await client.print_guide("advanced-age-allowance", GuidePrint(id="print-online"))
    assert [line.text for line in served.hall.guides[0] if line.qr] == [online.online]
    assert (await client.guide("senior-card")).online == ""


async def test_paper_is_in_the_language_of_who_reads_and_only_at_its_own_kiosk(served: Served) -> None:
    client = served.client()
    printed = await client.print_guide("senior-card", GuidePrint(id="print-english", language="en"))
    texts = [line.text for line in served.hall.guides[0]]
    assert (printed.paper, "Senior citizen card" in texts, "What to bring" in texts) == ("done", True, True)
    stranger = served.client("k9")
    with pytest.raises(NotAllowed):
        await stranger.guides()
