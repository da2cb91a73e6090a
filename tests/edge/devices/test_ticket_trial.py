"""A test ticket cannot be taken for a real one, and is printed where the technician means it."""

from datetime import UTC, datetime

import pytest
from ruamel.yaml import YAML

from config import folder
from drivers.errors import BadConfig
from edge.devices.ticket_trial import trial_lines
from edge.devices.ticket_trial_cli import only_printer
from edge.site import Site


@pytest.fixture
def site() -> Site:
    return Site.model_validate(YAML(typ="safe").load((folder() / "sites" / "station.yaml").read_text("utf-8")))


def test_it_says_what_it_is_and_has_no_number(site: Site) -> None:
    told = trial_lines(site, "printer-1", datetime(2026, 1, 5, 9, 30, tzinfo=UTC))
    texts = [line.text for line in told]
    assert texts.count("测试 · 不排队") == 2
    assert [line.text for line in told if line.size == 4] == ["测试"]
    assert {"left", "right"} <= {line.align for line in told}, "both edges of the paper"
    assert sum(line.qr for line in told) == 1
    for service in site.services:
        assert set(service.name.values()) <= set(texts), "every character that real tickets need"


def test_one_printer_needs_no_name(site: Site) -> None:
    assert only_printer(site) == "printer-1"
    second = site.devices[1].model_copy(update={"id": "printer-2"})
    with pytest.raises(BadConfig, match="printer-1, printer-2"):
        only_printer(site.model_copy(update={"devices": (*site.devices, second)}))
    with pytest.raises(BadConfig):
        only_printer(site.model_copy(update={"devices": ()}))
