"""A hand-written receiver: whatever has come is committed together (WAL, FULL), and only then acknowledged.

`inbox.py DATABASE PORT COUNT`: says `ready` when subscribed, `complete` when COUNT rows are committed.
"""

import queue
import sqlite3
import sys
import threading

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from bench.peers.outbox import TOPIC

_MOST_TOGETHER = 200


def main() -> None:
    database, port, count = sys.argv[1:]
    db = sqlite3.connect(database, isolation_level=None)
    db.execute("PRAGMA journal_mode=wal")
    db.execute("PRAGMA synchronous=FULL")
    db.execute("CREATE TABLE records(id INTEGER PRIMARY KEY, raw BLOB NOT NULL)")
    arrived: queue.SimpleQueue[paho.MQTTMessage] = queue.SimpleQueue()
    subscribed = threading.Event()
    client = paho.Client(CallbackAPIVersion.VERSION2, client_id="peer-centre", protocol=paho.MQTTv5, manual_ack=True)
    client.on_message = lambda _client, _data, message: arrived.put(message)
    client.on_subscribe = lambda *_: subscribed.set()
    client.connect("127.0.0.1", int(port))
    client.subscribe(TOPIC, qos=1)
    client.loop_start()
    subscribed.wait(10)
    print("ready", flush=True)
    kept = 0
    while kept < int(count):
        kept += keep(db, client, arrived)
    print("complete", flush=True)
    sys.stdin.readline()


def keep(db: sqlite3.Connection, client: paho.Client, arrived: "queue.SimpleQueue[paho.MQTTMessage]") -> int:
    """Commits what has come, at least one; how many rows."""
    together = [arrived.get()]
    while len(together) < _MOST_TOGETHER and not arrived.empty():
        together.append(arrived.get())
    db.execute("BEGIN IMMEDIATE")
    db.executemany("INSERT INTO records(raw) VALUES(?)", ((message.payload,) for message in together))
    db.execute("COMMIT")
    for message in together:
        client.ack(message.mid, message.qos)
    return len(together)


if __name__ == "__main__":
    main()
