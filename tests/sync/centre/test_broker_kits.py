"""The kits on the real brokers, with TLS and certificates: they carry the link, and keep sites apart by delivery."""

import asyncio
import contextlib
import os
from pathlib import Path
from random import Random

import pytest
from typer.testing import CliRunner

from sync.centre import brokers
from sync.centre.cli import app
from sync.centre.report import report
from sync.isolation import Isolation, Party
from sync.uplink import Uplink
from sync.wire import WireLost
from tests.support.broker_kit import NO_CERTIFICATE, WORKERS, kit_mosquitto
from tests.support.centre_process import CentreProcess
from tests.support.certificates import Authority
from tests.support.nats import Nats
from tests.sync.memory_journal import MemoryJournal
from tests.sync.test_brokers import RealClock, acked

GOLDEN = Path(__file__).parent / "golden"
SITES = ["LH-0042", "LH-0043"]
MANY = 3_000


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


@pytest.fixture
def mosquitto(tmp_path, authority):
    broker = kit_mosquitto(tmp_path, authority)
    broker.start()
    yield broker
    broker.kill()


@pytest.fixture
def nats(tmp_path, authority):
    own = authority.issue("broker")

    def kit(port, inner):
        listener = brokers.Listener(port, "127.0.0.1", own.authority, own.certificate, own.key, WORKERS)
        return brokers.nats(listener, SITES, tmp_path / "nats", name="hall", inner_port=inner)

    broker = Nats(tmp_path, kit)
    broker.start()
    yield broker
    broker.kill()


@pytest.fixture(params=["mosquitto", "nats"])
def broker(request):
    return request.getfixturevalue(request.param)


def isolation(broker, authority, folder, other="LH-0043", centre="hall-centre-check"):
    parties = [Party(name, authority.issue(name)) for name in ("LH-0042", other, centre)]
    return Isolation(broker.url, *parties, folder)


def listener_in_etc(**more):
    at = Path("/etc/hall-edge/broker")
    return brokers.Listener(8883, "0.0.0.0", at / "ca.pem", at / "broker.pem", at / "broker.key", WORKERS, **more)


@pytest.mark.parametrize("name", ["mosquitto.conf", "mosquitto.acl", "nats.conf"])
def test_rendered_files_are_the_golden_ones(name):
    at = Path("/etc/hall-edge/broker")
    conf, acl = brokers.mosquitto(listener_in_etc(revoked=at / "crl.pem"), at / "mosquitto.acl")
    nats_conf = brokers.nats(listener_in_etc(), SITES, Path("/var/lib/nats"), name="hall", inner_port=4222)
    found = {"mosquitto.conf": conf, "mosquitto.acl": acl, "nats.conf": nats_conf}[name]
    if os.environ.get("GOLDEN") == "write":
        (GOLDEN / name).write_text(found)
    assert found == (GOLDEN / name).read_text()


@pytest.mark.parametrize("site", ['LH-0042", permissions: {}}', "lh-1", "A>", "A B"])
def test_no_name_breaks_out_of_its_place(site):
    with pytest.raises(brokers.BadName):
        brokers.nats(listener_in_etc(), [site], Path("/var/lib/nats"), name="hall", inner_port=4222)
    with pytest.raises(brokers.BadName):
        brokers.mosquitto(listener_in_etc(), Path("/etc/a b\nallow_anonymous true"))


@pytest.mark.broker
async def test_the_link_runs_over_it(broker, authority, tmp_path):
    """Thousands of records by the product itself: once, in order, nothing held."""
    centre = CentreProcess(tmp_path, broker.url, tls=authority.issue("hall-centre"))
    centre.start()
    try:
        await asyncio.to_thread(centre.wait_ready, 60)
        journal = MemoryJournal().grow(MANY)
        uplink = Uplink(
            journal, broker.url, clock=RealClock(), random=Random(), boot="77aa01c2d3e4f506", version="1.4.0", cap=1.0,
            tls=authority.issue("LH-0042"),
        )  # fmt: skip
        running = asyncio.create_task(uplink.run())
        await acked(uplink, MANY, 90)
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
        assert centre.stop() == 0
    finally:
        centre.kill()
    found = report(centre.db, "LH-0042")
    assert (found.records, found.missing, found.duplicates, found.held, found.broken) == (MANY, 0, 0, 0, 0)


