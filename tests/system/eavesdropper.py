"""Somebody at the broker who hears everything."""

from typing import Any

import paho.mqtt.client as mqtt
import zstandard


class Eavesdropper:
    """Hears every message at the broker: topics and raw payloads."""

    def __init__(self, port: int) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self.listening = False
        self._client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5, client_id="eavesdropper")
        self._client.on_connect = lambda client, *_: client.subscribe("#", qos=1)
        self._client.on_subscribe = self._subscribed
        self._client.on_message = lambda _client, _data, message: self.heard.append((message.topic, message.payload))
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()

    def _subscribed(self, *_: Any) -> None:
        self.listening = True

    def stop(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


def plain(payload: bytes) -> bytes:
    """Unfolded, where it is compressed."""
    if not payload.startswith(b"\x28\xb5\x2f\xfd"):
        return payload
    return zstandard.ZstdDecompressor().decompressobj().decompress(payload)
