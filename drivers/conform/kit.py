"""All checks of one driver, one after the other, and the tier they add up to."""

import logging
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from drivers.conform import cancel_checks, field_checks, life_checks, recording, wire_checks, world_checks
from drivers.conform.bench import Bench, find_benches
from drivers.conform.ears import Ears
from drivers.conform.result import Findings, Result, not_applicable
from drivers.conform.rig import Subject
from drivers.conform.tiers import CHECKS, TIERS, Tier, tier_of
from drivers.conform.world_checks import Belongings
from drivers.contract import Driver, Frozen
from drivers.errors import BadConfig
from drivers.registry import BrokenDriver, discover

Check = Callable[[Subject, Findings], None]

QUICK: Final = 8
USUAL: Final = 128
_CHECKS: Final[Mapping[str, Check]] = {
    "contract": life_checks.contract,
    "answers": life_checks.answers,
    "open_close": life_checks.open_close,
    "prompt": life_checks.prompt,
    "refused_open": life_checks.refused_open,
    "verbs": life_checks.verbs,
    "cancel": cancel_checks.cancel,
    "cut": wire_checks.cut,
    "spoil": wire_checks.spoil,
    "crumbs": wire_checks.crumbs,
    "flood": wire_checks.flood,
    "unplug": wire_checks.unplug,
    "wrong_device": wire_checks.wrong_device,
    "real_line": world_checks.real_line,
    "double_claim": world_checks.double_claim,
    "field_session": field_checks.field_session,
    "field_sessions_of_two_units": field_checks.field_sessions_of_two_units,
    "discovery": field_checks.discovery,
}
_NEED_BYTES: Final = frozenset(
    {"prompt", "refused_open", "cut", "spoil", "crumbs", "flood", "unplug", "wrong_device", "real_line"}
)
RUNNABLE: Final = tuple(check for tier, checks in TIERS[:2] for check in checks if check in _CHECKS)
"""What needs no real device."""
OF_THE_FIELD: Final = frozenset(check for _, checks in TIERS[2:] for check in checks)
_LAST: Final = ("nothing_left", "no_secret")  # they judge what all the others brought to light


class Report(Frozen):
    driver: str
    tier: Tier
    most: int | None
    results: tuple[Result, ...]

    @property
    def faults(self) -> list[Result]:
        """What failed though no real device is needed for it."""
        return [result for result in self.results if result.verdict == "failed" and result.check not in OF_THE_FIELD]


def find_subject(name: str, ears: Ears, folder: Path, most: int | None = USUAL, session: Path | None = None) -> Subject:
    """`session`: another recorded session than the bench's. Raises BadConfig when there is no such driver or bench."""
    found = discover()
    cls, bench = found.get(name), find_benches().get(name)
    if cls is None or isinstance(cls, BrokenDriver):
        raise BadConfig(f"{name}: {cls.why if isinstance(cls, BrokenDriver) else 'no such driver'}")
    if session is not None:
        bench = Bench(session=session) if bench is None else replace(bench, session=session, peer=None)
    if bench is None:
        raise BadConfig(f"{name}: no bench; its package names one by an entry point hall_edge.benches")
    classes: dict[str, type[Driver]] = {key: each for key, each in found.items() if not isinstance(each, BrokenDriver)}
    told = recording.load(bench.session)
    return Subject(name, cls, bench, told, classes, ears, folder, most)


def run_check(subject: Subject, check: str) -> Result:
    """One of tiers.CHECKS but the two that judge all the others."""
    bench = subject.bench
    if bench.no_bytes and check in _NEED_BYTES:
        return not_applicable(check, bench.no_bytes)
    if check in bench.cannot:
        return not_applicable(check, bench.cannot[check])
    if check == "wrong_device" and not bench.recognises:
        return not_applicable(check, "opening cannot tell what is there")
    if check == "double_claim" and (bench.no_bytes or not world_checks.is_serial(subject)):
        return not_applicable(check, "not on a serial port")
    findings = Findings()
    _CHECKS[check](subject, findings)
    return findings.result(check)


def run(
    name: str,
    most: int | None = USUAL,
    session: Path | None = None,
    progress: Callable[[str], None] = lambda check: None,
) -> Report:
    """Every check of one driver. `most` offsets, None = all; `session`: another than the bench's. Raises BadConfig."""
    bench = find_benches().get(name)
    logging.getLogger("asyncio").setLevel(logging.INFO)
    with tempfile.TemporaryDirectory() as folder, Ears(bench.secrets if bench else ()) as ears:
        subject = find_subject(name, ears, Path(folder), most, session)
        subject.bench.prepare(subject.folder)
        before = Belongings()
        results = []
        for check in CHECKS:
            if check not in _LAST:
                progress(check)
                results.append(run_check(subject, check))
        results += [_nothing_left(before, results), _no_secret(subject)]
    order = {check: number for number, check in enumerate(CHECKS)}
    results.sort(key=lambda result: order[result.check])
    return Report(driver=name, tier=tier_of(results), most=most, results=tuple(results))


def run_on_link(name: str, link: str) -> Report:
    """Opening, heartbeat and closing on a device at hand, in real time; nothing is printed, shown or read there."""
    with tempfile.TemporaryDirectory() as folder, Ears(()) as ears:
        subject = find_subject(name, ears, Path(folder))
        subject.bench.prepare(subject.folder)
        findings = Findings()
        world_checks.on_link(subject, link, findings)
        return Report(driver=name, tier="none", most=None, results=(findings.result("real_line"),))


def run_alone(name: str, check: str, folder: Path) -> list[str]:
    """One check by itself, with its secrets and its leftovers: what is wrong. Raises BadConfig."""
    bench = find_benches().get(name)
    with Ears(bench.secrets if bench else ()) as ears:
        subject = find_subject(name, ears, folder)
        subject.bench.prepare(subject.folder)
        before = Belongings()
        result = run_check(subject, check)
        secrets = [f"secret heard in {where}" for where in sorted(ears.leaks)]
        failed = result.why if result.verdict == "failed" else ()
        return [*failed, *secrets, *(f"left: {what}" for what in before.more())]


def _nothing_left(before: Belongings, results: list[Result]) -> Result:
    findings = Findings()
    findings.tried = sum(result.tried for result in results)
    findings.add("", before.more())
    findings.add(
        "", [f"{result.check}: {why}" for result in results for why in result.why if "left" in why.split(": ")]
    )
    return findings.result("nothing_left")


def _no_secret(subject: Subject) -> Result:
    findings = Findings()
    findings.tried = subject.ears.heard
    findings.add("heard in", sorted(subject.ears.leaks))
    if subject.cls.info.secrets and not subject.bench.secrets:
        findings.add("", ["the driver has secrets, the bench names none to look for"])
    return findings.result("no_secret")
