"""A trial as a recorded session: what went over the wire, and beside it what was asked and what came of it."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drivers.conform import recording
from drivers.conform.recording import Recording
from drivers.errors import BadConfig, Unsupported
from drivers.links import WireTap, capture

if TYPE_CHECKING:
    from edge.devices.trial import Trial


@dataclass(slots=True)
class Told:
    """What came of the trial so far."""

    answer: dict[str, Any] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    trouble: str = ""


def write_session(trial: "Trial", link: Any, bus: str, told: Told) -> None:
    """`trial.capture`, and a .json beside it that makes a test of it (tests/drivers/captures).

    An answer that held a person's data is not written: its bytes are masked, and replaying stops there with
    `bad_config`. Raises Unsupported for a link that carries no bytes here, OSError.
    """
    tap = getattr(link, "tap", None)
    if not isinstance(tap, WireTap) or not tap.session() or trial.capture is None:
        raise Unsupported("nothing went over this link that could be captured")
    chunks = tap.session()
    masked = any(chunk.direction == "in" and len(chunk.data) != chunk.size for chunk in chunks)
    found = Recording.model_validate(
        {
            "driver": trial.driver,
            "link": link.name,
            "options": trial.options,
            "bus": {"driver": bus, "options": trial.bus_options} if bus else None,
            "identity": told.answer.get("identity", {}),
            "steps": _steps(trial, BadConfig.code if masked else told.trouble, told),
        }
    )
    _write(trial.capture.with_suffix(".jsonl"), capture.dump(chunks))
    _write(trial.capture.with_suffix(".json"), recording.dump(found) + "\n")


def _steps(trial: "Trial", trouble: str, told: Told) -> list[dict[str, Any]]:
    if trial.verb == "listen":
        return [{"verb": "event", "answer": event} for event in told.events]
    argument: Any = trial.argument
    if trial.verb == "identify":
        argument = (trial.argument or {}).get("seconds", 3.0)
    step: dict[str, Any] = {"verb": trial.verb, "argument": argument, "seconds": trial.seconds}
    if trouble:
        return [step | {"trouble": trouble}]
    health = told.answer.get("health", {})
    answer = {"state": health.get("state"), "code": health.get("code", "")} if health else told.answer.get("answer")
    return [step | {"answer": answer or None}]


def _write(path: Path, text: str) -> None:
    """Nobody but this user reads it: what was typed to print or show stands in it."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
