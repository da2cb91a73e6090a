"""What counts as a fault of the hall."""

import pytest

from edge.api import snapshots
from edge.devices.registry import DeviceStatus


@pytest.mark.parametrize(
    ("state", "faults"),
    [("ready", 0), ("busy", 0), ("warning", 0), ("starting", 0), ("disabled", 0), ("absent", 1), ("fault", 1)],
)
def test_only_devices_that_do_not_work_are_faults(state: str, faults: int) -> None:
    statuses = [DeviceStatus("rs485-1", "hall485.bus", "", state), DeviceStatus("led-1", "led.onbon6e", "w1", "ready")]
    assert snapshots.faults(statuses) == faults
