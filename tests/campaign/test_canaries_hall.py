"""A few canaries through a real hall on mosquitto; and with mistakes made on purpose, each of which must be noticed."""

from pathlib import Path
from typing import Any

import pytest

from tests.campaign.canaries.hall import MISTAKES
from tests.campaign.canaries.run import canaries
from tests.campaign.progress import Progress

pytestmark = [pytest.mark.system, pytest.mark.timeout(400)]


def through(people: int, folder: Path, **more: Any) -> dict[str, Any]:
    return canaries(people, 7, folder, Progress(quiet=True), broker="mosquitto", **more)


def test_a_few_people_leave_nothing_behind(tmp_path: Path) -> None:
    found = through(2, tmp_path / "hall")
    assert found["broken"] == []
    assert found["asked"]["card"] == found["asked"]["rate"] == found["asked"]["complaint"] == 2
    assert found["asked"]["refuse"] == found["asked"]["receive"] == found["asked"]["look-up"] == 1
    assert found["asked"]["lead/note"] == 2
    assert found["crossed"]["bytes"] > 10_000
    assert found["stored by the broker"] > 10_000


def test_mistakes_made_on_purpose_are_noticed(tmp_path: Path) -> None:
    broken = through(1, tmp_path / "hall", mistakes=MISTAKES)["broken"]
    assert any("/logs/" in one and "name of person 0" in one for one in broken)
    assert any("/temp/" in one and "number of person 0" in one for one in broken)
    assert any("journal.db" in one for one in broken)
    assert any("mosquitto.store" in one for one in broken)
    assert any(one.startswith("at the broker: ") for one in broken)
