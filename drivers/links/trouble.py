"""What the operating system and the libraries say, in the words of drivers.errors."""

import errno
import os
import termios
from pathlib import Path

from serialx import SerialException, UnsupportedSetting

from drivers.errors import Absent, BadConfig, Busy, Denied, DeviceError, Gone

LIBRARY_ERRORS = (OSError, SerialException, termios.error, ValueError)

_DENIED = {errno.EACCES, errno.EPERM}
_UNKNOWN_HOLDER = "another program"


def at_open(problem: BaseException, name: str, path: str = "") -> DeviceError:
    """Why a link could not be opened. Everything that is not a lock, a right or a setting is Absent."""
    code = error_number(problem)
    if code in _DENIED:
        return Denied(f"{name}: no access")
    if code == errno.EBUSY:
        return Busy(lock_holder(path) if path else _UNKNOWN_HOLDER)
    if isinstance(problem, UnsupportedSetting) or (code is None and isinstance(problem, ValueError)):
        return BadConfig(f"{name}: {problem}")
    if isinstance(problem, TimeoutError):
        return Absent(f"{name}: no answer in time")
    return Absent(f"{name}: {_reason(problem)}")


def in_use(problem: BaseException | None, name: str) -> Gone:
    """Why an open link ended."""
    return Gone(f"{name}: {_reason(problem)}" if problem else f"{name}: closed by the other side")


def error_number(problem: BaseException) -> int | None:
    """errno of an OSError; termios.error carries it as its first argument only."""
    if isinstance(problem, OSError):
        return problem.errno
    if isinstance(problem, termios.error) and problem.args:
        return int(problem.args[0])
    return None


def lock_holder(path: str) -> str:
    """Program and pid holding the flock on `path`, from /proc/locks; a fixed phrase when it cannot be seen."""
    try:
        status = os.stat(path)
        node = f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}:{status.st_ino}"
        for line in Path("/proc/locks").read_text(encoding="ascii").splitlines():
            fields = line.split()
            if len(fields) > 5 and fields[1] == "FLOCK" and fields[5] == node and int(fields[4]) > 0:
                program = Path(f"/proc/{fields[4]}/comm").read_text(encoding="utf-8").strip()
                return f"{program} (pid {fields[4]})"
    except (OSError, ValueError):
        return _UNKNOWN_HOLDER
    return _UNKNOWN_HOLDER


def _reason(problem: BaseException | None) -> str:
    if isinstance(problem, OSError) and problem.strerror:
        return problem.strerror
    code = error_number(problem) if problem else None
    return os.strerror(code) if code else type(problem).__name__
