"""Clips to one announcement (voice.md 2): trimmed, levelled, faded, joined, repeated. Mono float arrays, 22.05 kHz."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]

RATE = 22_050
EDGE = 0.02
WORD_GAP = 0.07
LEVEL_DBFS = -20.0
FADE = 0.008
_SILENT = 0.02  # of the peak
_PEAK = 0.95
CHIME = "chime"
_CHIME_TONES = ((659.26, 0.0), (523.25, 0.45))
_CHIME_SECONDS = 1.1


@dataclass(frozen=True, slots=True)
class Spoken:
    """When a token is heard, seconds from the start."""

    token: str
    start: float
    end: float


def silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * RATE), dtype=np.float32)


def prepared(samples: Samples, rate: int) -> Samples:
    """A recording as clip: our rate, 20 ms of silence at the ends, -20 dBFS, 8 ms fades."""
    return faded(levelled(trimmed(resampled(samples, rate))))


def resampled(samples: Samples, rate: int) -> Samples:
    """Linear between samples; before going down, a windowed sinc takes away what would fold back."""
    if rate == RATE or not samples.size:
        return samples
    if rate > RATE:
        taps = np.arange(-32, 33)
        low_pass = np.sinc(taps * 0.9 * RATE / rate) * np.hamming(taps.size)
        samples = np.convolve(samples, low_pass / low_pass.sum(), mode="same").astype(np.float32)
    places = np.arange(round(samples.size * RATE / rate)) * (rate / RATE)
    between: Samples = np.interp(places, np.arange(samples.size), samples).astype(np.float32)
    return between


def trimmed(samples: Samples) -> Samples:
    loud = np.flatnonzero(np.abs(samples) > _SILENT * np.abs(samples).max(initial=0.0))
    if not loud.size:
        return silence(2 * EDGE)
    return np.concatenate((silence(EDGE), samples[loud[0] : loud[-1] + 1], silence(EDGE)))


def levelled(samples: Samples) -> Samples:
    """Same loudness for every clip, never so loud that it clips."""
    rms = float(np.sqrt(np.mean(np.square(samples)))) if samples.size else 0.0
    if rms == 0.0:
        return samples
    gain = min(10 ** (LEVEL_DBFS / 20) / rms, _PEAK / float(np.abs(samples).max()))
    return (samples * gain).astype(np.float32)


def faded(samples: Samples) -> Samples:
    """The signal inside the silent edges starts and ends softly."""
    length, edge = round(FADE * RATE), round(EDGE * RATE)
    if samples.size < 2 * (length + edge):
        return samples
    ramp = np.linspace(0.0, 1.0, length, dtype=np.float32)
    out = samples.copy()
    out[edge : edge + length] *= ramp
    out[-edge - length : out.size - edge] *= ramp[::-1]
    return out


def chime() -> Samples:
    """Two falling bell tones."""
    time = np.arange(round(_CHIME_SECONDS * RATE)) / RATE
    sound = np.zeros_like(time)
    for pitch, start in _CHIME_TONES:
        after = np.clip(time - start, 0.0, None)
        tone = np.sin(2 * np.pi * pitch * after) + 0.3 * np.sin(4 * np.pi * pitch * after)
        sound += np.where(time >= start, tone * np.exp(-5.0 * after) * np.clip(after / 0.004, 0.0, 1.0), 0.0)
    return prepared(sound.astype(np.float32), RATE)


def pause_of(token: str) -> float | None:
    """Seconds of `pause:250`; None for a token with sound."""
    name, _, milliseconds = token.partition(":")
    return min(int(milliseconds), 5_000) / 1000 if name == "pause" and milliseconds.isdecimal() else None


def joined(
    tokens: Sequence[str], clips: dict[str, Samples], repeat: int, gap: float
) -> tuple[Samples, tuple[Spoken, ...]]:
    """The announcement and its time line. A repetition leaves out the chime and the pauses before the words."""
    parts: list[Samples] = []
    spoken: list[Spoken] = []
    length = 0

    def add(samples: Samples) -> None:
        nonlocal length
        parts.append(samples)
        length += samples.size

    for turn in range(max(1, repeat)):
        if turn:
            add(silence(gap))
        for token in tokens if turn == 0 else _words(tokens):
            pause = pause_of(token)
            if pause is not None:
                add(silence(pause))
                continue
            start = length / RATE
            add(clips[token])
            spoken.append(Spoken(token, start, length / RATE))
            add(silence(WORD_GAP - 2 * EDGE))
    return np.concatenate(parts) if parts else silence(0), tuple(spoken)


def _words(tokens: Sequence[str]) -> list[str]:
    words = [token for token in tokens if token != CHIME]
    while words and pause_of(words[0]) is not None:
        words.pop(0)
    return words
