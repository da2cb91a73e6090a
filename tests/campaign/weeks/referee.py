"""One judge over all halls. It sees committed records as JSON, refusals, and what hands really counted."""

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from tests.campaign.weeks.before import Before
from tests.campaign.weeks.held import Held
from tests.campaign.weeks.matters import Matters
from tests.campaign.weeks.trail import Trail
from tests.campaign.weeks.voices import Voices
from tests.campaign.weeks.waits import Waits
from tests.campaign.weeks.wall import Wall

Body = Mapping[str, Any]

_WORDS: Final = Path(__file__).parents[3] / "config" / "words" / "zh-Hans" / "refusal.toml"


class Referee:
    def __init__(
        self,
        wall: Wall,
        delegations: Mapping[str, list[Mapping[str, Any]]],
        rules: Mapping[str, Mapping[str, Mapping[str, Any]]],
        levels: Mapping[str, str],
    ) -> None:
        """`rules`: what may be used again, by item; `levels`: of each hall."""
        self.broken: list[str] = []
        self.trail = Trail(wall, self.broken, delegations)
        self.voices = Voices(wall, self.broken)
        self.before = Before(self.broken)
        self.held = Held(rules, self.broken)
        self.matters = Matters(wall, levels, self.broken)
        self.waits = Waits(self.trail.stage_of, self.broken)
        self.refused: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        self._words = tomllib.loads(_WORDS.read_text("utf-8"))
        self.last_refusal = ""
        self._days: dict[str, str] = {}

    def see(
        self, hall: str, kind: str, subject: str, actor: str, body: Body, at: str, ms: int, sealed: Body, h: str
    ) -> None:
        """`at`: the hall's wall time. `sealed`: what lies sealed beside the record, `h` its digest."""
        today = body["date"] if kind == "day.opened" else self._days.get(hall, "")
        if kind == "day.opened":
            self._days[hall] = today
        self.kinds[kind] += 1
        self.trail.see(hall, kind, subject, actor, body, today, at)
        self.voices.see(hall, kind, subject, actor, body, today, at, ms)
        self.before.see(hall, kind, subject, actor, body, today, at, ms)
        self.held.see(hall, kind, subject, actor, body, sealed, h, today)
        self.matters.see(hall, kind, subject, actor, body, sealed, h, today, at)
        self.waits.see(hall, kind, subject, body, at, ms)

    def command_ended(self, hall: str, kinds: set[str]) -> None:
        self.voices.after_command(hall)
        self.before.after_command(hall)
        self.trail.one_place()
        if "day.opened" in kinds:
            self.matters.day_opened(hall, self._days[hall])

    def saw_refusal(self, hall: str, do: str, code: str, values: str) -> None:
        """Every refusal has its reason in words for whoever stands there, and names no complainant."""
        self.matters.nobody_named(hall, f"a refusal of {do}", values, {})
        self.refused[code] += 1
        self.last_refusal = code
        if not str(self._words.get(code, {}).get("clerk", "")).strip():
            self.broken.append(f"{hall}: {do} was refused with {code}, and no words say why")

    def compare(self, hall: str, state: Body, now: int, waiting: Iterable[tuple[str, str, int, str, bool]]) -> None:
        """`waiting`: who waits in the hall, as Waits.compare wants it."""
        self.trail.compare(hall, state)
        self.voices.compare(hall, state)
        self.before.compare(hall, state)
        self.held.compare(hall, state)
        self.matters.compare(hall, state)
        self.waits.compare(hall, now, waiting)
