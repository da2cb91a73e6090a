"""The page of all drivers, docs/devices-conformance.md: written by the kit, never by hand."""

from collections.abc import Iterable
from typing import Final

from drivers.conform.kit import OF_THE_FIELD, Report
from drivers.conform.tiers import CHECKS, TIERS

_HEAD: Final = """# What the conformance kit says of our drivers

Written by `hallctl conform --write docs/devices-conformance.md`; a test compares it with the kit. What the checks
do, and which tier asks for which, is in [writing-a-driver.md](writing-a-driver.md). ✓ passed, ✗ failed, – does not
apply to this device. Nothing was run on a real device here, so nothing is above silver.
"""
_MARKS: Final = {"passed": "✓", "failed": "✗", "not applicable": "–"}


def page_of(reports: Iterable[Report]) -> str:
    reports = tuple(reports)
    columns = [check for check in CHECKS if check not in OF_THE_FIELD]
    lines = [_HEAD, f"| driver | tier | {' | '.join(columns)} |", f"|{'---|' * (len(columns) + 2)}"]
    lines += [_row(report, columns) for report in reports]
    lines += ["", f"Tried in that run: {sum(_tried(report) for report in reports)} places.", ""]
    lines += [f"- `{report.driver}`: {_tried(report)}{_doubts(report)}" for report in reports]
    return "\n".join((*lines, ""))


def verdicts(page: str) -> dict[str, tuple[str, ...]]:
    """By driver: the tier and the marks, as the page has them."""
    rows = (line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| `"))
    return {driver.strip("`"): tuple(rest) for driver, *rest in rows}


def _row(report: Report, columns: list[str]) -> str:
    marks = {result.check: _MARKS[result.verdict] for result in report.results}
    return f"| `{report.driver}` | {report.tier} | {' | '.join(marks[check] for check in columns)} |"


def _tried(report: Report) -> int:
    return sum(result.tried for result in report.results if result.check not in TIERS[1][1][-2:])


def _doubts(report: Report) -> str:
    """What failed or does not apply, and why."""
    by_reason: dict[str, list[str]] = {}
    for result in report.results:
        if result.verdict != "passed" and result.check not in OF_THE_FIELD and result.why:
            by_reason.setdefault(result.why[0], []).append(result.check)
    said = [f"{', '.join(checks)} ({why})" for why, checks in by_reason.items()]
    return f"; {'; '.join(said)}" if said else ""
