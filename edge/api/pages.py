"""The browser pages: files known by name at start, so that no path from outside ever reaches the disk.

What pages have in common stands once, in `pieces/`: a line `<!-- piece: head -->` becomes `pieces/head.html`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fastapi import HTTPException, Response
from fastapi.responses import RedirectResponse

from edge.api.access import allow

WEB: Final = Path(__file__).resolve().parent.parent / "web"
_PIECES: Final = "pieces"
_PIECE: Final = re.compile(rb" *<!-- piece: (\w+) -->\n")
_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class Page:
    content: bytes
    type: str


def load(folder: Path = WEB) -> Mapping[str, Page]:
    """`clerk/index.html` -> its bytes, its pieces filled in, for every file of a type we serve.

    Raises OSError: no such piece.
    """
    pieces = folder / _PIECES
    return {
        path.relative_to(folder).as_posix(): Page(_whole(path, pieces), _TYPES[path.suffix])
        for path in sorted(folder.rglob("*"))
        if path.suffix in _TYPES and path.parent != pieces
    }


def _whole(path: Path, pieces: Path) -> bytes:
    if path.suffix != ".html":
        return path.read_bytes()
    return _PIECE.sub(lambda asked: (pieces / f"{asked[1].decode()}.html").read_bytes(), path.read_bytes())


_PAGES: Final = load()


@allow("visitor", "clerk", "technician", "guide", "lead")
async def home() -> Response:
    return RedirectResponse("/clerk/", status_code=303)


@allow("visitor", "clerk", "technician", "guide", "lead")
async def page(folder: str, name: str = "index.html") -> Response:
    found = _PAGES.get(f"{folder}/{name}")
    if found is None:
        raise HTTPException(404, "no such page")
    return Response(found.content, media_type=found.type)
