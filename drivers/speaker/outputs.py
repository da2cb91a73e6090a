"""Where an announcement goes: a folder (a simulator's ear) or a sound card through aplay."""

import asyncio
import json
import os
import re
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from drivers.contract import Context, Link, Speech
from drivers.errors import Absent, BadConfig, Gone, ServiceDown, Unsupported
from drivers.links import register
from drivers.links.folder import FolderLink
from drivers.speaker.joining import RATE, Samples, Spoken
from drivers.speaker.syllables import write_wav

_KEPT_FILES = 200
_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]")
_NUMBERED = re.compile(r"(\d+)-.*\.json")


class Output(Protocol):
    async def play(self, speech: Speech, samples: Samples, spoken: tuple[Spoken, ...]) -> None:
        """Returns when heard out; cancelling means silence."""


class AlsaLink:
    """`alsa:default`: the name of an ALSA device. No bytes cross it; `aplay` does the work."""

    def __init__(self, name: str, device: str) -> None:
        self.name, self.device = name, device
        self._open = False

    @property
    def is_open(self) -> bool:
        return self._open

    async def open(self) -> None:
        if shutil.which("aplay") is None:
            raise Unsupported("no aplay: install alsa-utils")
        self._open = True

    async def close(self) -> None:
        self._open = False

    async def read(self, limit: int = 4096) -> bytes:
        raise Unsupported(f"{self.name}: a sound card has no bytes to read")

    async def write(self, data: bytes) -> None:
        raise Unsupported(f"{self.name}: sound is played, not written")

    def discard_input(self) -> bytes:
        return b""


def make_alsa_link(url: str, ctx: Context) -> Link:
    device = urlsplit(url).path
    if not device:
        raise BadConfig(f"{url}: write alsa:device, for example alsa:default")
    return AlsaLink(url, device)


register("alsa", make_alsa_link)


class FolderOutput:
    """One WAV and one JSON an announcement: `<number>-<id>.wav|json`, the WAV first, each whole or not at all.

    The JSON: id, text, language, tokens, repeat, wav, rate, seconds, timeline of {token, start, end} in seconds,
    and `heard`: null while it is played, then the seconds that were heard.
    """

    def __init__(self, folder: Path, clock: Callable[[], float], sleep: Callable[[float], Awaitable[None]]) -> None:
        self._folder, self._clock, self._sleep = folder, clock, sleep

    async def play(self, speech: Speech, samples: Samples, spoken: tuple[Spoken, ...]) -> None:
        """Raises Gone when the folder is taken away, also in the middle of a sentence."""
        try:
            await self._play(speech, samples, spoken)
        except OSError as problem:
            raise Gone(f"{self._folder.name}: {problem.strerror}") from problem

    async def _play(self, speech: Speech, samples: Samples, spoken: tuple[Spoken, ...]) -> None:
        stem = await asyncio.to_thread(self._next_stem, speech.id)
        seconds = samples.size / RATE
        entry = _entry(speech, f"{stem}.wav", seconds, spoken)
        await asyncio.to_thread(write_wav, self._folder / f"{stem}.wav", samples)
        self._write(stem, {**entry, "heard": None})
        heard, started = 0.0, self._clock()
        try:
            await self._sleep(seconds)
            heard = seconds
        finally:
            heard = heard or min(seconds, self._clock() - started)
            self._write(stem, {**entry, "heard": round(heard, 3)})

    def _next_stem(self, speech_id: str) -> str:
        """The next number after those in the folder; only the newest files stay."""
        if not self._folder.is_dir():
            raise Gone(f"{self._folder.name}: the folder is gone")
        numbers = sorted(
            (int(match[1]), file) for file in self._folder.iterdir() if (match := _NUMBERED.fullmatch(file.name))
        )
        for _, file in numbers[: max(0, len(numbers) - _KEPT_FILES + 1)]:
            file.unlink(missing_ok=True)
            file.with_suffix(".wav").unlink(missing_ok=True)
        number = numbers[-1][0] + 1 if numbers else 1
        return f"{number:06d}-{_UNSAFE.sub('_', speech_id)[:60]}"

    def _write(self, stem: str, entry: dict[str, Any]) -> None:
        part = self._folder / f".{stem}.part"
        part.write_text(json.dumps(entry, ensure_ascii=False, indent=1), "utf-8")
        os.replace(part, self._folder / f"{stem}.json")


def _entry(speech: Speech, wav: str, seconds: float, spoken: tuple[Spoken, ...]) -> dict[str, Any]:
    timeline = [{key: round(v, 3) if key != "token" else v for key, v in asdict(one).items()} for one in spoken]
    return {
        "id": speech.id,
        "text": speech.text,
        "language": speech.language,
        "tokens": list(speech.tokens),
        "repeat": speech.repeat,
        "wav": wav,
        "rate": RATE,
        "seconds": round(seconds, 3),
        "timeline": timeline,
    }


class AlsaOutput:
    """Plays a temporary WAV by a child process, which never outlives `play`."""

    def __init__(self, device: str, scratch: Path, grace: float, program: str = "aplay") -> None:
        self._device, self._scratch, self._grace, self._program = device, scratch, grace, program

    async def play(self, speech: Speech, samples: Samples, spoken: tuple[Spoken, ...]) -> None:
        file = self._scratch / "now-playing.wav"
        await asyncio.to_thread(write_wav, file, samples)
        pipe, quiet = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
        try:
            child = await asyncio.create_subprocess_exec(
                self._program, "-q", "-D", self._device, str(file), stdin=quiet, stdout=quiet, stderr=pipe
            )
        except OSError as exc:
            raise ServiceDown(f"{self._program} does not start") from exc
        try:
            _, complaint = await child.communicate()
        finally:
            await self._end(child)
        if child.returncode:
            raise _trouble(complaint.decode("utf-8", "replace"), self._device)

    async def _end(self, child: asyncio.subprocess.Process) -> None:
        if child.returncode is not None:
            return
        child.terminate()
        try:
            async with asyncio.timeout(self._grace):
                await child.wait()
        except TimeoutError:
            child.kill()
            await child.wait()


def _trouble(complaint: str, device: str) -> Absent | ServiceDown:
    last = complaint.strip().splitlines()[-1:] or ["no reason given"]
    if any(sign in complaint for sign in ("No such", "cannot find card", "Unknown PCM")):
        return Absent(f"no sound device {device}: {last[0]}")
    return ServiceDown(f"sound device {device}: {last[0]}")


def make_output(link: Link, ctx: Context, scratch: Path) -> Output:
    """Raises BadConfig for a link that can carry no sound."""
    if isinstance(link, FolderLink):
        return FolderOutput(link.folder, ctx.clock, ctx.extra.get("sleep", asyncio.sleep))
    if isinstance(link, AlsaLink):
        return AlsaOutput(link.device, scratch, ctx.grace)
    raise BadConfig(f"{link.name}: a speaker needs file:folder or alsa:device")
