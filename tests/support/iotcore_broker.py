"""The embedded broker of the demo (MQTT 3.1.1, memory only), with the packet size that the station link wants."""

from iotcore import Broker

from tests.support.mosquitto import free_port


class IotcoreBroker:
    """Not started by making it; `wipe` changes nothing, since it keeps nothing."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"mqtt://127.0.0.1:{self.port}"
        self._broker: Broker | None = None

    def start(self) -> None:
        self._broker = Broker(port=self.port, listen="127.0.0.1", max_payload_size=300_000)
        self._broker.start()

    def kill(self, *, wipe: bool = False) -> None:
        if self._broker is not None:
            self._broker.stop()
            self._broker = None
