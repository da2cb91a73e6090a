"""What the conformance kit needs to know of tablet pads: they dial in, and nothing they say has a checksum."""

import json
import logging
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.uri import parse_uri

from drivers.conform import Bench, Say
from drivers.conform.ferry import LineListenLink
from drivers.conform.line import Line
from drivers.contract import Context, Link

_SESSIONS: Final = Path(__file__).parent / "captures"
_TOKEN: Final = "invented-token-of-pad-1"
_THINKS: Final = 0.5  # seconds, before the citizen touches the screen
_SILENT: Final = logging.Logger("bench", logging.CRITICAL)
_OK: Final = {"code": "0", "result": "ok"}


class TabletPad:
    """Logs in at window 1; whoever is asked there is very satisfied."""

    def connected(self) -> Iterable[Say]:
        self._web = ClientProtocol(parse_uri("ws://pads/"), logger=_SILENT)
        self._asked = 0
        self._web.send_request(self._web.connect())
        return self._to_say()

    def hear(self, data: bytes) -> Iterator[Say]:
        self._web.receive_data(data)
        for event in self._web.events_received():
            if isinstance(event, Response) and event.status_code == 101:
                self._tell({"method": "Login", "param": {"WindowNumber": "1", "Token": _TOKEN}})
            elif isinstance(event, Frame) and event.opcode is Opcode.TEXT:
                yield from self._take(json.loads(bytes(event.data)))
        yield from self._to_say()

    def _take(self, message: dict[str, Any]) -> Iterator[Say]:
        method = message.get("method")
        if method is None:
            return
        self._tell(_OK)
        yield from self._to_say()
        if method == "RateQuest":
            self._tell({"method": "RateSubmit", "param": {"RateID": message["param"]["RateID"], "Level": 5}})
            yield from self._to_say(_THINKS)

    def _tell(self, message: dict[str, Any]) -> None:
        if self._web.state.name == "OPEN":
            self._web.send_text(json.dumps(message).encode())

    def _to_say(self, after: float = 0.001) -> list[Say]:
        return [Say(data, after) for data in self._web.data_to_send() if data]


def _listen(ctx: Context, line: Line) -> Link:
    return LineListenLink(ctx, line)


def _bench(session: str) -> Bench:
    return Bench(
        session=_SESSIONS / session,
        peer=TabletPad,
        scheme="ws",
        dials_in=True,
        link=_listen,
        secrets=(_TOKEN,),
        protected=False,
        recognises=False,
    )


TABLETS: Final = _bench("tablets.json")
TABLET: Final = _bench("tablet.json")
