"""`halld` with a door for what no page asks for yet: a unix socket that takes commands as lines."""

import asyncio
import json
import os
import tempfile
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import structlog

from edge import daemon, open_hall
from edge.api.case_persons import Persons
from edge.api.case_schema import Person
from edge.hall import Hall
from edge.journal import sealing
from edge.journal.keys import CentreKey, KeyRing
from edge.rules.case_commands import Applicant
from edge.rules.decide import DECISIONS
from edge.rules.refusal import Refusal
from sync.protocol import canonical
from sync.protocol.parts import Sealed
from sync.protocol.record import digest

DOOR: Final = "HALL_CANARY_DOOR"
CENTRE: Final = "HALL_CANARY_CENTRE"  # the centre's X25519 key, as an enrolment would bring it
CENTRE_KID: Final = "centre"
MISTAKES: Final = ("log", "file", "clear")
_COMMANDS: Final = {kind.model_fields["do"].default: kind for kind in DECISIONS}
WRONG: Final = "HALL_CANARY_MISTAKES"  # names of MISTAKES, apart by spaces
_serve = open_hall.serve_api
_seal, _unseal = sealing.seal, sealing.unseal


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
    command = _COMMANDS[wish["do"]].model_validate(wish["with"])
    try:
        answer = await hall.execute(command, id=wish["id"], actor=wish["actor"])
    except Refusal as refused:
        return {"refused": refused.code}
    return {"records": [{"kind": one.kind, "subject": one.subject, "body": dict(one.body)} for one in answer.records]}


def encoded(data: bytes) -> str:
    return b64encode(data).decode()


def _logs(applicant: Applicant) -> None:
    """A line too many in a log."""
    structlog.get_logger("mistake").info("typed", name=applicant.name)


def _writes_a_file(applicant: Applicant) -> None:
    """That nobody takes away again."""
    with tempfile.NamedTemporaryFile("w", prefix="form-", delete=False) as form:
        form.write(applicant.id_number)


def _with(mistake: Callable[[Applicant], None], keep: Callable[..., Person]) -> Callable[..., Person]:
    def keep_and_err(self: Persons, window: str, applicant: Applicant, *more: Any) -> Person:
        mistake(applicant)
        return keep(self, window, applicant, *more)

    return keep_and_err


def _does_not_seal(members: Mapping[str, Any], **about: Any) -> Sealed:
    """The form of a part, and its text in the clear: in the journal, on the line, at the centre."""
    plain = canonical.encode(members)
    return Sealed({**_seal(members, **about).entry, "h": digest(plain)}, plain)


def _reads_what_is_not_sealed(entry: Mapping[str, str], blob: bytes, **about: Any) -> dict[str, Any]:
    return canonical.decode(blob) if blob.startswith(b"{") else _unseal(entry, blob, **about)


def make_mistakes(names: Iterable[str]) -> None:
    for name in names:
        match name:
            case "log":
                Persons.keep = _with(_logs, Persons.keep)  # type: ignore[method-assign]
            case "file":
                Persons.keep = _with(_writes_a_file, Persons.keep)  # type: ignore[method-assign]
            case "clear":
                sealing.seal, sealing.unseal = _does_not_seal, _reads_what_is_not_sealed
            case _:
                raise LookupError(name)


if __name__ == "__main__":
    make_mistakes(os.environ.get(WRONG, "").split())
    daemon.KeyRing = EnrolledRing  # type: ignore[misc]
    open_hall.serve_api = serve_with_door  # type: ignore[assignment]
    daemon.main()
