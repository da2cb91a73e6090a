"""What a program asked of its disk, call by call, and what it told its users in between."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Write(NamedTuple):
    node: int
    offset: int
    data: bytes


class Shorten(NamedTuple):
    node: int
    size: int


class Sync(NamedTuple):
    """`failed`: the call said so, and what it should have kept may never reach the disk, whoever asks again."""

    node: int
    failed: bool = False


class Link(NamedTuple):
    """A new file under a name of the folder."""

    path: str
    node: int


class Unlink(NamedTuple):
    path: str
    node: int


class Rename(NamedTuple):
    path: str
    target: str
    node: int


class SyncFolder(NamedTuple):
    pass


class Told(NamedTuple):
    """A promise: from here on `what` of `key` must be found again, as `value`, whatever happens to the power."""

    what: str
    key: str
    value: Any


Event = Write | Shorten | Sync | Link | Unlink | Rename | SyncFolder | Told
CHANGES = (Write, Shorten, Link, Unlink, Rename)


@dataclass
class Trace:
    """`events` in the order in which they happened; `names`: path within the folder -> node, as it is now."""

    events: list[Event] = field(default_factory=list)
    names: dict[str, int] = field(default_factory=dict)
    _nodes: int = 0

    def tell(self, what: str, key: str, value: Any) -> None:
        self.events.append(Told(what, key, value))

    def open(self, path: str) -> int:
        """The node of a name; a new one where there is none."""
        if path not in self.names:
            self._nodes += 1
            self.names[path] = self._nodes
            self.events.append(Link(path, self._nodes))
        return self.names[path]

    def unlink(self, path: str) -> None:
        node = self.names.pop(path, None)
        if node is not None:
            self.events.append(Unlink(path, node))

    def rename(self, path: str, target: str) -> None:
        node = self.names.pop(path, None)
        if node is not None:
            self.names[target] = node
            self.events.append(Rename(path, target, node))

    def points(self) -> list[int]:
        """How many events precede each possible moment of a power cut: just after every change."""
        return [count for count, event in enumerate(self.events, 1) if isinstance(event, CHANGES)]

    def told(self, count: int) -> Iterator[Told]:
        return (event for event in self.events[:count] if isinstance(event, Told))
