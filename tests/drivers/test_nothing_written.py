"""Without a runtime folder a speaker and a printer write nothing where they were started."""

import random
from pathlib import Path

import pytest

from drivers.contract import Context, Speech
from drivers.links import make_link
from drivers.printer.leftovers import Leftovers
from drivers.speaker.clips import ClipSpeaker, ClipSpeakerConfig


async def no_time(seconds: float) -> None:
    return


@pytest.fixture
def started_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


async def test_clips_are_kept_until_the_speaker_is_closed(
    started_in: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    ctx = Context(clock=lambda: 1.0, random=random.Random(1), note=lambda *_, **__: None, extra={"sleep": no_time})
    speaker = ClipSpeaker(ClipSpeakerConfig(), make_link(f"file:{tmp_path}/sound", ctx), ctx)
    for number in range(2):
        await speaker.open()
        await speaker.say(Speech(id=f"{number}", tokens=("chime", "hao4"), text="", repeat=1))
        assert [path.name[:11] for path in tmp_path.glob("hall-clips-*")] == ["hall-clips-"]
        await speaker.close()
        assert not list(tmp_path.glob("hall-clips-*"))
    assert not list(started_in.iterdir())


def test_a_printer_remembers_only_in_its_process(started_in: Path) -> None:
    ctx = Context(clock=lambda: 1.0, random=random.Random(1), note=lambda *_, **__: None)
    kept = Leftovers(ctx.own_files, "tcp://192.0.2.9:9100", ctx.note)
    assert kept.possible
    kept.begin()
    kept.end()
    assert not kept.possible
    assert not list(started_in.iterdir())
