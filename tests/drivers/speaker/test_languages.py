"""Every clip that a call may need, made by what is installed here. Nobody listens: length, level, ends, difference."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from config import clips
from drivers.contract import Speech
from drivers.speaker.clips import ClipSpeaker
from drivers.speaker.joining import RATE, pause_of
from drivers.speaker.syllables import Clips, Sources

Make = Callable[..., ClipSpeaker]


@pytest.mark.parametrize("language", clips.LANGUAGES)
async def test_every_clip_of_a_call_can_be_heard(language: str, tmp_path: Path) -> None:
    made = Clips(Sources(cache=tmp_path))
    heard: dict[bytes, str] = {}
    for token in sorted(clips.load(language).every):
        if pause_of(token) is not None:
            continue
        samples = await made.clip(token, language)
        level = 20 * np.log10(np.sqrt(np.mean(np.square(samples))))
        assert 0.1 < samples.size / RATE < 1.5, token
        assert -24 < level < -17, (token, level)
        assert np.abs(samples).max() <= 0.96, token
        assert not np.any(samples[: round(0.015 * RATE)]), token
        assert heard.setdefault(samples.tobytes(), token) == token


@pytest.mark.parametrize("language", clips.LANGUAGES)
async def test_a_call_in_each_language_is_a_sound_file(language: str, speaker: Make, tmp_path: Path) -> None:
    device = speaker()
    await device.open()
    words = [token for token in clips.load(language).call if token not in (clips.TICKET, clips.WINDOW, clips.FLOOR)]
    await device.say(Speech(id=f"t:1:{language}", tokens=tuple(words), text="", language=language, repeat=1))
    (wav,) = (tmp_path / "sound").glob("*.wav")
    assert 2 < wav.stat().st_size / 2 / RATE < 12
