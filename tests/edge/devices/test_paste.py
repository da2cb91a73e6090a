"""Lines for the site file: one per possible driver at its own speed, under ids that nobody has."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from drivers.links.machine import Machine
from edge.devices.asking import Answer
from edge.devices.discover_cli import installed_drivers
from edge.devices.discovery import survey
from edge.devices.paste import yaml_lines
from edge.site_sections.lines import Device
from tests.support.sysfs import FakeMachine, Usb


@pytest.fixture
def bench(tmp_path: Path) -> FakeMachine:
    made = FakeMachine(tmp_path)
    made.usb_serial(Usb("1.2", usb_id="1a86:7523"), "ttyUSB0", "/dev/null")
    return made


def lines(
    bench: FakeMachine, *addresses: str, taken: tuple[str, ...] = (), known: tuple[Device, ...] = ()
) -> list[str]:
    installed = installed_drivers()
    found = survey(Machine(bench.root), installed, known, root=str(bench.root))
    return yaml_lines(found, {}, installed, taken, addresses)


def chosen(told: list[str], driver: str) -> list[Device]:
    """What is left when the # is taken away in front of every line of this driver."""
    text = "\n".join(line.replace("# - ", "- ", 1) if f'"{driver}"' in line else line for line in told)
    return [Device.model_validate(entry) for entry in YAML(typ="safe").load(text)["devices"]]


@pytest.mark.parametrize(
    ("driver", "baud"), [("idcard.sam", 115200), ("led.cpower", 115200), ("led.onbon5k", 57600), ("hall485.bus", 9600)]
)
def test_each_driver_comes_at_its_own_speed(bench: FakeMachine, driver: str, baud: int) -> None:
    (device,) = chosen(lines(bench), driver)
    assert device.link == f"serial-at:pci-0000:00:14.0-usb-0:1.2:1.0-port0?baud={baud}&id=1a86:7523"


def test_what_a_driver_cannot_do_without_is_to_be_filled_in(bench: FakeMachine) -> None:
    (device,) = chosen(lines(bench), "led.onbon5k")
    assert device.options == {"width": 0, "height": 0}


def test_nothing_is_chosen_for_anybody(bench: FakeMachine) -> None:
    assert all(line.lstrip().startswith("#") for line in lines(bench)[2:])


def test_addresses_have_lines_and_numbers_of_their_own(bench: FakeMachine) -> None:
    devices = chosen(lines(bench, "192.0.2.21:9100", taken=("printer-1",)), "printer.escpos")
    assert [(one.id, str(one.link).partition(":")[0]) for one in devices] == [
        ("printer-2", "serial-at"),
        ("printer-3", "tcp"),
    ]


def test_what_the_site_file_names_is_not_offered_again(bench: FakeMachine) -> None:
    (device,) = chosen(lines(bench), "hall485.bus")
    assert lines(bench, known=(device,)) == []


def test_whose_device_answered_is_no_choice(bench: FakeMachine) -> None:
    installed = installed_drivers()
    found = survey(Machine(bench.root), installed, (), root=str(bench.root))
    answers = {found.found[0].socket.path: Answer("idcard.sam")}
    told = yaml_lines(found, answers, installed)
    assert [Device.model_validate(entry).driver for entry in YAML(typ="safe").load("\n".join(told))["devices"]] == [
        "idcard.sam"
    ]
