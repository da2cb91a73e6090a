"""mqtts with client certificates, as section 3 of the protocol page wants the broker."""

import asyncio
import contextlib
import dataclasses
import datetime
import ssl

import pytest

from sync.broker_url import BadBrokerUrl, BrokerAddress
from sync.mqtt import MqttDial
from sync.wire import Letter, WireLost
from tests.support.certificates import Authority
from tests.support.mosquitto import Mosquitto

ANSWERS = "he/1/3f/LH-0042/d/a"
BIRTH = Letter("he/1/3f/LH-0042/s", b"{}")


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


@pytest.fixture
def guarded(tmp_path, authority):
    own = authority.issue("broker")
    rules = tmp_path / "acl"
    rules.write_text("pattern write he/1/+/%u/u/+\npattern write he/1/+/%u/s\npattern read he/1/+/%u/d/+\n")
    rules.write_text(rules.read_text() + "user hall-centre\ntopic readwrite he/1/#\n")
    access = (
        f"cafile {own.authority}\ncertfile {own.certificate}\nkeyfile {own.key}\nrequire_certificate true\n"
        f"use_identity_as_username true\nuse_username_as_clientid true\nallow_anonymous false\nacl_file {rules}"
    )
    broker = Mosquitto(tmp_path, access, "mqtts")
    broker.start()
    yield broker
    broker.kill()


@pytest.mark.broker
async def test_certificates_open_the_wire_and_keep_sites_apart(guarded, authority):
    centre = await MqttDial(guarded.url, "hall-centre", authority.issue("hall-centre"))(
        subscriptions=[("he/1/+/+/u/j", 1)], will=None
    )
    site = await MqttDial(guarded.url, "LH-0042", authority.issue("LH-0042"))(subscriptions=[(ANSWERS, 0)], will=None)
    other = await MqttDial(guarded.url, "LH-0001", authority.issue("LH-0001"))(subscriptions=[(ANSWERS, 0)], will=None)
    other.send(Letter("he/1/3f/LH-0042/u/j", b"forged"))
    site.send(Letter("he/1/3f/LH-0042/u/j", b"x" * 200_000))
    assert (await asyncio.wait_for(centre.receive(), 5)).payload == b"x" * 200_000
    centre.send(Letter(ANSWERS, b"yours", 0))
    assert (await asyncio.wait_for(site.receive(), 5)).payload == b"yours"
    for wire in (site, other, centre):
        await wire.close()
    with pytest.raises(WireLost):
        await other.receive()


@pytest.mark.broker
async def test_no_certificate_or_a_foreign_authority_opens_nothing(guarded, authority, tmp_path):
    (tmp_path / "foreign").mkdir()
    foreign = Authority(tmp_path / "foreign")
    without = type(authority.issue("x"))(authority.file)
    for files in (without, foreign.issue("LH-0042")):
        with pytest.raises(WireLost):
            await MqttDial(guarded.url, "LH-0042", files)(subscriptions=[(ANSWERS, 0)], will=None)
    with pytest.raises(BadBrokerUrl):
        MqttDial(guarded.url, "LH-0042")


async def why_not(url, files):
    """The code with which a site stays out. A broker's refusal may get lost on the way; then the next try has it."""
    for _ in range(20):
        with pytest.raises(WireLost) as lost:
            await MqttDial(url, "LH-0042", files)(subscriptions=[(ANSWERS, 0)], will=BIRTH)
        if lost.value.code not in ("closed", "unreachable"):
            break
    return lost.value.code


@pytest.mark.broker
async def test_a_wrong_broker_gets_not_one_byte_of_mqtt(authority, tmp_path):
    """T09: another authority, another address, an ended certificate."""
    (tmp_path / "foreign").mkdir()
    foreign, own = Authority(tmp_path / "foreign"), authority.issue("LH-0042")
    ended = datetime.timedelta(hours=-2)
    wrong = {
        "broker_unknown": foreign.issue("broker"),
        "broker_name": authority.issue("elsewhere", address="127.0.0.9"),
        "broker_expired": authority.issue("ended", until=ended),
    }
    for code, files in wrong.items():
        async with eavesdropper(files) as (url, heard):
            assert await why_not(url, own) == code
            assert bytes(heard) == b""


@pytest.mark.broker
async def test_a_site_that_is_not_let_in_knows_why(tmp_path, authority):
    (tmp_path / "foreign").mkdir()
    revoked, own = authority.issue("LH-0042"), authority.issue("broker")
    listed = authority.revoke(revoked)
    access = (
        f"cafile {own.authority}\ncertfile {own.certificate}\nkeyfile {own.key}\nrequire_certificate true\n"
        f"crlfile {listed}\nuse_identity_as_username true\nallow_anonymous false"
    )
    broker = Mosquitto(tmp_path, access, "mqtts")
    broker.start()
    try:
        assert await why_not(broker.url, revoked) == "own_revoked"
        ended = authority.issue("LH-0043", until=datetime.timedelta(minutes=-5))
        assert await why_not(broker.url, ended) == "own_expired"
        foreign = dataclasses.replace(Authority(tmp_path / "foreign").issue("LH-0042"), authority=authority.file)
        assert await why_not(broker.url, foreign) == "own_unknown"
    finally:
        broker.kill()


@contextlib.asynccontextmanager
async def eavesdropper(files):
    """A TLS server that writes down what it is told inside the encryption."""
    heard = bytearray()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.key)

    async def listen(reader, writer):
        with contextlib.suppress(OSError):
            while piece := await reader.read(4096):
                heard.extend(piece)
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0, ssl=context)
    async with server:
        yield f"mqtts://127.0.0.1:{server.sockets[0].getsockname()[1]}", heard


def test_broker_addresses():
    assert BrokerAddress.read("mqtt://127.0.0.1") == BrokerAddress("127.0.0.1", 1883, False, None, None)
    assert BrokerAddress.read("mqtts://u%40x:p%2F@centre.example:9") == BrokerAddress(
        "centre.example", 9, True, "u@x", "p/"
    )
    for wrong in (
        "http://127.0.0.1",
        "127.0.0.1:1883",
        "mqtt://",
        "mqtt://u:secret@host:port",
        "mqtt://centre.example",
    ):
        with pytest.raises(BadBrokerUrl) as refused:
            BrokerAddress.read(wrong)
        assert "secret" not in str(refused.value)
