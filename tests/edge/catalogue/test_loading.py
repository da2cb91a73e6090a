"""Every mistake is named by file, line and item; what is right becomes one value with a version."""

from collections.abc import Callable
from dataclasses import replace
from datetime import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

import config
from config.words import LANGUAGES
from edge.books import SiteBooks, facts
from edge.catalogue import FACTS, Catalogue, DataMistakes, check_catalogue, load_catalogue
from edge.rules.books import Reusable
from edge.rules.deadlines import Calendar, Hours, Session
from tests.edge.catalogue.conftest import COMMON, ITEMS

Write = Callable[..., Path]


def test_a_right_folder_is_one_value(write: Write) -> None:
    catalogue = load_catalogue(write())
    permit = catalogue.item("permit")
    assert [(m.id, m.form, m.originals, m.copies, m.mandatory) for m in permit.materials] == [
        ("id-card", "paper", 1, 0, True),
        ("photo", "electronic", 0, 1, False),
    ]
    assert permit.material("photo").note == {"zh-Hans": "白底", "zh-Hant": "白底", "en": "White ground"}
    assert permit.decides.name == {"zh-Hans": "公安机关", "zh-Hant": "公安機關", "en": "Police"}
    assert (permit.limits.working_days, permit.codes.basic, permit.codes.implementation) == (10, None, None)
    assert permit.unverified == tuple(fact for fact in FACTS if fact not in ("limits", "materials"))
    assert [item.id for item in catalogue.items_for("street")] == ["advice", "permit"]
    assert [item.id for item in catalogue.items_for("station")] == ["permit"]
    assert catalogue.items_for("district") == ()
    doubts = catalogue.unverified()
    assert (doubts.facts, doubts.of, set(doubts.by_item)) == (20, 22, {"advice", "permit"})
    with pytest.raises(KeyError):
        catalogue.item("none")
    with pytest.raises(KeyError):
        permit.material("none")


def test_nothing_of_it_can_be_changed(write: Write) -> None:
    with pytest.raises(ValidationError):
        load_catalogue(write()).item("permit").kind = "instant"


def test_without_a_promise_the_legal_limit_counts(write: Write) -> None:
    catalogue = load_catalogue(write(("{legal: 15, promised: 10}", "{legal: 15}")))
    assert catalogue.item("permit").limits.working_days == 15
    assert catalogue.item("advice").limits.working_days is None


def test_departments_may_have_limits_of_their_own(write: Write) -> None:
    timed = load_catalogue(write(("promised: 10}", 'promised: 10, parts: [{unit: "police", promised: 3}]}')))
    assert dict(facts(timed.item("permit")).part_days) == {"police": 3}


def test_an_item_may_be_admitted_to_no_window(write: Write) -> None:
    closed = load_catalogue(write((NOWHERE, f"{NOWHERE}    {HIDDEN}\n"))).item("advice")
    assert closed.not_admitted is not None
    assert (closed.not_admitted.why, closed.not_admitted.where["en"]) == ("secret", "Room 3")
    assert facts(closed).not_admitted
    assert not facts(load_catalogue(write()).item("advice")).not_admitted


def test_what_may_be_used_again_is_listed_with_its_sources_and_age(write: Write) -> None:
    """信息清单: fields, and reusable materials; another material is none."""
    listed = load_catalogue(
        write(
            (NOWHERE, f'{NOWHERE}    fields: [{FIELD[:-1]}, reuse: {{sources: ["base"], days: 90}}}}]\n'),
            (ID_CARD, ID_CARD[:-1] + ', form: "reusable"}'),
        )
    )
    assert dict(facts(listed.item("advice")).reuse) == {"address": Reusable(("base",), 90)}
    assert dict(facts(listed.item("permit")).reuse) == {"id-card": Reusable(("base", "case"), None)}


def test_a_street_takes_in_whatever_its_stations_do() -> None:
    """所有社区事项，街道均能受理: also in a catalogue of the centre that forgot to say so."""
    shipped = load_catalogue(config.folder() / "catalogue")
    calendar, hours = Calendar(frozenset(), frozenset(), frozenset()), Hours((Session(time(9), time(17)),))
    street = SiteBooks(shipped, calendar, hours, "street")
    stations = shipped.items_for("station")
    assert len(stations) > 20
    for item in stations:
        assert "street" in item.accepted_at, item.id
        assert street.item(item.id) is not None, item.id
    forgotten = stations[0].model_copy(update={"accepted_at": ("station",)})
    assert replace(street, catalogue=Catalogue("", {forgotten.id: forgotten})).item(forgotten.id) is not None
    assert not forgotten.accepted_by("district")


ID_CARD = '{of: "id-card", originals: 1}'
SAID = '"materials"]}\n    unverified: true'
NONE = "no_materials: true"
SOME = 'no_materials: true\n    materials: [{of: "photo", copies: 1}]'

