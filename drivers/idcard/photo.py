"""A decoder that the hall has a licence for, run apart: it may crash, loop or eat memory, and costs only the picture.

No open decoder of the card's WLT format is known (idcard.md section 6), so none is shipped.
"""

import asyncio
import os
import shlex
import shutil
import signal
from contextlib import suppress
from typing import BinaryIO, Final, cast

from drivers.errors import BadConfig

_PICTURES: Final = (b"BM", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
_MOST_PICTURE: Final = 512 * 1024


class PhotoDecoder:
    """`command` gets the raw bytes on stdin. `memory` MiB of address space, `seconds` until it is killed."""

    def __init__(self, command: str, seconds: float, memory: int) -> None:
        """Raises BadConfig for a command that cannot be split into words."""
        try:
            self._words = shlex.split(command)
        except ValueError as problem:
            raise BadConfig(f"photo_decoder: {problem}") from problem
        self._seconds = seconds
        self._memory = memory

    async def decode(self, wlt: bytes) -> bytes:
        """The picture; empty when there is none to be had, whatever the reason."""
        limiter = shutil.which("prlimit")
        if limiter is None:
            return b""
        with _memory_file(wlt) as photo, _memory_file() as picture:
            try:
                status = await self._run(limiter, photo, picture)
            except (TimeoutError, OSError):
                return b""
            picture.seek(0)
            made = picture.read(_MOST_PICTURE)
        return made if status == 0 and made.startswith(_PICTURES) and len(made) < _MOST_PICTURE else b""

    async def _run(self, limiter: str, photo: BinaryIO, picture: BinaryIO) -> int:
        """Limits are set by prlimit before the decoder runs: a hook between fork and exec is not safe with threads."""
        limits = (f"--as={self._memory << 20}", "--core=0", f"--fsize={_MOST_PICTURE}")
        process = await asyncio.create_subprocess_exec(
            *(limiter, *limits, "--", *self._words),
            stdin=photo,
            stdout=picture,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            async with asyncio.timeout(self._seconds):
                return await process.wait()
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # with everything it started: it leads a session of its own
            await process.wait()


def _memory_file(content: bytes = b"") -> BinaryIO:
    """Files that never touch a disk: a face is in them. And no pipes: a stuck decoder cannot leave one half read."""
    file = os.fdopen(os.memfd_create("photo"), "w+b", buffering=0)
    file.write(content)
    file.seek(0)
    return cast(BinaryIO, file)
