"""A disk that writes down what is asked of it and may fail at the n-th call: SQLite's and the program's own files.

SQLite's calls come through a VFS of its own, the program's through `os`; only what lies in one folder counts.
"""

import errno
import gc
import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import apsw

from tests.campaign.storage.trace import Shorten, Sync, SyncFolder, Trace, Write

VFS: Final = "campaign-disk"
EIO, ENOSPC, ENOMEM = "EIO", "ENOSPC", "ENOMEM"
FAILURES: Final = (EIO, ENOSPC, ENOMEM)
_SQLITE: Final = {EIO: apsw.IOError, ENOSPC: apsw.FullError, ENOMEM: apsw.NoMemError}
_SAYS: Final = "the disk failed"
_NEEDS_ROOM: Final = frozenset({"write", "create", "shm"})  # a full disk refuses these, and nothing else


@dataclass
class Trouble:
    """Fails the call number `at` (1 = the first; 0: never), and all after it when it is `lasting`."""

    at: int = 0
    code: str = EIO
    lasting: bool = False
    calls: int = 0
    fired: str = ""

    def strikes(self, call: str) -> bool:
        if self.code == ENOSPC and call not in _NEEDS_ROOM:
            return False
        self.calls += 1
        if not self.at or not (self.calls == self.at or (self.lasting and self.calls > self.at)):
            return False
        self.fired = self.fired or call
        return True


@dataclass
class Disk:
    """Use `with disk.in_use():` around everything that the program does. `folder` must exist."""

    folder: Path
    trace: Trace = field(default_factory=Trace)
    trouble: Trouble = field(default_factory=Trouble)
    _handles: dict[int, int] = field(default_factory=dict)  # descriptor -> node; 0: the folder, or one in it

    def inside(self, path: Any) -> str:
        """The path within the folder, "" for any other."""
        text = os.fspath(path) if isinstance(path, str | os.PathLike) else ""
        root = f"{self.folder}/"
        return text[len(root) :] if isinstance(text, str) and text.startswith(root) else ""

    @contextmanager
    def in_use(self) -> Iterator[None]:
        vfs = _Vfs(self)
        real_connection = apsw.Connection

        def connection(*args: Any, **named: Any) -> apsw.Connection:
            ours = {"vfs": VFS} if self.inside(args[0]) else {}
            return real_connection(*args, **(ours | named))

        calls = _Calls(self)
        try:
            quiet = patch.object(sys, "unraisablehook", _unless_meant(sys.unraisablehook))
            with quiet, patch.object(apsw, "Connection", connection), calls.in_place():
                yield
                gc.collect(1)  # connections that a failure left behind close while their disk is there
        finally:
            vfs.unregister()


def _unless_meant(hook: Callable[[Any], Any]) -> Callable[[Any], None]:
    """A failure met while a connection is thrown away can be raised to nobody."""

    def show(unraisable: Any) -> None:
        if not str(unraisable.exc_value).startswith(_SAYS):
            hook(unraisable)

    return show


class _Vfs(apsw.VFS):
    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        super().__init__(VFS, "")

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:
        path = self._disk.inside(name.filename() if isinstance(name, apsw.URIFilename) else name)
        if path:
            self._check("open" if path in self._disk.trace.names else "create", apsw.CantOpenError)
        file = _File(name, flags, self._disk)
        if path:
            file.node = self._disk.trace.open(path)
        return file

    def xDelete(self, filename: str, syncdir: bool) -> None:
        path = self._disk.inside(filename)
        if path:
            self._check("delete", apsw.IOError)
        super().xDelete(filename, syncdir)
        if path:
            self._disk.trace.unlink(path)
            if syncdir:
                self._disk.trace.events.append(SyncFolder())

    def excepthook(self, *_: Any) -> None:
        """What we raise is meant; where SQLite cannot hand it on, it goes by the code alone."""

    def _check(self, call: str, error: type[apsw.Error]) -> None:
        if self._disk.trouble.strikes(call):
            code = self._disk.trouble.code
            raise (error if code == EIO else _SQLITE[code])(f"{_SAYS}: {code}")


class _File(apsw.VFSFile):
    node = 0

    def __init__(self, name: Any, flags: list[int], disk: Disk) -> None:
        self._disk = disk
        super().__init__("", name, flags)

    def xRead(self, amount: int, offset: int) -> bytes:
        self._check("read")
        return super().xRead(amount, offset)

    def xWrite(self, data: bytes, offset: int) -> None:
        self._check("write")
        super().xWrite(data, offset)
        if self.node:
            self._disk.trace.events.append(Write(self.node, offset, bytes(data)))

    def xTruncate(self, size: int) -> None:
        self._check("truncate")
        super().xTruncate(size)
        if self.node:
            self._disk.trace.events.append(Shorten(self.node, size))

    def xSync(self, flags: int) -> None:
        try:
            self._check("sync")
        except apsw.Error:
            self._disk.trace.events.append(Sync(self.node, failed=True))
            raise
        super().xSync(flags)
        self._disk.trace.events.append(Sync(self.node))

    def excepthook(self, *_: Any) -> None:
        pass

    def _check(self, call: str) -> None:
        if self.node and self._disk.trouble.strikes(call):
            code = self._disk.trouble.code
            raise _SQLITE[code](f"{_SAYS}: {code}")