NOWHERE = "    no_materials: true\n"
FIELD = '{id: "address", name: {zh-Hans: "地址", zh-Hant: "地址", en: "Address"}}'
SECRET = 'not_admitted: {why: "secret", where: {zh-Hans: "三楼", zh-Hant: "三樓", en: "Room 3"}}'
HIDDEN = f"{SECRET}\n    kiosk: {{shown: false}}"

# (what is changed, file and line, item, code of the mistake)
WRONG = [
    ("promised: 10}", 'promised: 10, parts: [{unit: "nobody", promised: 3}]}', "items.yaml:8", "permit", "unknown_id"),
    ("promised: 10", "promised: 16", "items.yaml:8", "permit", "catalogue.promised_over_legal"),
    ("legal: 15, promised", "legal_calendar: 9, promised", "items.yaml:8", "permit", "catalogue.promised_over_legal"),
    ('unit: "police"}', 'unit: "polise"}', "items.yaml:9", "permit", "unknown_id"),
    ('"department", unit: "police"', '"department"', "items.yaml:9", "permit", "catalogue.no_unit"),
    ('["station", "street"]', '["station"]', "items.yaml:10", "permit", "catalogue.street_missing"),
    ('["station", "street"]', "[]", "items.yaml:10", "permit", "catalogue.nowhere"),
    ('["station", "street"]', '["village", "street"]', "items.yaml:10", "permit", "not_one_of"),
    (ID_CARD, '{of: "id-cart", originals: 1}', "items.yaml:12", "permit", "unknown_id"),
    (ID_CARD, '{of: "id-card"}', "items.yaml:12", "permit", "catalogue.no_count"),
    (ID_CARD, '{of: "id-card", originals: -1}', "items.yaml:12", "permit", "too_small"),
    (ID_CARD, '{of: "id-card", originals: "1"}', "items.yaml:12", "permit", "want_int"),
    (ID_CARD, '{of: "photo", originals: 1}', "items.yaml:13", "permit", "catalogue.material_again"),
    ("originals: 1}", "originals: 1, mandatory: false}", "items.yaml:11", "permit", "catalogue.no_mandatory"),
    ('says: ["limits"', 'says: ["limit"', "items.yaml:16", "permit", "not_one_of"),
    (SAID, SAID.replace("true", '["kind"]'), "items.yaml:2", "permit", "catalogue.fact_bare"),
    ('"jzzsl"', '"JZZSL"', "items.yaml:5", "permit", "catalogue.initials"),
    ('["jzzsl", "zzz"]', "[]", "items.yaml:5", "permit", "catalogue.no_initials"),
    ('["暂住证"]', "[暂住证, 7]", "items.yaml:4", "permit", "quote"),
    ("limits: {}", "limits: {promised: 3}", "items.yaml:23", "advice", "catalogue.instant_limit"),
    (NONE, SOME, "items.yaml:26", "advice", "catalogue.materials_and_none"),
    ("    no_materials: true\n", "", "items.yaml:18", "advice", "catalogue.no_mandatory"),
    ('id: "advice"', 'id: "permit"', "items.yaml:18", "permit", "catalogue.twice"),
    ('id: "advice"', 'id: "Ad vice"', "items.yaml:18", "Ad vice", "form_id"),
    ('zh-Hant: "居住諮詢", ', "", "items.yaml:19", "advice", "no_own_text"),
    ('kind: "instant"', 'kinds: "instant"', "items.yaml:22", "advice", "unknown_key"),
    ('    kind: "instant"\n', "", "items.yaml:18", "advice", "missing"),
    ('zh-Hant: "公安機關", ', "", "common.yaml:2", "", "no_own_text"),
    ('form: "electronic"', 'form: "digital"', "common.yaml:9", "", "not_one_of"),
    ("materials:\n  id-card", "materials:\n\tid-card", "common.yaml:4", "", "tab"),
    (ID_CARD, ID_CARD[:-1] + ', form: "paper", reuse: {days: 90}}', "items.yaml:12", "permit", "catalogue.reuse_form"),
    (ID_CARD, ID_CARD[:-1] + ", reuse: {sources: []}}", "items.yaml:12", "permit", "other"),
    (NOWHERE, f'{NOWHERE}    fields: [{FIELD}, {FIELD}]\n', "items.yaml:27", "advice", "catalogue.material_again"),
    (NOWHERE, f"{NOWHERE}    {SECRET}\n", "items.yaml:27", "advice", "catalogue.not_admitted_shown"),
    (NOWHERE, f"{NOWHERE}    {HIDDEN}\n".replace(', en: "Room 3"', ""), "items.yaml:27", "advice", "no_own_text"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "place", "item", "code"), WRONG, ids=[f"{w[4]}-{w[2]}" for w in WRONG])
