"""Tablet pads: the page's messages, reconnects, late and foreign answers, damage, TLS."""

import asyncio
import json
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from drivers.contract import Context, Driver, Event, Identifiable, Prompt, RatingDevice
from drivers.errors import Absent, BadConfig, Busy, Garbled, Gone, Late, Unsupported
from drivers.links import make_link
from drivers.links.listen import ListenLink
from drivers.pad import messages
from drivers.pad.tablet import Tablet, TabletConfig
from drivers.pad.tablets import Tablets, TabletsConfig

from .conftest import TOKEN, Dial

pytestmark = pytest.mark.usefixtures("nothing_left")
QUESTION = Prompt(nonce="n1", seconds=15)


async def event_of(tablet: Tablet) -> Event:
    async with asyncio.timeout(30):
        return await anext(aiter(tablet.events()))


async def asked(tablet: Tablet, pad: Any, prompt: Prompt = QUESTION) -> None:
    """The question reaches the pad and is answered for, as the page wants."""
    asking = asyncio.ensure_future(tablet.ask(prompt))
    assert await pad.hear() == {"method": "RateQuest", "param": {"RateID": prompt.nonce}}
    await pad.answer()
    await asking


def test_they_are_what_they_say(bus: Tablets, tablet: Tablet) -> None:
    for capability in (Driver, RatingDevice, Identifiable):
        assert isinstance(tablet, capability)
    assert isinstance(bus, Driver)
    assert tablet.info.secrets == ("token",)
    assert TOKEN not in repr(TabletConfig(window="1", token=TOKEN))


async def test_the_pages_messages(tablet: Tablet, dial: Dial) -> None:
    pad = await dial()
    assert (await tablet.check()).state == "absent"
    windows = await pad.say("GetWindowList")
    user = {"UserNumber": "1", "UserName": "1号窗口"}
    assert windows == {"code": "0", "result": [{"WindowNumber": "1", "WindowName": "1号窗口", "UserList": [user]}]}
    assert await pad.login() == {"code": "0", "result": "ok"}
    assert (await tablet.check()).state == "ready"
    assert await pad.say("HeartBeat", DateTime="2026-11-22 09:30:05") == {"code": "0", "result": "ok"}
    await asked(tablet, pad)
    assert (await pad.say("RateSubmit", RateID="n1", Content="非常满意", Level=5))["code"] == "0"
    assert await event_of(tablet) == Event(name="rating", data={"nonce": "n1", "level": "very_satisfied"})


@pytest.mark.parametrize(
    ("said", "level"),
    [
        ({"Content": "非常满意"}, "very_satisfied"),
        ({"Content": "满意"}, "satisfied"),
        ({"Level": 3}, "fairly_satisfied"),
        ({"Level": "2", "Content": "不满意"}, "dissatisfied"),
        ({"Level": 1, "Content": None}, "very_dissatisfied"),
    ],
)
async def test_levels(tablet: Tablet, dial: Dial, said: dict[str, Any], level: str) -> None:
    pad = await dial()
    await pad.login()
    await asked(tablet, pad)
    await pad.say("RateSubmit", RateID="n1", **said)
    assert (await event_of(tablet)).data["level"] == level


@pytest.mark.parametrize(
    "said", [{}, {"Level": 6}, {"Level": True}, {"Level": 5, "Content": "不满意"}, {"Content": "很好"}, {"Level": [5]}]
)
async def test_an_answer_that_says_nothing_leaves_the_question_open(
    tablet: Tablet, dial: Dial, said: dict[str, Any]
) -> None:
    pad = await dial()
    await pad.login()
    await asked(tablet, pad)
    assert (await pad.say("RateSubmit", RateID="n1", **said))["code"] == "1"
    await pad.say("RateSubmit", RateID="n1", Level=4)
    assert (await event_of(tablet)).name == "rating"


async def test_an_id_counts_once(tablet: Tablet, dial: Dial) -> None:
    pad = await dial()
    await pad.login()
    await asked(tablet, pad)
    for _ in range(3):
        assert await pad.say("RateSubmit", RateID="n1", Level=4) == {"code": "0", "result": "ok"}
    await pad.say("RateSubmit", RateID="n0", Level=1)
    assert [(await event_of(tablet)).name for _ in range(2)] == ["rating", "stray_rating"]
    await tablet.ask(QUESTION)  # asked again by mistake: it is answered already
    await pad.say("HeartBeat")


