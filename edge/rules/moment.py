"""What a rule may know of the world, passed in: the moment, fresh ids, who asks; and how a record looks to the fold."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import BaseModel

from edge.rules.books import NO_BOOKS, Books
from edge.rules.floors import NO_FLOORS, Floors


@dataclass(frozen=True, slots=True)
class Moment:
    """`now_ms` wall clock, `at` the same as the hall's local time (ISO 8601 with offset); `actor` asks.

    `new_id("t")` makes a fresh `t:<ulid>`; `books` is what rules look up; `floors`: numbers at or below
    them are not given.
    """

    now_ms: int
    at: str
    new_id: Callable[[str], str]
    actor: str
    books: Books = NO_BOOKS
    floors: Floors = NO_FLOORS


class Fact(Protocol):
    """A record as `apply` reads it; sync.protocol.record.Record is one. `parts`: digests of its sealed parts."""

    @property
    def seq(self) -> int: ...

    @property
    def kind(self) -> str: ...

    @property
    def v(self) -> int: ...

    @property
    def subject(self) -> str: ...

    @property
    def actor(self) -> str: ...

    @property
    def at(self) -> str: ...

    @property
    def body(self) -> Mapping[str, Any] | BaseModel: ...

    @property
    def parts(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class Decided:
    """A draft that is not committed yet, in the form of a Fact: its seq and time are the rules' guess."""

    seq: int
    kind: str
    v: int
    subject: str
    actor: str
    at: str
    body: BaseModel
    parts: tuple[str, ...] = ()
