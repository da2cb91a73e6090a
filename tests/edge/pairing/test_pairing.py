"""A machine joins over real TLS on loopback, and everybody who should not does not."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from edge.pairing import wire
from edge.pairing.desk import Desk
from edge.pairing.errors import BadIdentity, NotPaired
from edge.pairing.identity import FILE, Identity
from edge.pairing.joining import join
from edge.pairing.opening import AFTERWORD_SECONDS, OPEN_SECONDS
from edge.pairing.pake import Exchange
from edge.pairing.tls import joining_context


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def desk_at(authority, roll, moments) -> AsyncIterator[tuple[Desk, int]]:
    desk, port = Desk(authority, roll, now=moments.now, clock=moments.clock), free_port()
    serving = asyncio.ensure_future(desk.serve(f"127.0.0.1:{port}"))
    try:
        yield desk, port
    finally:
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving


@pytest.fixture
async def at(authority, roll, moments):
    async with desk_at(authority, roll, moments) as made:
        yield made


async def listening(port: int) -> None:
    async with asyncio.timeout(30):
        while True:
            with suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.01)


async def opened(at, holder, place: str = "window-3"):
    desk, port = at
    opening = await desk.open(holder(place))
    await listening(port)
    return opening, port


def other(digits: str) -> str:
    return f"{(int(digits) + 1) % 10**6:06d}"


async def why(joining) -> str:
    with pytest.raises(NotPaired) as caught:
        await joining
    return caught.value.why


async def test_with_the_digits_it_has_its_own_certificate_for_its_place(at, holder, authority, roll, tmp_path: Path):
    opening, port = await opened(at, holder)
    identity = await join("127.0.0.1", port, opening.digits, tmp_path / "id")
    assert identity.holder == holder("window-3")
    assert identity.fingerprint == authority.fingerprint
    assert (tmp_path / "id" / FILE).stat().st_mode & 0o777 == 0o600
    assert [(given.place, given.state) for given in roll] == [("window-3", "good")]
    assert Identity.load(tmp_path / "id").holder == identity.holder


async def test_digits_work_once(at, holder, tmp_path: Path, roll):
    opening, port = await opened(at, holder)
    await join("127.0.0.1", port, opening.digits, tmp_path / "one")
    assert await why(join("127.0.0.1", port, opening.digits, tmp_path / "two")) == "used"
    assert not (tmp_path / "two").exists()
    assert len(list(roll)) == 1


async def test_of_two_at_the_same_moment_one_joins(at, holder, tmp_path: Path, roll):
    opening, port = await opened(at, holder)
    both = [join("127.0.0.1", port, opening.digits, tmp_path / name) for name in ("one", "two")]
    outcomes = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Identity", "NotPaired"]
    assert len(list(roll)) == 1


async def test_three_wrong_digits_close_it_for_the_right_ones_too(at, holder, tmp_path: Path, roll):
    opening, port = await opened(at, holder)
    for left in (2, 1, 0):
        with pytest.raises(NotPaired) as caught:
            await join("127.0.0.1", port, other(opening.digits), tmp_path / "id")
        assert (caught.value.why, caught.value.values["left"]) == ("digits", left)
    assert await why(join("127.0.0.1", port, opening.digits, tmp_path / "id")) == "tries"
    assert not (tmp_path / "id").exists()
    assert list(roll) == []


async def test_after_five_minutes_they_are_over_and_later_nothing_listens(at, holder, tmp_path: Path, moments):
    opening, port = await opened(at, holder)
    moments.pass_(OPEN_SECONDS)
    assert await why(join("127.0.0.1", port, opening.digits, tmp_path / "id")) == "expired"
    moments.pass_(AFTERWORD_SECONDS)
    async with asyncio.timeout(30):
        while await why(join("127.0.0.1", port, opening.digits, tmp_path / "id")) != "no_hall":
            await asyncio.sleep(0.1)


async def test_a_new_opening_withdraws_the_old_digits(at, holder, tmp_path: Path):
    old, port = await opened(at, holder)
    new, _ = await opened(at, holder, "window-4")
    if old.digits != new.digits:
        assert await why(join("127.0.0.1", port, old.digits, tmp_path / "id")) == "digits"
    assert (await join("127.0.0.1", port, new.digits, tmp_path / "id")).holder.place == "window-4"


async def test_whoever_sits_between_gets_one_guess_at_most_and_no_certificate(
    at, holder, authority, moments, tmp_path: Path
):
    """He passes every line on, from one TLS connection to the other."""
    opening, port = await opened(at, holder)
    server, _ = authority.server(moments.now())  # even with a certificate of the hall's own authority
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    (tmp_path / "between.pem").write_bytes(server)
    context.load_cert_chain(tmp_path / "between.pem")

    async def between(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", port, ssl=joining_context())

        async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
            while data := await source.read(4096):
                sink.write(data)
            sink.close()

        await asyncio.gather(pump(reader, back), pump(there, writer), return_exceptions=True)

    server_between = await asyncio.start_server(between, "127.0.0.1", 0, ssl=context)
    async with server_between:
        his = server_between.sockets[0].getsockname()[1]
        assert await why(join("127.0.0.1", his, opening.digits, tmp_path / "id")) == "digits"
    assert opening.left == 2
    assert not (tmp_path / "id").exists()


async def test_a_hall_that_does_not_know_the_digits_is_found_out(authority, moments, tmp_path: Path):
    """It answers everything and takes any proof; its own is wrong."""
    server, _ = authority.server(moments.now())
    (tmp_path / "false.pem").write_bytes(server)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "false.pem")
    own = ssl.PEM_cert_to_DER_cert(server[server.index(b"-----BEGIN CERTIFICATE") :].decode())

    async def pretend(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        exchange = Exchange.hall("000000", own)
        begin = await wire.hear(reader, wire.FROM_JOINER)
        proof = exchange.finish(bytes.fromhex(begin.x))
        wire.say(writer, wire.Answer(y=exchange.message.hex()))
        await wire.hear(reader, wire.FROM_JOINER)
        mac = proof.of_hall(b"c", b"a").hex()
        wire.say(writer, wire.Paired(proof=mac, certificate="c", authority="a"))
        writer.close()

    server_false = await asyncio.start_server(pretend, "127.0.0.1", 0, ssl=context)
    async with server_false:
        port = server_false.sockets[0].getsockname()[1]
        assert await why(join("127.0.0.1", port, "123456", tmp_path / "id")) == "other_hall"
    assert not (tmp_path / "id").exists()


@pytest.mark.parametrize(
    "line", [b"\n", b"{}\n", b'{"m":"pair","x":"00"}\n', b'{"m":"prove","proof":"00","request":""}\n']
)
async def test_garbage_is_refused_and_costs_no_try(at, holder, line: bytes):
    opening, port = await opened(at, holder)
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=joining_context())
    writer.write(line)
    assert b'"why":"garbled"' in await reader.readline()
    writer.close()
    assert opening.left == 3


def test_an_identity_that_others_may_read_is_not_used(tmp_path: Path):
    with pytest.raises(BadIdentity, match="no_identity"):
        Identity.load(tmp_path)
    (tmp_path / FILE).write_bytes(b"nothing")
    (tmp_path / FILE).chmod(0o644)
    with pytest.raises(BadIdentity, match="identity_open"):
        Identity.load(tmp_path)
    (tmp_path / FILE).chmod(0o600)
    with pytest.raises(BadIdentity, match="identity_unreadable"):
        Identity.load(tmp_path)
