"""News for one browser: of each subject only the newest, so that a slow one holds nobody up."""

import asyncio
from typing import Any


class Mailbox:
    def __init__(self) -> None:
        self._news: dict[str, dict[str, Any]] = {}
        self._there = asyncio.Event()

    def put(self, subject: str, message: dict[str, Any]) -> None:
        self._news.pop(subject, None)
        self._news[subject] = message
        self._there.set()

    async def take(self) -> list[dict[str, Any]]:
        """Everything new since the last time, oldest first; waits until there is something."""
        await self._there.wait()
        self._there.clear()
        news, self._news = self._news, {}
        return list(news.values())


class Board:
    """What is known now, by subject; every change goes to all mailboxes, a new mailbox starts with everything."""

    def __init__(self) -> None:
        self._known: dict[str, dict[str, Any]] = {}
        self._mailboxes: set[Mailbox] = set()
        self.watched = asyncio.Event()

    def known(self, subject: str) -> dict[str, Any] | None:
        return self._known.get(subject)

    def post(self, subject: str, message: dict[str, Any]) -> bool:
        """Whether it was news."""
        if self._known.get(subject) == message:
            return False
        self._known[subject] = message
        for mailbox in self._mailboxes:
            mailbox.put(subject, message)
        return True

    def open(self) -> Mailbox:
        mailbox = Mailbox()
        for subject, message in self._known.items():
            mailbox.put(subject, message)
        self._mailboxes.add(mailbox)
        self.watched.set()
        return mailbox

    def close(self, mailbox: Mailbox) -> None:
        self._mailboxes.discard(mailbox)
        if not self._mailboxes:
            self.watched.clear()
