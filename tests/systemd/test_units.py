"""The units as systemd itself reads them: no complaint at all, and a sandbox that stays tight."""

import shutil
import subprocess
from pathlib import Path

import pytest

UNITS = Path(__file__).parents[2] / "systemd"


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The units with programs that exist here, so that `verify` can look at everything else."""
    for unit in UNITS.glob("*.service"):
        text = unit.read_text()
        for program in ("halld", "hall-devices", "hall-%i"):
            text = text.replace(f"/opt/hall-edge/.venv/bin/{program} ", "/bin/true ")
        (tmp_path / unit.name).write_text(text)
    return tmp_path


@pytest.mark.parametrize("unit", ["halld.service", "hall-devices.service", "hall-screen@.service"])
def test_systemd_has_nothing_to_say_about_a_unit(installed: Path, unit: str) -> None:
    name = unit.replace("@.", "@kiosk.")
    if name != unit:
        shutil.copy(installed / unit, installed / name)
    found = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(installed / name)],
        capture_output=True,
        text=True,
    )
    assert found.stderr == ""  # the exit code is 0 even for a bad value
    assert found.returncode == 0


@pytest.mark.parametrize(("unit", "threshold"), [("halld.service", 20), ("hall-devices.service", 20)])
def test_exposure_stays_low(installed: Path, unit: str, threshold: int) -> None:
    found = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", f"--threshold={threshold}", str(installed / unit)],
        capture_output=True,
        text=True,
    )
    assert found.returncode == 0, found.stdout[-400:]


def test_a_bad_value_would_be_seen(installed: Path) -> None:
    broken = installed / "halld.service"
    broken.write_text(broken.read_text().replace("Restart=always", "Restart=alway"))
    found = subprocess.run(["systemd-analyze", "verify", "--man=no", str(broken)], capture_output=True, text=True)
    assert "alway" in found.stderr
