"""Checks that only a real device can pass: its recorded sessions, signed by who was there, replayed byte by byte."""

import asyncio
from pathlib import Path
from typing import Any

from drivers.conform import recording
from drivers.conform.line import Line
from drivers.conform.peers import Silent
from drivers.conform.result import Findings
from drivers.conform.rig import Rig, Subject, session, wrong_answers
from drivers.conform.virtual_time import run_virtual
from drivers.contract import Context, Identity
from drivers.errors import BadConfig, DeviceError
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


def replayed(subject: Subject, path: Path, wire: Path | None = None) -> list[str]:
    """Strictly: the first byte that differs ends the link. Says what was otherwise. `wire`: if not beside `path`."""
    found = recording.load(path)

    async def again() -> list[str]:
        there = Subject(**{name: getattr(subject, name) for name in subject.__slots__} | {"recording": found})
        rig = Rig(there, Line(Silent), _strict(found.link, wire or path.with_suffix(".jsonl")))
        try:
            outcome = await session(rig)
        except DeviceError as trouble:
            return [trouble.code]
        await asyncio.sleep(1)  # for what is still to be acknowledged
        await rig.close()
        stopped = any(step.trouble == BadConfig.code for step in found.steps)  # at bytes that are masked
        left: int = 0 if stopped else rig.link.unsent  # type: ignore[attr-defined]
        unsent = [f"{left} bytes were not sent"] if left else []
        known = found.identity in (Identity(), outcome.identity)  # a trial that failed never learnt it
        identity = [] if known else [f"identity {outcome.identity!r}"]
        return [
            *outcome.shortfall,
            *(f"answer of {verb}" for verb in wrong_answers(there, outcome)),
            *identity,
            *unsent,
        ]

    faults, left = run_virtual(again())
    return [*faults, *(f"left: {what}" for what in left)]


def _strict(name: str, wire: Path) -> Any:
    ctx = Context(clock=lambda: 0.0, random=None, note=lambda *_, **__: None)  # type: ignore[arg-type]
    return ReplayLink(name or f"replay:{wire.stem}", ctx, wire, quiet_end=True)
