"""Loudspeaker: a folder into which announcements fall as WAV and JSON; keeps what was said (protocols/voice.md 4)."""

import json
import wave
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

from hw_sim.clock import Clock
from hw_sim.device import Device
from hw_sim.faults import FaultWord

POLL = 0.05
# How long half an announcement (words before sound, or words still being written) is waited for.
PATIENCE = 1.0
KEPT = 100


@dataclass(frozen=True, slots=True)
class Said:
    """`at`: seconds on the simulator's clock when it was heard; `seconds`: how long the sound is."""

    text: str
    tokens: tuple[str, ...]
    at: float
    seconds: float
    file: str


class Unreadable(ValueError):
    """Not an announcement: no JSON of text and tokens, or no sound with it."""


class Speaker(Device):
    """Unplugged or without power its folder is replaced by a plain file, so that whoever writes there gets an error."""

    kind = "speaker"
    troubles = frozenset({FaultWord.UNPLUG, FaultWord.POWER_CUT, FaultWord.SILENT})

    def __init__(self, id: str, run: Path, folder: str, clock: Clock, random: Random) -> None:
        super().__init__(id, clock, random)
        self._path = run / folder
        self._folder = folder
        self._seen: set[tuple[str, int, int]] = set()
        self._half: dict[str, float] = {}
        self.said: list[Said] = []
        self.errors: list[str] = []

    @property
    def link(self) -> str:
        return f"file:{self._folder}"

    async def start(self) -> None:
        self._path.mkdir(parents=True, exist_ok=True)
        self._seen = {self._mark(path) for path in self._path.glob("*.json")}
        self._chores.spawn(self._watch())

    def actions(self) -> dict[str, Callable[..., None]]:
        return {**super().actions(), "clear": self.clear}

    def clear(self) -> None:
        """Forgets what was said; the files stay."""
        self.said.clear()
        self.errors.clear()

    def look(self) -> dict[str, Any]:
        return {"said": [asdict(one) for one in self.said], "errors": list(self.errors)}

    def plug(self) -> None:
        super().plug()
        self._set_folder()

    def unplug(self) -> None:
        super().unplug()
        self._set_folder()

    def power(self, on: bool) -> None:
        super().power(on)
        self._set_folder()

    def look_now(self) -> None:
        """Takes in what has come since the last look."""
        if not self.plugged or not self.powered:
            return
        for path in sorted(self._path.glob("*.json"), key=lambda path: (path.stat().st_mtime_ns, path.name)):
            mark = self._mark(path)
            if mark not in self._seen and self._take(path):
                self._seen.add(mark)

    async def _watch(self) -> None:
        while True:
            self.look_now()
            await self.clock.sleep(POLL)

    def _take(self, path: Path) -> bool:
        """False: not whole yet, look again."""
        now = self.clock.now()
        try:
            said = _read(path, now)
        except Unreadable as wrong:
            if now - self._half.setdefault(path.name, now) < PATIENCE:
                return False
            self.errors.append(f"{path.name}: {wrong}")
        else:
            known = any(one.file == said.file for one in self.said)  # its words are written again when heard out
            if not known and not self.faults.strike(FaultWord.SILENT):
                self.said.append(said)
        self._half.pop(path.name, None)
        del self.said[:-KEPT], self.errors[:-KEPT]
        self.changed.tell()
        return True

    def _set_folder(self) -> None:
        aside = self._path.with_name(self._path.name + ".unplugged")
        there = self.plugged and self.powered
        if there and aside.exists():
            self._path.unlink(missing_ok=True)
            aside.rename(self._path)
        elif not there and self._path.is_dir():
            self._path.rename(aside)
            self._path.touch()

    @staticmethod
    def _mark(path: Path) -> tuple[str, int, int]:
        status = path.stat()
        return path.name, status.st_mtime_ns, status.st_size


def _read(path: Path, now: float) -> Said:
    try:
        words = json.loads(path.read_text("utf-8"))
        tokens = tuple(_token(one) for one in words["tokens"])
        text = str(words.get("text") or "".join(tokens))
    except (ValueError, LookupError, TypeError, AttributeError) as wrong:
        raise Unreadable(f"not an announcement: {wrong!r}") from wrong
    sound = path.with_suffix(".wav")
    try:
        with wave.open(str(sound), "rb") as file:
            seconds = file.getnframes() / file.getframerate()
    except (OSError, EOFError, wave.Error, ZeroDivisionError) as wrong:
        raise Unreadable(f"no sound in {sound.name}: {wrong}") from wrong
    return Said(text, tokens, now, seconds, sound.name)


def _token(one: Any) -> str:
    """A token stands alone, or with its time as {token, at} or [token, at]."""
    if isinstance(one, str):
        return one
    if isinstance(one, dict):
        return str(one["token"])
    return str(one[0])
