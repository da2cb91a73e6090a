"""The hall's voice: announcements joined from clips (voice.md 2), one after the other."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from drivers.contract import Context, Event, Health, Identity, Info, Kind, Link, Speech
from drivers.errors import Gone, Unsupported
from drivers.links import ended
from drivers.speaker import joining
from drivers.speaker.outputs import Output, make_output
from drivers.speaker.syllables import GCIN_FOLDER, INSTALL, Clips, Sources

_IDENTIFY = Speech(id="identify", tokens=(joining.CHIME,), text="", repeat=1)


class ClipSpeakerConfig(BaseModel):
    """`recordings`: the site's own clips, `<language>/<token>.wav`, under the runtime folder. `volume` percent."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    recordings: str | None = None
    volume: int = Field(default=100, ge=0, le=100)
    gcin: str = GCIN_FOLDER
    espeak: str = "espeak-ng"


class ClipSpeaker:
    """Speaker and Identifiable. `file:folder` writes WAV and JSON in real time, `alsa:device` plays by aplay."""

    info: ClassVar[Info] = Info(
        kind=Kind.SPEAKER,
        maker="Hall Edge",
        models=("clips",),
        links=("file", "alsa"),
    )
    Config: ClassVar[type[BaseModel]] = ClipSpeakerConfig

    def __init__(self, config: ClipSpeakerConfig, link: Link, ctx: Context) -> None:
        self._config, self._link, self._ctx = config, link, ctx
        runtime = Path(ctx.runtime)
        self._own_files = ctx.own_files
        self._passing: tempfile.TemporaryDirectory[str] | None = None
        self._sources = Sources(
            cache=runtime / "clips",
            recordings=runtime / config.recordings if config.recordings else None,
            gcin=Path(config.gcin),
            espeak=config.espeak,
        )
        self._clips = Clips(self._sources)
        self._output: Output | None = None
        self._turn = asyncio.Lock()

    async def open(self) -> Identity:
        """Raises Unsupported, with what to install, when nothing here has a voice."""
        if not (self._sources.has_gcin or self._sources.has_espeak or self._sources.recordings):
            raise Unsupported(f"no voice: {INSTALL}")
        if not self._link.is_open:
            await self._link.open()
        if self._own_files is None:
            self._keep_in_passing()
        self._sources.cache.mkdir(parents=True, exist_ok=True)
        self._output = make_output(self._link, self._ctx, self._sources.cache)
        return Identity(maker=self.info.maker, model="clips")

    async def check(self) -> Health:
        if not self._link.is_open:
            raise Gone(self._link.name)
        missing = [
            name
            for name, there in (("gcin-voice", self._sources.has_gcin), ("espeak-ng", self._sources.has_espeak))
            if not there
        ]
        if missing:
            return Health(state="warning", detail=f"not installed: {', '.join(missing)}")
        return Health(state="busy" if self._turn.locked() else "ready")

    async def close(self) -> None:
        await self._link.close()
        passing, self._passing = self._passing, None
        if passing is not None:
            passing.cleanup()

    async def events(self) -> AsyncIterator[Event]:
        """None; a speaker hears nothing."""
        await ended(self._link)
        raise Gone(self._link.name)
        yield  # makes this an iterator

    async def say(self, speech: Speech) -> None:
        """Every clip is made before the first sound, so an announcement is whole or fails."""
        assert self._output is not None, "open() comes first"
        async with self._turn:
            names = {token for token in speech.tokens if joining.pause_of(token) is None}
            clips = {name: await self._clips.clip(name, speech.language) for name in sorted(names)}
            samples, spoken = joining.joined(speech.tokens, clips, speech.repeat, speech.gap)
            if self._config.volume < 100:
                samples = samples * (self._config.volume / 100) ** 2
            await self._output.play(speech, samples, spoken)

    def _keep_in_passing(self) -> None:
        """No runtime folder was given: clips are kept until this speaker is closed."""
        if self._passing is None:
            self._passing = tempfile.TemporaryDirectory(prefix="hall-clips-")
            self._sources = replace(self._sources, cache=Path(self._passing.name))
            self._clips = Clips(self._sources)

    async def identify(self, seconds: float) -> None:
        """One chime, whatever `seconds`: more would disturb the hall."""
        await self.say(_IDENTIFY)
