"""A machine's next certificate, over the line it has, before the one it has ends."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

from edge.pairing.errors import BadIdentity
from edge.pairing.identity import Identity
from sync.certificates import Request

ASK_AGAIN_SECONDS: Final = 3600.0


class Renewal:
    """`now`: wall clock, what certificates count by; `clock`: monotonic seconds, so that nobody asks too often."""

    def __init__(self, folder: Path, *, now: Callable[[], datetime], clock: Callable[[], float]) -> None:
        """Raises BadIdentity."""
        self.identity = Identity.load(folder)
        self._now = now
        self._clock = clock
        self._asked: Request | None = None
        self._asked_at = 0.0

    def due(self) -> str | None:
        """A request (PEM) with a new key when a third of the certificate's life is left; once an hour at most."""
        if self._now() < self.identity.renew_at:
            return None
        if self._asked is not None and self._clock() - self._asked_at < ASK_AGAIN_SECONDS:
            return None
        self._asked, self._asked_at = Request(self.identity.holder.place), self._clock()
        return self._asked.pem

    def take(self, certificate_pem: str) -> None:
        """Raises BadIdentity for one that nobody asked for or that is not ours, OSError; the old one stays then."""
        if self._asked is None:
            raise BadIdentity("other_certificate")
        self.identity = self.identity.renewed(self._asked, certificate_pem)
        self._asked = None
