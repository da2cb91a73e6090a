"""The host link from another machine: what it is told, what is kept there, and whose devices are whose."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from edge.devices import messages as m
from edge.devices.registry import Happened, Registry
from edge.devices.remote_door import Unwelcome
from edge.devices.transfers import blob
from edge.devices.ways import TlsWay
from edge.pairing.identity import Identity
from edge.pairing.names import SERVER_NAME, Holder
from edge.pairing.renewal import ASK_AGAIN_SECONDS, Renewal
from edge.pairing.service import AUTHORITY, FOLDER, ROLL, Machines, machines_of
from edge.site import Site
from edge.site_sections.lines import Hosts
from sync.certificates import Request
from tests.edge.devices.rig import small_site
from tests.edge.pairing.conftest import KEYS, SITE, Moments
from tests.edge.pairing.test_pairing import free_port

AWAY = {"led-1", "rs485-1"}


def moved_site(listen: str | None = None) -> Site:
    site = small_site()
    devices = tuple(
        device.model_copy(update={"host": "window-3"}) if device.id in AWAY else device for device in site.devices
    )
    return site.model_copy(update={"devices": devices, "hosts": Hosts(listen=listen)})


def test_a_station_goes_with_its_bus():
    assert moved_site().homes() == {
        "printer-1": "main",
        "rs485-1": "window-3",
        "pad-1": "window-3",
        "led-1": "window-3",
    }


@pytest.mark.parametrize("listen", ["0.0.0.0:8688", "[::1]:8688", "hall.example:8688"])
def test_machines_join_at_the_next_port_unless_told_otherwise(listen):
    assert Hosts(listen=listen).pairing_address == listen.replace("8688", "8689")
    assert Hosts(listen=listen, pairing="127.0.0.1:9").pairing_address == "127.0.0.1:9"
    assert Hosts().pairing_address is None


# --- the door --------------------------------------------------------------------------------------------------------


@dataclass
class Hall:
    machines: Machines
    registry: Registry
    happened: list[Happened]
    port: int
    folder: Path
    given: dict[str, Identity] = field(default_factory=dict)

    @asynccontextmanager
    async def dialled(self, identity: Identity, host: str) -> AsyncIterator[m.Lines]:
        way = TlsWay("127.0.0.1", self.port, SERVER_NAME, identity.context)
        lines = m.Lines(*await way.open(), silence=way.silence)
        lines.send(m.Hello(host=host, boot="b1", devices=()))
        try:
            yield lines
        finally:
            lines.abort()


@pytest.fixture
async def hall(authority, roll, moments, tmp_path) -> AsyncIterator[Hall]:
    happened: list[Happened] = []

    async def on_event(event: Happened) -> None:
        happened.append(event)

    port = free_port()
    site = moved_site(f"127.0.0.1:{port}")
    registry = Registry(site, fence=7, on_event=on_event, on_change=lambda: None)
    machines = Machines(site, registry, authority, roll, now=moments.now, clock=moments.clock)
    running = asyncio.ensure_future(machines.run(tmp_path))
    made = Hall(machines, registry, happened, port, tmp_path)
    async with asyncio.timeout(30):
        while True:
            with suppress(OSError):
                (await asyncio.open_connection("127.0.0.1", port))[1].close()
                break
            await asyncio.sleep(0.01)
    yield made
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


def give(
    hall: Hall, authority, roll, moments: Moments, place: str, role: str = "devices", site: str = SITE
) -> Identity:
    moments.pass_(1)
    request, holder = Request(place), Holder(site, role, place)
    certificate = authority.sign(request.pem, holder, moments.now())
    roll.add(certificate, holder, moments.now())
    pem = certificate.public_bytes(ssl_pem()).decode()
    return Identity.store(hall.folder / f"{place}-{moments.seconds}", request, pem, authority.pem)


def ssl_pem():
    from cryptography.hazmat.primitives.serialization import Encoding

    return Encoding.PEM


async def test_a_machine_is_told_its_devices_and_nothing_else(hall, authority, roll, moments):
    hall.registry.want("led-1", None)
    async with hall.dialled(give(hall, authority, roll, moments, "window-3"), "window-3") as lines:
        assert await lines.from_hall() == m.Welcome(fence=7)
        told = await lines.from_hall()
        assert isinstance(told, m.Devices)
        assert {device.id for device in told.devices} == {"led-1", "rs485-1", "pad-1"}
        written = told.model_dump_json()
        assert "scrypt" not in written
        assert "printer-1" not in written
        assert await lines.from_hall() == m.Want(device="led-1", state=None)


async def test_it_speaks_for_its_own_devices_only(hall, authority, roll, moments):
    async with hall.dialled(give(hall, authority, roll, moments, "window-3"), "window-3") as lines:
        for device in ("printer-1", "led-1"):
            lines.send(m.HealthNews(device=device, health={"state": "ready"}))
        for n, device in enumerate(("printer-1", "pad-1"), 1):
            lines.send(m.EventNews(n=n, device=device, name="key", data={}))
        while True:
            if isinstance(heard := await lines.from_hall(), m.Ack) and heard.n == 2:
                break
        assert [(one.id, one.device) for one in hall.happened] == [("window-3:b1:2", "pad-1")]
        states = {status.id: status.state for status in hall.registry.statuses()}
        assert (states["printer-1"], states["led-1"]) == ("absent", "ready")


async def test_an_event_of_an_earlier_run_keeps_its_name(hall, authority, roll, moments):
    async with hall.dialled(give(hall, authority, roll, moments, "window-3"), "window-3") as lines:
        lines.send(m.EventNews(n=5, boot="b0", device="pad-1", name="key", data={}))
        while not isinstance(heard := await lines.from_hall(), m.Ack):
            continue
        assert (heard.n, heard.boot) == (5, "b0")
        assert hall.happened[0].id == "window-3:b0:5"


async def test_another_place_another_role_and_another_site_are_refused(hall, authority, roll, moments):
    identity = give(hall, authority, roll, moments, "window-4")
    async with hall.dialled(identity, "window-3") as lines:
        assert await lines.from_hall() == m.Refused(why="other_place")
        assert await lines.from_hall() is None
    for role, site, why in (("screens", SITE, "role"), ("devices", "LH-0043", "unknown")):
        async with hall.dialled(give(hall, authority, roll, moments, "window-3", role, site), "window-3") as lines:
            assert await lines.from_hall() == m.Refused(why=why)


async def test_a_certificate_that_is_not_on_the_list_is_refused(hall, authority, moments, tmp_path):
    request, holder = Request(), Holder(SITE, "devices", "window-3")
    pem = authority.sign(request.pem, holder, moments.now()).public_bytes(ssl_pem()).decode()
    identity = Identity.store(tmp_path / "unlisted", request, pem, authority.pem)
    async with hall.dialled(identity, "window-3") as lines:
        assert await lines.from_hall() == m.Refused(why="unknown")


async def test_an_expired_one_is_refused_by_tls(hall, authority, roll, moments):
    moments.wall -= timedelta(days=500)
    identity = give(hall, authority, roll, moments, "window-3")
    heard: object = "nothing yet"
    with suppress(OSError, m.Broken):
        async with hall.dialled(identity, "window-3") as lines:
            heard = await lines.from_hall()
    assert heard in ("nothing yet", None)


async def test_pictures_travel_over_tls_and_only_to_the_transfer_of_their_own_machine(hall, authority, roll, moments):
    mine = give(hall, authority, roll, moments, "window-3")
    other = give(hall, authority, roll, moments, "window-4")
    page = bytes(range(256)) * 8000
    async with hall.dialled(mine, "window-3") as lines:
        assert isinstance(await lines.from_hall(), m.Welcome)
        hall.registry._remember_picture(digest := hashlib.sha256(page).hexdigest(), "window-3")
        fetching = asyncio.ensure_future(hall.registry.fetch_picture(digest))
        while not isinstance(wanted := await lines.from_hall(), m.Fetch):
            continue
        for identity, data in ((other, b"not this one"), (mine, page)):
            way = TlsWay("127.0.0.1", hall.port, SERVER_NAME, identity.context)
            reader, writer = await way.open()
            m.Lines(reader, writer).send(m.Stream(id=wanted.id))
            writer.write(blob(data))
            assert await reader.read() == b"", "the hall hangs up when it has what it wanted, or wants nothing"
            writer.close()
        async with asyncio.timeout(30):
            assert await fetching == page


async def test_pairing_a_place_anew_ends_the_one_before_at_its_first_use(hall, authority, roll, moments):
    old = give(hall, authority, roll, moments, "window-3")
    async with hall.dialled(old, "window-3") as lines:
        assert isinstance(await lines.from_hall(), m.Welcome)
        new = give(hall, authority, roll, moments, "window-3")
        async with hall.dialled(new, "window-3") as newer:
            assert isinstance(await newer.from_hall(), m.Welcome)
            with suppress(m.Broken):
                while await lines.from_hall() is not None:
                    continue
    async with hall.dialled(old, "window-3") as lines:
        assert await lines.from_hall() == m.Refused(why="replaced")


async def test_renewed_over_the_line_when_a_third_is_left(hall, authority, roll, moments, tmp_path):
    identity = give(hall, authority, roll, moments, "window-3")
    folder = identity._path.parent
    renewal = Renewal(folder, now=moments.now, clock=moments.clock)
    assert renewal.due() is None
    async with hall.dialled(identity, "window-3") as lines:
        moments.wall = renewal.identity.renew_at
        request = renewal.due()
        assert request is not None
        assert renewal.due() is None, "one wish an hour"
        lines.send(m.Renew(request=request))
        while not isinstance(heard := await lines.from_hall(), m.Renewed):
            continue
        renewal.take(heard.certificate)
        given = len(list(roll))
        lines.send(m.Renew(request=request))
        lines.send(m.EventNews(n=1, device="pad-1", name="key", data={}))
        while not isinstance(heard := await lines.from_hall(), m.Ack):
            assert not isinstance(heard, m.Renewed), "not twice within an hour"
        assert len(list(roll)) == given
    assert renewal.identity.until > identity.until
    assert Identity.load(folder).until == renewal.identity.until
    moments.pass_(ASK_AGAIN_SECONDS)
    assert renewal.due() is None


def test_the_halls_own_certificate_is_renewed_in_time_and_when_the_clock_was_set(authority, roll, moments):
    registry = Registry(moved_site(), fence=1, on_event=lambda _: None, on_change=lambda: None)  # type: ignore[arg-type]
    machines = Machines(moved_site(), registry, authority, roll, now=moments.now, clock=moments.clock)
    assert not machines.renew_server()
    moments.wall += timedelta(days=59)
    assert not machines.renew_server()
    moments.wall += timedelta(days=2)
    assert machines.renew_server()
    moments.wall -= timedelta(days=300)
    assert machines.renew_server()
    assert not machines.renew_server()


@pytest.mark.parametrize("name", [AUTHORITY, ROLL])
def test_a_damaged_file_keeps_other_machines_out_and_the_hall_open(tmp_path, moments, name):
    registry = Registry(moved_site(), fence=1, on_event=lambda _: None, on_change=lambda: None)  # type: ignore[arg-type]

    def start() -> Machines | None:
        return machines_of(moved_site(), registry, KEYS, tmp_path, now=moments.now, clock=moments.clock)

    assert start() is not None
    (tmp_path / FOLDER / name).write_bytes(b"{")
    assert start() is None
    assert (tmp_path / FOLDER / name).read_bytes() == b"{"


def test_a_peer_without_a_certificate_of_ours_is_nobody(authority, roll, moments):
    registry = Registry(moved_site(), fence=1, on_event=lambda _: None, on_change=lambda: None)  # type: ignore[arg-type]
    machines = Machines(moved_site(), registry, authority, roll, now=moments.now, clock=moments.clock)
    with pytest.raises(Unwelcome, match="unknown"):
        machines.admit({})
