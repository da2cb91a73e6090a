"""What `hallctl pair` says to a running hall, over its socket."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from edge.pairing.control import SOCKET, Control
from edge.pairing.desk import Desk
from sync.certificates import Request


@asynccontextmanager
async def control(authority, roll, moments, folder: Path, listen: str | None) -> AsyncIterator[tuple[Desk, list[str]]]:
    desk, ended = Desk(authority, roll, now=moments.now, clock=moments.clock), []
    serving = asyncio.ensure_future(Control(authority, roll, desk, listen, ended.append).serve(folder / SOCKET))
    async with asyncio.timeout(30):
        while not (folder / SOCKET).exists():
            await asyncio.sleep(0)
    yield desk, ended
    serving.cancel()
    with suppress(asyncio.CancelledError):
        await serving


async def ask(folder: Path, asked: object) -> list[dict[str, Any]]:
    reader, writer = await asyncio.open_unix_connection(folder / SOCKET)
    writer.write(json.dumps(asked).encode() + b"\n")
    async with asyncio.timeout(30):
        said = [json.loads(line) async for line in reader]
    writer.close()
    return said


async def test_only_this_user_may_ask(authority, roll, moments, tmp_path):
    async with control(authority, roll, moments, tmp_path, "127.0.0.1:9"):
        await ask(tmp_path, {"do": "list"})
        assert (tmp_path / SOCKET).stat().st_mode & 0o777 == 0o600


async def test_digits_end_with_whoever_looks_at_them(authority, roll, moments, tmp_path):
    async with control(authority, roll, moments, tmp_path, "127.0.0.1:9") as (desk, _):
        reader, writer = await asyncio.open_unix_connection(tmp_path / SOCKET)
        writer.write(b'{"do": "open", "place": "window-3"}\n')
        shown = json.loads(await reader.readline())
        opening = desk.opening
        assert opening is not None
        assert (shown["digits"], shown["seconds"], opening.state) == (opening.digits, 300, "open")
        opening.wrong()
        await desk._tell()
        assert json.loads(await reader.readline()) == {"state": "open", "left": 2}
        writer.close()
        async with asyncio.timeout(30):
            while opening.state == "open":
                await asyncio.sleep(0.01)
        assert opening.state == "withdrawn"


@pytest.mark.parametrize(
    ("listen", "place", "why"),
    [(None, "window-3", "no_hosts"), ("h:1", "main", "bad_place"), ("h:1", "A b", "bad_place")],
)
async def test_what_is_not_opened(authority, roll, moments, tmp_path, listen, place, why):
    async with control(authority, roll, moments, tmp_path, listen) as (desk, _):
        assert await ask(tmp_path, {"do": "open", "place": place}) == [{"refused": why}]
        assert desk.opening is None


async def test_revoking_hangs_up_and_the_list_says_so(authority, roll, moments, tmp_path, holder):
    given = roll.add(authority.sign(Request().pem, holder("w3"), moments.now()), holder("w3"), moments.now())
    async with control(authority, roll, moments, tmp_path, None) as (_, ended):
        assert await ask(tmp_path, {"do": "revoke", "which": "w4"}) == [{"revoked": []}]
        (answer,) = await ask(tmp_path, {"do": "revoke", "which": "w3"})
        assert [one["serial"] for one in answer["revoked"]] == ended == [given.serial]
        (answer,) = await ask(tmp_path, {"do": "list"})
        assert [(one["place"], one["state"]) for one in answer["certificates"]] == [("w3", "revoked")]
        assert answer["authority"] == authority.fingerprint


@pytest.mark.parametrize("asked", [{}, {"do": "everything"}, {"do": "open", "place": "w3", "role": "manager"}, []])
async def test_nonsense_gets_no_answer_and_breaks_nothing(authority, roll, moments, tmp_path, asked):
    async with control(authority, roll, moments, tmp_path, "h:1"):
        assert await ask(tmp_path, asked) == []
        assert len(await ask(tmp_path, {"do": "list"})) == 1
