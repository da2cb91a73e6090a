"""Where cut tickets fall: one picture and one JSON each, numbered."""

import json
import os
from pathlib import Path
from typing import Any

_DIGITS = 3


class Tray:
    """Goes on counting after what already lies in the folder. The JSON comes last: once there, both are whole."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.last: bytes | None = None
        self.count = max((int(path.stem) for path in folder.glob("*.json") if path.stem.isdigit()), default=0)

    def drop(self, png: bytes, ticket: dict[str, Any]) -> dict[str, Any]:
        """Returns the ticket with its number."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self.count += 1
        name = f"{self.count:0{_DIGITS}d}"
        self.last, numbered = png, {"number": self.count, **ticket}
        self._write(f"{name}.png", png)
        words = json.dumps(numbered, ensure_ascii=False, indent=1)
        self._write(f"{name}.json", words.encode())
        return numbered

    def _write(self, name: str, data: bytes) -> None:
        half = self._folder / f".{name}.part"
        half.write_bytes(data)
        os.replace(half, self._folder / name)
