"""A site file that was found good is not checked again, and one that changed always is."""

import errno
from pathlib import Path
from unittest.mock import patch

import pytest

from config import folder
from edge import site_start
from edge.site_check import InstalledDrivers, check_site
from edge.site_start import CHECKED, LAST_GOOD, choose_site


@pytest.fixture
def wanted(tmp_path: Path) -> Path:
    path = tmp_path / "site.yaml"
    path.write_bytes((folder() / "sites" / "station.yaml").read_bytes())
    return path


def _checks(wanted: Path, keep: Path) -> int:
    with patch.object(site_start, "check_site", side_effect=check_site) as checked:
        chosen = choose_site(wanted, keep)
    assert chosen.raw == wanted.read_bytes()
    assert chosen.site == check_site(chosen.raw, InstalledDrivers())[0]
    return checked.call_count


def test_the_second_start_reads_the_form_only(wanted: Path, tmp_path: Path) -> None:
    assert [_checks(wanted, tmp_path) for _ in range(3)] == [1, 0, 0]


def test_any_other_byte_is_checked(wanted: Path, tmp_path: Path) -> None:
    _checks(wanted, tmp_path)
    wanted.write_bytes(wanted.read_bytes() + b"# changed\n")
    assert [_checks(wanted, tmp_path) for _ in range(2)] == [1, 0]


def test_other_drivers_are_checked(wanted: Path, tmp_path: Path) -> None:
    _checks(wanted, tmp_path)
    with patch.object(InstalledDrivers, "release", return_value="another"):
        assert [_checks(wanted, tmp_path) for _ in range(2)] == [1, 0]


@pytest.mark.parametrize("name", [CHECKED, LAST_GOOD])
@pytest.mark.parametrize("spoilt", [b"", b"half"])
def test_what_was_kept_is_believed_whole_only(wanted: Path, tmp_path: Path, name: str, spoilt: bytes) -> None:
    _checks(wanted, tmp_path)
    (tmp_path / name).write_bytes(spoilt)
    assert _checks(wanted, tmp_path) == 1


def test_a_seal_that_finds_no_room_keeps_no_hall_closed(wanted: Path, tmp_path: Path) -> None:
    def keep(content: bytes, path: Path) -> None:
        if path.name == CHECKED:
            raise OSError(errno.ENOSPC, "no room")

    with patch.object(site_start, "_keep", keep):
        assert choose_site(wanted, tmp_path).mistakes == ()


def test_a_mistake_at_a_device_is_told_at_every_start(wanted: Path, tmp_path: Path) -> None:
    wanted.write_text(wanted.read_text("utf-8").replace("keys: 5", "keys: 6", 1), "utf-8")
    for _ in range(2):
        assert [mistake.code for mistake in choose_site(wanted, tmp_path).mistakes] == ["not_one_of"]
    assert not (tmp_path / CHECKED).exists()
