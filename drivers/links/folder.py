"""A folder in the place of a device: the speaker writes its sound there. No bytes cross it."""

from pathlib import Path

from drivers.errors import Absent, Denied, Unsupported


class FolderLink:
    """Only `folder` matters; reading and writing bytes is Unsupported."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.folder = folder
        self._open = False

    @property
    def is_open(self) -> bool:
        """A folder that was taken away is not open any more."""
        return self._open and self.folder.is_dir()

    async def open(self) -> None:
        """Makes the folder."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except PermissionError as problem:
            raise Denied(f"{self.name}: no access") from problem
        except OSError as problem:
            raise Absent(f"{self.name}: cannot be made") from problem
        self._open = True

    async def close(self) -> None:
        self._open = False

    async def read(self, limit: int = 4096) -> bytes:
        raise Unsupported(f"{self.name}: a folder has no bytes to read")

    async def write(self, data: bytes) -> None:
        raise Unsupported(f"{self.name}: a folder takes no bytes")

    def discard_input(self) -> bytes:
        return b""
