"""A recorded session: a capture, and beside it what was done with which driver and what came of it.

`resident.jsonl` is the capture as the wire tap writes it; `resident.json` says:

    {"driver": "idcard.sam", "options": {}, "from": {"simulator": "hw_sim.sam"},
     "identity": {"serial": "..."}, "steps": [{"verb": "read", "argument": null, "answer": {...}}], "events": []}

`from` is {"simulator": NAME} or {"device": "maker, model, firmware", "signed": "who, where, when"}.
"""

import json
from pathlib import Path
from typing import Any

from pydantic import Field

from drivers.contract import Event, Frozen, Identity
from drivers.links import capture
from drivers.links.tap import Chunk


class Step(Frozen):
    """`verb`: a method of a capability, `check`, or `event` (wait for the next one), `pause` (seconds).

    `seconds`: its own deadline.

    `trouble`: the code of the DeviceError that came instead of an answer.
    """

    verb: str
    argument: Any = None
    seconds: float = 15.0
    answer: Any = None
    trouble: str = ""

    @property
    def expected(self) -> Any:
        return {"trouble": self.trouble} if self.trouble else self.answer


class BusSetup(Frozen):
    driver: str
    options: dict[str, Any] = Field(default_factory=dict)


class Origin(Frozen):
    """A session counts as seen in the field when it names a device and a person signed for it."""

    simulator: str = ""
    device: str = ""
    signed: str = ""


class Recording(Frozen):
    """`link`: its name, which some devices print."""

    driver: str
    link: str = ""
    options: dict[str, Any] = Field(default_factory=dict)
    bus: BusSetup | None = None
    origin: Origin = Field(default=Origin(), alias="from")
    identity: Identity = Identity()
    steps: tuple[Step, ...] = ()
    events: tuple[Event, ...] = ()

    @property
    def is_of_a_device(self) -> bool:
        return bool(self.origin.device and self.origin.signed)


def load(path: Path) -> Recording:
    """`path` of the JSON. Raises OSError, ValueError."""
    return Recording.model_validate_json(path.read_text("utf-8"))


def wire_of(path: Path) -> tuple[Chunk, ...]:
    """The capture beside `path`. Raises OSError, ValueError."""
    return capture.load(path.with_suffix(".jsonl").read_text("utf-8"))


def dump(recording: Recording) -> str:
    return json.dumps(
        recording.model_dump(mode="json", by_alias=True, exclude_defaults=True), ensure_ascii=False, indent=1
    )
