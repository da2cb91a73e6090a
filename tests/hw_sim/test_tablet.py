"""The tablet pad against a small hall of the test's own (rating_pad.md 3)."""

import asyncio
import contextlib
import json
import ssl
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from hw_sim.clock import VirtualClock
from hw_sim.faults import Fault, FaultWord
from hw_sim.tablet import Tablet
from hw_sim.tablet.messages import Answer, Malformed, Request, read_message

TOKEN = "token-of-pad-1"
Message = dict[str, Any]


class PeerHall:
    """Answers as told by `answers`; keeps what it heard, and how each connection ended."""

    def __init__(self) -> None:
        self.heard: list[Message | str] = []
        self.connections = 0
        self.answers: Callable[[Message], Message | None] = lambda message: {"code": "0", "result": "OK"}
        self.socket: ServerConnection | None = None
        self._server: Server | None = None
        self._more = asyncio.Event()

    async def start(self, trust: ssl.SSLContext | None = None) -> str:
        self._server = await serve(self._serve, "127.0.0.1", 0, ssl=trust, ping_interval=None)
        port = next(iter(self._server.sockets)).getsockname()[1]
        return f"{'wss' if trust else 'ws'}://127.0.0.1:{port}/pad"

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def push(self, message: Message | str) -> None:
        assert self.socket is not None
        await self.socket.send(message if isinstance(message, str) else json.dumps(message))

    async def until(self, true: Callable[[], bool], clock: VirtualClock | None = None) -> None:
        async with asyncio.timeout(30):
            while not true():
                self._more.clear()
                if clock is None:
                    await self._more.wait()
                    continue
                await clock.advance(0.25)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(0.01):
                        await self._more.wait()

    def of(self, method: str) -> list[Message]:
        return [m["param"] for m in self.heard if isinstance(m, dict) and m.get("method") == method]

    async def _serve(self, socket: ServerConnection) -> None:
        self.connections += 1
        self.socket = socket
        with contextlib.suppress(ConnectionClosed):
            async for text in socket:
                try:
                    message = json.loads(text)
                except ValueError:
                    self.heard.append(str(text))
                    self._more.set()
                    continue
                self.heard.append(message)
                self._more.set()
                if "method" in message and (answer := self.answers(message)) is not None:
                    await socket.send(json.dumps(answer))
        self._more.set()


