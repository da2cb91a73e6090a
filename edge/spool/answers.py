"""halld takes in what crossed into the hall: each answer is a command with an id of its own, so none counts twice.

A file leaves `accepted` once every item of it has been decided; after a crash it is gone through again, and a command
that was accepted answers the same. What the rules refuse (too late, rated already) is logged by its code.
"""

import asyncio
from pathlib import Path
from typing import Any, Final, Protocol

import structlog

from edge.engine import Answer
from edge.rules.command import Command
from edge.rules.followup_commands import AddRating, GiveRating
from edge.rules.refusal import Refusal
from edge.spool import whitelist
from edge.spool.folder import FOLDER
from edge.spool.shapes import Misfit
from sync.private_files import sync_folder
from sync.protocol import canonical

LOOK_SECONDS: Final = 5.0
_COMMANDS: Final[dict[str, type[GiveRating] | type[AddRating]]] = {"rating.give": GiveRating, "rating.add": AddRating}

log = structlog.get_logger(__name__)


class Desk(Protocol):
    async def execute(self, command: Command, *, id: str, actor: str) -> Answer: ...


class Answers:
    """`data`: the hall's own folder. A hall without a spool has none of its folders, and this does nothing."""

    def __init__(self, engine: Desk, data: Path) -> None:
        self._engine = engine
        self._accepted = data / FOLDER / "accepted"
        self._done = data / FOLDER / "done"

    async def run(self) -> None:
        """Until cancelled. Raises JournalFailed."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> int:
        """One round. Returns how many files were gone through."""
        found = await asyncio.to_thread(self._waiting)
        for path in found:
            await self._go_through(path)
            await asyncio.to_thread(self._move, path)
        return len(found)

    def _waiting(self) -> list[Path]:
        return sorted(self._accepted.glob("*.json")) if self._accepted.is_dir() else []

    def _move(self, path: Path) -> None:
        self._done.mkdir(mode=0o700, exist_ok=True)
        path.replace(self._done / path.name)
        sync_folder(self._done)
        sync_folder(self._accepted)

    async def _go_through(self, path: Path) -> None:
        try:
            found = canonical.decode(await asyncio.to_thread(path.read_bytes))
            items, digest, frm = list(found["items"]), str(found["hash"]), str(found["from"])
        except (canonical.NotCanonical, KeyError, TypeError):
            log.error("accepted_file_unreadable", file=path.name)
            return
        for place, item in enumerate(items):
            await self._one(item, f"spool:{digest[:32]}:{place}", f"gateway:{frm}")

    async def _one(self, item: Any, id: str, actor: str) -> None:
        try:
            whitelist.check(item, "in", frozenset(), "")
            command = _COMMANDS[item["kind"]](
                nonce=item["subject"], level=item["body"]["level"], reasons=tuple(item["body"]["reasons"]), by="code"
            )
            await self._engine.execute(command, id=id, actor=actor)
        except Misfit as misfit:
            log.error("accepted_item_forbidden", field=str(misfit), id=id)
        except Refusal as refused:
            log.info("answer_refused", code=refused.code, id=id)
