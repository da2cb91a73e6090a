"""A module played from the protocol page's vectors: bytes in, bytes out, no code of the driver."""

import json
from collections import defaultdict, deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from drivers.contract import Context
from drivers.idcard.sam import SamConfig, SamReader
from drivers.links import make_link

VECTORS = json.loads((Path(__file__).parent / "golden" / "vectors.json").read_text(encoding="utf-8"))


class ScriptedSam:
    """Answers each request with the next of its scripted replies, the last one for ever; None is silence."""

    def __init__(self, peer: Any) -> None:
        self.peer = peer
        self.asked: list[str] = []
        self.replies: dict[str, deque[bytes | None]] = defaultdict(deque)
        self.before_reply: Callable[[str], None] = lambda name: None
        self._requests = {bytes.fromhex(vector["hex"]): vector["name"] for vector in VECTORS["requests"]}
        self._bytes = {vector["name"]: bytes.fromhex(vector["hex"]) for vector in VECTORS["responses"]}
        self._heard = b""
        peer.answer = self._hear
        self.play("sam_status", "status_ok")
        self.play("sam_id", "sam_id_fake")
        self.play("find_card", "find_none")
        self.play("read_append", "append_none")
        self.play("reset_sam", "reset_ok")
        self.play("read_iin_sn_dn", "iin_sn_dn")

    def reply(self, name: str) -> bytes:
        return self._bytes[name]

    def play(self, request: str, *replies: str | bytes | None) -> None:
        self.replies[request] = deque(self._bytes[one] if isinstance(one, str) else one for one in replies)

    def lay_card(self, base: str = "read_base_resident", append: str = "append_none") -> None:
        self.play("find_card", "find_ok")
        self.play("select_card", "select_ok")
        self.play("read_base", base)
        self.play("read_append", append)

    def _hear(self, data: bytes) -> None:
        self._heard += data
        for request, name in self._requests.items():
            if self._heard.startswith(request):
                self._heard = self._heard[len(request) :]
                self._say(name)
                return

    def _say(self, name: str) -> None:
        self.asked.append(name)
        waiting = self.replies[name]
        reply = waiting.popleft() if len(waiting) > 1 else waiting[0]
        self.before_reply(name)
        if reply is not None:
            self.peer.send(reply)


@pytest.fixture
def vectors() -> dict[str, Any]:
    return VECTORS


@pytest.fixture
def sam(peer: Any) -> ScriptedSam:
    return ScriptedSam(peer)


@pytest.fixture
def make_reader(peer: Any, ctx: Context) -> Callable[..., SamReader]:
    def make(**settings: Any) -> SamReader:
        link = make_link(f"serial://{peer.path}?baud=115200", ctx)
        return SamReader(SamConfig(**{"poll": 0.02, "patience": 0.2} | settings), link, ctx)

    return make
