"""Topics of the station link (protocol page, section 3)."""

from typing import Final, NamedTuple

from sync.protocol import names

HELLO: Final = "u/h"
JOURNAL: Final = "u/j"
CHUNKS_UP: Final = "u/f"
TELEMETRY: Final = "u/t"
PRESENCE: Final = "s"
ANSWERS: Final = "d/a"
CHUNKS_DOWN: Final = "d/f"
FEEDS_DOWN: Final = "d/x"
_UP: Final = (HELLO, JOURNAL, CHUNKS_UP, TELEMETRY, PRESENCE)
OF_ALL_SITES: Final = tuple(f"he/1/+/+/{tail}" for tail in _UP)


def of_shard(shard: int) -> tuple[str, ...]:
    """As OF_ALL_SITES, for the sites of one shard."""
    return tuple(f"he/1/{shard:02x}/+/{tail}" for tail in _UP)


class Place(NamedTuple):
    site: str
    tail: str


def topic(site: str, tail: str) -> str:
    return f"he/1/{names.shard(site)}/{site}/{tail}"


def place(name: str) -> Place | None:
    """Read a site's topic; None for a foreign form or a shard that is not the site's (a site may write there)."""
    levels = name.split("/", 4)
    if len(levels) != 5 or levels[:2] != ["he", "1"] or not names.is_site(levels[3]):
        return None
    return Place(levels[3], levels[4]) if levels[2] == names.shard(levels[3]) else None


def shared(feed: str, region: str) -> str:
    """Deltas and the retained head of a shared feed; `+` for any."""
    return f"he/1/all/d/{feed}/{region}"
