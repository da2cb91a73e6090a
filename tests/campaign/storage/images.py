"""Disks as a power cut may leave them: what was synced is there; of the rest all, some, or none, the last write torn.

Names follow the same rule in their order, as a journaling file system keeps them; a folder itself is taken for safe.
"""

from collections.abc import Iterable
from pathlib import Path
from random import Random
from typing import Final, Literal

from tests.campaign.storage.trace import Event, Link, Rename, Shorten, Sync, SyncFolder, Told, Unlink, Write

Kind = Literal["lost", "prefix", "subset", "torn"]
KINDS: Final[tuple[Kind, ...]] = ("lost", "prefix", "subset", "torn")
Image = dict[str, bytes]


class Platter:
    """`play` events, then ask for images; nothing is kept of what a Sync has settled."""

    def __init__(self) -> None:
        self._safe: dict[int, bytearray] = {}
        self._names: dict[str, int] = {}
        self._open: list[Write | Shorten | Link | Unlink | Rename] = []

    def play(self, events: Iterable[Event]) -> None:
        for event in events:
            match event:
                case Sync(node, failed=False):
                    self._settle([one for one in self._open if _is_of(one, node)], keep=True)
                case Sync(node):  # bytes are lost for good, their pages count as clean; a name waits for its folder
                    self._settle(
                        [one for one in self._open if _is_of(one, node) and not isinstance(one, Link)], keep=False
                    )
                case SyncFolder():
                    self._settle([one for one in self._open if isinstance(one, Link | Unlink | Rename)], keep=True)
                case Told():
                    pass
                case _:
                    self._open.append(event)

    def image(self, kind: Kind, random: Random) -> Image:
        files = {node: bytearray(data) for node, data in self._safe.items()}
        names = dict(self._names)
        for event in self._survivors(kind, random):
            _apply(event, files, names)
        return {path: bytes(files.get(node, b"")) for path, node in names.items()}

    def _survivors(self, kind: Kind, random: Random) -> list[Event]:
        waiting = self._open
        if kind == "lost" or not waiting:
            return []
        if kind == "prefix":
            return list(waiting[: random.randint(0, len(waiting))])
        if kind == "torn":
            return [*waiting[:-1], *_torn(waiting[-1], random)]
        names = [one for one in waiting if isinstance(one, Link | Unlink | Rename)]
        kept = set(map(id, names[: random.randint(0, len(names))]))
        found: list[Event] = []
        for one in waiting:
            if isinstance(one, Link | Unlink | Rename):
                found += [one] if id(one) in kept else []
            elif random.random() < 0.5:
                found += _torn(one, random) if random.random() < 0.1 else [one]
        return found

    def _settle(self, settled: list[Write | Shorten | Link | Unlink | Rename], *, keep: bool) -> None:
        gone = set(map(id, settled))
        self._open = [one for one in self._open if id(one) not in gone]
        for one in settled if keep else ():
            _apply(one, self._safe, self._names)


def lay(image: Image, folder: Path) -> None:
    for name, data in image.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def _is_of(event: Event, node: int) -> bool:
    """A sync of a file keeps its bytes and, when it is new, its name; it says nothing of any other name."""
    return isinstance(event, Write | Shorten | Link) and event.node == node


def _torn(event: Event, random: Random) -> list[Event]:
    """A write that arrived in part, from its beginning; anything else did not happen."""
    if not isinstance(event, Write):
        return []
    return [event._replace(data=event.data[: random.randrange(len(event.data) or 1)])]


def _apply(event: Event, files: dict[int, bytearray], names: dict[str, int]) -> None:
    match event:
        case Write(node, offset, data):
            content = files.setdefault(node, bytearray())
            if len(content) < offset:
                content.extend(bytes(offset - len(content)))
            content[offset : offset + len(data)] = data
        case Shorten(node, size):
            content = files.setdefault(node, bytearray())
            del content[size:]
            content.extend(bytes(max(size - len(content), 0)))
        case Link(path, node):
            names[path] = node
        case Unlink(path, node):
            if names.get(path) == node:  # not a later file of that name, whose own sync came first
                del names[path]
        case Rename(path, target, node):
            if names.get(path) == node:
                names[target] = names.pop(path)