def test_a_mistake_is_named_by_file_line_and_item(
    write: Write, old: str, new: str, place: str, item: str, code: str
) -> None:
    catalogue, mistakes = check_catalogue(write((old, new)))
    assert catalogue is None
    assert (f"{mistakes[0].file}:{mistakes[0].mistake.line}", mistakes[0].item, mistakes[0].mistake.code) == (
        place,
        item,
        code,
    )
    for language in LANGUAGES:
        told = mistakes[0].sentence(language)
        assert told.startswith(f"{place}:")
        assert "{" not in told
        assert "items[" not in told


def test_the_near_word_is_offered(write: Write) -> None:
    _, mistakes = check_catalogue(write(('{of: "id-card"', '{of: "id-cart"')))
    assert mistakes[0].sentence("en") == (
        "items.yaml:12:14 permit.materials[0].of: there is no id-cart in materials; probably meant: id-card"
    )


def test_all_mistakes_at_once_and_in_order(write: Write) -> None:
    folder = write(
        ("promised: 10", "promised: 16"),
        (ID_CARD, '{of: "id-card"}'),
        ("limits: {}", "limits: {promised: 3}"),
        ('en: "Police"', 'fr: "Police"'),
    )
    with pytest.raises(DataMistakes) as wrong:
        load_catalogue(folder)
    assert [(found.file, found.mistake.line, found.mistake.code) for found in wrong.value.mistakes] == [
        ("common.yaml", 2, "no_own_text"),
        ("common.yaml", 2, "unknown_key"),
        ("items.yaml", 8, "catalogue.promised_over_legal"),
        ("items.yaml", 12, "catalogue.no_count"),
        ("items.yaml", 23, "catalogue.instant_limit"),
    ]


def test_an_item_of_wrong_form_hides_no_mistake_of_the_others(write: Write) -> None:
    _, mistakes = check_catalogue(write(("promised: 10", "promised: ten"), ("limits: {}", "limits: {promised: 3}")))
    assert [(found.item, found.mistake.code) for found in mistakes] == [
        ("permit", "want_int"),
        ("advice", "catalogue.instant_limit"),
    ]


def test_what_stands_in_an_unreadable_file_is_not_called_unknown(write: Write) -> None:
    _, mistakes = check_catalogue(write(("materials:\n  id-card", "materials:\n\tid-card")))
    assert [(found.file, found.mistake.code) for found in mistakes] == [("common.yaml", "tab")]


def test_a_claim_both_sourced_and_doubted_is_a_mistake(write: Write) -> None:
    listed = ", ".join(f'"{fact}"' for fact in FACTS)
    folder = write(('"materials"]}\n    unverified: true', f'"materials"]}}\n    unverified: [{listed}]'))
    _, mistakes = check_catalogue(folder)
    assert [found.mistake.values["fact"] for found in mistakes] == ["limits", "materials"]


def test_ids_are_one_over_all_files(write: Write, tmp_path: Path) -> None:
    folder = write()
    (folder / "more.yaml").write_text(COMMON, encoding="utf-8")
    _, mistakes = check_catalogue(folder)
    assert [(found.file, found.mistake.line) for found in mistakes] == [
        ("more.yaml", 2),
        ("more.yaml", 4),
        ("more.yaml", 7),
    ]
    assert "common.yaml:2" in mistakes[0].sentence("zh-Hans")


def test_an_empty_folder_is_no_catalogue(tmp_path: Path) -> None:
    catalogue, mistakes = check_catalogue(tmp_path)
    assert (catalogue, mistakes[0].mistake.code) == (None, "catalogue.no_files")
    with pytest.raises(OSError):
        check_catalogue(tmp_path / "none")


def test_the_version_follows_content_not_form(write: Write, tmp_path: Path) -> None:
    version = load_catalogue(write()).version
    assert len(version) == 64
    one = tmp_path / "one"
    one.mkdir()
    head, first, second = ITEMS.partition('  - id: "advice"')
    swapped = f"items:\n{first}{second}" + head.removeprefix("items:\n")
    (one / "all.yaml").write_text(f"# another comment\n{swapped}\n{COMMON}", encoding="utf-8")
    assert load_catalogue(one).version == version
    for change in (("legal: 15", "legal: 14"), ("示例条例", "别的条例"), ('"白底", zh-Hant', '"蓝底", zh-Hant')):
        assert load_catalogue(write(change)).version != version


@settings(max_examples=60, deadline=None)
@given(cut=st.integers(0, len(ITEMS)), put=st.text(max_size=6))
def test_no_text_whatever_breaks_the_check(tmp_path_factory: pytest.TempPathFactory, cut: int, put: str) -> None:
    folder = tmp_path_factory.mktemp("any")
    (folder / "common.yaml").write_text(COMMON, encoding="utf-8")
    (folder / "items.yaml").write_bytes((ITEMS[:cut] + put + ITEMS[cut:]).encode("utf-8", "replace"))
    catalogue, mistakes = check_catalogue(folder)
    assert (catalogue is None) == bool(mistakes)
    for found in mistakes:
        assert found.sentence("zh-Hans")
