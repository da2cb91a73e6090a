"""Drains a table or a library's queue: one MQTT message (QoS 1) a row, 200 in flight, done when the broker has it.

`sender.py KIND PATH PORT`: says `ready` when connected, begins at the line `go`, says `empty` when every row is
acknowledged by the broker and done.
"""

import queue
import sys
import threading
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from bench.peers.outbox import TOPIC
from bench.peers.queues import KINDS, Waiting

_MOST_OUT = 200
_DONE_TOGETHER = 200


def main() -> None:
    kind, path, port = sys.argv[1:]
    waiting = KINDS[kind](path)
    connected = threading.Event()
    acknowledged: queue.SimpleQueue[int] = queue.SimpleQueue()
    client = paho.Client(CallbackAPIVersion.VERSION2, client_id="peer-site", protocol=paho.MQTTv5)
    client.max_inflight_messages_set(_MOST_OUT)
    client.on_connect = lambda *_: connected.set()
    client.on_publish = lambda _client, _data, mid, *_: acknowledged.put(mid)
    client.connect("127.0.0.1", int(port))
    client.loop_start()
    connected.wait(10)
    print("ready", flush=True)
    sys.stdin.readline()
    send_all(waiting, client, acknowledged)
    print("empty", flush=True)
    sys.stdin.readline()


def send_all(waiting: Waiting, client: paho.Client, acknowledged: "queue.SimpleQueue[int]") -> None:
    out: dict[int, Any] = {}  # message id -> row
    done: list[Any] = []
    while True:
        for row, raw in waiting.take(_MOST_OUT - len(out)):
            out[client.publish(TOPIC, raw, qos=1).mid] = row
        if not out:
            break
        done.append(out.pop(acknowledged.get()))
        while not acknowledged.empty():
            done.append(out.pop(acknowledged.get()))
        if len(done) >= _DONE_TOGETHER:
            waiting.done(done)
            done = []
    waiting.done(done)


if __name__ == "__main__":
    main()
