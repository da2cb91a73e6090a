"""A number that is not among the allowed numbers is told which ones are."""

from config import folder
from edge.site_check import InstalledDrivers, check_site


def test_allowed_numbers_are_named() -> None:
    text = (folder() / "sites" / "station.yaml").read_text("utf-8").replace("keys: 5", "keys: 6", 1)
    _, mistakes = check_site(text.encode(), InstalledDrivers())
    assert [(mistake.code, mistake.values["allowed"]) for mistake in mistakes] == [("not_one_of", "4, 5")]
