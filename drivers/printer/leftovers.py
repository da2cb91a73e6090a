"""Whether the last ticket of a printer came to its end: remembered beyond the driver and its process.

Half a ticket may hang from a printer that lost power, also when the box lost it too. So what is written down is that
nothing hangs there since this boot; nothing written down means: look out.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
_FOLDER: Final = "printers-clean"


class Leftovers:
    """Without a folder, or with one that cannot be written (`note` hears of that), only this process remembers."""

    def __init__(self, folder: Path | None, link_name: str, note: Callable[..., None], boot_id: Path = BOOT_ID) -> None:
        name = hashlib.sha256(link_name.encode()).hexdigest()[:16]
        self._clean_mark = None if folder is None else folder / _FOLDER / name
        self._boot_id = boot_id
        self._note = note
        self.possible = not self._marked_clean()

    def begin(self) -> None:
        """Before the first byte of a ticket. Not synced: a box that loses power has another boot id afterwards."""
        self.possible = True
        if self._clean_mark is None:
            return
        try:
            self._clean_mark.unlink(missing_ok=True)
        except OSError as problem:
            self._note("printer.leftovers_not_noted", reason=problem.strerror)

    def end(self) -> None:
        """The last ticket is whole and cut off, and nothing waits in the printer."""
        self.possible = False
        if self._clean_mark is None:
            return
        try:
            self._clean_mark.parent.mkdir(parents=True, exist_ok=True)
            self._clean_mark.write_text(self._boot_id.read_text("ascii"), "ascii")
        except OSError as problem:
            self._note("printer.leftovers_not_noted", reason=problem.strerror)

    def _marked_clean(self) -> bool:
        if self._clean_mark is None:
            return False
        try:
            return self._clean_mark.read_text("ascii") == self._boot_id.read_text("ascii")
        except (OSError, UnicodeDecodeError):
            return False
