"""`halld` with a door for what no page asks for yet: a unix socket that takes commands as lines."""

import asyncio
import json
import os
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any, Final

from edge import daemon
from edge.hall import Hall
from edge.journal.keys import CentreKey, KeyRing
from edge.rules.decide import DECISIONS
from edge.rules.refusal import Refusal

DOOR: Final = "HALL_CANARY_DOOR"
CENTRE: Final = "HALL_CANARY_CENTRE"  # the centre's X25519 key, as an enrolment would bring it
CENTRE_KID: Final = "centre"
_COMMANDS: Final = {kind.model_fields["do"].default: kind for kind in DECISIONS}
_serve = daemon.serve_api


class EnrolledRing(KeyRing):
    @classmethod
    def load(cls, path: Path, **more: Any) -> KeyRing:
        return KeyRing.load(path, **(more | {"centre": CentreKey(CENTRE_KID, b64decode(os.environ[CENTRE]))}))


async def serve_with_door(hall: Hall, **more: Any) -> None:
    async def on_line(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(json.dumps(await _done(hall, json.loads(line))).encode() + b"\n")
            await writer.drain()
        writer.close()

    path = Path(os.environ[DOOR])
    path.unlink(missing_ok=True)
    async with await asyncio.start_unix_server(on_line, path, limit=1 << 22):
        await _serve(hall, **more)


async def _done(hall: Hall, wish: dict[str, Any]) -> dict[str, Any]:
    match wish["do"]:
        case "seal":
            made = await hall.seal_file(wish["owner"], b64decode(wish["data"]))
            return {"h": made.h, "size": made.size, "kid": made.kid, "alg": made.alg, "nonce": made.nonce}
        case "erase":
            made_record = await hall._journal.erase(wish["h"], "law", actor="system")
            return {"gone": len(made_record.body["h"])}
        case "holder":
            return {"ref": hall.person_ref(hall.state.date, wish["number"])}
    command = _COMMANDS[wish["do"]].model_validate(wish["with"])
    try:
        answer = await hall.execute(command, id=wish["id"], actor=wish["actor"])
    except Refusal as refused:
        return {"refused": refused.code}
    return {"records": [{"kind": one.kind, "subject": one.subject, "body": dict(one.body)} for one in answer.records]}


def encoded(data: bytes) -> str:
    return b64encode(data).decode()


if __name__ == "__main__":
    daemon.KeyRing = EnrolledRing  # type: ignore[misc]
    daemon.serve_api = serve_with_door  # type: ignore[assignment]
    daemon.main()
