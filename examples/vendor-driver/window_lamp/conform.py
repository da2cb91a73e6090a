"""What the conformance kit needs to know."""

from pathlib import Path

from drivers.conform import Bench
from window_lamp.simulator import Lamp

LAMP = Bench(session=Path(__file__).parent / "captures" / "morning.json", peer=Lamp, scheme="serial", baud=9600)