async def test_late_and_foreign_answers_are_stray(tablet: Tablet, dial: Dial, clock: Any) -> None:
    pad = await dial()
    await pad.login()
    await asked(tablet, pad)
    assert (await pad.say("RateSubmit", RateID="other", Level=2)) == {"code": "0", "result": "not counted"}
    clock.now += 16
    assert (await pad.say("RateSubmit", RateID="n1", Level=1))["result"] == "not counted"
    assert [(await event_of(tablet)).data for _ in range(2)] == [{"value": 2}, {"value": 1}]


async def test_withdrawn_and_replaced_questions(tablet: Tablet, dial: Dial) -> None:
    pad = await dial()
    await pad.login()
    await asked(tablet, pad)
    await asked(tablet, pad, Prompt(nonce="n2", seconds=15))
    await pad.say("RateSubmit", RateID="n1", Level=5)
    await tablet.withdraw()
    await pad.say("RateSubmit", RateID="n2", Level=4)
    assert [(await event_of(tablet)).name for _ in range(2)] == ["stray_rating"] * 2


async def test_a_pad_that_comes_back_is_asked_again(tablet: Tablet, dial: Dial, clock: Any) -> None:
    first = await dial()
    await first.login()
    await asked(tablet, first)
    await first.connection.close()
    second = await dial()
    assert (await second.say("RateSubmit", RateID="n1", Level=5))["code"] == "1"  # Login first
    await second.login()
    assert (await second.hear())["param"] == {"RateID": "n1"}
    await second.answer()
    await second.say("RateSubmit", RateID="n1", Level=5)
    assert (await event_of(tablet)).data["nonce"] == "n1"


async def test_a_question_waits_for_the_pad_and_not_for_ever(tablet: Tablet, dial: Dial, clock: Any) -> None:
    await tablet.ask(QUESTION)
    pad = await dial()
    await pad.login()
    assert (await pad.hear())["method"] == "RateQuest"
    await pad.connection.close()
    clock.now += 16
    again = await dial()
    await again.login()
    assert (await again.say("HeartBeat")) == {"code": "0", "result": "ok"}  # and no question before it


async def test_a_second_login_replaces_the_first(tablet: Tablet, dial: Dial) -> None:
    first, second = await dial(), await dial()
    await first.login()
    await second.login()
    assert await first.closed() == 4000
    assert (await tablet.check()).state == "ready"
    await asked(tablet, second)


async def test_a_pad_that_does_not_answer_keeps_its_question(tablet: Tablet, dial: Dial) -> None:
    pad = await dial()
    await pad.login()
    await tablet.ask(QUESTION)
    assert [(await pad.hear())["method"] for _ in range(2)] == ["RateQuest"] * 2
    assert (await tablet.check()).code == "late"
    await pad.say("RateSubmit", RateID="n1", Level=5)
    assert (await event_of(tablet)).name == "rating"
    await asked(tablet, pad, Prompt(nonce="n2", seconds=5))
    assert (await tablet.check()).state == "ready"


async def test_gone_while_asked(tablet: Tablet, dial: Dial) -> None:
    pad = await dial()
    await pad.login()
    asking = asyncio.ensure_future(tablet.ask(QUESTION))
    await pad.hear()
    pad.connection.transport.abort()
    await asking
    again = await dial()
    await again.login()
    assert (await again.hear())["param"] == {"RateID": "n1"}


async def test_identify(tablet: Tablet, dial: Dial) -> None:
    with pytest.raises(Absent):
        await tablet.identify(3)
    pad = await dial()
    await pad.login()
    for code, error in (("0", None), ("1", Unsupported)):
        finding = asyncio.ensure_future(tablet.identify(3))
        assert await pad.hear() == {"method": "Identify", "param": {"Seconds": 3}}
        await pad.answer(code)
        if error is None:
            await finding
        else:
            with pytest.raises(error):
                await finding
    with pytest.raises(Late):
        await tablet.identify(3)


async def test_several_pads_and_their_windows(tablet: Tablet, bus: Tablets, pad_ctx: Context, dial: Dial) -> None:
    other = Tablet(TabletConfig(window="2", token=TOKEN + "2"), bus, pad_ctx)
    await other.open()
    one, two = await dial(), await dial()
    await one.login("1")
    await two.login("2")
    assert (await bus.check()).detail == "2 connected"
    await asked(other, two)
    await one.say("RateSubmit", RateID="n1", Level=1)  # another window's question
    assert (await event_of(tablet)).name == "stray_rating"
    await two.say("RateSubmit", RateID="n1", Level=5)
    assert (await event_of(other)).data["level"] == "very_satisfied"
    await two.login("1")  # moved to the other window
    assert (await other.check()).state == "absent"
    await other.close()


