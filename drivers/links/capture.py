"""What a tap heard, as a file: one JSON object a line, `{"at": 0.012, "in": "a5 5a"}` or `"out"`.

`at` counts seconds from the first line. Private bytes are written as their number: `{"at": 0.5, "in": 295}`.
`{"at": 0, "open": true}`: a connection begins; `{"at": 61, "gap": true}`: what came before is not here.
"""

import json
from collections.abc import Iterable
from typing import Any

from drivers.links.tap import Chunk, Direction

_DIRECTIONS: tuple[Direction, ...] = ("in", "out")
_MARKS: tuple[Direction, ...] = ("open", "gap")


def dump(chunks: Iterable[Chunk]) -> str:
    """The text of a capture, oldest first; of a link: `dump(link.tap.recent())`."""
    chunks = tuple(chunks)
    start = chunks[0].at if chunks else 0.0
    return "".join(f"{json.dumps(_line(chunk, start))}\n" for chunk in chunks)


def load(text: str) -> tuple[Chunk, ...]:
    """The reverse. Raises ValueError with the line's number."""
    chunks = []
    for number, line in enumerate(text.splitlines(), 1):
        try:
            chunks.append(_chunk(json.loads(line)))
        except (ValueError, TypeError, KeyError) as problem:
            raise ValueError(f"line {number}: {problem}") from problem
    return tuple(chunks)


def _line(chunk: Chunk, start: float) -> dict[str, Any]:
    told: Any = chunk.data.hex(" ") if len(chunk.data) == chunk.size else chunk.size
    return {"at": round(chunk.at - start, 4), chunk.direction: True if chunk.direction in _MARKS else told}


def _chunk(line: Any) -> Chunk:
    (direction,) = (each for each in (*_DIRECTIONS, *_MARKS) if each in line)
    told = line[direction]
    if direction in _MARKS and told is True:
        return Chunk(float(line["at"]), direction, b"", 0)
    if isinstance(told, int):
        if told < 0:
            raise ValueError(f"{told} bytes")
        return Chunk(float(line["at"]), direction, b"", told)
    data = bytes.fromhex(told)
    return Chunk(float(line["at"]), direction, data, len(data))
