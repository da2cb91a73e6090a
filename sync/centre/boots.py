"""Two machines with one identity: their boots take turns in HELLO."""

from collections import defaultdict, deque
from typing import Final

_REMEMBERED: Final = 16


class Boots:
    def __init__(self) -> None:
        self._seen: defaultdict[str, deque[str]] = defaultdict(lambda: deque(maxlen=_REMEMBERED))

    def take_turns(self, site: str, boot: str) -> bool:
        """Note a HELLO; True when an earlier boot comes back after another one. A restart never does that."""
        seen = self._seen[site]
        if seen and seen[-1] == boot:
            return False
        came_back = boot in seen
        if came_back:
            seen.remove(boot)
        seen.append(boot)
        return came_back