class _Calls:
    """`os` for the program's own files; what lies elsewhere goes straight through."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._trace = disk.trace
        self._nodes: dict[int, int] = {}
        names = ("open", "close", "fdopen", "pwrite", "fsync", "rename", "replace", "unlink")
        self._real = {name: getattr(os, name) for name in names}
        self._real_file = io.open

    @contextmanager
    def in_place(self) -> Iterator[None]:
        in_os = patch.multiple(os, **{name: getattr(self, name) for name in self._real})
        with in_os, patch.object(io, "open", self.file):
            yield

    def file(self, path: Any, mode: str = "r", *more: Any, **named: Any) -> Any:
        """What Path.open and its like come to."""
        inside = self._disk.inside(path)
        if not inside or not set(mode) & set("wax+"):
            return self._real_file(path, mode, *more, **named)
        self._check("open" if inside in self._trace.names else "create")
        file = self._real_file(path, mode, *more, **named)
        node = self._trace.open(inside)
        if "w" in mode:
            self._trace.events.append(Shorten(node, 0))
        return _Stream(file, self, node)

    def open(self, path: Any, flags: int, *more: Any, **named: Any) -> int:
        inside = self._disk.inside(path)
        is_folder = os.path.isdir(path)
        if inside and not is_folder:
            self._check("open" if inside in self._trace.names else "create")
        descriptor: int = self._real["open"](path, flags, *more, **named)
        if is_folder and (inside or os.fspath(path) == str(self._disk.folder)):
            self._nodes[descriptor] = 0
        elif inside:
            node = self._nodes[descriptor] = self._trace.open(inside)
            if flags & os.O_TRUNC:
                self._trace.events.append(Shorten(node, 0))
        return descriptor

    def close(self, descriptor: int) -> None:
        self._nodes.pop(descriptor, None)
        self._real["close"](descriptor)

    def fdopen(self, descriptor: int, *more: Any, **named: Any) -> Any:
        file = self._real["fdopen"](descriptor, *more, **named)
        node = self._nodes.get(descriptor)
        return _Stream(file, self, node, descriptor) if node else file

    def pwrite(self, descriptor: int, data: bytes, offset: int) -> int:
        if descriptor in self._nodes:
            self._check("write")
        written: int = self._real["pwrite"](descriptor, data, offset)
        if descriptor in self._nodes:
            self._trace.events.append(Write(self._nodes[descriptor], offset, bytes(data[:written])))
        return written

    def fsync(self, descriptor: int) -> None:
        node = self._nodes.get(descriptor)
        try:
            if node is not None:
                self._check("sync")
        except OSError:
            if node:
                self._trace.events.append(Sync(node, failed=True))
            raise
        self._real["fsync"](descriptor)
        if node is not None:
            self._trace.events.append(Sync(node) if node else SyncFolder())

    def rename(self, path: Any, target: Any, **named: Any) -> None:
        self._moved("rename", path, target, **named)

    def replace(self, path: Any, target: Any, **named: Any) -> None:
        self._moved("replace", path, target, **named)

    def _moved(self, verb: str, path: Any, target: Any, **named: Any) -> None:
        inside, to = self._disk.inside(path), self._disk.inside(target)
        if inside:
            self._check("rename")
        self._real[verb](path, target, **named)
        if inside and to:
            self._trace.rename(inside, to)

    def unlink(self, path: Any, **named: Any) -> None:
        inside = self._disk.inside(path)
        if inside:
            self._check("delete")
        self._real["unlink"](path, **named)
        if inside:
            self._trace.unlink(inside)

    def written(self, node: int, offset: int, data: bytes) -> None:
        self._check("write")
        self._trace.events.append(Write(node, offset, bytes(data)))

    def forget(self, descriptor: int) -> None:
        self._nodes.pop(descriptor, None)

    def _check(self, call: str) -> None:
        if self._disk.trouble.strikes(call):
            code = getattr(errno, self._disk.trouble.code)
            raise OSError(code, os.strerror(code))


class _Stream:
    """A file object that writes down where it writes; closed by the end of its `with`."""

    def __init__(self, file: Any, calls: _Calls, node: int, descriptor: int = -1) -> None:
        self._file, self._calls, self._node, self._descriptor = file, calls, node, descriptor

    def write(self, data: bytes) -> int:
        self._calls.written(self._node, self._file.tell(), data)
        return int(self._file.write(data))

    def seek(self, offset: int) -> None:
        self._file.seek(offset)

    def flush(self) -> None:
        self._file.flush()

    def __enter__(self) -> "_Stream":
        return self

    def __exit__(self, *_: object) -> None:
        self._calls.forget(self._descriptor)
        self._file.close()
