"""The line to the centre as this box may use it: who it is enrolled as, and an uplink if there is an address."""

import shutil
from pathlib import Path
from random import SystemRandom

import structlog

from edge.clock import SystemClock
from edge.enrolment.errors import EnrolmentError
from edge.enrolment.identity import FOLDER as ENROLMENT
from edge.enrolment.identity import SiteIdentity
from edge.journal.file_folder import disk_used
from edge.journal.journal import Journal
from edge.site import Site
from sync.broker_url import BadBrokerUrl
from sync.downlink import Downlink
from sync.uplink import Uplink

log = structlog.get_logger("halld")


def identity_of(data: Path, site: Site) -> SiteIdentity | None:
    """None where the box is not enrolled, or not as this site: the hall works on, everything is kept for the centre."""
    try:
        identity = SiteIdentity.load(data / ENROLMENT)
    except EnrolmentError as error:
        log.error("the enrolment cannot be used", why=error.why)
        return None
    if identity is not None and identity.site != site.site:
        log.error("enrolled as another site", enrolled=identity.site, site=site.site)
        return None
    return identity


def uplink_to_centre(
    journal: Journal,
    site: Site,
    identity: SiteIdentity | None,
    data: Path,
    boot: str,
    version: str,
    feeds: Downlink | None = None,
) -> Uplink | None:
    """None without an address, or one that cannot be used: the hall works on, everything is kept for the centre."""
    url = site.centre.url if identity is None else identity.broker
    if not url:
        return None
    try:
        return Uplink(
            journal,
            url,
            clock=SystemClock(),
            random=SystemRandom(),
            boot=boot,
            version=version,
            tls=identity,
            files=journal.files,
            epochs=journal.epochs,
            feeds=feeds,
            measure=lambda: {"disk.used": round(disk_used(data) * 100), "journal.commits": journal.commits},
            free=lambda: shutil.disk_usage(data).free,
        )
    except BadBrokerUrl as error:
        log.error("no line to the centre", why=str(error))
        return None
