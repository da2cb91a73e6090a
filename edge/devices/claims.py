"""Who holds a port: one claim a link, across processes, with the holder's name in it."""

import fcntl
import hashlib
import os
import tempfile
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit

from drivers.errors import Absent, Busy
from drivers.links.machine import Machine


def claims_folder() -> Path:
    """Shared by everybody on the machine who may open devices."""
    for parent in (Path("/run/lock"), Path(tempfile.gettempdir())):
        folder = parent / f"hall-edge-{os.getuid()}"
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder
    raise Busy("nobody", "no folder for locks")


def port_of(link: str, runtime: str, root: str = "/") -> str:
    """What two links must not share: a port at one speed is the same port at another; a path is under `runtime`.

    A socket counts as the node it has now, so that it and the node's own name exclude each other.
    """
    parts = urlsplit(link)
    if parts.scheme == "serial-at":
        try:
            machine = Machine(root)
            return f"serial://{os.path.realpath(machine.node(machine.find('tty', parts.path)))}"
        except Absent:
            pass  # nobody can hold what is not there; the attempt to open it will say so
    if parts.scheme.endswith("-at"):
        return f"{parts.scheme}://{os.path.realpath(root)}/{parts.path}"
    path = os.path.realpath(os.path.join(runtime, parts.path)) if parts.path else ""
    return f"{parts.scheme}://{parts.netloc}{path}"


def holder_of(port: str, folder: Path | None = None) -> str:
    """Who has claimed it now, under whatever user; "" when nobody has, or it cannot be seen."""
    folders = [folder] if folder else [claims_folder(), *_others()]
    return next((holder for each in folders if (holder := _holder_in(_file(port, each)))), "")


def _others() -> list[Path]:
    """Claims of the service's user, where a technician or root looks; never in a folder that anybody may make."""
    return sorted(Path("/run/lock").glob("hall-edge-*"))


def _holder_in(file: Path) -> str:
    try:
        handle = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return ""
    except BlockingIOError:
        return _name_in(handle)
    finally:
        os.close(handle)


def _file(port: str, folder: Path) -> Path:
    return folder / f"{hashlib.sha256(port.encode()).hexdigest()[:16]}.lock"


def _name_in(handle: int) -> str:
    return os.read(handle, 200).decode("utf-8", "replace") or "another program"


class Claim:
    """Held while the context is open; the kernel lets go when the process dies. `port`: see port_of. Raises Busy."""

    def __init__(self, port: str, holder: str, folder: Path | None = None) -> None:
        self._path = _file(port, folder or claims_folder())
        self._elsewhere = [] if folder else [_file(port, other) for other in _others() if other != self._path.parent]
        self._holder = holder
        self._handle: int | None = None

    def __enter__(self) -> "Claim":
        for other in self._elsewhere:
            if holder := _holder_in(other):
                raise Busy(holder)
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _name_in(handle)
            os.close(handle)
            raise Busy(holder) from None
        os.ftruncate(handle, 0)
        os.write(handle, f"{self._holder} (pid {os.getpid()})".encode())
        self._handle = handle
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
