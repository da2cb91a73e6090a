"""A line now and then, so that whoever started a long campaign sees that it goes on."""

import sys
import time
from collections.abc import Sized
from dataclasses import dataclass, field

EVERY_SECONDS = 5.0


@dataclass
class Progress:
    quiet: bool = False
    began: float = field(default_factory=time.monotonic)
    _last: float = 0.0

    def at(self, done: int, of: int, what: str, broken: Sized = ()) -> None:
        """Told at most every few seconds, and at the end of each part."""
        now = time.monotonic()
        if self.quiet or (now - self._last < EVERY_SECONDS and done < of):
            return
        self._last = now
        print(f"{now - self.began:6.0f} s  {what}: {done} of {of}, broken: {len(broken)}", file=sys.stderr, flush=True)
