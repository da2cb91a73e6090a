"""What YAML texts say, kept by their digest: to parse the catalogue's pages takes most of a second, at every start."""

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson

from edge.catalogue.mistakes import Page
from edge.site_check.places import placeless
from sync.private_files import write_private

Known = dict[str, Any]  # digest of a text -> what it says


def read_known(kept: Path) -> Known:
    """Empty when nothing was kept, or it is not whole."""
    try:
        digest, _, content = kept.read_bytes().partition(b"\n")
        return dict(orjson.loads(content)) if sha256(content).hexdigest().encode() == digest else {}
    except (OSError, ValueError, TypeError):
        return {}


def keep_known(kept: Path, pages: Iterable[Page]) -> None:
    """Of pages without mistakes, and of these only."""
    content = orjson.dumps({_digest(page.file): page.sheet.data for page in pages})
    write_private(kept, sha256(content).hexdigest().encode() + b"\n" + content)


def known_pages(files: Iterable[Path], known: Known) -> list[Page]:
    """Of files that all are known; they have every path and no places. Raises KeyError for another, OSError."""
    return [Page(file, placeless(known[_digest(file)])) for file in files]


def _digest(file: Path) -> str:
    return sha256(file.read_bytes()).hexdigest()
