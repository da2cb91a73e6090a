import io
import json
import os
import wave
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from hw_sim.clock import VirtualClock
from hw_sim.faults import Fault, FaultWord
from hw_sim.speaker import Speaker


@pytest.fixture
async def speaker(tmp_path: Path, clock: VirtualClock) -> AsyncIterator[Speaker]:
    device = Speaker("speaker-1", tmp_path, "sound", clock, Random(1))
    await device.start()
    yield device
    await device.stop()


def announce(folder: Path, name: str, words: Any, seconds: float = 0.5) -> None:
    made = io.BytesIO()
    with wave.open(made, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(24000)
        sound.writeframes(bytes(int(48000 * seconds)))
    (folder / f"{name}.wav").write_bytes(made.getvalue())
    half = folder / f".{name}.part"
    half.write_text(json.dumps(words), "utf-8")
    os.replace(half, folder / f"{name}.json")


async def test_what_is_said_is_kept_in_order(speaker: Speaker, tmp_path: Path, clock: VirtualClock) -> None:
    assert speaker.link == "file:sound"
    await clock.advance(10)
    announce(tmp_path / "sound", "b", {"text": "请A001号到1号窗口", "tokens": ["请", "A", "零", "零", "一", "号"]})
    await clock.advance(0.1)
    announce(tmp_path / "sound", "a", {"tokens": [{"token": "谢谢", "at": 0.0}, ["您", 0.4]]}, seconds=1.5)
    await clock.advance(0.1)
    first, second = speaker.view()["said"]
    assert first["text"] == "请A001号到1号窗口"
    assert first["tokens"] == ("请", "A", "零", "零", "一", "号")
    assert first["seconds"] == pytest.approx(0.5)
    assert 10 <= first["at"] < second["at"] < 10.2
    assert (second["text"], second["file"]) == ("谢谢您", "a.wav")


async def test_the_same_announcement_is_heard_once(speaker: Speaker, tmp_path: Path, clock: VirtualClock) -> None:
    announce(tmp_path / "sound", "a", {"text": "请", "tokens": ["请"]})
    await clock.advance(5)
    announce(tmp_path / "sound", "a", {"text": "请", "tokens": ["请"], "heard": 0.5})
    await clock.advance(5)
    assert len(speaker.said) == 1


async def test_what_lay_there_before_the_start_is_not_said(tmp_path: Path, clock: VirtualClock) -> None:
    (tmp_path / "sound").mkdir()
    announce(tmp_path / "sound", "old", {"text": "旧", "tokens": ["旧"]})
    device = Speaker("speaker-1", tmp_path, "sound", clock, Random(1))
    await device.start()
    await clock.advance(1)
    assert device.said == []
    await device.stop()


@pytest.mark.parametrize("words", [[], {"text": "no tokens"}, {"tokens": 5}, {"tokens": [{}]}, {"tokens": [[]]}])
async def test_rubbish_is_an_error_and_the_next_is_said(
    speaker: Speaker, tmp_path: Path, clock: VirtualClock, words: Any
) -> None:
    announce(tmp_path / "sound", "bad", words)
    await clock.advance(1.1)
    announce(tmp_path / "sound", "good", {"text": "好", "tokens": ["好"]})
    await clock.advance(0.1)
    assert [error.split(":")[0] for error in speaker.view()["errors"]] == ["bad.json"]
    assert [said.text for said in speaker.said] == ["好"]


async def test_words_without_sound_are_an_error(speaker: Speaker, tmp_path: Path, clock: VirtualClock) -> None:
    (tmp_path / "sound/mute.json").write_text('{"text": "请", "tokens": ["请"]}')
    await clock.advance(1.1)
    assert "no sound in mute.wav" in speaker.view()["errors"][0]


async def test_words_may_come_before_their_sound(speaker: Speaker, tmp_path: Path, clock: VirtualClock) -> None:
    (tmp_path / "sound/a.json").write_text('{"text": "请", "tok')
    await clock.advance(0.3)
    (tmp_path / "sound/a.json").write_text('{"text": "请", "tokens": ["请"]}')
    await clock.advance(0.3)
    announce(tmp_path / "sound", "a", {"text": "请", "tokens": ["请"]})
    await clock.advance(2)
    assert [said.text for said in speaker.said] == ["请"]
    assert speaker.errors == []


async def test_unplugged_nobody_can_write_there(speaker: Speaker, tmp_path: Path, clock: VirtualClock) -> None:
    speaker.set_fault(Fault(FaultWord.UNPLUG))
    with pytest.raises(OSError):
        announce(tmp_path / "sound", "a", {"text": "请", "tokens": ["请"]})
    speaker.clear_faults()
    announce(tmp_path / "sound", "b", {"text": "到", "tokens": ["到"]})
    await clock.advance(0.1)
    assert [said.text for said in speaker.said] == ["到"]


async def test_a_mute_speaker_plays_into_the_void(speaker: Speaker, tmp_path: Path, clock: VirtualClock) -> None:
    speaker.set_fault(Fault(FaultWord.SILENT, times=1))
    for name in ("a", "b"):
        announce(tmp_path / "sound", name, {"text": name, "tokens": [name]})
        await clock.advance(0.1)
    assert [said.text for said in speaker.said] == ["b"]
