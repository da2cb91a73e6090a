"""The browser pages: files known by name at start, so that no path from outside ever reaches the disk."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fastapi import HTTPException, Response
from fastapi.responses import RedirectResponse

from edge.api.access import allow

WEB: Final = Path(__file__).resolve().parent.parent / "web"
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
    """`clerk/index.html` -> its bytes, for every file of a type we serve."""
    return {
        path.relative_to(folder).as_posix(): Page(path.read_bytes(), _TYPES[path.suffix])
        for path in sorted(folder.rglob("*"))
        if path.suffix in _TYPES
    }


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
