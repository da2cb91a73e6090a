"""What the conformance kit needs to know of the speaker: it writes sound files, so there is no wire to cut."""

import wave
from pathlib import Path
from typing import Final

from drivers.conform import Bench


def _recordings(folder: Path) -> None:
    """One clip of its own, so that no voice need be installed."""
    (folder / "voice" / "zh").mkdir(parents=True, exist_ok=True)
    with wave.open(str(folder / "voice" / "zh" / "hao4.wav"), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(22050)
        sound.writeframes(bytes(2 * 2205))


CLIPS: Final = Bench(
    session=Path(__file__).parent / "captures" / "call.json",
    link="file:sound",
    loose=frozenset({"state"}),  # of the heartbeat: a warning where not every voice is installed
    prepare=_recordings,
    no_bytes="plays through files or a sound card: no bytes on a wire",
)
