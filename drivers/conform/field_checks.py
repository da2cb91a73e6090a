"""Checks that only a real device can pass: its recorded sessions, signed by who was there, replayed byte by byte."""

import asyncio
from pathlib import Path
from typing import Any

from drivers.conform import recording
from drivers.conform.line import Line
from drivers.conform.peers import Silent
from drivers.conform.result import Findings
from drivers.conform.rig import Rig, Subject, session, wrong_answers
from drivers.contract import Context
from drivers.errors import DeviceError
from drivers.links.replay import ReplayLink


def field_session(subject: Subject, findings: Findings) -> None:
    """At least one session of a real device, which the driver has again exactly as it was."""
    _replay_signed(subject, findings, units=1)


def field_sessions_of_two_units(subject: Subject, findings: Findings) -> None:
    """Two devices (another model, firmware or number) were seen."""
    _replay_signed(subject, findings, units=2)


def discovery(subject: Subject, findings: Findings) -> None:
    """A machine can find it: USB ids for udev, or a silent or asking probe."""
    findings.tried = 1
    info = subject.cls.info
    if not info.usb and info.probe == "never":
        findings.add("", ["neither USB ids nor a probe"])


def _replay_signed(subject: Subject, findings: Findings, units: int) -> None:
    seen = set()
    for path in subject.bench.field_sessions:
        found = recording.load(path)
        findings.tried += 1
        if not found.is_of_a_device:
            findings.add(path.name, ["names no device, or nobody signed"])
            continue
        seen.add(found.origin.device)
        findings.add(path.name, replayed(subject, path))
    if len(seen) < units:
        findings.add("", [f"{len(seen)} of {units} real devices seen"])


def replayed(subject: Subject, path: Path) -> list[str]:
    """Strictly: the first byte that differs ends the link. Raises nothing; says what was otherwise."""
    found = recording.load(path)

    async def again() -> list[str]:
        there = Subject(**{name: getattr(subject, name) for name in subject.__slots__} | {"recording": found})
        rig = Rig(there, Line(Silent), _strict(path))
        try:
            outcome = await session(rig)
        except DeviceError as trouble:
            return [trouble.code]
        await rig.close()
        identity = [] if outcome.identity == found.identity else [f"identity {outcome.identity!r}"]
        return [*outcome.shortfall, *(f"answer of {verb}" for verb in wrong_answers(there, outcome)), *identity]

    return asyncio.run(again())


def _strict(path: Path) -> Any:
    ctx = Context(clock=lambda: 0.0, random=None, note=lambda *_, **__: None)  # type: ignore[arg-type]
    return ReplayLink(f"replay:{path.stem}", ctx, path.with_suffix(".jsonl"))
