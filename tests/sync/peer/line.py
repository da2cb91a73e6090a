"""A peer on a real broker: paho's thread fills a queue, the caller's thread empties it."""

import queue
import time
from collections.abc import Callable
from typing import Protocol

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from tests.sync.peer.words import Out


class Peer(Protocol):
    def receive(self, name: str, payload: bytes, now: int) -> list[Out]: ...


class Line:
    def __init__(self, port: int, client_id: str, topics: list[str], will: Out | None = None) -> None:
        self.inbox: queue.SimpleQueue[tuple[str, bytes]] = queue.SimpleQueue()
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id, protocol=mqtt.MQTTv5)
        ready: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self.client.on_message = lambda c, u, message: self.inbox.put((message.topic, message.payload))
        self.client.on_connect = lambda *rest: self.client.subscribe([(topic, 1) for topic in topics])
        self.client.on_subscribe = lambda *rest: ready.put(True)
        if will is not None:
            self.client.will_set(will.topic, will.payload, will.qos, will.retain)
        self.client.connect("127.0.0.1", port, keepalive=20)
        self.client.loop_start()
        assert ready.get(timeout=20)

    def send(self, messages: list[Out]) -> None:
        for out in messages:
            self.client.publish(out.topic, out.payload, out.qos, out.retain)

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


def converse(
    peer: Peer, line: Line, done: Callable[[], bool], silence: Callable[[], list[Out]] = list, seconds: float = 40.0
) -> None:
    """Carries messages until `done`; after three seconds without any, `silence` is sent."""
    end, heard = time.monotonic() + seconds, time.monotonic()
    while not done():
        assert time.monotonic() < end, f"not done after {seconds} s"
        try:
            name, payload = line.inbox.get(timeout=0.05)
        except queue.Empty:
            if time.monotonic() > heard + 3:
                heard = time.monotonic()
                line.send(silence())
            continue
        heard = time.monotonic()
        line.send(peer.receive(name, payload, 1_795_396_447_900))
