"""The demo's embedded broker: iotcore, MQTT 5, on loopback. `python -m hw_sim.demo.broker PORT FOLDER`."""

import signal
import sys
import threading
from pathlib import Path

from iotcore import Broker

# max_payload_size: the station link wants packets of 300,000 bytes (protocol page, section 1).
SETTINGS = """\
id = 0
[router]
id = 0
max_connections = 64
max_outgoing_packet_count = 200
max_segment_size = 16777216
max_segment_count = 4
[v5.1]
name = "station"
listen = "127.0.0.1:{port}"
next_connection_delay_ms = 1
[v5.1.connections]
connection_timeout_ms = 5000
max_payload_size = 400000
max_inflight_count = 100
"""


def main() -> None:
    port, folder = sys.argv[1], Path(sys.argv[2])
    settings = folder / "broker.toml"
    settings.write_text(SETTINGS.format(port=port), "utf-8")
    done = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: done.set())
    with Broker(config_path=str(settings)):
        done.wait()


if __name__ == "__main__":
    main()
