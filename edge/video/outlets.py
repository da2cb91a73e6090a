"""Where markers go: a folder, or an HTTP address (`http_outlet`). Each `put` is done when the other side keeps it."""

import asyncio
import os
from pathlib import Path
from typing import Final, Protocol

from edge.video.marks import Marker
from sync.private_files import sync_folder

_MODE: Final = 0o640  # the video system's own group reads it


class NotKept(Exception):
    """Not there, or not taken; ask again later."""


class Outlet(Protocol):
    async def put(self, marker: Marker) -> None:
        """Raises NotKept."""

    async def close(self) -> None: ...


class FolderOutlet:
    """One file a date of the markers, a line each. The last line is looked at first, so a repeated one stands once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, marker: Marker) -> None:
        try:
            await asyncio.to_thread(self._append, marker)
        except OSError as error:
            raise NotKept(error.strerror or type(error).__name__) from error

    async def close(self) -> None:
        return

    def _append(self, marker: Marker) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"markers-{marker.at[:10]}.jsonl"
        is_new = not path.exists()
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _MODE)
        with open(descriptor, "r+b") as file:
            content = file.read()
            whole = content[: content.rfind(b"\n") + 1]
            line = marker.model_dump_json().encode() + b"\n"
            if whole.splitlines(keepends=True)[-1:] == [line]:
                return
            file.seek(len(whole))
            file.truncate()
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        if is_new:
            sync_folder(self._folder)
