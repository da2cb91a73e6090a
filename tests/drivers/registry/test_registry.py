import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from drivers.contract import Kind
from drivers.hall485.bus import Hall485Bus
from drivers.hall485.keypad import Keypad
from drivers.hall485.pad import RatingPad485
from drivers.idcard.sam import SamReader
from drivers.registry import BrokenDriver, discover

Install = Callable[[str, str], None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Puts a distribution with entry points and one module on the path, as an installer would."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def add(entries: str, module: str = "") -> None:
        number = len(list(tmp_path.iterdir()))
        info = tmp_path / f"invented_maker_{number}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: invented-maker-{number}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[hall_edge.drivers]\n{entries}\n")
        if module:
            (tmp_path / "invented_driver.py").write_text(module)

    yield add
    sys.modules.pop("invented_driver", None)


def test_ours_are_found() -> None:
    found = discover()
    assert found["idcard.sam"] is SamReader
    assert found["hall485.bus"] is Hall485Bus
    assert found["hall485.keypad"] is Keypad
    assert found["hall485.pad"] is RatingPad485
    assert SamReader.info.kind is Kind.ID_READER


@pytest.mark.parametrize(
    ("target", "module", "why"),
    [
        ("not_there_at_all:X", "", "ModuleNotFoundError"),
        ("invented_driver:Missing", "", "AttributeError"),
        ("invented_driver:X", "raise RuntimeError('no licence file')", "RuntimeError: no licence file"),
        ("invented_driver:X", "def broken(:", "SyntaxError"),
        ("invented_driver:X", "X = 5", "not a class"),
        ("invented_driver:X", "class X: pass", "no `info`"),
        (
            "invented_driver:X",
            "from drivers.contract import Info\nclass X: info = Info(kind='printer', maker='m', models=(), links=())",
            "no `Config` model",
        ),
        (
            "invented_driver:X",
            "from drivers.contract import Info\nfrom pydantic import BaseModel\n"
            "class X:\n  info = Info(kind='printer', maker='m', models=(), links=())\n  Config = BaseModel",
            "no `open`",
        ),
    ],
)
def test_a_broken_one_says_why_and_stops_nothing(install: Install, target: str, module: str, why: str) -> None:
    install(f"invented.thing = {target}", module or "pass")
    found = discover()
    broken = found["invented.thing"]
    assert isinstance(broken, BrokenDriver)
    assert why in broken.why
    assert broken.target == target
    assert found["idcard.sam"] is SamReader


def test_two_of_one_name_are_both_refused(install: Install) -> None:
    install("idcard.sam = invented_driver:X", "X = 5")
    broken = discover()["idcard.sam"]
    assert isinstance(broken, BrokenDriver)
    assert "two packages" in broken.why