class Counter:
    def __init__(self, peer: PeerHall, tablet: Tablet, clock: VirtualClock) -> None:
        self.peer, self.tablet, self.clock = peer, tablet, clock

    async def ready(self) -> None:
        await self.seen(lambda: self.tablet.view()["logged_in"])

    async def seen(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(30):
            await self.tablet.changed.until(true)

    async def ask(self, id: str = "r-1") -> None:
        await self.peer.push({"method": "RateQuest", "param": {"RateID": id}})
        await self.seen(lambda: self.tablet.view()["question"] == id)


@pytest.fixture
async def counter(clock: VirtualClock) -> AsyncIterator[Counter]:
    peer = PeerHall()
    url = await peer.start()
    wall = lambda: datetime(2026, 11, 22, 9, 30, 0, tzinfo=UTC)  # noqa: E731
    tablet = Tablet("pad-1", clock, Random(1), url=url, window="1", user="c01", token=TOKEN, wall=wall)
    await tablet.start()
    yield Counter(peer, tablet, clock)
    await tablet.stop()
    await peer.stop()


async def test_a_login_a_question_a_press_and_thanks(counter: Counter) -> None:
    peer, tablet = counter.peer, counter.tablet
    await counter.ready()
    assert peer.heard == [
        {"method": "Login", "param": {"WindowNumber": "1", "UserNumber": "c01", "Token": TOKEN}},
    ]
    assert tablet.view()["state"] == "welcome"
    await counter.ask()
    assert tablet.view()["state"] == "rate"
    await peer.until(lambda: {"code": "0", "result": "OK"} in peer.heard)
    tablet.act("rate", level=5)
    await counter.seen(lambda: tablet.view()["state"] == "thanks")
    assert peer.of("RateSubmit") == [{"RateID": "r-1", "Content": "非常满意", "Level": 5}]
    await counter.clock.advance(3.5)
    assert tablet.view()["state"] == "welcome"


@pytest.mark.parametrize(
    ("level", "word"), [(5, "非常满意"), (4, "满意"), (3, "基本满意"), (2, "不满意"), (1, "非常不满意")]
)
async def test_every_level_has_its_word(counter: Counter, level: int, word: str) -> None:
    await counter.ready()
    await counter.ask()
    counter.tablet.act("rate", level=level)
    await counter.seen(lambda: counter.tablet.view()["state"] == "thanks")
    assert [(said["Content"], said["Level"]) for said in counter.peer.of("RateSubmit")] == [(word, level)]


async def test_a_press_without_a_question_or_after_it_is_nothing(counter: Counter) -> None:
    await counter.ready()
    counter.tablet.act("rate", level=1)
    assert counter.tablet.view()["given"] == []
    await counter.ask()
    await counter.clock.advance(31)
    assert counter.tablet.view()["state"] == "welcome"
    counter.tablet.act("rate", level=1)
    assert counter.tablet.view()["given"] == []
    for wrong in (0, 6, "5", True):
        with pytest.raises(ValueError, match="levels 1 to 5"):
            counter.tablet.act("rate", level=wrong)


async def test_a_rating_is_repeated_until_it_is_answered(counter: Counter) -> None:
    peer = counter.peer
    await counter.ready()
    peer.answers = lambda message: None
    await counter.ask()
    counter.tablet.act("rate", level=2)
    await peer.until(lambda: len(peer.of("RateSubmit")) == 3, counter.clock)
    assert counter.tablet.view()["state"] == "sent"
    peer.answers = lambda message: {"code": "0", "result": "OK"}
    await peer.until(lambda: counter.tablet.view()["state"] == "thanks", counter.clock)
    assert {said["RateID"] for said in peer.of("RateSubmit")} == {"r-1"}
    assert counter.tablet.view()["pending"] == 0


async def test_a_rating_is_sent_again_after_a_reconnect_with_a_new_login(counter: Counter) -> None:
    peer = counter.peer
    await counter.ready()
    await counter.ask()
    peer.answers = lambda message: {"code": "0"} if message["method"] == "Login" else None
    counter.tablet.act("rate", level=4)
    await peer.until(lambda: len(peer.of("RateSubmit")) == 1)
    counter.tablet.act("unplug")
    assert counter.tablet.view()["plugged"] is False
    peer.answers = lambda message: {"code": "0"}
    counter.tablet.act("plug")
    await peer.until(lambda: counter.tablet.view()["state"] == "thanks", counter.clock)
    assert peer.connections == 2
    assert [m["method"] for m in peer.heard if isinstance(m, dict) and "method" in m][-2:] == ["Login", "RateSubmit"]


async def test_one_question_is_asked_once_however_often_it_comes(counter: Counter) -> None:
    await counter.ready()
    await counter.ask()
    counter.tablet.act("rate", level=5)
    await counter.seen(lambda: counter.tablet.view()["state"] == "thanks")
    await counter.peer.push({"method": "RateQuest", "param": {"RateID": "r-1"}})
    await counter.peer.until(lambda: counter.peer.heard.count({"code": "0", "result": "OK"}) == 2)
    assert counter.tablet.view()["state"] == "thanks"
    await counter.ask("r-2")
    assert counter.tablet.view()["state"] == "rate"


async def test_heart_beats_while_nothing_happens(counter: Counter) -> None:
    await counter.ready()
    await counter.clock.advance(299)
    assert counter.peer.of("HeartBeat") == []
    await counter.clock.advance(2)
    await counter.peer.until(lambda: bool(counter.peer.of("HeartBeat")))
    assert counter.peer.of("HeartBeat") == [{"DateTime": "2026-11-22 09:30:00"}]


async def test_a_hall_that_answers_no_heart_beat_is_dialled_anew(counter: Counter) -> None:
    await counter.ready()
    counter.peer.answers = lambda message: {"code": "0"} if message["method"] == "Login" else None
    await counter.clock.advance(301)
    await counter.peer.until(lambda: bool(counter.peer.of("HeartBeat")))
    await counter.peer.until(lambda: counter.peer.connections == 2, counter.clock)


async def test_a_refused_login_is_said_and_tried_again(counter: Counter) -> None:
    counter.peer.answers = lambda message: {"code": "2", "result": "unknown window"}
    await counter.seen(lambda: "login refused: 2" in counter.tablet.view()["last_error"])
    assert counter.tablet.view()["state"] == "offline"
    counter.peer.answers = lambda message: {"code": "0"}
    await counter.peer.until(lambda: counter.tablet.view()["logged_in"], counter.clock)
    assert counter.tablet.view()["last_error"] == ""


async def test_a_question_before_the_login_is_refused(counter: Counter) -> None:
    counter.peer.answers = lambda message: None
    await counter.peer.until(lambda: counter.peer.socket is not None)
    await counter.peer.push({"method": "RateQuest", "param": {"RateID": "r-1"}})
    await counter.peer.until(lambda: {"code": "1", "result": "not logged in"} in counter.peer.heard)
    assert counter.tablet.view()["question"] == ""


@pytest.mark.parametrize(
    "pushed",
    [
        {"method": "RateQuest", "param": {}},
        {"method": "RateQuest", "param": {"RateID": ""}},
        {"method": "RateQuest", "param": {"RateID": True}},
        {"method": "Explode", "param": {}},
    ],
)
async def test_requests_it_does_not_understand_are_refused(counter: Counter, pushed: Message) -> None:
    await counter.ready()
    await counter.peer.push(pushed)
    await counter.peer.until(lambda: isinstance(counter.peer.heard[-1], dict) and "code" in counter.peer.heard[-1])
    assert counter.peer.heard[-1]["code"] == "1"  # type: ignore[index, call-overload]
    assert counter.tablet.view()["state"] == "welcome"


@pytest.mark.parametrize("pushed", ["", "{", "[]", "7", '{"method": 1}', '{"code": 0}', '{"method": "x", "code": "0"}'])
async def test_what_is_no_message_is_passed_over(counter: Counter, pushed: str) -> None:
    await counter.ready()
    await counter.peer.push(pushed)
    await counter.ask()
    assert counter.tablet.view()["state"] == "rate"
    assert counter.tablet.view()["last_error"] != ""


SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
NAMES = st.sampled_from(["method", "param", "code", "result"])
ANY_JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=6
)


