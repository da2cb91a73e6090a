"""What the centre may order a station to do. Everything else is refused as `unknown`."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from drivers.contract import PrintJob
from drivers.errors import DeviceError, Garbled, Late, OutcomeUnknown
from edge.clock import Ids
from edge.devices.ticket_trial import trial_lines
from edge.feeds.notices import Notices
from edge.feeds.orders import Act
from edge.journal.errors import JournalDamaged
from edge.journal.verify import verify
from edge.reactions.ports import DevicesPort
from edge.rules.orders import OrderOutcome
from edge.site import Site

PRINT_SECONDS: Final = 60.0
TEST_PAGE: Final = "test page"
_UNSURE: Final = (OutcomeUnknown, Late, Garbled)


def acts(
    site: Site, devices: DevicesPort, notices: Notices, journal: Path, *, ids: Ids, now: Callable[[], datetime]
) -> dict[str, Act]:
    """By the word that stands in a command's `do`. `journal`: its file."""

    async def print_(args: Mapping[str, Any]) -> tuple[OrderOutcome, str]:
        if args.get("what") != TEST_PAGE:
            return "failed", "what"
        printer = args.get("printer") or _first_printer(site)
        if printer not in {device.id for device in site.devices}:
            return "failed", "printer"
        job = PrintJob(id=ids.new("p"), lines=trial_lines(site, printer, now()))
        try:
            await devices.call(printer, "print", job, deadline=PRINT_SECONDS)
        except _UNSURE as error:
            return "unknown", error.code
        except DeviceError as error:
            return "failed", error.code
        return "done", ""

    async def verify_journal(args: Mapping[str, Any]) -> tuple[OrderOutcome, str]:
        try:
            verdict = await asyncio.to_thread(verify, journal)
        except JournalDamaged:
            return "failed", "damaged"
        return ("done", f"records:{verdict.records}") if verdict.first_bad is None else ("failed", "damaged")

    async def notice(args: Mapping[str, Any]) -> tuple[OrderOutcome, str]:
        return ("done", "") if await notices.say(ids.new("n"), args) else ("failed", "form")

    return {"print": print_, "journal.verify": verify_journal, "hall.notice": notice}


def _first_printer(site: Site) -> str:
    """The kiosks' first: what citizens need most."""
    named = [kiosk.printer for kiosk in site.kiosks if kiosk.printer]
    named += [device.id for device in site.devices if device.driver.startswith("printer.")]
    return named[0] if named else ""
