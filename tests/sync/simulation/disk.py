"""Folders as disks: an image of one may be taken at any moment, as a crash leaves it, and put in its place later."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

_RAM = Path("/dev/shm")


@contextmanager
def ram() -> Iterator[Path]:
    """A folder in memory where the system has one."""
    with tempfile.TemporaryDirectory(prefix="hall-sim-", dir=_RAM if _RAM.is_dir() else None) as folder:
        yield Path(folder)


class Disk:
    """`path` is in use now. What is committed by SQLite is in the files; the rest of an image is what rolls back."""

    def __init__(self, root: Path, name: str) -> None:
        self._root, self._name, self._count = root, name, 0
        self.path = self._fresh()
        self.path.mkdir()

    def image(self) -> Path:
        target = self._fresh()
        shutil.copytree(self.path, target, ignore=shutil.ignore_patterns("*-shm", "*.lock", "*.sock"))
        return target

    def put(self, image: Path) -> None:
        """Go on from a copy of `image`."""
        target = self._fresh()
        shutil.copytree(image, target)
        self.path = target

    def empty(self) -> Path:
        target = self._fresh()
        target.mkdir()
        return target

    def _fresh(self) -> Path:
        self._count += 1
        return self._root / f"{self._name}{self._count}"


def before_statement(db: apsw.Connection, count: int, act: Callable[[], None]) -> None:
    """Call `act` once, in front of the `count`-th SQL statement from now."""
    left = count

    def trace(cursor: Any, sql: str, bindings: Any) -> bool:
        nonlocal left
        left -= 1
        if left == 0:
            db.exec_trace = None
            act()
        return True

    db.exec_trace = trace
