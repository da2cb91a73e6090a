"""Every capture in this folder, and every bench's recorded session, through its driver again: byte by byte the same.

A capture from the field becomes a test by being put here: FILE.jsonl from `hallctl capture` or `hallctl try --capture`,
and FILE.json beside it with the driver, its options, the steps and what came of them (`try` writes that one as well).
"""

from dataclasses import replace
from pathlib import Path

import pytest

import drivers
from drivers.conform import find_benches, recording
from drivers.conform.bench import Bench
from drivers.conform.ears import Ears
from drivers.conform.field_checks import replayed
from drivers.conform.rig import Subject
from drivers.registry import BrokenDriver, discover

HERE = Path(__file__).parent
# Played by the kit alone: commands that cross whole, and keys that are waited for.
PLAYED = {"idcard.pcsc", "pad.keyboard"}
SESSIONS = list(Path(drivers.__file__).parent.glob("*/captures/*.jsonl"))
CAPTURES = sorted(
    [
        *HERE.glob("*.jsonl"),
        *(path for path in SESSIONS if recording.load(path.with_suffix(".json")).driver not in PLAYED),
    ]
)


def _replay(expectations: Path, wire: Path, folder: Path) -> list[str]:
    told = recording.load(expectations)
    classes = {name: cls for name, cls in discover().items() if not isinstance(cls, BrokenDriver)}
    bench = replace(find_benches().get(told.driver, Bench(wire)), session=wire)
    with Ears(()) as ears:
        subject = Subject(told.driver, classes[told.driver], bench, told, classes, ears, folder)
        return replayed(subject, expectations, wire)


@pytest.mark.parametrize("capture", CAPTURES, ids=[path.stem for path in CAPTURES])
def test_it_happens_again(capture: Path, tmp_path: Path) -> None:
    assert _replay(capture.with_suffix(".json"), capture, tmp_path) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('dd 2b 5a"', 'dd 2c 5a"'),
        ('"out": "a5 a5', '"out": "a5 5a'),
        ('{"at": 0.0, "open": true}', ""),
    ],
    ids=["heard", "sent", "shorter"],
)
def test_a_byte_otherwise_is_seen(before: str, after: str, tmp_path: Path) -> None:
    text = (HERE / "led-5-show.jsonl").read_text("utf-8")
    assert before in text
    lines = text.replace(before, after).splitlines()
    (tmp_path / "other.jsonl").write_text("\n".join(lines[:-1] if not after else lines), "utf-8")
    assert _replay(HERE / "led-5-show.json", tmp_path / "other.jsonl", tmp_path)


def test_there_are_captures_of_every_driver_with_bytes() -> None:
    found = {recording.load(path.with_suffix(".json")).driver for path in CAPTURES}
    wired = {name for name, bench in find_benches().items() if bench.session.with_suffix(".jsonl").exists()}
    assert {"idcard.sam", "led.onbon5k", "led.onbon6e", "hall485.keypad", "printer.escpos"} <= wired
    assert wired - PLAYED <= found


def test_nobodys_number_is_in_a_capture_from_the_field() -> None:
    for path in (*HERE.glob("*.jsonl"), *HERE.glob("*.json")):
        assert "119999" not in path.read_text("utf-8").replace(" ", ""), path.name
        assert "31003100390039003900390" not in path.read_text("utf-8").replace(" ", ""), path.name
