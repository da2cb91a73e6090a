"""Searching as a citizen types: name in any language, alias, first letters; best first."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config import folder
from edge.catalogue import Catalogue, load_catalogue


@pytest.fixture(scope="module")
def shipped() -> Catalogue:
    return load_catalogue(folder() / "catalogue")


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("居住证申领", "residence-permit-apply"),
        ("居住證申領", "residence-permit-apply"),
        ("暂住证", "residence-permit-apply"),
        ("jzzsl", "residence-permit-apply"),
        ("JZZSL", "residence-permit-apply"),
        ("ｊｚｚｓｌ", "residence-permit-apply"),
        ("minimum living", "minimum-living-allowance"),
        ("低保", "minimum-living-allowance"),
        ("db", "minimum-living-allowance"),
        ("失业登记", "unemployment-register"),
        ("老年证", "senior-card"),
        ("gllr", "advanced-age-allowance"),
        ("高龄老人津贴", "advanced-age-allowance"),
        ("准生证", "birth-registration"),
        ("公租房", "public-rental-queue"),
    ],
)
def test_the_item_meant_comes_first(shipped: Catalogue, typed: str, first: str) -> None:
    assert shipped.search(typed)[0].id == first


def test_a_name_beats_an_alias_and_an_alias_beats_letters(shipped: Catalogue) -> None:
    assert [item.id for item in shipped.search("居住证")][:2] == ["residence-permit-apply", "residence-permit-endorse"]
    found = [item.id for item in shipped.search("社保补贴")]
    assert found == ["flexible-work-subsidy"]


def test_every_word_must_be_found(shipped: Catalogue) -> None:
    assert [item.id for item in shipped.search("残疾人 护理")] == ["care-subsidy-disabled"]
    assert shipped.search("残疾人 护照") == ()


@pytest.mark.parametrize("typed", ["", "  ", "　", "护照签证"])
def test_nothing_is_found_for_nothing(shipped: Catalogue, typed: str) -> None:
    assert shipped.search(typed) == ()


def test_every_item_is_found_by_its_own_names_and_letters(shipped: Catalogue) -> None:
    for item in shipped.items.values():
        for typed in (*item.name.values(), *item.aliases, *item.initials):
            assert item in shipped.search(typed), typed


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=st.text(max_size=12))
def test_any_text_is_answered_without_doubles(shipped: Catalogue, typed: str) -> None:
    found = [item.id for item in shipped.search(typed)]
    assert len(found) == len(set(found))
