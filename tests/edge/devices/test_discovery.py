"""What `hallctl discover` says of a workbench made of folders and ptys; and that nobody hears a byte of it."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random
from typing import Any, ClassVar

import pytest
from pydantic import BaseModel
from ruamel.yaml import YAML
from typer.testing import CliRunner, Result

from drivers.contract import Context, Driver, Health, Identity, Info, Kind, Link
from drivers.links import make_link
from drivers.links.machine import Machine
from edge.cli import app
from edge.devices import discover_cli
from edge.devices.asking import Asker
from edge.devices.claims import Claim, holder_of, port_of
from edge.devices.discovery import Found, Survey, survey
from edge.devices.worker_proxy import Workers
from edge.site_sections.lines import Device
from tests.support.pty_ports import NamedPort
from tests.support.sysfs import FakeMachine, Usb

SAM = Usb("1.1", usb_id="0400:c35a", serial="R100", maker="Reader Works", product="ID reader", number=3)
BLANK = "1a86:7523"


class NoConfig(BaseModel):
    pass


class Asks:
    """Made for one converter alone, so its device may be asked."""

    info: ClassVar[Info] = Info(
        kind=Kind.ID_READER, maker="t", models=("t",), links=("serial",), probe="asks", usb=("0400:c35a",)
    )
    Config: ClassVar[type[BaseModel]] = NoConfig

    def __init__(self, config: NoConfig, link: Link, ctx: Context) -> None:
        self.link = link

    async def open(self) -> Identity:
        await self.link.open()
        await self.link.write(b"?")
        return Identity(serial=(await self.link.read()).decode().strip())

    async def check(self) -> Health:
        return Health(state="ready")

    async def close(self) -> None:
        await self.link.close()

    def events(self) -> AsyncIterator[Any]:
        raise AssertionError("nobody listens")


class Silent(Asks):
    info: ClassVar[Info] = Asks.info.model_copy(update={"probe": "silent"})


class AnySerial(Asks):
    """Could hang behind any converter, so it is never asked."""

    info: ClassVar[Info] = Asks.info.model_copy(update={"usb": (), "kind": Kind.PRINTER})


class Scanner(Asks):
    info: ClassVar[Info] = Asks.info.model_copy(
        update={"usb": ("0c2e:0b61",), "links": ("input-at",), "kind": Kind.CODE_READER}
    )


INSTALLED: dict[str, type[Driver]] = {"t.reader": Asks, "t.printer": AnySerial, "t.scanner": Scanner}


@pytest.fixture
def bench(tmp_path: Path) -> FakeMachine:
    made = FakeMachine(tmp_path / "machine")
    for number, usb in enumerate((SAM, Usb("1.2", usb_id=BLANK), Usb("1.3", usb_id=BLANK))):
        made.usb_serial(usb, f"ttyUSB{number}", tmp_path / f"wire-{number}")
        (tmp_path / f"wire-{number}").touch()
    made.keyboard(Usb("1.4", usb_id="0c2e:0b61"), 4, "/dev/null")
    made.usb(Usb("2", usb_id="dead:beef", product="Toy", number=9))
    return made


def look(bench: FakeMachine, *devices: Device, installed: dict[str, type[Driver]] | None = None) -> Survey:
    claims = bench.root / "claims"
    claims.mkdir(exist_ok=True)
    return survey(
        Machine(bench.root), installed or INSTALLED, devices, runtime=".", root=str(bench.root), claims=claims
    )


def at(found: Survey, place: str) -> Found:
    (one,) = (each for each in found.found if f"usb-0:{place}" in each.socket.path)
    return one


def device(name: str, place: str, more: str = "") -> Device:
    return Device(
        id=name, driver="t.reader", link=f"serial-at:pci-0000:00:14.0-usb-0:{place}:1.0-port0?baud=9600{more}"
    )


def test_each_thing_is_told_once_with_the_drivers_for_it(bench: FakeMachine) -> None:
    found = look(bench)
    assert len(found.found) == 5, "a converter is told as its port and not as a USB device besides"
    assert at(found, "1.1").fits == ("t.reader",)
    assert at(found, "1.2").fits == ()
    assert at(found, "1.2").possible == ("t.printer",)
    assert at(found, "1.4").fits == ("t.scanner",)
    assert at(found, "2").is_unknown
    assert at(found, "1.1").link == (
        "serial-at:pci-0000:00:14.0-usb-0:1.1:1.0-port0?baud=9600&id=0400:c35a&serial=R100"
    )


def test_two_without_numbers_cannot_be_told_apart(bench: FakeMachine) -> None:
    found = look(bench)
    assert at(found, "1.2").twins == (at(found, "1.3").socket.path,)
    assert at(found, "1.3").twins == (at(found, "1.2").socket.path,)
    assert at(found, "1.1").twins == ()


def test_the_ports_of_one_converter_are_no_twins(tmp_path: Path) -> None:
    quad = FakeMachine(tmp_path)
    for port in range(4):
        quad.usb_serial(Usb("4", usb_id="1a40:55d2"), f"ttyUSB{port}", "/dev/null", port=port)
    found = look(quad)
    assert len(found.found) == 4
    assert {each.twins for each in found.found} == {()}


@pytest.mark.parametrize("serial", ["000000000", "0001 ", "\N{REPLACEMENT CHARACTER}x"])
def test_a_number_that_is_none_is_not_written_down(tmp_path: Path, serial: str) -> None:
    made = FakeMachine(tmp_path)
    made.usb_serial(Usb("4", serial=serial), "ttyUSB0", "/dev/null")
    assert ("serial=" in at(look(made), "4").link) == (serial.strip() == "0001")


def test_the_site_files_devices_are_recognised_and_missing_ones_named(bench: FakeMachine) -> None:
    by_name = Device(id="by-name", driver="t.reader", link=f"serial://{bench.root}/dev/ttyUSB1?baud=9600")
    found = look(
        bench, device("reader-1", "1.1"), by_name, device("away", "1.9"), device("swapped", "1.3", "&serial=X")
    )
    assert at(found, "1.1").device == "reader-1"
    assert at(found, "1.2").device == "by-name"
    assert [name for name, _ in found.empty] == ["away"]
    assert at(found, "1.3").device == "swapped"
    assert at(found, "1.3").wrong == "serial=X"


def test_who_has_a_port_is_said(bench: FakeMachine) -> None:
    found = at(look(bench), "1.1")
    port = port_of(found.link, ".", str(bench.root))
    with Claim(port, "hall-devices main", bench.root / "claims"):
        assert at(look(bench), "1.1").holder.startswith("hall-devices main (pid ")
    assert at(look(bench), "1.1").holder == ""
    assert holder_of("serial:///nowhere", bench.root / "claims") == ""


class TestAsking:
    @pytest.fixture
    async def plugged(self, tmp_path: Path) -> AsyncIterator[tuple[FakeMachine, dict[str, NamedPort]]]:
        made = FakeMachine(tmp_path / "machine")
        ports = {place: NamedPort(place) for place in ("1.1", "1.2")}
        made.usb_serial(SAM, "ttyUSB0", ports["1.1"].plug())
        made.usb_serial(Usb("1.2", usb_id=BLANK), "ttyUSB1", ports["1.2"].plug())
        yield made, ports
        for port in ports.values():
            port.unplug()

    async def ask(self, made: FakeMachine, installed: dict[str, type[Driver]] = INSTALLED) -> dict[str, Any]:
        ctx = Context(lambda: 0.0, Random(1), lambda *_, **__: None, root=str(made.root))
        async with Workers(ctx) as workers:
            asker = Asker(installed, make_link, ctx, workers)
            found = look(made, installed=installed).found
            return {each.socket.path[-14:]: await asker.ask(each, made.root / "claims") for each in found}

    async def test_only_what_is_made_for_it_asks(self, plugged: tuple[FakeMachine, dict[str, NamedPort]]) -> None:
        made, ports = plugged
        answers = await self.ask(made)
        assert answers["-0:1.1:1.0-port0"[-14:]].driver == "t.reader"
        assert answers["-0:1.1:1.0-port0"[-14:]].identity.serial == "1.1"
        assert ports["1.2"].heard == b"", "one of unknown kind"

    async def test_a_claimed_port_gets_no_byte(self, plugged: tuple[FakeMachine, dict[str, NamedPort]]) -> None:
        made, ports = plugged
        port = port_of(at(look(made), "1.1").link, ".", str(made.root))
        with Claim(port, "the hall", made.root / "claims"):
            answers = await self.ask(made)
        assert {answer.driver for answer in answers.values()} == {""}
        assert all(port.heard == b"" for port in ports.values())

    async def test_a_driver_that_never_asks_does_not(self, plugged: tuple[FakeMachine, dict[str, NamedPort]]) -> None:
        made, ports = plugged
        await self.ask(made, {"t.silent": Silent})
        assert all(port.heard == b"" for port in ports.values())


class TestCommand:
    @pytest.fixture(autouse=True)
    def installed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(discover_cli, "installed_drivers", lambda: INSTALLED)

    def run(self, bench: FakeMachine, *more: str) -> Result:
        return CliRunner().invoke(app, ["discover", "--root", str(bench.root), *more])

    def test_its_lines_can_be_pasted(self, bench: FakeMachine) -> None:
        result = self.run(bench)
        assert result.exit_code == 0, result.output
        pasted = YAML(typ="safe").load(result.stdout[result.stdout.index("devices:") :])
        devices = [Device.model_validate(entry) for entry in pasted["devices"]]
        assert [(one.id, one.driver) for one in devices] == [
            ("id-reader-1", "t.reader"),
            ("code-reader-1", "t.scanner"),
        ]
        assert "t.printer" in result.stdout
        assert "dead:beef" in result.stdout

    def test_json_for_programs(self, bench: FakeMachine) -> None:
        told = json.loads(self.run(bench, "--json").stdout)
        assert len(told["sockets"]) == 5
        assert told["net"] == {}
        assert {one["socket"]["usb_id"] for one in told["sockets"]} >= {"dead:beef", BLANK}

    def test_nothing_is_looked_for_on_the_network_but_what_was_named(self, bench: FakeMachine) -> None:
        told = json.loads(self.run(bench, "--json", "--net", "127.0.0.1:1").stdout)
        assert told["net"] == {"127.0.0.1:1": False}

    def test_an_empty_machine_says_so(self, tmp_path: Path) -> None:
        result = self.run(FakeMachine(tmp_path))
        assert result.exit_code == 0
        assert "devices:" not in result.stdout
        assert result.stdout.strip()
