import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.speaker import joining
from drivers.speaker.joining import RATE


def tone(seconds: float, rate: int = RATE, pitch: float = 440.0, level: float = 0.5) -> joining.Samples:
    return (level * np.sin(2 * np.pi * pitch * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def dbfs(samples: joining.Samples) -> float:
    return float(20 * np.log10(np.sqrt(np.mean(np.square(samples)))))


def test_a_clip_is_trimmed_to_twenty_milliseconds_of_silence() -> None:
    raw = np.concatenate((joining.silence(0.5), tone(0.3), joining.silence(0.7)))
    clip = joining.prepared(raw, RATE)
    assert clip.size / RATE == pytest.approx(0.34, abs=0.002)
    edge = round(0.02 * RATE)
    assert not clip[:edge].any()
    assert not clip[-edge:].any()


@pytest.mark.parametrize("level", [0.01, 0.3, 1.0])
def test_every_clip_is_equally_loud(level: float) -> None:
    assert dbfs(joining.prepared(tone(0.3, level=level), RATE)) == pytest.approx(-20, abs=0.6)


def test_a_short_click_is_not_made_to_clip() -> None:
    click = joining.silence(0.5)
    click[5000], click[9000] = 1.0, -1.0
    assert np.abs(joining.levelled(click)).max() <= 0.951


def test_fades_take_eight_milliseconds() -> None:
    clip = joining.prepared(tone(0.3, pitch=2000), RATE)
    edge, fade = round(0.02 * RATE), round(0.008 * RATE)
    first, middle = np.abs(clip[edge : edge + fade // 4]).max(), np.abs(clip).max()
    assert first < 0.3 * middle
    assert np.abs(clip[edge + fade : edge + 2 * fade]).max() > 0.9 * middle


def test_silence_stays_silence() -> None:
    assert not joining.prepared(joining.silence(1), RATE).any()
    assert joining.prepared(np.zeros(0, dtype=np.float32), 44_100).size == round(0.04 * RATE)


def test_resampling_keeps_pitch_and_folds_nothing_back() -> None:
    halved = joining.resampled(tone(1, rate=44_100, pitch=1000), 44_100)
    assert halved.size == RATE
    assert np.abs(np.fft.rfft(halved)).argmax() == 1000
    too_high = joining.resampled(tone(1, rate=44_100, pitch=18_000), 44_100)
    assert dbfs(too_high) < -40


def test_the_chime_sounds_like_two_tones() -> None:
    chime = joining.chime()
    assert 0.8 < chime.size / RATE < 1.5
    first, second = (
        np.abs(np.fft.rfft(chime[int(a * RATE) : int((a + 0.4) * RATE)])).argmax() / 0.4 for a in (0.02, 0.5)
    )
    assert first == pytest.approx(659, abs=5)
    assert second == pytest.approx(523, abs=5)


@pytest.mark.parametrize(
    ("token", "seconds"), [("pause:250", 0.25), ("pause:99999", 5.0), ("pause:x", None), ("hao4", None)]
)
def test_pauses(token: str, seconds: float | None) -> None:
    assert joining.pause_of(token) == seconds


def test_words_are_seventy_milliseconds_apart_from_sound_to_sound() -> None:
    clips = {"a": joining.prepared(tone(0.2), RATE), "b": joining.prepared(tone(0.2), RATE)}
    samples, spoken = joining.joined(("a", "b"), clips, 1, 0)
    quiet = np.abs(samples[: round(spoken[1].end * RATE)]) < 1e-6
    start = round(0.21 * RATE)
    length = np.argmin(quiet[start + np.argmax(quiet[start:]) :])
    assert 0.06 < length / RATE < 0.08


def test_a_repetition_has_its_gap_and_no_second_chime() -> None:
    clips = {name: joining.prepared(tone(0.2), RATE) for name in ("chime", "a")}
    samples, spoken = joining.joined(("chime", "pause:250", "a"), clips, 2, 1.5)
    assert [one.token for one in spoken] == ["chime", "a", "a"]
    assert spoken[1].start - spoken[0].end == pytest.approx(0.03 + 0.25, abs=0.001)
    assert spoken[2].start - spoken[1].end == pytest.approx(0.03 + 1.5, abs=0.001)
    assert samples.size / RATE == pytest.approx(spoken[-1].end + 0.03, abs=0.001)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from(["a", "b", "chime", "pause:100"]), max_size=10), st.integers(1, 3))
def test_the_time_line_points_at_sound(tokens: list[str], repeat: int) -> None:
    clips = {name: joining.prepared(tone(0.1), RATE) for name in ("a", "b", "chime")}
    samples, spoken = joining.joined(tokens, clips, repeat, 0.5)
    words = [token for token in tokens if token != "pause:100"]
    assert [one.token for one in spoken][: len(words)] == words
    for one in spoken:
        assert dbfs(samples[round(one.start * RATE) : round(one.end * RATE)]) > -25
