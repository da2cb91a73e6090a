"""One judge over all halls. It sees committed records as JSON, refusals, and what hands really counted."""

import tomllib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from tests.campaign.weeks.before import Before
from tests.campaign.weeks.trail import Trail
from tests.campaign.weeks.voices import Voices
from tests.campaign.weeks.wall import Wall

_WORDS: Final = Path(__file__).parents[3] / "config" / "words" / "zh-Hans" / "refusal.toml"


class Referee:
    def __init__(self, wall: Wall, delegations: Mapping[str, list[Mapping[str, Any]]]) -> None:
        self.broken: list[str] = []
        self.trail = Trail(wall, self.broken, delegations)
        self.voices = Voices(wall, self.broken)
        self.before = Before(self.broken)
        self.refused: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        self._words = tomllib.loads(_WORDS.read_text("utf-8"))
        self.last_refusal = ""
        self._days: dict[str, str] = {}

    def see(self, hall: str, kind: str, subject: str, actor: str, body: Mapping[str, Any], at: str, ms: int) -> None:
        """`at`: the hall's wall time."""
        today = body["date"] if kind == "day.opened" else self._days.get(hall, "")
        if kind == "day.opened":
            self._days[hall] = today
        self.kinds[kind] += 1
        self.trail.see(hall, kind, subject, actor, body, today, at)
        self.voices.see(hall, kind, subject, actor, body, today, at, ms)
        self.before.see(hall, kind, subject, actor, body, today, at, ms)

    def command_ended(self, hall: str, kinds: set[str]) -> None:
        self.voices.after_command(hall)
        self.before.after_command(hall)
        self.trail.one_place()
        if "day.opened" in kinds:
            self.voices.day_opened(hall, self._days[hall])

    def saw_refusal(self, hall: str, do: str, code: str) -> None:
        """Every refusal has its reason in words for whoever stands there."""
        self.refused[code] += 1
        self.last_refusal = code
        if not str(self._words.get(code, {}).get("clerk", "")).strip():
            self.broken.append(f"{hall}: {do} was refused with {code}, and no words say why")

    def compare(self, hall: str, state: Mapping[str, Any]) -> None:
        self.trail.compare(hall, state)
        self.voices.compare(hall, state)
        self.before.compare(hall, state)