@pytest.mark.parametrize(
    ("window", "token"), [("1", TOKEN + "2"), ("9", TOKEN + "9"), ("1", "\ud800"), ("1", "é"), ("", TOKEN + "1")]
)
async def test_who_may_not_log_in(tablet: Tablet, dial: Dial, window: str, token: str, notes: Any) -> None:
    pad = await dial()
    assert (await pad.login(window, token))["code"] == "1"
    assert (await tablet.check()).state == "absent"
    assert "pad.login_refused" in [name for name, _ in notes]
    assert token not in str(notes)


async def test_the_token_may_come_otherwise(tablet: Tablet, dial: Dial) -> None:
    for pad in (
        await dial(f"?token={TOKEN}1"),
        await dial(additional_headers={"Authorization": f"Bearer {TOKEN}1"}),
    ):
        assert (await pad.say("Login", WindowNumber=1, UserNumber="0"))["code"] == "0"


async def test_no_token_in_captures(tablet: Tablet, dial: Dial, link: ListenLink) -> None:
    pad = await dial()
    await pad.login()
    await pad.login(token="wrong-token-that-is-long")
    seen = b"".join(chunk.data for chunk in link.tap.recent())
    assert b"t0ken" not in seen
    assert b"wrong-token" not in seen
    assert b'"result"' in seen


@pytest.mark.parametrize("method", ["Mogin", "login", "Loggin"])
async def test_no_token_in_captures_of_a_spoilt_login(
    tablet: Tablet, dial: Dial, link: ListenLink, method: str
) -> None:
    pad = await dial()
    assert (await pad.say(method, WindowNumber="1", Token=TOKEN + "1"))["code"] == "1"
    assert (await pad.say("HeartBeat"))["code"] == "0"
    seen = b"".join(chunk.data for chunk in link.tap.recent())
    assert TOKEN.encode() not in seen
    assert b"HeartBeat" in seen


async def test_silent_and_mistaken_clients_are_sent_away(tablet: Tablet, dial: Dial) -> None:
    silent = await dial()
    babbling = await dial()
    for _ in range(5):
        await babbling.connection.send("{")
    assert await babbling.closed() == 4002
    assert await silent.closed() == 4001
    assert (await tablet.check()).state == "absent"


async def test_too_many(link: ListenLink, pad_ctx: Context, dial: Dial) -> None:
    few = Tablets(TabletsConfig(most=1), link, pad_ctx)
    await few.open()
    await (await dial()).say("GetWindowList")
    assert await (await dial()).closed() == 1013
    await few.close()


LOGIN = json.dumps({"method": "Login", "param": {"WindowNumber": "1", "UserNumber": "0", "Token": TOKEN + "1"}})
RATE = json.dumps({"method": "RateSubmit", "param": {"RateID": "n1", "Content": "非常满意"}}, ensure_ascii=False)


@pytest.mark.parametrize("message", [LOGIN, RATE], ids=["login", "rate"])
def test_messages_cut_at_every_offset(message: str) -> None:
    for at in range(len(message)):
        with pytest.raises(Garbled):
            messages.parse(message[:at])
    messages.parse(message)


async def test_corrupted_at_every_offset_no_other_level_is_ever_taken(tablet: Tablet, dial: Dial) -> None:
    """One wrong character never makes another rating of it; the connection lives on or is dialled anew."""
    pad = await dial()
    await pad.login()
    await asked(tablet, pad)
    for at in range(len(RATE)):
        damaged = RATE[:at] + chr(ord(RATE[at]) ^ 1) + RATE[at + 1 :]
        try:
            await pad.connection.send(damaged)
            await pad.hear()
        except ConnectionClosed:
            pad = await dial()
            await pad.login()
            assert (await pad.hear())["method"] == "RateQuest"
    await asyncio.sleep(0)
    await pad.say("RateSubmit", RateID="n1", Level=5)
    taken = [await event_of(tablet)]
    while taken[-1].name != "rating":
        taken.append(await event_of(tablet))
    assert taken[-1].data == {"nonce": "n1", "level": "very_satisfied"}
    assert all(event.data == {"value": 5} for event in taken[:-1])  # a damaged id is a foreign one


