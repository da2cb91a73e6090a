"""From a token to its sound (voice.md 1 and 2): the site's own recordings, gcin-voice speaker B, espeak-ng."""

import asyncio
import hashlib
import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from drivers.errors import ServiceDown, Unsupported
from drivers.speaker import joining
from drivers.speaker.joining import Samples
from drivers.speaker.pinyin import zhuyin

GCIN_FOLDER = "/usr/share/gcin-voice/ogg"
SPEAKER_B = "5.ogg"
INSTALL = "install gcin-voice (recorded Mandarin) and espeak-ng (letters, English, Cantonese)"

_VOICES = {"zh": "cmn-latn-pinyin+f3", "yue": "yue-latn-jyutping+f3", "en": "en-us+f3"}
_LETTER_VOICE = {"zh": "cmn-latn-pinyin+f3", "yue": "en-us+f3", "en": "en-us+f3"}
_SPOKEN = re.compile(r"[a-zü]+[1-6]?|letter:[A-Z]")
_ESPEAK_SECONDS = 5.0
_WORDS_A_MINUTE = "150"
_PREPARATION = b"1"  # part of the cache key; a new number when joining.prepared changes


@dataclass(frozen=True, slots=True)
class Sources:
    """`recordings`: folder with `<language>/<token>.wav|ogg|flac`, `:` in tokens written `_`. `cache`: ours."""

    cache: Path
    recordings: Path | None = None
    gcin: Path = Path(GCIN_FOLDER)
    espeak: str = "espeak-ng"

    @property
    def has_gcin(self) -> bool:
        return self.gcin.is_dir()

    @property
    def has_espeak(self) -> bool:
        return shutil.which(self.espeak) is not None


class Clips:
    """Prepared clips by (language, token), kept in memory and on disk."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._memory: dict[tuple[str, str], Samples] = {}

    async def clip(self, token: str, language: str) -> Samples:
        """Raises Unsupported when nothing here can say the token, ServiceDown when espeak-ng fails."""
        key = (language, token)
        if key not in self._memory:
            self._memory[key] = joining.chime() if token == joining.CHIME else await self._made(token, language)
        return self._memory[key]

    async def _made(self, token: str, language: str) -> Samples:
        if not _SPOKEN.fullmatch(token):
            raise Unsupported(f"no such clip name: {token!r}")
        file = await asyncio.to_thread(self._recorded, token, language)
        if file is not None:
            return await asyncio.to_thread(self._from_file, file)
        return await self._synthesised(token, language)

    def _recorded(self, token: str, language: str) -> Path | None:
        folder = self._sources.recordings
        if folder is not None:
            name = token.replace(":", "_")
            for ending in ("wav", "ogg", "flac"):
                if (own := folder / language / f"{name}.{ending}").is_file():
                    return own
        syllable = zhuyin(token) if language == "zh" else None
        if syllable is not None and (gcin := self._sources.gcin / syllable / SPEAKER_B).is_file():
            return gcin
        return None

    def _from_file(self, file: Path) -> Samples:
        """The cache's key holds the file's time and size, so a new recording is heard at once."""
        seen = file.stat()
        kept = self._kept(f"{file}:{seen.st_mtime_ns}:{seen.st_size}")
        return _read(kept)[0] if kept.is_file() else _keep(kept, joining.prepared(*_read(file)))

    async def _synthesised(self, token: str, language: str) -> Samples:
        letter = token.startswith("letter:")
        voice = (_LETTER_VOICE if letter else _VOICES)[language]
        words = token.removeprefix("letter:")
        kept = self._kept(f"espeak:{voice}:{words}")
        if kept.is_file():
            return (await asyncio.to_thread(_read, kept))[0]
        if not self._sources.has_espeak:
            raise Unsupported(f"nothing here can say {token!r}: {INSTALL}")
        raw = await self._espeak(voice, words)
        return await asyncio.to_thread(_keep, kept, joining.prepared(*raw))

    async def _espeak(self, voice: str, words: str) -> tuple[Samples, int]:
        with tempfile.TemporaryDirectory(dir=self._sources.cache) as folder:
            file = Path(folder) / "espeak.wav"
            arguments = ("-v", voice, "-s", _WORDS_A_MINUTE, "-w", str(file), words)
            await _run(self._sources.espeak, *arguments)
            try:
                return await asyncio.to_thread(_read, file)
            except soundfile.LibsndfileError as exc:
                raise ServiceDown(f"espeak-ng made no sound for {words!r} with voice {voice}") from exc

    def _kept(self, identity: str) -> Path:
        digest = hashlib.sha256(_PREPARATION + identity.encode()).hexdigest()[:32]
        return self._sources.cache / f"{digest}.wav"


async def _run(program: str, *arguments: str) -> None:
    quiet = asyncio.subprocess.DEVNULL
    try:
        child = await asyncio.create_subprocess_exec(program, *arguments, stdin=quiet, stdout=quiet, stderr=quiet)
    except OSError as exc:
        raise ServiceDown(f"{program} does not start") from exc
    try:
        async with asyncio.timeout(_ESPEAK_SECONDS):
            code = await child.wait()
    except TimeoutError as exc:
        raise ServiceDown(f"{program} does not finish") from exc
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if code:
        raise ServiceDown(f"{program} ended with {code}")


def _read(file: Path) -> tuple[Samples, int]:
    samples, rate = soundfile.read(file, dtype="float32", always_2d=True)
    return np.ascontiguousarray(samples.mean(axis=1), dtype=np.float32), int(rate)


def _keep(file: Path, samples: Samples) -> Samples:
    write_wav(file, samples)
    return samples


def write_wav(file: Path, samples: Samples) -> None:
    """16-bit mono; whole or not at all."""
    part = file.with_name(f".{file.name}.part")
    soundfile.write(part, samples, joining.RATE, subtype="PCM_16", format="WAV")
    os.replace(part, file)
