"""What a driver lets out beside its answers: notes, logs, errors, the wire tap. A secret in one of them is a leak."""

import hashlib
import logging
from collections.abc import Iterable
from typing import Any, Final

from drivers.links import capture

_ENCODINGS: Final = ("utf-8", "gb18030", "utf-16-le")
_SHORTEST: Final = 3  # fewer bytes come about by chance


class Ears(logging.Handler):
    """A log handler as well; use as a context manager. `leaks` says where a secret was heard, and never which."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__(logging.DEBUG)
        self._texts = frozenset(text for secret in secrets for text in _forms(secret))
        self.leaks: set[str] = set()
        self.heard = 0
        self.pictures: dict[str, bytes] = {}

    def __enter__(self) -> "Ears":
        root = logging.getLogger()
        self._level = root.level
        root.addHandler(self)
        root.setLevel(logging.DEBUG)
        return self

    def __exit__(self, *error: object) -> None:
        root = logging.getLogger()
        root.removeHandler(self)
        root.setLevel(self._level)

    def listen(self, where: str, text: str) -> None:
        self.heard += 1
        if any(secret in text for secret in self._texts):
            self.leaks.add(where)

    def emit(self, record: logging.LogRecord) -> None:
        self.listen(f"log {record.name}", f"{record.getMessage()} {record.args!r} {record.exc_info!r}")

    def note(self, text: str, /, **facts: Any) -> None:
        self.listen("note", f"{text} {facts!r}")

    def error(self, problem: BaseException) -> None:
        step: BaseException | None = problem
        while step is not None:
            self.listen(f"error {type(problem).__name__}", f"{step!s} {step!r}")
            step = step.__cause__

    def tap(self, link: object) -> None:
        """What a technician would get who captures now."""
        tap = getattr(link, "tap", None)
        if tap is not None:
            self.listen("wire tap", capture.dump(tap.recent()).replace(" ", ""))
            whole = b"".join(chunk.data for chunk in tap.recent())
            self.listen("wire tap", whole.hex())

    def keep(self, picture: bytes) -> str:
        digest = hashlib.sha256(picture).hexdigest()
        self.pictures = {digest: picture}
        return digest


def _forms(secret: str) -> Iterable[str]:
    """The text itself, and its bytes as people and programs write them."""
    yield secret
    for encoding in _ENCODINGS:
        data = secret.encode(encoding, "ignore")
        if len(data) >= _SHORTEST:
            yield data.hex()
            yield data.hex(" ")
            yield repr(data)[2:-1]