@pytest.mark.broker
async def test_mosquitto_keeps_sites_apart(mosquitto, authority, tmp_path):
    found = await isolation(mosquitto, authority, tmp_path).check()
    assert [one for one in found if not one.held] == []
    assert [one.check for one in found] == [
        "carries", "write", "read", "identity", "no_certificate", "wrong_authority",
    ]  # fmt: skip


@pytest.mark.broker
async def test_nats_keeps_letters_apart_but_not_client_ids(nats, authority, tmp_path):
    """As docs/brokers.md says: there a site can end the connection of another, but not hear or speak in its name."""
    found = await isolation(nats, authority, tmp_path).check()
    assert [one.check for one in found if not one.held] == ["identity"]


LEAKS = {
    "write": {"pattern write he/1/+/%u/u/+": "pattern write he/1/+/+/u/+"},
    "read": {"pattern read he/1/+/%u/d/+": "pattern read he/1/+/+/d/+"},
    "identity": {"use_username_as_clientid true": "use_username_as_clientid false"},
    "no_certificate": NO_CERTIFICATE,
}


@pytest.mark.broker
@pytest.mark.parametrize("check", LEAKS)
async def test_a_broker_that_is_set_up_wrongly_is_found_out(check, tmp_path, authority):
    broker = kit_mosquitto(tmp_path, authority, LEAKS[check])
    broker.start()
    try:
        found = await isolation(broker, authority, tmp_path).check()
    finally:
        broker.kill()
    assert check in [one.check for one in found if not one.held]


@pytest.mark.broker
async def test_nothing_can_be_said_where_nothing_works(mosquitto, authority, tmp_path):
    with pytest.raises((WireLost, TimeoutError)):
        await isolation(mosquitto, authority, tmp_path, centre="hall-centre-unknown").check()


@pytest.mark.broker
async def test_the_doctor_says_it_in_words_and_by_its_exit_code(mosquitto, authority, tmp_path):
    parties = {name: authority.issue(name) for name in ("LH-0042", "LH-0043", "hall-centre-check")}
    words = ["doctor", "--broker", mosquitto.url, "--authority", str(authority.file)]
    for option, name in (("--site", "LH-0042"), ("--other", "LH-0043"), ("--centre", "hall-centre-check")):
        words += [option, str(parties[name].certificate), f"{option}-key", str(parties[name].key)]
    found = await asyncio.to_thread(CliRunner().invoke, app, words)
    assert found.exit_code == 0, found.output
    assert [line.split()[:2] for line in found.output.splitlines()][:2] == [["ok", "carries"], ["ok", "write"]]
    mosquitto.kill()
    found = await asyncio.to_thread(CliRunner().invoke, app, words)
    assert found.exit_code == 2


def test_kits_are_written_by_command(tmp_path):
    listening = ["--port", "8883", "--authority", "/etc/ca.pem", "--certificate", "/etc/b.pem", "--key", "/etc/b.key"]
    listening += ["--worker", "hall-centre-1", "--to", str(tmp_path)]
    assert CliRunner().invoke(app, ["broker", "mosquitto", *listening]).exit_code == 0
    assert "user hall-centre-1" in (tmp_path / "mosquitto.acl").read_text()
    sites = tmp_path / "sites"
    sites.write_text("LH-0042\n\nLH-0043\n")
    assert CliRunner().invoke(app, ["broker", "nats", *listening, "--sites", str(sites)]).exit_code == 0
    assert (tmp_path / "nats.conf").read_text().count("CN=LH-") == 2
    sites.write_text("not a site\n")
    refused = CliRunner().invoke(app, ["broker", "nats", *listening, "--sites", str(sites)])
    assert refused.exit_code == 2