@settings(max_examples=100, deadline=None)
@given(st.one_of(st.binary(max_size=80), st.text(max_size=80)))
def test_anything_is_parsed_or_garbled(text: str | bytes) -> None:
    try:
        message = messages.parse(text)
    except Garbled:
        return
    assert isinstance(message, messages.Request | messages.Answer)


@settings(max_examples=100, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=6,
    )
)
def test_levels_of_anything(value: Any) -> None:
    for param in ({"Level": value}, {"Content": value}, {"Level": value, "Content": value}):
        assert messages.level_of(param) in (None, 1, 2, 3, 4, 5)


async def test_nobody_listens_any_more(tablet: Tablet, bus: Tablets, dial: Dial, pad_ctx: Context) -> None:
    pad = await dial()
    await pad.login()
    waiting = asyncio.ensure_future(event_of(tablet))
    await asyncio.sleep(0)
    await bus.close()
    for attempt in (waiting, tablet.check(), bus.check()):
        with pytest.raises(Gone):
            await attempt
    assert await pad.closed() == 1001
    with pytest.raises(Absent):
        await Tablet(TabletConfig(window="5", token=TOKEN), bus, pad_ctx).open()


async def test_a_window_and_a_port_have_one_holder(
    tablet: Tablet, bus: Tablets, link: ListenLink, pad_ctx: Context
) -> None:
    with pytest.raises(Busy):
        await Tablet(TabletConfig(window="1", token=TOKEN), bus, pad_ctx).open()
    rival = Tablets(TabletsConfig(), make_link(f"ws://127.0.0.1:{link.port}", pad_ctx), pad_ctx)  # type: ignore[arg-type]
    with pytest.raises(Busy):
        await rival.open()
    await rival.close()


async def test_opened_and_closed_many_times(link: ListenLink, pad_ctx: Context) -> None:
    bus = Tablets(TabletsConfig(), link, pad_ctx)
    for _ in range(20):
        await bus.open()
        await bus.open()
        assert link.is_open
        await bus.close()
        await bus.close()
    assert not link.is_open


@pytest.mark.parametrize(
    "url", ["ws://127.0.0.1", "ws://:8001", "ws://127.0.0.1:8001/pads", "ws://127.0.0.1:99999", "ws://u@127.0.0.1:1"]
)
def test_addresses_that_make_no_sense(url: str, pad_ctx: Context) -> None:
    with pytest.raises(BadConfig):
        make_link(url, pad_ctx)


def test_settings_that_make_no_sense() -> None:
    with pytest.raises(ValidationError):
        TabletConfig(window="1", token="short")
    with pytest.raises(ValidationError):
        TabletsConfig(certificate="pads.pem")


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1, made on the spot."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "pads")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "pads.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "pads.key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder


async def test_tls(certified: Path, link: ListenLink, pad_ctx: Context) -> None:
    pad_ctx.runtime = str(certified)
    bus = Tablets(TabletsConfig(certificate="pads.pem", key="pads.key"), link, pad_ctx)
    await bus.open()
    trusting = ssl.create_default_context(cafile=str(certified / "pads.pem"))
    async with connect(f"wss://127.0.0.1:{link.port}", ssl=trusting) as connection:
        await connection.send(messages.request("GetWindowList"))
        assert json.loads(await connection.recv()) == {"code": "0", "result": []}
    with pytest.raises((ConnectionError, WebSocketException)):
        async with asyncio.timeout(30), connect(f"ws://127.0.0.1:{link.port}"):
            pass
    await bus.close()


@pytest.mark.parametrize("key", ["absent.key", "pads.pem"])
async def test_a_certificate_that_cannot_be_used(certified: Path, link: ListenLink, pad_ctx: Context, key: str) -> None:
    pad_ctx.runtime = str(certified)
    bus = Tablets(TabletsConfig(certificate="pads.pem", key=key), link, pad_ctx)
    with pytest.raises(BadConfig):
        await bus.open()
    assert not link.is_open
    await bus.close()


async def test_strangers_of_one_address_take_no_place_of_another(tablet: Tablet, dial: Dial) -> None:
    strangers = [await dial() for _ in range(9)]
    assert await strangers[-1].closed() == 1013
    pad = await dial(local_addr=("127.0.0.2", 0))
    assert (await pad.login())["code"] == "0"
    assert (await strangers[0].login())["code"] == "0"
    assert (await tablet.check()).state == "ready"
    late = await dial()
    assert (await late.login())["code"] == "0"
