"""Two links exclude each other when they are one port, and only then."""

from pathlib import Path

import pytest

from drivers.errors import Busy
from edge.devices.claims import Claim, port_of


@pytest.mark.parametrize("link", ["serial:dev/sam-1?baud=115200", "file:sound"])
def test_stations_beside_each_other_on_one_machine_do_not_share_ports(link: str, tmp_path: Path) -> None:
    with Claim(port_of(link, "/srv/one"), "one", tmp_path), Claim(port_of(link, "/srv/two"), "two", tmp_path):
        pass


@pytest.mark.parametrize(
    ("link", "same"),
    [
        ("serial:///dev/ttyUSB0?baud=9600", "serial:///dev/ttyUSB0?baud=115200"),
        ("serial:dev/line", "serial:///srv/one/dev/line"),
        ("tcp://192.0.2.1:9100", "tcp://192.0.2.1:9100?timeout=1"),
    ],
)
def test_one_port_is_held_once_however_it_is_written(link: str, same: str, tmp_path: Path) -> None:
    with (
        Claim(port_of(link, "/srv/one"), "the hall", tmp_path),
        pytest.raises(Busy) as refused,
        Claim(port_of(same, "/srv/one"), "a trial", tmp_path),
    ):
        pass
    assert "the hall" in refused.value.detail
