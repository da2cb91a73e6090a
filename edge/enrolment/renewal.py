"""A new certificate in time: asked for when a third of the old one's life is left, again and again until it comes."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from random import Random
from typing import Final

import structlog

from edge.enrolment import asking
from edge.enrolment.errors import EnrolmentError
from edge.enrolment.identity import SiteIdentity
from sync.certificates import Request
from sync.enrolment import Enrolled, Renew

SPREAD: Final = timedelta(days=10)  # a thousand boxes enrolled on one day do not come back on one day
LOOK_SECONDS: Final = 3600.0
NOT_AGAIN_SECONDS: Final = 24 * 3600.0  # a clock that is years ahead asks once a day, not once an hour
log = structlog.get_logger("enrolment")
Ask = Callable[[str, str, Renew], Awaitable[Enrolled]]


class Renewal:
    """`now`: wall clock (UTC); `clock`: monotonic seconds. The hall works on whatever comes of it."""

    def __init__(
        self,
        identity: SiteIdentity,
        *,
        now: Callable[[], datetime],
        clock: Callable[[], float],
        random: Random,
        ask: Ask = asking.renew,
        told: Callable[[str], None] = lambda why: None,
    ) -> None:
        """`told` gets '' after a success, else why it did not come (a key of `enrol.why`)."""
        self._identity = identity
        self._now = now
        self._clock = clock
        self._random = random
        self._ask = ask
        self._told = told
        self._due = self._drawn()
        self._not_before = 0.0
        self._request: Request | None = None

    async def run(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Until cancelled."""
        while True:
            await self.look()
            await sleep(LOOK_SECONDS * self._random.uniform(0.5, 1.0))

    async def look(self) -> bool:
        """Whether a new certificate came. An attempt whose answer was lost asks with the same request again."""
        if self._now() < self._due or self._clock() < self._not_before:
            return False
        self._request = request = self._request or Request(self._identity.site)
        try:
            enrolled = await self._ask(
                self._identity.service, self._identity.authority_pem, self._identity.renewal(request)
            )
            self._identity.take(request, enrolled)
        except (EnrolmentError, OSError) as error:
            why = error.why if isinstance(error, EnrolmentError) else "not_stored"
            log.warning("the certificate is not renewed yet", why=why, until=self._identity.until.date().isoformat())
            self._told(why)
            return False
        self._request = None
        self._due, self._not_before = self._drawn(), self._clock() + NOT_AGAIN_SECONDS
        log.info("the certificate was renewed", until=self._identity.until.date().isoformat())
        self._told("")
        return True

    def _drawn(self) -> datetime:
        return self._identity.renew_at + SPREAD * self._random.random()
