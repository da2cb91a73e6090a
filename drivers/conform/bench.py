"""What the maker of a driver tells the kit about it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Final

from drivers.conform import recording
from drivers.conform.line import Line, line_link
from drivers.conform.peers import Peer, RecordedPeer, Silent
from drivers.contract import Context, Link
from drivers.links import make_link

GROUP: Final = "hall_edge.benches"


@dataclass(frozen=True, slots=True)
class Bench:
    """Named by an entry point of the group `hall_edge.benches` under the driver's own name.

    `session`: the recorded session's JSON, its capture beside it. `peer`: a scripted device for drivers whose requests
    depend on what happened before; without it the recording answers. `link`: for drivers whose links carry no stream
    of bytes, or bytes the kit's line cannot carry. `secrets`: texts of the session that nobody may see afterwards.
    `protected`: a checksum covers every answer, so a spoiled byte must never be believed. `loose`: members of answers
    that may differ from time to time. `prepare` puts files the driver needs into its runtime folder.
    `recognises`: opening tells this device from others. `no_bytes`: why there is no wire to cut, said in the report.
    `dials_in`: the end of a connection is no end of the link; the driver waits for the device to come back.
    `cannot`: other checks that cannot be run on it, and why; none of them counts as passed.
    """

    session: Path
    peer: Callable[[], Peer] | None = None
    scheme: str = "tcp"
    baud: int | None = None
    link: str | Callable[[Context, Line], Link] = ""
    secrets: tuple[str, ...] = ()
    protected: bool = True
    recognises: bool = True
    loose: frozenset[str] = frozenset()
    prepare: Callable[[Path], None] = lambda folder: None
    extra: Callable[[], Mapping[str, Any]] = dict
    no_bytes: str = ""
    dials_in: bool = False
    cannot: Mapping[str, str] = field(default_factory=dict)
    field_sessions: tuple[Path, ...] = field(default=())

    def make_peer(self) -> Peer:
        if self.no_bytes:
            return Silent()
        return self.peer() if self.peer else RecordedPeer(recording.wire_of(self.session))

    def make_link(self, ctx: Context, line: Line) -> Link:
        if callable(self.link):
            return self.link(ctx, line)
        return make_link(self.link, ctx) if self.link else line_link(self.scheme, ctx, line, self.baud)


def find_benches() -> dict[str, Bench]:
    """By driver name. Raises what importing a bench raises: a kit that cannot be run must say so."""
    found = {}
    for entry in entry_points(group=GROUP):
        bench = entry.load()
        if not isinstance(bench, Bench):
            raise TypeError(f"{entry.value} is no Bench")
        found[entry.name] = bench
    return found
