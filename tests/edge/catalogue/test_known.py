"""Pages parsed once are the same catalogue at the next start, and whatever changed is read again."""

from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import pytest

from config import folder
from edge.catalogue import Catalogue, DataMistakes, check_catalogue, load_catalogue, reading
from edge.site_check.places import placeless, read_sheet

Write = Callable[..., Path]


def _parsed(pages: Path, kept: Path) -> tuple[Catalogue, int]:
    with patch.object(reading, "read_sheet", side_effect=read_sheet) as parse:
        return load_catalogue(pages, kept), parse.call_count


def test_the_shipped_catalogue_is_the_same_without_parsing(tmp_path: Path) -> None:
    kept, shipped = tmp_path / "known", folder() / "catalogue"
    first, parsed = _parsed(shipped, kept)
    assert parsed > 5
    assert _parsed(shipped, kept) == (first, 0)
    assert first == check_catalogue(shipped)[0]


def test_a_page_that_changed_is_read_again(write: Write, tmp_path: Path) -> None:
    kept = tmp_path / "known"
    before, _ = _parsed(write(), kept)
    after, parsed = _parsed(write(("promised: 10}", "promised: 9}")), kept)
    assert parsed > 0
    assert after.version != before.version
    assert _parsed(write(), kept)[0] == before


def test_a_mistake_is_told_at_its_place_whatever_is_known(write: Write, tmp_path: Path) -> None:
    kept = tmp_path / "known"
    load_catalogue(write(), kept)
    spoilt = write(("promised: 10", "promised: ten"))
    said = [mistake.sentence("en") for mistake in check_catalogue(spoilt)[1]]
    for _ in range(2):
        with pytest.raises(DataMistakes) as told:
            load_catalogue(spoilt, kept)
        assert [mistake.sentence("en") for mistake in told.value.mistakes] == said


@pytest.mark.parametrize("damage", [b"", b"{}", b"x\n{}"])
def test_what_was_kept_is_believed_whole_only(write: Write, tmp_path: Path, damage: bytes) -> None:
    kept = tmp_path / "known"
    first, _ = _parsed(write(), kept)
    whole = kept.read_bytes()
    kept.write_bytes(damage or whole.replace(b"permit", b"permil"))
    again, parsed = _parsed(write(), kept)
    assert again == first
    assert parsed > 0
    assert kept.read_bytes() == whole


def test_every_path_is_there_without_its_place() -> None:
    for file in (folder() / "catalogue").glob("*.yaml"):
        sheet = read_sheet(file.read_bytes())
        known = placeless(sheet.data)
        assert (known.values.keys(), known.keys.keys()) == (sheet.values.keys(), sheet.keys.keys())