@given(ANY_JSON)
@settings(max_examples=80, deadline=None)
def test_any_json_is_a_message_or_malformed(value: object) -> None:
    try:
        message = read_message(json.dumps(value))
    except Malformed:
        return
    again = json.loads(message.encode())
    assert again.get("method") == (message.method if isinstance(message, Request) else None)
    assert again.get("code") == (message.code if isinstance(message, Answer) else None)


async def test_it_shows_itself_when_somebody_looks_for_it(counter: Counter) -> None:
    await counter.ready()
    await counter.peer.push({"method": "Identify", "param": {"Seconds": 5}})
    await counter.seen(lambda: counter.tablet.view()["identifying"])
    await counter.peer.until(lambda: {"code": "0", "result": "OK"} in counter.peer.heard)
    await counter.clock.advance(5.5)
    assert counter.tablet.view()["identifying"] is False
    await counter.peer.push({"method": "Identify", "param": {"Seconds": True}})
    await counter.peer.until(lambda: {"code": "1", "result": "Seconds True"} in counter.peer.heard)


async def test_two_presses_both_go_out(counter: Counter) -> None:
    await counter.ready()
    await counter.ask()
    counter.tablet.act("rate_twice", first=1, second=5)
    await counter.seen(lambda: counter.tablet.view()["state"] == "thanks")
    assert [said["Level"] for said in counter.peer.of("RateSubmit")] == [1, 5]


async def test_an_answer_after_the_time(counter: Counter) -> None:
    await counter.ready()
    await counter.ask()
    await counter.clock.advance(31)
    counter.tablet.act("rate_late", level=3)
    await counter.peer.until(lambda: bool(counter.peer.of("RateSubmit")))
    assert counter.peer.of("RateSubmit")[0]["RateID"] == "r-1"


async def test_a_wrong_token_is_presented_until_it_is_cleared(counter: Counter) -> None:
    await counter.ready()
    counter.peer.answers = lambda message: {"code": "0" if message["param"].get("Token") == TOKEN else "3"}
    counter.tablet.set_fault(Fault(FaultWord.WRONG_TOKEN))
    await counter.peer.until(lambda: len(counter.peer.of("Login")) >= 2, counter.clock)
    assert counter.peer.of("Login")[-1]["Token"] != TOKEN
    await counter.seen(lambda: "login refused: 3" in counter.tablet.view()["last_error"])
    counter.tablet.clear_faults()
    await counter.peer.until(lambda: counter.tablet.view()["logged_in"], counter.clock)


