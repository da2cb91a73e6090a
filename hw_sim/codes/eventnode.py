"""An event node without a kernel: a FIFO. What nobody reads is lost, as with evdev; pulling it out ends every reader.

Other than a real node it cannot be grabbed (EVIOCGRAB fails) and two readers would share the events.
"""

import contextlib
import os
import select
from pathlib import Path


class EventNode:
    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd = -1
        self.lost = 0

    def open(self) -> None:
        """Each plugging-in is a new FIFO."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.unlink(missing_ok=True)
        os.mkfifo(self.path, 0o600)
        self._begin()

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
            self.path.unlink(missing_ok=True)

    def write(self, events: bytes) -> None:
        if self._fd < 0:
            return
        if not self._read_by_somebody():
            self._begin()  # what the last reader left behind goes with its pipe
            self.lost += 1
            return
        try:
            os.write(self._fd, events)
        except (BlockingIOError, BrokenPipeError):
            self.lost += 1

    def _begin(self) -> None:
        """A writer that stays, so that a reader who comes finds an empty pipe and not its end."""
        old = self._fd
        keeper = os.open(self.path, os.O_RDWR | os.O_NONBLOCK)
        self._fd = os.open(self.path, os.O_WRONLY | os.O_NONBLOCK)
        if old >= 0:
            with contextlib.suppress(BlockingIOError):
                while os.read(keeper, 65536):
                    pass
            os.close(old)
        os.close(keeper)

    def _read_by_somebody(self) -> bool:
        """The writing end reports an error when no reader is left."""
        poll = select.poll()
        poll.register(self._fd, 0)
        return not any(events & select.POLLERR for _, events in poll.poll(0))
