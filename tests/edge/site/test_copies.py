"""What `copies` of a site file gives to the rules, and what cannot be meant."""

from pathlib import Path

import pytest

from edge.site_check import Mistake, check_site
from edge.site_check.mistakes import SiteMistakes
from tests.edge.site.shelf import Shelf

STATION = Path(__file__).resolve().parents[3] / "config" / "sites" / "station.yaml"
OFFICE = '  - {id: "office-1", driver: "printer.ipp", link: "tcp://192.0.2.22:631"}\n'


def station(copies: str, kiosk: str = 'office: "office-1"') -> str:
    text = STATION.read_text("utf-8").replace("devices:\n", f"devices:\n{OFFICE}")
    text = text.replace('printer: "printer-1"', f'printer: "printer-1"\n    {kiosk}')
    return text.replace("areas:\n", f"copies: {copies}\nareas:\n")


def mistakes(text: str) -> list[Mistake]:
    return check_site(text.encode(), Shelf())[1]


def test_a_kiosk_with_an_office_printer_offers_pages() -> None:
    site, found = check_site(station('{area: "a", person_pages: 8}').encode(), Shelf())
    assert found == []
    assert site is not None
    setup = site.copy_setup
    assert (setup.person, setup.ticket, setup.hall, setup.most, setup.area) == (8, 3, 300, 5, "a")
    assert (setup.printer("k1"), setup.printer("k2")) == ("office-1", "")


def test_without_the_section_nothing_is_offered() -> None:
    site, _ = check_site(STATION.read_bytes(), Shelf())
    assert site is not None
    assert site.copy_setup.printers == ()


@pytest.mark.parametrize(
    ("copies", "path", "code"),
    [
        ('{area: "a", hall_pages: 9}', "copies.hall_pages", "copies_share"),
        ('{area: "a", hall_pages: 9, person_pages: 2, ticket_pages: 10}', "copies.ticket_pages", "copies_share"),
        ('{area: "b"}', "copies.area", "unknown_id"),
        ("{}", "copies", "missing"),
        ('{area: "a", most_pages: 0}', "copies.most_pages", "too_small"),
    ],
)
def test_what_cannot_be_meant_is_said_with_its_place(copies: str, path: str, code: str) -> None:
    assert [(each.path, each.code) for each in mistakes(station(copies))] == [(path, code)]


def test_the_words_name_both_numbers() -> None:
    found = mistakes(station('{area: "a", hall_pages: 9}'))
    assert "10" in str(SiteMistakes(found))
    assert "9" in str(SiteMistakes(found))
