"""What the simulated machine says of a socket and what we read in its /sys are the same, before and after a dip.

Both were written from udev's rules, apart from each other.
"""

from pathlib import Path
from random import Random

import pytest

from drivers.links.machine import Machine
from hw_sim.clock import VirtualClock
from hw_sim.machine import ADAPTERS, Occupant, SimulatedMachine

PLACES = {
    "ch340": "pci-0000:00:14.0-usb-0:1.1:1.0-port0",
    "cp2102": "pci-0000:00:14.0-usb-0:1.2.4:1.0-port0",
    "pl2303": "platform-fd880000.usb-usb-0:1:1.0-port0",
    "ft232": "pci-0000:02:00.0-usb-0:11:1.0-port0",
    "ft4232": "pci-0000:02:00.0-usb-0:3:1.2-port0",
    "mos7840": "pci-0000:02:00.0-usb-0:4:1.0-port3",
    "cdc": "pci-0000:02:00.0-usb-0:5:1.0",
    "board": "platform-fe650000.serial",
}
KEYBOARD = "pci-0000:00:14.0-usb-0:2:1.0"


@pytest.fixture
async def machine(tmp_path: Path) -> SimulatedMachine:
    made = SimulatedMachine(tmp_path, VirtualClock(), Random(3))
    await made.start()
    return made


def put(machine: SimulatedMachine, adapter: str, socket: str) -> Occupant:
    occupant = machine.occupy(adapter, ADAPTERS[adapter], socket)
    occupant.go, occupant.come = occupant.vanish, lambda: occupant.appear("/dev/null")
    occupant.come()
    return occupant


async def test_every_kind_of_port_has_the_same_name_for_both(machine: SimulatedMachine) -> None:
    occupants = {adapter: put(machine, adapter, socket) for adapter, socket in PLACES.items()}
    for _ in range(3):
        seen = Machine(machine.root)
        for adapter, occupant in occupants.items():
            found = seen.find("tty", PLACES[adapter])
            assert [found.node] == occupant.names
            assert seen.node(found).exists()
            kind = ADAPTERS[adapter]
            assert found.usb_id == (f"{kind.vendor:04x}:{kind.product:04x}" if kind.vendor else "")
            assert found.serial == kind.serial
        machine.dip()


async def test_a_keyboard_scanner(machine: SimulatedMachine) -> None:
    occupant = put(machine, "keyboard", KEYBOARD)
    found = Machine(machine.root).find("input", KEYBOARD)
    assert found.node == f"input/{occupant.names[0]}"
    assert found.usb_id == "0c2e:0200"