async def test_a_power_cut_forgets_the_question_and_what_was_pressed(counter: Counter) -> None:
    await counter.ready()
    await counter.ask()
    counter.peer.answers = lambda message: {"code": "0"} if message["method"] == "Login" else None
    counter.tablet.act("rate", level=1)
    counter.tablet.set_fault(Fault(FaultWord.POWER_CUT))
    assert counter.tablet.view()["state"] == "dark"
    counter.tablet.clear_faults()
    await counter.peer.until(lambda: counter.peer.connections == 2, counter.clock)
    await counter.ready()
    assert counter.tablet.view()["pending"] == 0
    assert counter.tablet.view()["given"] == [1], "what a hand did is still known"


async def test_a_tablet_is_pointed_at_another_hall(counter: Counter) -> None:
    await counter.ready()
    other = PeerHall()
    counter.tablet.act("dial", url=await other.start())
    await other.until(lambda: bool(other.of("Login")), counter.clock)
    with pytest.raises(ValueError, match="neither ws"):
        counter.tablet.act("dial", url="http://127.0.0.1/")
    await other.stop()


async def test_nobody_there_is_tried_again_ever_more_slowly(clock: VirtualClock) -> None:
    peer = PeerHall()
    url = await peer.start()
    await peer.stop()
    tablet = Tablet("pad-1", clock, Random(1), url=url, window="1")
    failed: list[float] = []
    tablet.changed.callbacks.append(lambda: failed.append(clock.now()))
    await tablet.start()
    await peer.until(lambda: len(failed) >= 5, clock)
    await tablet.stop()
    gaps = [after - before for before, after in pairwise(failed)]
    assert gaps == sorted(gaps)
    assert gaps[0] <= 2 < gaps[-1]


OF_THE_LINE = sorted(Tablet.troubles - {FaultWord.UNPLUG, FaultWord.POWER_CUT, FaultWord.WRONG_TOKEN, FaultWord.NAK})


@pytest.mark.parametrize("word", OF_THE_LINE)
async def test_every_trouble_of_the_line_is_survived(counter: Counter, word: FaultWord) -> None:
    await counter.ready()
    await counter.ask()
    await counter.peer.until(lambda: {"code": "0", "result": "OK"} in counter.peer.heard)
    counter.tablet.set_fault(Fault(word, 3.0 if word is FaultWord.HANG else 0.0, times=1))
    counter.tablet.act("rate", level=5)
    await counter.peer.until(lambda: counter.tablet.view()["state"] in ("thanks", "welcome"), counter.clock)
    assert counter.peer.of("RateSubmit")[-1]["Level"] == 5
    assert counter.tablet.view()["pending"] == 0


async def test_a_tablet_that_refuses_questions(counter: Counter) -> None:
    await counter.ready()
    counter.tablet.set_fault(Fault(FaultWord.NAK, 9, times=1))
    await counter.peer.push({"method": "RateQuest", "param": {"RateID": "r-1"}})
    await counter.peer.until(lambda: {"code": "9", "result": "refused"} in counter.peer.heard)
    assert counter.tablet.view()["state"] == "welcome"


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's context, and the CA file that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "example hall")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "ca.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "ca.pem", folder / "key.pem")
    return context, folder / "ca.pem"


async def test_over_tls_a_hall_it_does_not_trust_is_not_talked_to(tmp_path: Path, clock: VirtualClock) -> None:
    context, ca = certificate(tmp_path)
    peer = PeerHall()
    url = await peer.start(context)
    trusting = Tablet("pad-1", clock, Random(1), url=url, window="1", token=TOKEN, trust=ca)
    wary = Tablet("pad-2", clock, Random(2), url=url, window="1", token=TOKEN)
    for tablet in (wary, trusting):
        await tablet.start()
    async with asyncio.timeout(30):
        await trusting.changed.until(lambda: bool(trusting.view()["logged_in"]))
        await wary.changed.until(lambda: "CERTIFICATE_VERIFY_FAILED" in wary.view()["last_error"])
    assert len(peer.of("Login")) == 1
    for tablet in (wary, trusting):
        await tablet.stop()
    await peer.stop()
